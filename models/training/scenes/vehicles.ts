import { headingTo, pathAlong, type Spot } from './ground.ts';
import { RATE } from './route.ts';
import type { Rolling } from './scene.ts';

/** Metres a second. */
export type Drive = { drive: readonly Spot[]; speed: number; reverse?: boolean } | { until: number };

/** Metres a second each second. */
const BRAKE = 1.6;

/** A vehicle that stands in the picture all the time. */
export function parked(vehicle: Rolling['vehicle'], x: number, z: number, heading: number): Rolling {
  return { vehicle, at: () => ({ x, z, heading }) };
}

/**
 * A vehicle that comes at a time and drives; it is away before and, where its last step is a drive, afterwards.
 * Throws a RangeError where an `until` has passed already.
 */
export function rolling(vehicle: Rolling['vehicle'], at: number, from: Spot, steps: readonly Drive[]): Rolling {
  const first = steps[0];
  const start = first && 'drive' in first ? headingTo(from, first.drive[0]!) : 0;
  let now = { x: from[0], z: from[1], heading: start };
  let speed = first && 'drive' in first ? first.speed : 0;
  const samples: (typeof now)[] = [];
  steps.forEach((step, place) => {
    const next = steps[place + 1];
    if ('until' in step) {
      const left = (step.until - at) * RATE - samples.length;
      if (left < 0) throw new RangeError(`${vehicle.id} is under way after an "until ${step.until}"`);
      for (let n = 0; n < left; n += 1) samples.push(now);
      speed = 0;
      return;
    }
    const path = pathAlong([now.x, now.z], step.drive, 3.5);
    let gone = 0;
    while (gone < path.length) {
      const limit =
        next && 'until' in next ? Math.min(step.speed, Math.sqrt(2 * BRAKE * (path.length - gone)) + 0.1) : step.speed;
      speed = Math.max(0.1, Math.min(limit, speed + BRAKE / RATE));
      const before = path.at(Math.max(0, gone - 0.3));
      gone = Math.min(path.length, gone + speed / RATE);
      const ahead = path.at(Math.min(path.length, gone + 0.3));
      const along = headingTo([before.x, before.z], [ahead.x, ahead.z]);
      now = { ...path.at(gone), heading: step.reverse ? along + Math.PI : along };
      samples.push(now);
    }
  });
  return { vehicle, at: (seconds) => samples[Math.round((seconds - at) * RATE)] };
}
