import { assemble, type Build, buildOf, type FootWish, type HandWish, type Skeleton, type Stance } from './skeleton.ts';
import type { Person, PoseKind, Vec3 } from './types.ts';
import { blend, clamp, ease, mix, vec } from './vector.ts';

/** What a pose is made of: the bones, and how they are moved. */
export interface Doing {
  pose: PoseKind;
  phase: number;
  headYaw: number;
  headPitch: number;
  /** 0..1, the same for the same actor: which of several ways of doing it. */
  variant: number;
  /** The forearms lie on a desk. */
  desk: boolean;
  /** What hands are busy with: left and right. */
  busy: [Busy, Busy];
}
/** What a hand carries beside what the pose has it do. */
export type Busy = 'free' | 'umbrella' | 'hand_bag' | 'trolley' | 'cane';

/** Metres that the body goes ahead in one cycle (two steps) without its feet sliding. */
export function stride(person: Person, pose: 'walk' | 'run' = 'walk'): number {
  const build = buildOf(person);
  return build.hip * (pose === 'run' ? 2.6 : 1.38) * (person.face.age >= 62 ? 0.82 : 1);
}

/** How far old people lean forwards, radians. */
const STOOP = 0.2;
const WALK_STANCE = 0.62;
const RUN_STANCE = 0.36;
const TAU = Math.PI * 2;

/** The bones of somebody who does something. */
export function posed(person: Person, doing: Doing): Skeleton {
  const build = buildOf(person);
  const phase = Number.isFinite(doing.phase) ? doing.phase : 0;
  const stance = STANCES[doing.pose](build, person, { ...doing, phase });
  carry(build, stance, doing);
  const old = person.face.age >= 62 && doing.pose !== 'fall' ? STOOP : 0;
  stance.lean += old;
  stance.headYaw += clamp(doing.headYaw, -1.4, 1.4);
  stance.headPitch += clamp(doing.headPitch, -0.9, 0.9);
  return assemble(build, stance);
}

type Maker = (build: Build, person: Person, doing: Doing) => Stance;

const STANCES: Record<PoseKind, Maker> = {
  stand: (build, _person, doing) => standing(build, doing.phase, doing.variant),
  walk: (build, person, doing) => going(build, person, doing.phase, false),
  run: (build, person, doing) => going(build, person, doing.phase, true),
  sit: (build, _person, doing) => sitting(build, doing.phase, doing.variant),
  hold: holding,
  phone: phoning,
  call: calling,
  smoke: smoking,
  doze: dozing,
  fall: falling,
  fight: fighting,
};

const REST: HandWish = { reach: vec(0.13, -0.94, 0.1) };

function standing(build: Build, phase: number, variant: number): Stance {
  const sway = Math.sin(phase * TAU);
  const shift = (variant < 0.5 ? 1 : -1) * 0.014 * build.height;
  const foot = (side: number): FootWish => ({
    ankle: vec(side * build.hips * blend(1.6, 1, build.feminine), build.ankle, side * shift * -0.9),
    pitch: 0,
    out: 0.17,
  });
  return {
    pelvis: vec(shift * 0.8 + sway * 0.004, build.hip - 0.0012 * build.height, 0),
    lean: 0.015 + 0.008 * sway,
    side: -shift * 0.6,
    twist: 0.02 * sway,
    turn: 0,
    tilt: shift * 0.4,
    feet: [foot(1), foot(-1)],
    hands: [{ reach: vec(0.14, -0.945, 0.09 + 0.015 * sway) }, { reach: vec(0.16, -0.935, 0.06 - 0.015 * sway) }],
    headYaw: 0,
    headPitch: 0,
    headRoll: shift * 0.8,
    follow: 0.3,
  };
}

/** Walking and running: a foot stands still on the ground while the body passes over it, then swings ahead. */
function going(build: Build, person: Person, phase: number, run: boolean): Stance {
  const length = stride(person, run ? 'run' : 'walk');
  const share = run ? RUN_STANCE : WALK_STANCE;
  const feet = [0, 0.5].map((offset, n) => step(build, (((phase + offset) % 1) + 1) % 1, length, share, run, n)) as [
    FootWish,
    FootWish,
  ];
  // The body is as high as the straighter of the standing legs lets it be, so that the feet stay where they are.
  const leg = (build.thigh + build.shin) * (run ? 0.965 : 0.998);
  let height = build.hip;
  for (const [n, foot] of feet.entries()) {
    const at = (((phase + n * 0.5) % 1) + 1) % 1;
    if (at > share) continue;
    height = Math.min(height, foot.ankle.y + Math.sqrt(Math.max(0.01, leg * leg - foot.ankle.z ** 2)));
  }
  const flight = run ? 0.03 * build.height * Math.max(0, -Math.cos(TAU * 2 * (phase - share / 2))) : 0;
  const swing = Math.cos(TAU * (phase - 0.02));
  const hand = (side: number): HandWish => {
    // The arm goes with the other side's leg.
    const at = -side * swing;
    if (run) {
      const z = 0.2 + 0.33 * at;
      return { reach: vec(0.02 + 0.06 * -at, -0.5 + 0.17 * at, z), elbow: vec(0.35, -0.4, -1), fist: true };
    }
    const angle = 0.1 + at * 0.42;
    return { reach: vec(0.12, -0.955 * Math.cos(angle) + (at > 0 ? 0.03 : 0), 0.955 * Math.sin(angle)) };
  };
  return {
    pelvis: vec(0, (run ? Math.min(height, build.hip * 0.965) : height) + flight, run ? 0.01 : 0),
    lean: run ? 0.2 : 0.05,
    side: 0,
    twist: swing * (run ? 0.3 : 0.17),
    turn: -swing * (run ? 0.12 : 0.08),
    tilt: 0,
    feet,
    hands: [hand(1), hand(-1)],
    headYaw: -swing * (run ? 0.15 : 0.08),
    headPitch: run ? -0.02 : 0,
    headRoll: 0,
    follow: 0.3,
  };
}

function step(build: Build, at: number, length: number, share: number, run: boolean, n: number): FootWish {
  const side = n === 0 ? 1 : -1;
  const half = (length * share) / 2;
  const lateral = side * build.hips * (run ? 0.6 : blend(1.15, 0.6, build.feminine));
  if (at < share) {
    const t = at / share;
    const toe = run ? -0.12 * (1 - ease(0, 0.15, t)) : -0.34 * (1 - ease(0, 0.2, t));
    const heel = (run ? 0.75 : 0.7) * ease(0.6, 1, t) ** 1.2;
    return pivot(build, vec(lateral, 0, half - length * at), toe + heel, 0.1);
  }
  const t = (at - share) / (1 - share);
  const z = blend(-half, half, ease(-0.12, 1.05, t) * 1.0 + 0);
  const exact = blend(z, t < 0.5 ? -half : half, t < 0.5 ? 1 - ease(0, 0.2, t) : ease(0.85, 1, t));
  const lift = Math.sin(Math.PI * Math.min(1, t ** 0.8)) * build.height * (run ? 0.11 : 0.035);
  const pitch = blend(run ? 0.75 : 0.7, run ? -0.12 : -0.34, ease(0.1, 0.85, t));
  const wish = pivot(build, vec(lateral, lift, exact), pitch, 0.1);
  if (run) {
    // The heel comes up behind.
    const fold = Math.sin(Math.PI * clamp(t * 1.25, 0, 1)) ** 1.5;
    wish.ankle.y += fold * build.height * 0.11;
    wish.ankle.z -= fold * build.height * 0.1;
    wish.pitch += fold * 0.6;
  }
  return wish;
}

/** The ankle of a foot that rolls over its ball (pitch above 0) or its heel (below); `sole` is where its middle was. */
function pivot(build: Build, sole: Vec3, pitch: number, out: number): FootWish {
  const reach = pitch >= 0 ? build.foot * 0.52 : -build.foot * 0.22;
  // From the pivot to the ankle: back by `reach`, up by the ankle's height, then turned.
  const back = -reach;
  const y = -Math.sin(-pitch) * -back + Math.cos(pitch) * build.ankle;
  const z = Math.cos(pitch) * back + Math.sin(pitch) * build.ankle;
  return { ankle: vec(sole.x, sole.y + Math.abs(y), sole.z + reach + z), pitch, out };
}

function sitting(build: Build, phase: number, variant: number): Stance {
  const breath = Math.sin(phase * TAU);
  const seat = seatHeight(build) + 0.045 * build.height;
  const back = -Math.sqrt(Math.max(0.01, build.thigh ** 2 - (build.shin + build.ankle - seat) ** 2)) * 0.98;
  const foot = (side: number): FootWish => ({
    ankle: vec(
      side * build.hips * blend(2.1, 0.9, build.feminine) * (0.9 + 0.2 * variant),
      build.ankle,
      side * 0.025 * build.height,
    ),
    pitch: 0,
    out: 0.15,
  });
  const hand = (side: number): HandWish => ({
    at: vec(side * build.hips * 1.25, seat + 0.046 * build.height, back + build.thigh * (0.66 + 0.05 * side)),
    elbow: vec(0.55, -0.5, -0.8),
    fingers: vec(-side * 0.35, -0.25, 1),
  });
  return {
    pelvis: vec(0, seat, back),
    lean: -0.06 + 0.008 * breath,
    side: 0,
    twist: 0,
    turn: 0,
    tilt: 0,
    feet: [foot(1), foot(-1)],
    hands: [hand(1), hand(-1)],
    headYaw: 0,
    headPitch: 0.02,
    headRoll: 0,
    follow: 0.3,
  };
}

/** Metres from the ground to the seat of the chair that somebody gets. */
export function seatHeight(build: Build): number {
  return Math.min(0.46, build.hip * 0.52);
}

/** Middle of the thing that is carried with both hands, and half its size. */
export function loadOf(build: Build): { at: Vec3; half: Vec3 } {
  const h = build.height;
  return { at: vec(0, build.hip + 0.105 * h, 0.185 * h), half: vec(0.112 * h, 0.078 * h, 0.082 * h) };
}

function holding(build: Build, _person: Person, doing: Doing): Stance {
  const stance = standing(build, doing.phase, doing.variant);
  const load = loadOf(build);
  const hand = (side: number): HandWish => ({
    at: vec(
      side * (load.half.x + 0.012 * build.height),
      load.at.y - load.half.y * 0.75,
      load.at.z - 0.02 * build.height,
    ),
    elbow: vec(0.55, -0.9, -0.8),
    fingers: vec(-side * 0.5, -0.35, 1),
  });
  return { ...stance, lean: -0.05, side: 0, tilt: 0, pelvis: vec(0, stance.pelvis.y, 0), hands: [hand(1), hand(-1)] };
}

/** How far somebody bows the head over the telephone in the hand, radians. */
export const PHONE_BOW = 0.42;

function phoning(build: Build, _person: Person, doing: Doing): Stance {
  const stance = standing(build, doing.phase, doing.variant);
  const h = build.height;
  const sway = Math.sin(doing.phase * TAU) * 0.004 * h;
  const at = vec(-0.045 * h, build.hip + build.trunk * 0.66 + sway, 0.15 * h);
  return {
    ...stance,
    lean: stance.lean + 0.03,
    hands: [stance.hands[0], { at, elbow: vec(0.75, -1, -0.4), fingers: vec(0.5, 0.75, 0.55), fist: true }],
    headPitch: -PHONE_BOW,
    follow: 0.6,
  };
}

function calling(build: Build, _person: Person, doing: Doing): Stance {
  const stance = standing(build, doing.phase, doing.variant);
  const head = build.hip + build.trunk + build.neck;
  const at = vec(stance.pelvis.x - build.head * 1.22, head - build.head * 1.2, 0.058 * build.height);
  return {
    ...stance,
    hands: [stance.hands[0], { at, elbow: vec(0.5, -1, 0.3), fingers: vec(0.26, 1, -0.42) }],
    headRoll: -0.07,
  };
}

/** How far the hand with the cigarette is up at the mouth, 0..1. */
export function puff(phase: number): number {
  const at = ((phase % 1) + 1) % 1;
  return ease(0.15, 0.38, at) * (1 - ease(0.62, 0.85, at));
}

function smoking(build: Build, _person: Person, doing: Doing): Stance {
  const stance = standing(build, doing.phase, doing.variant);
  const h = build.height;
  const up = puff(doing.phase);
  const mouth = build.hip + build.trunk + build.neck - build.head * 0.5;
  const low = vec(-build.shoulders * 1.12, build.hip + build.trunk * 0.3, 0.13 * h);
  const high = vec(-build.head * 0.95, mouth - build.hand * 0.62, 0.1 * h);
  return {
    ...stance,
    hands: [
      stance.hands[0],
      {
        at: mix(low, high, up),
        elbow: vec(0.8, -1, -0.3 + 0.4 * up),
        fingers: mix(vec(0.25, 0.15, 1), vec(0.75, 0.75, 0.12), up),
      },
    ],
  };
}

/** Height of the desk, if there is one, and where it begins before the body. */
export function deskOf(build: Build): { height: number; from: number; depth: number; half: number } {
  const seat = seatHeight(build) + 0.045 * build.height;
  return { height: seat + build.trunk * 0.42, from: -0.06 * build.height, depth: 0.6, half: 0.62 };
}

function dozing(build: Build, _person: Person, doing: Doing): Stance {
  const stance = sitting(build, doing.phase, doing.variant);
  const breath = Math.sin(doing.phase * TAU);
  const h = build.height;
  if (doing.desk) {
    const desk = deskOf(build);
    const hand = (side: number): HandWish => ({
      at: vec(-side * 0.03 * h, desk.height + 0.022 * h, desk.from + (0.15 + side * 0.018) * h),
      elbow: vec(1, -0.4, 0.4),
      fingers: vec(-side, 0, 0.1),
    });
    return {
      ...stance,
      lean: 0.62 + 0.01 * breath,
      hands: [hand(1), hand(-1)],
      headYaw: doing.variant < 0.5 ? 0.5 : -0.5,
      headPitch: -0.4,
      follow: 0.8,
    };
  }
  return {
    ...stance,
    lean: 0.16 + 0.015 * breath,
    side: (doing.variant - 0.5) * 0.12,
    headPitch: -0.62 + 0.03 * breath,
    headRoll: (doing.variant - 0.5) * 0.3,
    follow: 0.7,
  };
}

function falling(build: Build, _person: Person, doing: Doing): Stance {
  const t = clamp(doing.phase, 0, 1);
  const stance = standing(build, 0, doing.variant);
  const h = build.height;
  const buckle = ease(0, 0.45, t);
  const drop = ease(0.12, 0.9, t);
  const lie = ease(0.2, 0.95, t);
  const sideways = doing.variant >= 0.5;
  const down = 0.075 * h * (sideways ? 1.15 : 1);
  const height = blend(stance.pelvis.y, down, drop ** 1.25) - 0.04 * h * buckle * (1 - drop);
  if (sideways) {
    const way = doing.variant >= 0.75 ? 1 : -1;
    const foot = (side: number): FootWish => ({
      ankle: vec(
        side * build.hips * 1.15 * (1 - lie) - way * lie * 0.02 * h,
        build.ankle + lie * (side * way > 0 ? -0.01 : 0.055) * h,
        side * 0.04 * h * lie - 0.08 * h * lie,
      ),
      pitch: 0.5 * lie,
      out: 0.17 * (1 - lie),
      knee: vec(0.05 * side, 0, 1),
    });
    const hand = (side: number): HandWish =>
      side === way
        ? {
            reach: vec(blend(0.2, 0.15, lie), blend(-0.9, 0.72, lie), blend(0.1, 0.5, lie)),
            elbow: vec(0.4, -0.2, -0.6 + lie),
          }
        : { reach: vec(blend(0.35, -0.55, lie), -0.6, 0.3 + 0.3 * lie), elbow: vec(1, 0, -0.2) };
    return {
      ...stance,
      pelvis: vec(way * 0.38 * h * drop, height, -0.01 * h),
      side: way * Math.PI * 0.485 * lie,
      lean: 0.12 * buckle,
      tilt: 0,
      feet: [foot(1), foot(-1)],
      hands: [hand(1), hand(-1)],
      headRoll: way * (-0.25 * (1 - lie) + 0.02),
      headPitch: -0.15 * buckle,
      follow: blend(0.3, 0.92, lie),
    };
  }
  const foot = (side: number): FootWish => ({
    ankle: vec(side * build.hips * (1.15 + 0.5 * lie), build.ankle + 0.012 * h * lie, -0.03 * h * lie),
    pitch: 1.25 * lie,
    out: 0.17,
    knee: vec(side * 0.3, -0.15 * lie, 1),
  });
  const hand = (side: number): HandWish => ({
    reach: vec(
      blend(0.13, 0.5, lie),
      blend(-0.9, side > 0 ? 0.66 : 0.5, lie),
      blend(0.1, 0.12, lie) + 0.6 * lie * (1 - lie) * 2,
    ),
    elbow: vec(1, -0.3, -0.4 * (1 - lie)),
  });
  const turn = doing.variant < 0.25 ? 1 : -1;
  return {
    ...stance,
    pelvis: vec(0, height, 0.4 * h * drop),
    lean: Math.PI * 0.49 * lie,
    side: 0,
    tilt: 0,
    feet: [foot(1), foot(-1)],
    hands: [hand(1), hand(-1)],
    headYaw: turn * 1.25 * ease(0.5, 0.95, t),
    headPitch: 0.2 * lie,
    headRoll: 0,
    follow: blend(0.3, 0.95, lie),
  };
}

function fighting(build: Build, _person: Person, doing: Doing): Stance {
  const at = ((doing.phase % 1) + 1) % 1;
  const h = build.height;
  const punch = (from: number): number => ease(from, from + 0.12, at) * (1 - ease(from + 0.16, from + 0.36, at));
  const right = punch(0.08);
  const left = punch(0.56);
  const bounce = Math.abs(Math.sin(at * TAU)) * 0.012 * h;
  const guard = (side: number, hit: number): HandWish => ({
    reach: mix(vec(-0.22, 0.08, 0.48), vec(-0.38, 0.2, 0.98), hit),
    elbow: mix(vec(0.45, -1, -0.1), vec(1, -0.5, 0), hit),
    fingers: mix(vec(-side * 0.25, 0.9, 0.35), vec(0, 0.05, 1), hit),
    fist: true,
  });
  return {
    pelvis: vec(0, build.hip * 0.93 - bounce, 0.02 * h + (left + right) * 0.035 * h),
    lean: 0.17 + 0.1 * (left + right),
    side: (right - left) * 0.06,
    twist: (right - left) * 0.5 - 0.2,
    turn: (right - left) * 0.2 - 0.25,
    tilt: 0,
    feet: [
      { ankle: vec(build.hips * 1.7, build.ankle, 0.14 * h), pitch: 0, out: 0.1 },
      { ankle: vec(-build.hips * 1.9, build.ankle + 0.02 * h, -0.16 * h), pitch: 0.3, out: 0.5 },
    ],
    hands: [guard(1, left), guard(-1, right)],
    headYaw: 0.3 - (right - left) * 0.6,
    headPitch: -0.12,
    headRoll: (left - right) * 0.08,
    follow: 0.35,
  };
}

/** Hands that carry a thing do so instead of what the pose has them do. */
function carry(build: Build, stance: Stance, doing: Doing): void {
  for (const n of [0, 1] as const) {
    const side = n === 0 ? 1 : -1;
    const busy = doing.busy[n];
    if (busy === 'umbrella') {
      stance.hands[n] = {
        at: vec(
          stance.pelvis.x + side * build.shoulders * 0.72,
          stance.pelvis.y + build.trunk * 0.74,
          0.13 * build.height,
        ),
        elbow: vec(0.5, -1, -0.4),
        fingers: vec(-side * 0.55, 0.35, 0.8),
        fist: true,
      };
    } else if (busy === 'hand_bag') {
      const reach = stance.hands[n].reach ?? REST.reach!;
      stance.hands[n] = { reach: vec(0.2, -0.955, reach.z * 0.4), fist: true };
    } else if (busy === 'cane') {
      stance.hands[n] = {
        at: caneOf(build, stance, side),
        elbow: vec(0.6, -0.3, -1),
        fingers: vec(0, -1, 0.2),
        fist: true,
      };
    } else if (busy === 'trolley') {
      stance.hands[n] = { reach: vec(0.2, -0.86, -0.36), elbow: vec(0.4, -0.2, -1), fist: true };
    }
  }
}

/** Where a hand holds a cane: before and beside the hip, as high as the cane is long. */
function caneOf(build: Build, stance: Stance, side: number): Vec3 {
  return vec(stance.pelvis.x + side * build.shoulders * 1.35, build.hip * 1.02, stance.pelvis.z + 0.13 * build.height);
}
