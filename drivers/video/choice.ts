import { addonLoads, type BackendName } from './backend.ts';
import type { Stream } from './source.ts';

/** How a camera is decoded, and why so. */
export interface BackendChoice {
  backend: BackendName;
  reason: BackendReason;
}

/**
 * `usual`: the addon, as for every camera; `setting`: asked for; `no-addon`: there is none here; `sign-in`: the
 * camera asks for what the addon cannot answer; `flapping`: it connected too often.
 */
export interface BackendReason {
  code: 'usual' | 'setting' | 'no-addon' | 'sign-in' | 'flapping';
  /** A sentence for logs and for people who read English. */
  message: string;
}

/** When a camera connects so often that it is no longer let into the process of the others. */
export interface FlapLimits {
  /** More connections that took a pipeline than this … */
  connections: number;
  /** … within so many milliseconds. */
  withinMs: number;
  /** One connection that held for so many milliseconds lets the camera back in. */
  steadyMs: number;
}

/**
 * A connection through the addon starts and stops a pipeline inside the process of all cameras: whatever goes wrong
 * there goes wrong for all of them, and a pipeline that cannot be stopped is lost to it, with its threads. Attempts
 * that fail before they take a pipeline are not counted. Eight leave room for a camera that is restarted by hand.
 */
const usualLimits: FlapLimits = { connections: 8, withinMs: 10 * 60_000, steadyMs: 60 * 60_000 };

const usual: BackendReason = { code: 'usual', message: 'cameras are decoded in the vision worker' };
const setting: BackendReason = { code: 'setting', message: 'it is set so' };
const noAddon: BackendReason = { code: 'no-addon', message: 'decoding in the worker is not available here' };
const signIn: BackendReason = {
  code: 'sign-in',
  message: 'the camera takes passwords with SHA-256 only, which decoding in the worker does not know',
};

/** The reason that holds as long as nothing speaks against what was asked for; undefined asks for nothing. */
export function firstReason(wanted: BackendName | undefined): BackendReason {
  return wanted ? setting : usual;
}

/** Chooses how each connection of one camera is decoded. */
export class BackendChooser {
  readonly #wanted: BackendName | undefined;
  readonly #limits: FlapLimits;
  readonly #now: () => number;
  /** Times of the connections that took a pipeline of the addon, none older than the limits look back. */
  #taken: number[] = [];
  #flapping: BackendReason | undefined;

  /**
   * @param wanted what somebody asked for; undefined leaves it to this class
   * @param now a clock in milliseconds that is never set back
   */
  constructor(wanted?: BackendName, limits: FlapLimits = usualLimits, now: () => number = () => performance.now()) {
    this.#wanted = wanted;
    this.#limits = limits;
    this.#now = now;
  }

  /** For a connection that is about to be decoded; it counts as made. */
  choose(stream: Stream): BackendChoice {
    if (this.#wanted === 'process') return { backend: 'process', reason: setting };
    if (!addonLoads()) return { backend: 'process', reason: noAddon };
    if (this.#wanted === 'addon') return { backend: 'addon', reason: setting };
    if (onlyRelaySignsIn(stream)) return { backend: 'process', reason: signIn };
    if (this.#flapping) return { backend: 'process', reason: this.#flapping };
    const { connections, withinMs } = this.#limits;
    const now = this.#now();
    this.#taken = this.#taken.filter((time) => now - time < withinMs);
    if (this.#taken.length < connections) {
      this.#taken.push(now);
      return { backend: 'addon', reason: usual };
    }
    this.#flapping = {
      code: 'flapping',
      message: `it connected ${connections} times within ${Math.ceil((now - this.#taken[0]!) / 60_000)} min, and apart it cannot disturb the others`,
    };
    this.#taken = [];
    return { backend: 'process', reason: this.#flapping };
  }

  /** The last connection gave pictures for so many milliseconds. */
  held(ms: number): void {
    if (ms >= this.#limits.steadyMs) this.#flapping = undefined;
  }
}

/** Whether a camera lets in only who signs in with SHA-256: GStreamer 1.22 cannot, the relay of the process can. */
export function onlyRelaySignsIn(stream: Stream): boolean {
  return stream.kind === 'rtsp' && stream.signIn === 'sha-256';
}
