import { z } from 'zod';
import { type Access, decide } from '../../core/gateway/authorization.ts';
import { type Subscriber, type TopicDefinition, topic } from '../../core/plugin/contract.ts';
import type { Vision } from '../../core/plugin/services.ts';
import type { CameraStatus, LiveFrame } from '../../core/vision/keys.ts';
import type { Camera } from './camera.ts';
import type { AllCameras } from './guests.ts';
import { channel } from './requests.ts';
import { SEE_PICTURES } from './routes.ts';
import type { NamedBox, TrackNames } from './track-names.ts';

/** Who somebody is is told to those who may see people: on top of the right a topic takes. */
const SEE_PEOPLE: Access = { area: 'people', action: 'see' };

/** Who is told of states of cameras. */
export class StatusFeed {
  readonly #subscribers = new Set<Subscriber>();

  tell(status: CameraStatus): void {
    for (const subscriber of this.#subscribers) subscriber.send(status);
  }

  /** Gives the function that ends it. */
  add(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }
}

export interface TopicParts {
  /** With the guests. */
  all: AllCameras;
  feed: StatusFeed;
  names: Pick<TrackNames, 'onto'>;
  vision: Pick<Vision, 'watch'>;
  statusOf(camera: Camera): CameraStatus;
}

/** A frame as pages get it. */
export interface FrameMessage {
  channel: number;
  /** Wall clock of the frame, ms. */
  time: number;
  /** Native size; boxes are in these pixels. */
  width: number;
  height: number;
  overlay: NamedBox[];
}

/** Live topics; a frame the subscriber is too slow for is dropped, the next one is as good. */
export function topics({ all, feed, names, vision, statusOf }: TopicParts): TopicDefinition[] {
  const messageFor = ({ caller }: Subscriber) => {
    const named = decide(SEE_PEOPLE, caller) === 'allowed';
    return ({ channel, time, width, height, overlay }: LiveFrame): FrameMessage => {
      return { channel, time, width, height, overlay: named ? names.onto(channel, overlay) : overlay };
    };
  };
  return [
    topic({
      id: 'cameras.frames',
      access: SEE_PICTURES,
      params: z.object({ channel, picture: z.boolean() }),
      open: (params, subscriber) => {
        all.find(params.channel);
        const message = messageFor(subscriber);
        return vision.watch(params.channel, params.picture, (frame) => {
          subscriber.send(message(frame), params.picture ? frame.jpeg : undefined);
        });
      },
    }),
    topic({
      id: 'cameras.boxes',
      access: { area: 'records', action: 'see' },
      params: z.object({ channel }),
      open: (params, subscriber) => {
        all.find(params.channel);
        const message = messageFor(subscriber);
        return vision.watch(params.channel, false, (frame) => {
          subscriber.send(message(frame));
        });
      },
    }),
    topic({
      id: 'cameras.status',
      access: { area: 'devices', action: 'see' },
      params: z.object({}),
      open: (_, subscriber) => {
        for (const camera of all.list()) subscriber.send(statusOf(camera));
        return feed.add(subscriber);
      },
    }),
  ];
}
