import { z } from 'zod';
import { sceneName } from './scenes.ts';

/** What is kept of the demo site, and the rules by which it comes and goes. */

/** Scenes that run at the same time, at most: each is decoded and analysed like a camera. */
export const MOST_SCENES = 4;

/** Portrait databases that the scenes are compared with, at most. */
export const MOST_DATABASES = 100;

/**
 * `on`: it runs; `aside`: it made room for a real camera; `stopped`: somebody stopped it, what was recorded is there;
 * `left`: somebody left it, with everything recorded.
 */
export const MODES = ['on', 'aside', 'stopped', 'left'] as const;
export type Mode = (typeof MODES)[number];

export const stateSchema = z.object({
  mode: z.enum(MODES),
  /** Scenes that run, or ran last. */
  scenes: z.array(sceneName).max(MOST_SCENES),
  /** It stays when real cameras are there. */
  beside: z.boolean(),
  /** Since when the mode holds, ms. */
  since: z.number(),
  /** The camera it stepped aside for. */
  asideFor: z.string().optional(),
  /** What was recorded is still to be removed. */
  erasing: z.boolean(),
  /** Portrait databases of its people may be there. */
  people: z.literal(true).optional(),
  /** Portrait databases that somebody chose for the scenes; undefined: those of its people. */
  databases: z.array(z.int()).max(MOST_DATABASES).optional(),
});
export type State = z.output<typeof stateSchema>;

export interface Start {
  /** As configured; undefined: only at a first start with no cameras. */
  wanted: boolean | undefined;
  firstStart: boolean;
  realCameras: number;
  /** Chosen where nobody has chosen yet. */
  scenes: string[];
  now: number;
}

/**
 * The state a start begins with; undefined: nobody has asked for the demo yet. What is stored goes before what is
 * configured, so that a demo somebody left does not come back with the next start.
 */
export function atStart(stored: State | undefined, start: Start): State | undefined {
  if (stored) return stored;
  const { wanted, firstStart, realCameras, scenes, now } = start;
  const runs = wanted ?? (firstStart && realCameras === 0);
  // Who configures the demo on a box with cameras wants both.
  return runs ? { mode: 'on', scenes, beside: realCameras > 0, since: now, erasing: false } : undefined;
}

/** Makes room where there are real cameras and nobody said that both shall run; gives the same state otherwise. */
export function madeRoom(state: State, realCameras: readonly string[], now: number): State {
  const [first] = realCameras;
  if (state.mode !== 'on' || state.beside || first === undefined) return state;
  return { ...state, mode: 'aside', since: now, asideFor: first };
}

/** Somebody starts it. With real cameras there, they want both. */
export function started(state: State | undefined, scenes: string[], realCameras: number, now: number): State {
  const beside = realCameras > 0 || (state?.beside ?? false);
  const people = state?.people ? { people: state.people } : {};
  const databases = state?.databases ? { databases: state.databases } : {};
  return { mode: 'on', scenes, beside, since: now, erasing: false, ...people, ...databases };
}
