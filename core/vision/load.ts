import type { Blame, CameraLoad, StageLoad } from './keys.ts';

/** How hard the worker works, for whom, and who gets too little of it. Times are of `performance.now()`, ms. */

const WINDOW_S = 10;
/** Less than this part of the frames due is a hiccup, not shedding. */
const NOTABLE_SHED = 0.05;
/** From this part of its time on, waiting for a processor is told. */
const NOTABLE_WAIT = 0.2;
/** A fault shows for this long after the last frame it happened on, ms. */
const FAILING_MS = 10_000;

/** Adds up over the last ten seconds, in a place for each second. */
export class Meter {
  readonly #sums = new Float64Array(WINDOW_S);
  readonly #began: number;
  #second: number;

  constructor(now: number) {
    this.#began = now;
    this.#second = Math.floor(now / 1000);
  }

  add(now: number, amount = 1): void {
    this.#turnTo(now);
    this.#sums[this.#second % WINDOW_S]! += amount;
  }

  /** Mean per second; over the time since it began where that is shorter, but at least a second. */
  perSecond(now: number): number {
    this.#turnTo(now);
    const window = now - (this.#second - WINDOW_S + 1) * 1000;
    const span = Math.max(1000, Math.min(window, now - this.#began));
    return (this.#sums.reduce((sum, one) => sum + one, 0) * 1000) / span;
  }

  #turnTo(now: number): void {
    const second = Math.floor(now / 1000);
    for (let next = Math.max(this.#second + 1, second - WINDOW_S + 1); next <= second; next += 1) {
      this.#sums[next % WINDOW_S] = 0;
    }
    this.#second = Math.max(this.#second, second);
  }
}

/** What one stage costs for one camera. */
export class StageMeter {
  readonly #stage: string;
  readonly #failingMs: number;
  readonly #busy: Meter;
  readonly #frames: Meter;
  #fault: { reason: string; at: number } | undefined;

  /** @param failingMs a fault shows for so long after it was last seen */
  constructor(stage: string, now: number, failingMs = FAILING_MS) {
    this.#stage = stage;
    this.#failingMs = failingMs;
    this.#busy = new Meter(now);
    this.#frames = new Meter(now);
  }

  took(now: number, ms: number): void {
    this.#busy.add(now, ms);
    this.#frames.add(now);
  }

  failed(now: number, reason: string): void {
    this.#fault = { reason, at: now };
  }

  /** What was wrong is over. */
  recovered(): void {
    this.#fault = undefined;
  }

  read(now: number): StageLoad {
    const failing = this.#fault && now - this.#fault.at < this.#failingMs ? this.#fault.reason : undefined;
    const [busy, frames] = [this.#busy.perSecond(now), this.#frames.perSecond(now)];
    return {
      stage: this.#stage,
      ms: rounded(frames > 0 ? busy / frames : 0, 100),
      share: rounded(busy / 1000, 1000),
      ...(failing === undefined ? {} : { failing }),
    };
  }
}

/** Frames of one camera: analysed, and due but shed. */
export class FrameMeter {
  readonly #analysed: Meter;
  readonly #shed: Meter;

  constructor(now: number) {
    this.#analysed = new Meter(now);
    this.#shed = new Meter(now);
  }

  analysed(now: number): void {
    this.#analysed.add(now);
  }

  shed(now: number, frames = 1): void {
    this.#shed.add(now, frames);
  }

  read(now: number): { analysedFps: number; shedFps: number; wantedFps: number } {
    const [analysed, shed] = [this.#analysed.perSecond(now), this.#shed.perSecond(now)];
    return {
      analysedFps: rounded(analysed, 10),
      shedFps: rounded(shed, 10),
      wantedFps: rounded(analysed + shed, 10),
    };
  }
}

/**
 * Names the stage to blame for each camera that sheds: the dearest of its own, or that of the camera that takes most of
 * the worker's time, where that takes more than twice what this one does.
 * @param waiting part of the time for which the worker waited for a processor
 */
export function withBlame(loads: ReadonlyMap<number, CameraLoad>, waiting = 0): Map<number, CameraLoad> {
  const shares = [...loads].map(([channel, { stages }]) => ({
    channel,
    share: stages.reduce((sum, stage) => sum + stage.share, 0),
  }));
  const [most] = shares.sort((a, b) => b.share - a.share);
  const own = new Map(shares.map(({ channel, share }) => [channel, share]));
  return new Map(
    [...loads].map(([channel, load]) => {
      if (!most || load.shedFps < Math.max(load.wantedFps * NOTABLE_SHED, 0.2)) return [channel, load];
      const at = (own.get(channel) ?? 0) * 2 >= most.share ? channel : most.channel;
      const dearest = [...(loads.get(at)?.stages ?? [])].sort((a, b) => b.share - a.share)[0];
      if (!dearest) return [channel, load];
      const blame: Blame = { channel: at, stage: dearest.stage, ms: dearest.ms };
      if (waiting >= NOTABLE_WAIT) blame.waiting = rounded(waiting, 100);
      return [channel, { ...load, blame }];
    }),
  );
}

function rounded(value: number, parts: number): number {
  return Math.round(value * parts) / parts;
}
