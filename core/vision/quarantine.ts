import type { ChildEnd } from '../processes/child-supervisor.ts';

/**
 * Stages that hang or crash. They take the worker and so every camera with them: where that happens again within an hour,
 * the stage is left out for that camera for a while, and the others carry on.
 */

const HANGS = 2;
/** A thread that decodes may crash while a blameless stage runs, so it takes more of them. */
const CRASHES = 3;
const STRIKE_MS = 3_600_000;
const REST_MS = 900_000;

/** Where the worker was: in a stage, for a camera or while the stage was made. */
export interface Stuck {
  stage: string;
  channel?: number;
  /** It did not hang: the worker crashed. */
  crashed?: true;
}

/** As it is noted for the core. */
export function stuckText({ stage, channel }: Stuck): string {
  return channel === undefined ? stage : `${stage} of channel ${channel}`;
}

/** Reads what was noted; undefined where it says nothing of a stage. */
export function readStuck(text: string | undefined): Stuck | undefined {
  const [, stage, channel] = /^([a-z][a-z0-9-]*(?:~[a-z0-9.-]+)*)(?: of channel (\d+))?$/.exec(text ?? '') ?? [];
  if (!stage) return undefined;
  return { stage, ...(channel === undefined ? {} : { channel: Number(channel) }) };
}

/** The stage a worker ended in; undefined where its end says nothing of one. */
export function blamedBy({ stuckIn, crashedIn }: Pick<ChildEnd, 'stuckIn' | 'crashedIn'>): Stuck | undefined {
  const crashed = readStuck(crashedIn);
  return crashed ? { ...crashed, crashed: true } : readStuck(stuckIn);
}

/** Times are of a clock that nobody sets, ms. */
export class Quarantine {
  readonly #strikes = new Map<string, number[]>();
  readonly #resting = new Map<string, { until: number; reason: string }>();

  /** The worker crashed or had to be killed in this stage. True: it rests from now on. */
  strike(stuck: Stuck, how: string, now: number): boolean {
    const key = keyOf(stuck);
    const [counted, most, what] = stuck.crashed
      ? [`${key} crashed`, CRASHES, 'crashed']
      : [key, HANGS, 'had to be killed'];
    const times = [...(this.#strikes.get(counted) ?? []).filter((time) => now - time < STRIKE_MS), now].slice(-most);
    this.#strikes.set(counted, times);
    if (times.length < most) return false;
    const reason = `it is left out for ${REST_MS / 60_000} minutes: the vision worker ${what} in it (${how})`;
    this.#resting.set(key, { until: now + REST_MS, reason });
    return true;
  }

  /** Why a stage does not run for a camera now. */
  reason(stage: string, channel: number, now: number): string | undefined {
    for (const key of [keyOf({ stage }), keyOf({ stage, channel })]) {
      const resting = this.#resting.get(key);
      if (resting && resting.until > now) return resting.reason;
    }
    return undefined;
  }

  /** When the next one has rested, if any rests. */
  nextEnd(now: number): number | undefined {
    const ends = [...this.#resting.values()].map(({ until }) => until).filter((until) => until > now);
    return ends.length > 0 ? Math.min(...ends) : undefined;
  }

  /** Other models or stages: all get a new chance. */
  clear(): void {
    this.#strikes.clear();
    this.#resting.clear();
  }
}

function keyOf({ stage, channel }: Stuck): string {
  return `${stage} ${channel ?? '*'}`;
}
