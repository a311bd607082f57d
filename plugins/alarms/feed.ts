import { z } from 'zod';
import { type Subscriber, type TopicDefinition, topic } from '../../core/plugin/contract.ts';
import type { AlarmView } from './view.ts';

/** Tells pages of new alarms. What happens to older ones goes by `changed`. */
export class AlarmFeed {
  readonly #listening = new Set<Subscriber>();

  tell(alarm: AlarmView): void {
    // A page that is too slow misses one; its list has it when it is read again.
    for (const subscriber of this.#listening) subscriber.send(alarm);
  }

  topics(): TopicDefinition[] {
    return [
      topic({
        id: 'alarms.new',
        access: { area: 'records', action: 'see' },
        params: z.object({}),
        open: (_, subscriber) => {
          this.#listening.add(subscriber);
          return () => this.#listening.delete(subscriber);
        },
      }),
    ];
  }
}
