import type { Box } from '../keys.ts';
import { type AxisMotion, type AxisState, correctAxis, predictAxis, startAxis } from './kalman.ts';
import type { BoxMeasurement } from './measurement.ts';

/**
 * A box as the motion model sees it: centre in pixels, and logarithms of width and height, because sizes change by
 * ratios and must never become negative. The four coordinates are filtered apart, which keeps every step a few
 * multiplications.
 */
export interface BoxState {
  readonly cx: AxisState;
  readonly cy: AxisState;
  readonly logWidth: AxisState;
  readonly logHeight: AxisState;
}

/**
 * Speeds are in "sizes" a second, a size being the square root of the box's area (about 0.6 of a standing person's
 * height): so one model holds near the camera and far from it. Walking is about 1.3 sizes/s, running 4.
 */
const CENTRE_MOTION: AxisMotion = { velocityDeviation: 1.2, memory: 2 };
/** Sizes change slowly, and a change does not go on: what shrinks behind a table does not shrink to nothing. */
const SIZE_MOTION: AxisMotion = { velocityDeviation: 0.25, memory: 0.5 };
/** Before the second sighting nothing is known of the speed: sizes/s, wide enough for a runner. */
const FIRST_SPEED = 2.2;

/** Seconds between the made-up sightings that bridge a gap. */
const REPLAY_STEP = 0.2;

/** Starts the filter at a box seen once. */
export function startBox(seen: BoxMeasurement): BoxState {
  const speed = FIRST_SPEED * Math.exp((seen.logWidth + seen.logHeight) / 2);
  const growth = SIZE_MOTION.velocityDeviation;
  return {
    cx: startAxis(seen.cx, seen.noise.cx ** 2, speed),
    cy: startAxis(seen.cy, seen.noise.cy ** 2, speed),
    logWidth: startAxis(seen.logWidth, seen.noise.logWidth ** 2, growth),
    logHeight: startAxis(seen.logHeight, seen.noise.logHeight ** 2, growth),
  };
}

/** The box `dt` seconds later. */
export function predictBox(state: BoxState, dt: number): BoxState {
  const centre: AxisMotion = {
    velocityDeviation: CENTRE_MOTION.velocityDeviation * sizeOf(state),
    memory: CENTRE_MOTION.memory,
  };
  return {
    cx: predictAxis(state.cx, dt, centre),
    cy: predictAxis(state.cy, dt, centre),
    logWidth: predictAxis(state.logWidth, dt, SIZE_MOTION),
    logHeight: predictAxis(state.logHeight, dt, SIZE_MOTION),
  };
}

/** The box after a sighting at the state's own moment. */
export function correctBox(state: BoxState, seen: BoxMeasurement): BoxState {
  const { noise } = seen;
  return {
    cx: correctAxis(state.cx, seen.cx, noise.cx ** 2),
    cy: correctAxis(state.cy, seen.cy, noise.cy ** 2),
    logWidth: correctAxis(state.logWidth, seen.logWidth, noise.logWidth ** 2),
    logHeight: correctAxis(state.logHeight, seen.logHeight, noise.logHeight ** 2),
  };
}

/**
 * The state after an object was found again `dt` seconds after `state` (observation-centric re-update, OC-SORT, Cao
 * et al. 2023). A plain correction blames the whole surprise on the last moment and throws the velocity off; instead
 * the filter walks the straight line between the two sightings as if the object had been seen on it.
 */
export function replayGap(state: BoxState, from: BoxMeasurement, to: BoxMeasurement, dt: number): BoxState {
  const count = Math.max(1, Math.round(dt / REPLAY_STEP));
  let walked = state;
  for (let i = 1; i <= count; i++) {
    walked = correctBox(predictBox(walked, dt / count), between(from, to, i / count));
  }
  return walked;
}

function between(from: BoxMeasurement, to: BoxMeasurement, part: number): BoxMeasurement {
  const mix = (a: number, b: number): number => a + (b - a) * part;
  return {
    ...to,
    cx: mix(from.cx, to.cx),
    cy: mix(from.cy, to.cy),
    logWidth: mix(from.logWidth, to.logWidth),
    logHeight: mix(from.logHeight, to.logHeight),
  };
}

/** Square root of the area in pixels: the yardstick for distances and speeds. */
export function sizeOf(state: BoxState): number {
  return Math.exp((state.logWidth.position + state.logHeight.position) / 2);
}

/** The estimate as a box in pixels. */
export function boxOf(state: BoxState): Box {
  const { cx, cy } = state;
  const halfWidth = Math.exp(state.logWidth.position) / 2;
  const halfHeight = Math.exp(state.logHeight.position) / 2;
  return [cx.position - halfWidth, cy.position - halfHeight, cx.position + halfWidth, cy.position + halfHeight];
}
