import { wrap } from '../render/camera.ts';
import type { Actor, CoatStyle } from '../render/types.ts';
import type { Area } from './body-area.ts';
import { BODY_PARTS, covered, heightInFrame, type Part, type Shown } from './body-parts.ts';
import { hiddenThings, outlinePixels } from './body-things.ts';
import { radians } from './conditions.ts';

/**
 * What of somebody's clothes and doings one picture shows. The rest is no truth to learn from: a model that has to guess
 * shoes behind a car learns to guess.
 *
 * - Who is a woman: where neither the hair tells it as mostly it does, nor enough of the body's outline.
 * - Age: unknown of those whom the picture cuts, unless their hair is seen to be white.
 * - The colour of what has two.
 * - Whatever is worn or carried: unknown where too few pixels of the crop show it, whatever hides it (`body-things.ts`). Nothing worn
 *   there is known where it would be seen.
 * - Shoes, lower clothing, coat and everything at the head: unknown where the picture's edge or people nearer to the camera
 *   cover more than half of where they are.
 * - Glasses and mask: unknown from behind and of a sleeper.
 * - Hair: unknown under a beanie or a hard hat unless it is long; bound hair where the tail cannot be seen; a bald head has no
 *   colour, and under a hat no style.
 * - The cut of what is buttoned, zipped or pulled over: unknown from behind, and behind what somebody holds before it.
 * - Orientation: unknown of those who lie, and within some degrees of where one ends and the next begins.
 * - Of those who lie all but colours and whether something is there at all: folded and foreshortened, shapes say little.
 * - What is worn below a long coat that is shorter than the coat.
 * - Phoning and smoking: unknown where neither phone nor cigarette can be seen, from behind and from the side of the hand
 *   that holds nothing: there the own body hides what the hand does.
 */
export interface Sight extends Shown {
  /** Of the crop that is judged. */
  area: Area;
  /** Whether pixels of the area are counted; else it takes a third of the time, and what few pixels show is held for seen. */
  measured: boolean;
}

type Values = Record<string, string | undefined>;

/** Somebody from where the camera stands, and what is still held for seen of them. */
interface View extends Sight {
  values: Values;
  /** Radians: 0 where the body faces the camera, to either side of it. */
  yaw: number;
  faceHidden: boolean;
}

/** Names the attributes that the picture does not show. */
type Rule = (view: View) => readonly string[];

const KEYS: Readonly<Record<Part, readonly string[]>> = {
  head: [
    'st_hat',
    'cap_style',
    'cap_color',
    'hair_style',
    'hair_color',
    'glasses_style_type',
    'st_respirator',
    'respirator_color',
  ],
  coat: ['coat_length', 'st_coat_pattern', 'coat_style', 'coat_color', 'st_uniform', 'st_bag', 'bag_type', 'bag_color'],
  legs: ['pants_length_type', 'trousers_color', 'st_trousers_pattern'],
  feet: ['shoes_style', 'shoes_color'],
};

const MOST_COVERED = 0.5;
const BEHIND = radians(95);
/** From so far behind nobody sees what a hand does at the face or before the chest. */
const BACK = radians(125);
/** From the left of somebody, whose right hand holds the telephone to the ear. */
const LEFT = radians(25);
/** From so far behind a shirt looks like a sweater. */
const FRONT_HIDDEN = radians(105);
/** To both sides of where the front ends and the side begins, and of where that ends. */
const BETWEEN = radians(6);
const TURNS = [radians(50), radians(130)];
const FRONT_TELLS: readonly CoatStyle[] = ['jacket', 't_shirt', 'sweater', 'shirt', 'business_suit'];
/** What is not a colour, and not whether something is there at all. */
const SHAPES: readonly string[] = [
  'gender_code',
  'st_age',
  'coat_length',
  'coat_style',
  'st_coat_pattern',
  'pants_length_type',
  'st_trousers_pattern',
  'cap_style',
  'hair_style',
  'bag_type',
  'shoes_style',
];
/** Pixels of the crop that differ between the body of a man and of a woman. */
const LEAST_OUTLINE = 220;
/** Part of somebody's height from which their proportions are seen. */
const WHOLE = 0.85;
/** Pixels of the crop that a telephone and a cigarette must be long. */
const LEAST_LENGTH = { phone: 4, cigarette: 3 } as const;

const coveredParts: Rule = (view) =>
  BODY_PARTS.filter((part) => covered(part, view) > MOST_COVERED).flatMap((part) => KEYS[part]);

const smallThings: Rule = ({ actor, area, measured, faceHidden }) =>
  measured ? hiddenThings(actor, area, faceHidden) : [];

const hiddenFace: Rule = ({ faceHidden }) =>
  faceHidden ? ['st_respirator', 'respirator_color', 'glasses_style_type'] : [];

const orientation: Rule = ({ actor, yaw }) =>
  actor.pose === 'fall' || TURNS.some((turn) => Math.abs(yaw - turn) < BETWEEN) ? ['st_pedestrian_angle'] : [];

const foldedShapes: Rule = ({ actor }) => (actor.pose === 'fall' ? SHAPES : []);

const cutOfTheFront: Rule = ({ actor, yaw, values }) => {
  const toldByFront = FRONT_TELLS.some((style) => style === values['coat_style']);
  return toldByFront && (yaw > FRONT_HIDDEN || actor.pose === 'hold') ? ['coat_style'] : [];
};

const twoColours: Rule = ({ actor }) => {
  const { coat, lower } = actor.person.clothes;
  return [
    ...(coat.pattern === 'st_joint' ? ['coat_color'] : []),
    ...(lower.pattern === 'st_joint' ? ['trousers_color'] : []),
  ];
};

/** A vest, a bib or an apron leaves only the sleeves of what is worn below. */
const underVest: Rule = ({ actor, values }) =>
  values['coat_style'] === 'coat_style_type_other' && actor.person.clothes.coat.sleeves !== 'long_sleeve'
    ? ['coat_color', 'st_coat_pattern']
    : [];

const ageOfWhoIsCut: Rule = (view) => {
  const white = view.values['hair_color'] !== undefined && view.actor.person.face.hair.colour === 'white';
  return heightInFrame(view) < WHOLE && !white ? ['st_age'] : [];
};

const gender: Rule = ({ actor, area, measured, values }) => {
  const { gender, hair } = actor.person.face;
  const usual = gender === 'female' ? 'long' : 'st_short';
  const toldByHair = values['hair_style'] !== undefined && hair.style === usual;
  return toldByHair || !measured || outlinePixels(actor, area) >= LEAST_OUTLINE ? [] : ['gender_code'];
};

const hair: Rule = ({ actor }) => {
  const hat = actor.person.look.hat?.style;
  const { style } = actor.person.face.hair;
  const under = (hat === 'bonnet' || hat === 'st_hard_hat') && style !== 'long';
  const bald = style === 'bald';
  return [...(bald || under ? ['hair_color'] : []), ...((bald && hat) || under ? ['hair_style'] : [])];
};

const underLongCoat: Rule = ({ values }) =>
  values['coat_style'] === 'long_coat' && values['pants_length_type'] !== 'trousers' ? KEYS.legs : [];

const status: Rule = ({ actor, area, objects, yaw }) => {
  const thing =
    actor.pose === 'smoke' ? 'cigarette' : actor.pose === 'phone' || actor.pose === 'call' ? 'phone' : undefined;
  if (!thing) return [];
  const shown = objects.find(({ kind, of }) => kind === thing && of === actor.id);
  // The truth does not count what hides its own holder.
  const hiddenByHolder = yaw > BACK || (actor.pose === 'call' && fromLeft(actor) > Math.sin(LEFT));
  const length = shown ? Math.max(shown.box[2] - shown.box[0], shown.box[3] - shown.box[1]) * area.scale : 0;
  const told = shown && shown.visible >= 0.25 && !hiddenByHolder && length >= LEAST_LENGTH[thing];
  return told ? [] : ['status', 'st_status_type'];
};

/** In an order in which each finds what it builds on: age and gender, for one, on whether the hair is seen. */
const RULES: readonly Rule[] = [
  coveredParts,
  smallThings,
  hiddenFace,
  orientation,
  cutOfTheFront,
  twoColours,
  underVest,
  hair,
  ageOfWhoIsCut,
  gender,
  underLongCoat,
  foldedShapes,
  status,
];

/** @param values attributes by name; those that cannot be seen are set to undefined. @returns the same object. */
export function hideUnseen(values: Values, sight: Sight): Values {
  const { actor, camera } = sight;
  const seen = camera.seen(actor.position, actor.heading);
  const faceHidden = Math.abs(wrap(seen.yaw + actor.headYaw)) > BEHIND || actor.pose === 'doze';
  const view: View = { ...sight, values, yaw: Math.abs(seen.yaw), faceHidden };
  for (const rule of RULES) for (const key of rule(view)) values[key] = undefined;
  return values;
}

/** How far the camera looks from somebody's left: 1 from the left, 0 from before or behind, -1 from the right. */
function fromLeft({ position: { x, z }, heading, headYaw }: Actor): number {
  const looks = heading + headYaw;
  return (-Math.cos(looks) * x - Math.sin(looks) * z) / Math.max(1e-6, Math.hypot(x, z));
}
