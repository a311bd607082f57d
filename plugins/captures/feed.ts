import { z } from 'zod';
import { given, int, oneOf } from '../../core/gateway/lenient.ts';
import { type Subscriber, type TopicDefinition, topic } from '../../core/plugin/contract.ts';
import { CAPTURE_KINDS, type CaptureKind } from '../../core/vision/keys.ts';
import type { CaptureView } from './view.ts';

interface Listening {
  subscriber: Subscriber;
  channel: number | undefined;
  kind: CaptureKind | undefined;
}

/** Tells pages of new captures. */
export class CaptureFeed {
  readonly #listening = new Set<Listening>();

  tell(capture: CaptureView): void {
    for (const { subscriber, channel, kind } of this.#listening) {
      if (channel !== undefined && channel !== capture.channel) continue;
      if (kind !== undefined && kind !== capture.kind) continue;
      // A page that is too slow misses one; its list has it when it is read again.
      subscriber.send(capture);
    }
  }

  topics(): TopicDefinition[] {
    return [
      topic({
        id: 'captures.new',
        access: { area: 'records', action: 'see' },
        params: z.object({ channel: given(int({ min: 1, max: 32 })), kind: given(oneOf(CAPTURE_KINDS)) }),
        open: ({ channel, kind }, subscriber) => {
          const listening = { subscriber, channel, kind };
          this.#listening.add(listening);
          return () => this.#listening.delete(listening);
        },
      }),
    ];
  }
}
