import { capturePush, type PushSettings } from '../../core/events/push-body.ts';
import { type Access, decide } from '../../core/gateway/authorization.ts';
import { CODE } from '../../core/gateway/errors.ts';
import type { CaptureRecord } from '../../core/plugin/capture-services.ts';
import type { WireSocket } from '../../core/plugin/contract.ts';
import type { PicturePart } from '../../core/plugin/push-services.ts';
import type { Account } from '../../core/plugin/services.ts';

/** What a subscriber must be allowed, and what it needs to get pictures with the captures. */
export const RECORDS: Access = { area: 'records', action: 'see' };
export const PICTURES: Access = { area: 'records', action: 'see', images: true };

/** WebSocket close code for a subscription that is not, or no longer, allowed: "policy violation". */
const CLOSE_POLICY = 1008;

/** A subscriber as `GET /subscribers` shows it. */
export interface SubscriberView {
  id: number;
  source: string;
  userName: string;
  /** ms since 1970 UTC */
  since: number;
  sent: number;
  /** Not sent because it read too slowly. */
  dropped: number;
  /** Which pictures go with its captures: those that are pushed at all, where its user may see pictures. */
  pictures: PicturePart[];
}

/** Every picture a capture may come with. */
const PARTS: PicturePart[] = ['snap', 'frame', 'library'];

/** What the form for vehicles has here and not over HTTP. */
const VEHICLE_ALONE = { is_vip: 0, ranking: '', vehicle_num_img: '' };

export interface Picture {
  bytes: Uint8Array;
  /** `image/png` */
  type: string;
}

interface Subscriber {
  socket: WireSocket;
  userId: number;
  since: number;
  sent: number;
  dropped: number;
}

export interface SubscriberOptions {
  account(userId: number): Account | undefined;
  /** Which pictures are pushed at all (1360). */
  images(part: PicturePart): boolean;
  now(): number;
  changed(): void;
  /** A capture was not sent to this client. */
  dropped(socket: WireSocket, userId: number): void;
  /** A client is gone. */
  left(socket: WireSocket): void;
}

/** The sockets that get captures, each on behalf of a user whose rights are looked up anew for every push. */
export class Subscribers {
  readonly #options: SubscriberOptions;
  readonly #subscribers = new Map<number, Subscriber>();
  #dropped = 0;

  constructor(options: SubscriberOptions) {
    this.#options = options;
  }

  /** Adds a socket; one that is there already goes on, on behalf of the user it names now. */
  add(socket: WireSocket, userId: number): void {
    const known = this.#subscribers.get(socket.id);
    if (known) {
      known.userId = userId;
      return;
    }
    this.#subscribers.set(socket.id, { socket, userId, since: this.#options.now(), sent: 0, dropped: 0 });
    socket.onClose(() => {
      this.#options.left(socket);
      if (this.#subscribers.delete(socket.id)) this.#options.changed();
    });
    this.#options.changed();
  }

  /** Somebody is subscribed who may see pictures, and those of the database are pushed. */
  wantsEnrolled(): boolean {
    if (!this.#options.images('library')) return false;
    return [...this.#subscribers.values()].some(
      ({ userId }) => decide(PICTURES, this.#options.account(userId)) === 'allowed',
    );
  }

  /**
   * Sends a capture to everybody; its pictures are turned into text once, and only when somebody gets them.
   * @param enrolled picture of the person it shows
   */
  push(record: CaptureRecord, settings: PushSettings, enrolled?: Picture): void {
    if (this.#subscribers.size === 0) return;
    const body = capturePush(record, settings);
    const { images } = this.#options;
    const vehicle = record.kind === 'vehicle';
    const pictures = () => ({
      snap_buf: images('snap') ? dataUri(record.crop) : '',
      snap_frame: images('frame') ? dataUri(record.frame) : '',
      ...(vehicle && record.plateCrop && images('snap') ? { vehicle_num_img: dataUri(record.plateCrop) } : {}),
      ...(enrolled && images('library') ? { img: dataUri(enrolled.bytes, enrolled.type) } : {}),
    });
    const seeing: Subscriber[] = [];
    const others: Subscriber[] = [];
    for (const subscriber of [...this.#subscribers.values()]) {
      const account = this.#options.account(subscriber.userId);
      if (decide(RECORDS, account) !== 'allowed') this.#end(subscriber);
      else (decide(PICTURES, account) === 'allowed' ? seeing : others).push(subscriber);
    }
    // A frame is turned into bytes once for all who get it one after another.
    const told = vehicle ? { ...body, ...VEHICLE_ALONE } : body;
    if (seeing.length > 0) this.#send(seeing, captureFrame({ ...told, ...pictures() }));
    if (others.length > 0) this.#send(others, captureFrame({ ...told, snap_buf: '', snap_frame: '' }));
  }

  #send(subscribers: readonly Subscriber[], frame: object): void {
    for (const subscriber of subscribers) {
      if (subscriber.socket.send(frame)) {
        subscriber.sent += 1;
      } else {
        subscriber.dropped += 1;
        this.#dropped += 1;
        this.#options.dropped(subscriber.socket, subscriber.userId);
      }
    }
  }

  /** Ends the subscriptions of a user. */
  endAllOf(userId: number): void {
    for (const subscriber of [...this.#subscribers.values()]) if (subscriber.userId === userId) this.#end(subscriber);
  }

  /** Ends every subscription: the clients come back when the plugin does. */
  endAll(): void {
    for (const { socket } of [...this.#subscribers.values()]) socket.close(1001, 'the box is stopping');
    this.#subscribers.clear();
  }

  /** Captures that were not sent since the start, also those of clients that are gone. */
  get dropped(): number {
    return this.#dropped;
  }

  list(): SubscriberView[] {
    const pushed = PARTS.filter((part) => this.#options.images(part));
    return [...this.#subscribers.values()].map(({ socket, userId, since, sent, dropped }) => {
      const account = this.#options.account(userId);
      return {
        id: socket.id,
        source: socket.source,
        userName: account?.userName ?? '',
        since,
        sent,
        dropped,
        pictures: decide(PICTURES, account) === 'allowed' ? pushed : [],
      };
    });
  }

  #end({ socket }: Subscriber): void {
    refuse(socket, 'the key is no longer valid');
    if (this.#subscribers.delete(socket.id)) this.#options.changed();
  }
}

/** Says why, and closes: a client that stays without a subscription would wait for pushes that never come. */
export function refuse(socket: WireSocket, reason: string): void {
  socket.send({ code: CODE.notLoggedIn, msg: reason });
  socket.close(CLOSE_POLICY, reason);
}

function captureFrame(data: object): object {
  return { code: CODE.ok, data, msg: '', msg_id: '777' };
}

function dataUri({ buffer, byteOffset, byteLength }: Uint8Array, type = 'image/jpeg'): string {
  return `data:${type};base64,${Buffer.from(buffer, byteOffset, byteLength).toString('base64')}`;
}
