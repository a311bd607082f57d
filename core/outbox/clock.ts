/** The outbox's time; tests put a simulated one in its place. */
export interface OutboxClock {
  /** Wall clock, ms since 1970 UTC: for ages. */
  now(): number;
  /** ms since some moment, never set: for pauses. */
  steady(): number;
  /** Calls `act` after `ms`. Gives the function that prevents it. */
  after(ms: number, act: () => void): () => void;
}

/** Real timers over a clock of the box; they do not keep the process alive. */
export function realTime(clock: { now(): number; steady(): number }): OutboxClock {
  return {
    now: () => clock.now(),
    steady: () => clock.steady(),
    after: (ms, act) => {
      const timer = setTimeout(act, ms);
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5 * 60_000;

/**
 * Pause after so many failures in a row: 1 s, doubled each time up to 5 minutes, a quarter more or less so that many
 * boxes do not come back to a receiver in the same moment.
 * @param random 0..1
 */
export function pauseAfter(failures: number, random: () => number): number {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 20));
  return pause * (0.75 + random() / 2);
}
