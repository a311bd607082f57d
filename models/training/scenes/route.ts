import { wrap } from '../render/camera.ts';
import type { PoseKind, Vec3 } from '../render/types.ts';
import type { Spot } from './ground.ts';
import { headingTo, pathAlong } from './ground.ts';

/** Where a head is turned to: along the body, into the camera, to a point, or with the chin on the chest. */
export type Look = 'ahead' | 'camera' | 'down' | Vec3;

interface Held {
  pose?: PoseKind;
  /** Heading to turn to, or what to turn to; without it the body stays as it came. */
  facing?: number | 'camera' | Spot;
  look?: Look;
  /** Seconds of one cycle of the pose. */
  cycle?: number;
  /** The pose goes once from the first to the second phase, in the time of the step. */
  once?: readonly [from: number, to: number];
}

/** One thing that somebody does; a `Route` is a list of them. Seconds of `until` count from the start of the clip. */
export type Step =
  | { walk: readonly Spot[]; speed?: number; pose?: 'walk' | 'run'; look?: Look }
  | ({ stay: number } & Held)
  | ({ until: number } & Held);

export interface Route {
  /** When it begins, seconds; somebody who is there from the first to the last frame begins at 0 and ends there. */
  at: number;
  from: Spot;
  facing?: number;
  steps: readonly Step[];
}

/** Comes along the spots, stays with a look into the camera, and goes to another spot. */
export function lookIn(way: readonly Spot[], stay: number, away: Spot, speed = STROLL): Step[] {
  return [
    { walk: way, speed },
    { stay, facing: 'camera', look: 'camera' },
    { walk: [away], speed },
  ];
}

/** How somebody is at one moment of a route. */
export interface Sample {
  x: number;
  z: number;
  heading: number;
  pose: PoseKind;
  phase: number;
  headYaw: number;
  headPitch: number;
}

export interface Walker {
  /** Metres of one cycle of walking and of running. */
  stride: { walk: number; run: number };
  /** Metres from the ground to the eyes. */
  eyes: number;
}

/** Samples a second: a multiple of every frame rate that the scenes use. */
export const RATE = 60;
/** Metres a second: an easy walk. */
const STROLL = 1.2;
/** Metres a second each second, when setting off and when stopping. */
const EASE = 1.8;
/** Radians a second at most that a body and a head turn. */
const BODY_TURN = 3.6;
const HEAD_TURN = 3.2;
/** How far a head turns against its body. */
const HEAD_YAW = 1.15;
const HEAD_PITCH = 0.6;
/** Part of a walking cycle at which both feet are side by side: walks begin and end there. */
const FEET_TOGETHER = 0.31;
/** Seconds of one cycle where a step names none. */
const CYCLES: Readonly<Record<PoseKind, number>> = {
  stand: 4,
  walk: 1.1,
  run: 0.7,
  sit: 4,
  hold: 4,
  phone: 4,
  call: 4,
  smoke: 4,
  doze: 5,
  fall: 2,
  fight: 0.9,
};

/** A route worked out to samples: where somebody is at any time between its start and its end. */
export class Track {
  readonly start: number;
  readonly end: number;
  readonly #samples: readonly Sample[];

  constructor(start: number, samples: readonly Sample[]) {
    this.start = start;
    this.end = start + (samples.length - 1) / RATE;
    this.#samples = samples;
  }

  /** Undefined before the start and from the end on. */
  at(seconds: number): Sample | undefined {
    const place = Math.round((seconds - this.start) * RATE);
    return place === this.#samples.length - 1 ? undefined : this.#samples[place];
  }
}

/**
 * Works a route out. `above` is the camera's height (heads look there), `seconds` the length of the clip: idle movement
 * repeats with it. Throws a RangeError where an `until` has passed already or the route ends after the clip.
 */
export function trackOf(name: string, route: Route, walker: Walker, above: number, seconds: number): Track {
  const stays = route.at === 0 && endsWith(route, seconds);
  const first = new Simulation(name, route, walker, above, seconds);
  first.run();
  if (!stays) return new Track(route.at, first.samples);
  // Somebody who is there all the time begins as he ends, so that nobody sees the seam.
  const again = new Simulation(name, route, walker, above, seconds);
  again.begin(first.samples.at(-1)!);
  again.run();
  return new Track(route.at, again.samples);
}

function endsWith(route: Route, seconds: number): boolean {
  const last = route.steps.at(-1);
  return last !== undefined && 'until' in last && last.until >= seconds;
}

class Simulation {
  readonly samples: Sample[] = [];
  readonly #name: string;
  readonly #route: Route;
  readonly #walker: Walker;
  readonly #above: number;
  readonly #seconds: number;
  #now: Sample;
  #speed = 0;

  constructor(name: string, route: Route, walker: Walker, above: number, seconds: number) {
    this.#name = name;
    this.#route = route;
    this.#walker = walker;
    this.#above = above;
    this.#seconds = seconds;
    const first = route.steps[0];
    const towards = first && 'walk' in first ? headingTo(route.from, first.walk[0]!) : 0;
    this.#now = {
      x: route.from[0],
      z: route.from[1],
      heading: route.facing ?? towards,
      pose: 'stand',
      phase: 0,
      headYaw: 0,
      headPitch: 0,
    };
    // Somebody who comes into the picture is on the move already.
    this.#speed = first && 'walk' in first ? (first.speed ?? STROLL) : 0;
  }

  begin(state: Sample): void {
    this.#now = { ...this.#now, heading: state.heading, headYaw: state.headYaw, headPitch: state.headPitch };
  }

  run(): void {
    this.#route.steps.forEach((step, place) => {
      if ('walk' in step) this.#walk(step, this.#route.steps[place + 1]);
      else this.#hold(step);
    });
    if (this.#time() > this.#seconds + 1e-6) {
      throw new RangeError(`${this.#name} is under way until ${this.#time().toFixed(1)} s, after the clip's end`);
    }
    this.samples.push({ ...this.#now });
  }

  #time(): number {
    return this.#route.at + this.samples.length / RATE;
  }

  #walk(step: Extract<Step, { walk: unknown }>, next: Step | undefined): void {
    const path = pathAlong([this.#now.x, this.#now.z], step.walk);
    const pose = step.pose ?? 'walk';
    const speed = step.speed ?? STROLL;
    const stops = next !== undefined && !('walk' in next);
    // A stride a little shorter or longer lets the walk end with both feet side by side.
    const halves = Math.max(1, Math.round((path.length / this.#walker.stride[pose]) * 2));
    const rate = halves / 2 / Math.max(path.length, 0.01);
    let gone = 0;
    while (gone < path.length) {
      const ahead = path.at(Math.min(path.length, gone + 0.12));
      const wanted = headingTo([this.#now.x, this.#now.z], [ahead.x, ahead.z]);
      const turning = this.#speed < 0.2 && Math.abs(wrap(wanted - this.#now.heading)) > 0.7;
      if (turning) {
        this.#now = { ...this.#now, pose: 'stand', phase: this.#idle('stand') };
      } else {
        const left = path.length - gone;
        const limit = stops ? Math.min(speed, Math.sqrt(2 * EASE * left) + 0.08) : speed;
        this.#speed = Math.max(
          0.08,
          Math.min(limit, this.#speed + EASE / RATE, Math.max(limit, this.#speed - EASE / RATE)),
        );
        gone = Math.min(path.length, gone + this.#speed / RATE);
        const spot = path.at(gone);
        this.#now = { ...this.#now, x: spot.x, z: spot.z, pose, phase: (FEET_TOGETHER + gone * rate) % 1 };
      }
      this.#turn(wanted);
      this.#lookAt(step.look ?? 'ahead');
      this.#keep();
    }
    if (stops) this.#speed = 0;
  }

  #hold(step: Exclude<Step, { walk: unknown }>): void {
    const start = this.#time();
    const end = 'until' in step ? step.until : start + step.stay;
    if (end < start - 1e-6) {
      throw new RangeError(`${this.#name} is under way until ${start.toFixed(1)} s, after an "until ${end}"`);
    }
    const pose = step.pose ?? 'stand';
    this.#speed = 0;
    while (this.#time() < end - 1e-6) {
      const part = (this.#time() - start) / Math.max(end - start, 1 / RATE);
      const phase = step.once ? step.once[0] + (step.once[1] - step.once[0]) * part : this.#idle(pose, step.cycle);
      this.#now = { ...this.#now, pose, phase };
      this.#turn(this.#facing(step.facing));
      this.#lookAt(step.look ?? 'ahead');
      this.#keep();
    }
  }

  #keep(): void {
    this.samples.push({ ...this.#now });
  }

  /** Phase of a pose that goes round and round; a whole number of cycles fits into the clip. */
  #idle(pose: PoseKind, cycle = CYCLES[pose]): number {
    const rounds = Math.max(1, Math.round(this.#seconds / cycle));
    return ((this.#time() * rounds) / this.#seconds) % 1;
  }

  #facing(facing: Held['facing']): number {
    if (facing === undefined) return this.#now.heading;
    if (typeof facing === 'number') return facing;
    return headingTo([this.#now.x, this.#now.z], facing === 'camera' ? [0, 0] : facing);
  }

  #turn(wanted: number): void {
    const off = wrap(wanted - this.#now.heading);
    this.#now = { ...this.#now, heading: wrap(this.#now.heading + eased(off, 7, BODY_TURN)) };
  }

  #lookAt(look: Look): void {
    const { x, z, heading } = this.#now;
    let yaw = 0;
    let pitch = look === 'down' ? -0.45 : 0;
    if (look !== 'ahead' && look !== 'down') {
      const point = look === 'camera' ? { x: 0, y: this.#above, z: 0 } : look;
      yaw = wrap(headingTo([x, z], [point.x, point.z]) - heading);
      pitch = Math.atan2(point.y - this.#walker.eyes, Math.hypot(point.x - x, point.z - z));
      // Nobody looks over his back: what is too far round is let be.
      if (Math.abs(yaw) > 2) yaw = 0;
    }
    const sway = this.#sway();
    const turned = eased(clamp(yaw, HEAD_YAW) + sway.yaw - this.#now.headYaw, 6, HEAD_TURN);
    const tilted = eased(clamp(pitch, HEAD_PITCH) + sway.pitch - this.#now.headPitch, 6, HEAD_TURN);
    this.#now = {
      ...this.#now,
      headYaw: this.#now.headYaw + turned,
      headPitch: this.#now.headPitch + tilted,
    };
  }

  /** Nobody holds the head quite still; waves with whole periods in the clip. */
  #sway(): { yaw: number; pitch: number } {
    const round = (this.#time() / this.#seconds) * 2 * Math.PI;
    const shift = [...this.#name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
    return {
      yaw: 0.05 * Math.sin(7 * round + shift) + 0.03 * Math.sin(17 * round + 2 * shift),
      pitch: 0.025 * Math.sin(11 * round + 3 * shift),
    };
  }
}

function eased(off: number, gain: number, limit: number): number {
  return clamp(off * gain, limit) / RATE;
}

function clamp(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}
