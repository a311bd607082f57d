import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { GuestCamera, GuestCameras } from '../../core/plugin/services.ts';
import { type Camera, CHANNELS, DEFAULT_SETTINGS, type StreamFacts } from './camera.ts';
import type { Roster } from './roster.ts';

/** A channel whose guest has left still names it for this long: its last captures are on their way, ms. */
const REMEMBERED_MS = 60_000;

export interface GuestOptions {
  /** Channels of the box's own cameras. */
  taken(): Set<number>;
  /** ms, never set back */
  steady(): number;
  /** Guests on these channels have come, gone or changed. */
  onChanged(channels: number[]): void;
}

/**
 * Cameras that another plugin shows for as long as it runs. Nothing of them is stored. They have the highest channels
 * that the box's own cameras leave free, keep them while they can, and give way when a camera of the box takes one.
 */
export class Guests implements GuestCameras {
  readonly #options: GuestOptions;
  readonly #channels = new Map<string, number>();
  readonly #cameras = new Map<number, Camera>();
  readonly #left = new Map<number, { camera: Camera; at: number }>();
  #shown: readonly GuestCamera[] = [];

  constructor(options: GuestOptions) {
    this.#options = options;
  }

  show(cameras: readonly GuestCamera[]): void {
    this.#shown = cameras;
    this.place();
  }

  channels(): ReadonlyMap<string, number> {
    return this.#channels;
  }

  list(): Camera[] {
    return [...this.#cameras.values()];
  }

  get(channel: number): Camera | undefined {
    return this.#cameras.get(channel);
  }

  /** The guest of a channel, also one that has left a moment ago. */
  recent(channel: number): Camera | undefined {
    const left = this.#left.get(channel);
    const fresh = left && this.#options.steady() - left.at < REMEMBERED_MS;
    return this.#cameras.get(channel) ?? (fresh ? left.camera : undefined);
  }

  /** Keeps the size of the picture, which says how large a region of it can be. */
  learn(channel: number, facts: StreamFacts): void {
    const camera = this.#cameras.get(channel);
    if (camera) camera.stream = { ...camera.stream, ...facts };
  }

  /** Gives each guest its channel, after guests or the box's own cameras have changed. */
  place(): void {
    const taken = this.#options.taken();
    const before = new Map(this.#cameras);
    const keys = new Set(this.#shown.map(({ key }) => key));
    for (const [key, channel] of this.#channels) {
      if (!keys.has(key) || taken.has(channel)) this.#channels.delete(key);
      else taken.add(channel);
    }
    this.#cameras.clear();
    for (const guest of this.#shown) {
      const channel = this.#channels.get(guest.key) ?? highestFree(taken);
      // A full box has no room for guests.
      if (channel === undefined) continue;
      taken.add(channel);
      this.#channels.set(guest.key, channel);
      const old = before.get(channel);
      const stream = old?.url === guest.url ? old.stream : undefined;
      this.#cameras.set(channel, cameraOf(guest, channel, stream));
    }
    const changed = [...new Set([...before.keys(), ...this.#cameras.keys()])].filter(
      (channel) => told(before.get(channel)) !== told(this.#cameras.get(channel)),
    );
    for (const channel of changed) {
      const camera = before.get(channel);
      if (camera) this.#left.set(channel, { camera, at: this.#options.steady() });
    }
    if (changed.length > 0) this.#options.onChanged(changed);
  }
}

/** The box's own cameras and its guests, as everything that looks at cameras sees them. */
export class AllCameras {
  readonly #roster: Roster;
  readonly #guests: Guests;

  constructor(roster: Roster, guests: Guests) {
    this.#roster = roster;
    this.#guests = guests;
  }

  /** In the order of their channels. */
  list(): Camera[] {
    return [...this.#roster.list(), ...this.#guests.list()].sort((a, b) => a.channel - b.channel);
  }

  get(channel: number): Camera | undefined {
    return this.#roster.get(channel) ?? this.#guests.get(channel);
  }

  /** @throws ContractError `noSuchCamera` */
  find(channel: number): Camera {
    return this.#guests.get(channel) ?? this.#roster.find(channel);
  }

  /**
   * A camera that may be changed.
   * @throws ContractError `noSuchCamera`, or `wrongParameter` for a guest
   */
  findOwn(channel: number): Camera {
    const guest = this.#guests.get(channel);
    if (!guest) return this.#roster.find(channel);
    const what = `channel ${channel} shows a scene of the demo site, which is not set up like a camera`;
    throw new ContractError(CODE.wrongParameter, `${what}: choose and stop scenes on the page of the demo site`);
  }
}

function cameraOf(guest: GuestCamera, channel: number, stream: StreamFacts | undefined): Camera {
  const { key: _, liveness = false, ...given } = guest;
  const behaviour = liveness ? { liveness_switch: 1 as const } : {};
  return { ...DEFAULT_SETTINGS, threshold: 80, mode: 'VIDEO', protocol: 'rtsp', ...given, behaviour, channel, stream };
}

function told(camera: Camera | undefined): string {
  if (!camera) return '';
  const { stream: _, ...rest } = camera;
  return JSON.stringify(rest);
}

function highestFree(taken: Set<number>): number | undefined {
  for (let channel = CHANNELS; channel >= 1; channel--) if (!taken.has(channel)) return channel;
  return undefined;
}
