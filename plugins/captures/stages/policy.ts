import { SNAP_MODE, type SnapMode } from '../../../core/vision/keys.ts';

/** What is known of a track when it is decided whether to capture it now. Times in ms of one steady clock. */
export interface ShotState {
  /** When the track was confirmed. */
  confirmedAt: number;
  /** Quality 0..100 of the best moment since the last capture; undefined when there is none. */
  best: number | undefined;
  captures: number;
  /** Time of the last capture and its quality; undefined before the first. */
  last: { at: number; quality: number } | undefined;
}

/** Somebody who stays longer than this is captured then, once, in accurate mode: a guard sits there all day. */
export const LONGEST_PRESENCE_MS = 5 * 60 * 1000;
/** Realtime mode: a later capture must be better by so many points, come so long after the last, and end somewhere. */
export const CLEARLY_BETTER = 10;
export const REALTIME_PAUSE_MS = 1_000;
export const REALTIME_CAPTURES = 5;

/**
 * Whether the best moment so far of a confirmed track is to be captured now.
 * - accurate: the best of the whole track, once: at its end, or after `LONGEST_PRESENCE_MS`.
 * - timing: the best of each interval; at the end only when the track was too short for one.
 * - realtime: at once, and again for a clearly better moment.
 * @param interval of timing mode, ms
 */
export function captureNow(mode: SnapMode, state: ShotState, now: number, ended: boolean, interval: number): boolean {
  if (state.best === undefined) return false;
  switch (mode) {
    case SNAP_MODE.accurate:
      return state.captures === 0 && (ended || now - state.confirmedAt >= LONGEST_PRESENCE_MS);
    case SNAP_MODE.timing:
      if (ended) return state.captures === 0;
      return now - (state.last?.at ?? state.confirmedAt) >= interval;
    case SNAP_MODE.realtime:
      if (!state.last) return true;
      if (state.captures >= REALTIME_CAPTURES || state.best < state.last.quality + CLEARLY_BETTER) return false;
      return ended || now - state.last.at >= REALTIME_PAUSE_MS;
  }
}

/** Whether a track can still be captured; if not, its moments need not be looked at any more. */
export function mayCaptureAgain(mode: SnapMode, captures: number): boolean {
  switch (mode) {
    case SNAP_MODE.accurate:
      return captures === 0;
    case SNAP_MODE.timing:
      return true;
    case SNAP_MODE.realtime:
      return captures < REALTIME_CAPTURES;
  }
}
