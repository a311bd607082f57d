import type { Person, Vec3 } from './types.ts';
import { add, along, blend, clamp, cross, dot, length, sub, times, unit, upright, vec } from './vector.ts';

/**
 * The bones. All points are in the body's own space: x to the person's left, y up, z ahead, metres, the origin on the
 * ground between the feet.
 */

/** Lengths of somebody's bones, metres. */
export interface Build {
  height: number;
  /** Half the head's height from chin to crown. */
  head: number;
  /** Height of the hip joints, of the shoulder joints over them, and of the head's centre over those. */
  hip: number;
  trunk: number;
  neck: number;
  /** Half distances between the joints of both sides. */
  shoulders: number;
  hips: number;
  thigh: number;
  shin: number;
  ankle: number;
  foot: number;
  upperArm: number;
  foreArm: number;
  hand: number;
  /** Breadth and depth of the body against a slim one; feminine 0..1. */
  girth: number;
  feminine: number;
  /** 1 for grown-ups, less for children: breadth of shoulders and the like. */
  grown: number;
}

/** How grown up a child is built at most: a body says its age group, whatever its height and distance. */
const MOST_GROWN_CHILD = 0.65;

/** Men and women differ more in breadth of shoulders, waist and hips than most do in life: a body shall say which it is. */
export function buildOf(person: Person): Build {
  const height = person.height;
  const grown = person.face.age >= 16 ? 1 : MOST_GROWN_CHILD * clamp((height - 0.9) / 0.7, 0, 1);
  const feminine = person.face.gender === 'female' ? 0.45 + 0.55 * grown : 0.25 * (1 - grown);
  const head = (height * blend(1 / 5.1, 1 / 7.4, grown)) / 2;
  const hip = height * blend(0.465, 0.505, grown);
  const shoulder = height - 2 * head - 0.042 * height;
  return {
    height,
    head,
    hip,
    trunk: shoulder - hip,
    neck: head + 0.042 * height,
    shoulders: height * blend(0.112, 0.083, feminine) * blend(0.92, 1, grown) * Math.sqrt(person.girth),
    hips: height * blend(0.048, 0.055, feminine) * Math.sqrt(person.girth),
    thigh: hip * 0.475,
    shin: hip * 0.445,
    ankle: hip * 0.08,
    foot: height * 0.15,
    upperArm: height * 0.168,
    foreArm: height * 0.146,
    hand: height * 0.098,
    girth: person.girth,
    feminine,
    grown,
  };
}

/** Directions of a part of the body. */
export interface Frame {
  left: Vec3;
  up: Vec3;
  ahead: Vec3;
}

export interface Arm {
  shoulder: Vec3;
  elbow: Vec3;
  wrist: Vec3;
  /** Tips of the fingers, or the knuckles of a fist. */
  tip: Vec3;
  fist: boolean;
}

export interface Leg {
  hip: Vec3;
  knee: Vec3;
  ankle: Vec3;
  /** Where the foot points, and what is up for it. */
  toward: Vec3;
  up: Vec3;
}

export interface Skeleton {
  build: Build;
  /** Middle of the hip joints and of the shoulder joints. */
  pelvis: Vec3;
  chest: Vec3;
  head: Vec3;
  hipFrame: Frame;
  chestFrame: Frame;
  headFrame: Frame;
  /** The left one first. */
  arms: [Arm, Arm];
  legs: [Leg, Leg];
}

/** Where a pose wants an ankle, and how the foot stands: pitch raises the heel. */
export interface FootWish {
  ankle: Vec3;
  pitch: number;
  /** Turned outwards, radians. */
  out: number;
  /** Where the knee goes; ahead if nothing is said. */
  knee?: Vec3;
}

/** Where a pose wants a wrist. */
export interface HandWish {
  /** From the shoulder in the chest's frame, in lengths of the arm, x outwards. */
  reach?: Vec3;
  /** Or a point in the body's space. */
  at?: Vec3;
  /** Where the elbow goes, x outwards, in the chest's frame. */
  elbow?: Vec3;
  /** Where the fingers point, in the body's space; on along the arm if nothing is said. */
  fingers?: Vec3;
  /** Closed around something, or to hit. */
  fist?: boolean;
}

export interface Stance {
  pelvis: Vec3;
  /** Of the trunk: forwards, to the left, and of the shoulders against the hips (to the left). */
  lean: number;
  side: number;
  twist: number;
  /** Of the hips, to the left. */
  turn: number;
  /** Of the hips: the left one higher, metres. */
  tilt: number;
  feet: [FootWish, FootWish];
  hands: [HandWish, HandWish];
  /** Of the head against the trunk. */
  headYaw: number;
  headPitch: number;
  headRoll: number;
  /** How much of the trunk's lean the head takes part in, 0..1. */
  follow: number;
}

/** A frame turned to the left by `yaw` after it leant forwards and to the left. */
export function frameOf(lean: number, side: number, yaw: number): Frame {
  const up = unit(vec(Math.sin(side), Math.cos(side) * Math.cos(lean), Math.cos(side) * Math.sin(lean)));
  const flat = vec(Math.cos(side), -Math.sin(side), 0);
  const left0 = upright(flat, up, vec(1, 0, 0));
  const ahead0 = cross(left0, up);
  const left = add(times(left0, Math.cos(yaw)), times(ahead0, -Math.sin(yaw)));
  return { left, up, ahead: cross(left, up) };
}

/** A direction given in a frame. */
export const inFrame = (frame: Frame, p: Vec3): Vec3 =>
  add(add(times(frame.left, p.x), times(frame.up, p.y)), times(frame.ahead, p.z));

/** The middle joint and the end of two bones that reach for a target; the middle goes towards `pole`. */
export function twoBones(root: Vec3, target: Vec3, first: number, second: number, pole: Vec3): [Vec3, Vec3] {
  const way = sub(target, root);
  const direction = unit(way, vec(0, -1, 0));
  const reach = clamp(length(way), Math.abs(first - second) + 1e-3, (first + second) * 0.9995);
  const share = (first * first - second * second + reach * reach) / (2 * reach);
  const aside = Math.sqrt(Math.max(0, first * first - share * share));
  const middle = along(along(root, direction, share), upright(pole, direction, vec(0, 0.3, 1)), aside);
  return [middle, along(root, direction, reach)];
}

/** Puts the bones where the stance wants them, as far as they reach. */
export function assemble(build: Build, stance: Stance): Skeleton {
  const hipFrame = frameOf(stance.lean * 0.75, stance.side * 0.85, stance.turn);
  const chestFrame = frameOf(stance.lean, stance.side, stance.turn + stance.twist);
  const pelvis = stance.pelvis;
  const spine = unit(add(hipFrame.up, chestFrame.up));
  const chest = along(pelvis, spine, build.trunk);
  const neck = frameOf(stance.lean * (0.4 + 0.6 * stance.follow), stance.side * stance.follow, 0).up;
  const base = frameOf(stance.lean * stance.follow, stance.side * stance.follow, stance.turn + stance.twist);
  const headFrame = turned(base, stance.headYaw, stance.headPitch, stance.headRoll);
  const nape = along(chest, unit(add(neck, chestFrame.up)), build.neck - build.head * 0.55);
  const head = along(along(nape, headFrame.up, build.head * 0.55), headFrame.ahead, build.head * 0.16);
  const arms = [1, -1].map((side, n): Arm => {
    const wish = stance.hands[n]!;
    const shoulder = along(along(chest, chestFrame.left, side * build.shoulders), chestFrame.up, -0.012 * build.height);
    const span = build.upperArm + build.foreArm;
    const reach = wish.reach ?? vec(0.1, -0.95, 0.05);
    const target = wish.at ?? add(shoulder, times(inFrame(chestFrame, vec(reach.x * side, reach.y, reach.z)), span));
    const pole = wish.elbow ?? vec(0.5, -0.3, -1);
    const [elbow, wrist] = twoBones(
      shoulder,
      target,
      build.upperArm,
      build.foreArm,
      inFrame(chestFrame, vec(pole.x * side, pole.y, pole.z)),
    );
    const fingers = unit(wish.fingers ?? sub(wrist, elbow), vec(0, -1, 0));
    const fist = wish.fist ?? false;
    return { shoulder, elbow, wrist, tip: along(wrist, fingers, build.hand * (fist ? 0.64 : 1)), fist };
  }) as [Arm, Arm];
  const legs = [1, -1].map((side, n): Leg => {
    const wish = stance.feet[n]!;
    const hip = along(along(pelvis, hipFrame.left, side * build.hips), vec(0, 1, 0), side * stance.tilt);
    const [knee, ankle] = twoBones(hip, wish.ankle, build.thigh, build.shin, wish.knee ?? vec(side * 0.08, 0, 1));
    const yaw = stance.turn * 0.5 + side * wish.out;
    const flat = vec(Math.sin(yaw), 0, Math.cos(yaw));
    const toward = add(times(flat, Math.cos(wish.pitch)), vec(0, -Math.sin(wish.pitch), 0));
    const up = add(times(flat, Math.sin(wish.pitch)), vec(0, Math.cos(wish.pitch), 0));
    return { hip, knee, ankle, toward, up };
  }) as [Leg, Leg];
  return { build, pelvis, chest, head, hipFrame, chestFrame, headFrame, arms, legs };
}

function turned(frame: Frame, yaw: number, pitch: number, roll: number): Frame {
  const left = add(times(frame.left, Math.cos(yaw)), times(frame.ahead, -Math.sin(yaw)));
  const ahead0 = cross(left, frame.up);
  const ahead = add(times(ahead0, Math.cos(pitch)), times(frame.up, Math.sin(pitch)));
  const up0 = cross(ahead, left);
  const up = add(times(up0, Math.cos(roll)), times(left, Math.sin(roll)));
  return { left: cross(up, ahead), up, ahead };
}

export const distance = (a: Vec3, b: Vec3): number => Math.sqrt(dot(sub(a, b), sub(a, b)));
