import { type Random, random } from './random.ts';
import { type AgeGroup, COLOURS, EXPRESSIONS, type FaceIdentity, type FaceLook, type Gender, HATS } from './types.ts';

/** Every number that shapes a face; each lies between -`WIDEST` and `WIDEST`, 0 is the mean face. */
export const SHAPE_NUMBERS = [
  'faceWidth',
  'templeWidth',
  'jawWidth',
  'chinWidth',
  'chinPoint',
  'chinLength',
  'cheekFullness',
  'foreheadHeight',
  'eyeDistance',
  'eyeSize',
  'eyeAspect',
  'eyeTilt',
  'eyeLid',
  'eyeDepth',
  'browHeight',
  'browThickness',
  'browArch',
  'browTilt',
  'browDistance',
  'browLength',
  'noseLength',
  'noseWidth',
  'noseBridge',
  'noseBump',
  'nostrilFlare',
  'noseTip',
  'mouthWidth',
  'upperLip',
  'lowerLip',
  'mouthCurve',
  'philtrum',
  'earSize',
  'earStick',
  'hairLine',
  'irisBrightness',
] as const;
export type ShapeName = (typeof SHAPE_NUMBERS)[number];

/** As far from the mean as a face can be drawn without its parts running into one another. */
const WIDEST = 1.4;

/** Numbers of cuts that hair.ts knows, by style. */
export const CUTS = { st_short: 10, long: 6, bald: 2 } as const;

/** Skin comes in this many steps only, so that many people share each of them. */
const SKIN_STEPS = 7;

/** Children are below 16 years, the old from 62 on. */
export function ageGroup(age: number): AgeGroup {
  if (age < 16) return 'st_child';
  return age >= 62 ? 'st_old' : 'st_adult';
}

/** Somebody new: the same seed gives the same person on every machine. */
export function makeIdentity(seed: number | string): FaceIdentity {
  const source = random(`identity/${seed}`);
  const gender: Gender = source.chance(0.5) ? 'female' : 'male';
  const age = makeAge(source.stream('age'));
  return {
    id: `id-${seed}`,
    gender,
    age,
    skin: source.int(0, SKIN_STEPS - 1) / (SKIN_STEPS - 1),
    hair: makeHair(source.stream('hair'), gender, age),
    shape: makeShape(source.stream('shape')),
    marks: makeMarks(source.stream('marks')),
  };
}

/**
 * Another person who looks much like this one: same gender, age, skin and hair, with a third of the shape numbers moved
 * by amounts that can be seen.
 */
export function lookAlike(identity: FaceIdentity, seed: number | string): FaceIdentity {
  const source = random(`look-alike/${identity.id}/${seed}`);
  const shape: Record<string, number> = { ...identity.shape };
  const names = [...SHAPE_NUMBERS];
  const count = source.int(11, 14);
  for (let n = 0; n < count; n += 1) {
    const [name] = names.splice(source.int(0, names.length - 1), 1);
    if (name === undefined) break;
    const old = shape[name] ?? 0;
    const step = source.between(1, 1.6);
    // Towards the side with more room, so that most of the step is left within the range.
    const up = old < -0.4 || (old <= 0.4 && source.chance(0.5));
    shape[name] = clamp(old + (up ? step : -step), -WIDEST, WIDEST);
  }
  return { ...identity, id: `${identity.id}~${seed}`, shape, marks: makeMarks(source.stream('marks')) };
}

/** Calm, open eyes, nothing worn. */
export function neutralLook(_identity: FaceIdentity): FaceLook {
  return { expression: 'st_calm', beard: false, glasses: 'none', eyesClosed: 0 };
}

/** A look as it occurs in training data: every value of every attribute has a fair share. */
export function randomLook(identity: FaceIdentity, source: Random): FaceLook {
  const look: FaceLook = {
    expression: source.chance(0.3) ? 'st_calm' : source.pick(EXPRESSIONS),
    beard: source.chance(0.4) && identity.gender === 'male' && identity.age >= 19,
    glasses: source.chance(0.6) ? 'none' : source.pick(['clear', 'clear', 'sunglasses'] as const),
    eyesClosed: source.chance(0.1) ? 1 : source.chance(0.1) ? source.between(0.2, 0.6) : 0,
  };
  if (source.chance(0.3)) {
    look.mask = {
      worn: source.pick(['full', 'full', 'nose', 'mouth'] as const),
      colour: source.pick(['black', 'white', 'white', 'gray', 'blue', 'blue'] as const),
    };
  }
  if (source.chance(0.36)) look.hat = { style: source.pick(HATS), colour: source.pick(COLOURS) };
  return look;
}

function makeAge(source: Random): number {
  const group = source.next();
  if (group < 0.16) return source.int(4, 15);
  return group < 0.8 ? source.int(16, 61) : source.int(62, 85);
}

function makeHair(source: Random, gender: Gender, age: number): FaceIdentity['hair'] {
  const style = makeStyle(source, gender, age);
  // Nobody dyes: white hair says that somebody is old, from afar and from behind.
  const white = ageGroup(age) === 'st_old' ? 0.92 : 0;
  const colour = source.chance(white) ? 'white' : source.chance(0.36) ? 'yellow' : 'black';
  return { style, colour, cut: source.int(0, CUTS[style] - 1) };
}

function makeStyle(source: Random, gender: Gender, age: number): FaceIdentity['hair']['style'] {
  const draw = source.next();
  if (gender === 'female') return draw < 0.84 ? 'long' : 'st_short';
  const bald = age < 25 ? 0 : 0.08 + 0.16 * Math.min(1, (age - 25) / 45);
  if (draw < bald) return 'bald';
  return draw > 0.95 ? 'long' : 'st_short';
}

/**
 * Each number anywhere in its range, all places as likely. Real faces crowd around the mean; with so few numbers as these
 * people would not be told apart by what a mask, a hat or a hand leaves of them.
 */
function makeShape(source: Random): Record<string, number> {
  const shape: Record<string, number> = {};
  for (const name of SHAPE_NUMBERS) shape[name] = source.between(-WIDEST, WIDEST);
  return shape;
}

function makeMarks(source: Random): FaceIdentity['marks'] {
  const marks: FaceIdentity['marks'][number][] = [];
  const side = (): number => (source.chance(0.5) ? 1 : -1);
  const moles = source.chance(0.35) ? source.int(1, 2) : 0;
  for (let n = 0; n < moles; n += 1) {
    marks.push({
      kind: 'mole',
      x: side() * source.between(0.12, 0.5),
      y: source.between(-0.8, -0.2),
      size: source.between(0.016, 0.03),
    });
  }
  if (source.chance(0.14)) marks.push({ kind: 'freckles', x: 0, y: -0.24, size: source.between(0.5, 1) });
  if (source.chance(0.08)) {
    marks.push({ kind: 'scar', x: side() * source.between(0.3, 0.5), y: source.between(-0.6, 0.3), size: 0.14 });
  }
  return marks;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
