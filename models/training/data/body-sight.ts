import { handBusy } from '../render/bag.ts';
import { type Camera, wrap } from '../render/camera.ts';
import type { Actor, Box, ObjectTruth } from '../render/types.ts';
import { radians } from './conditions.ts';

/**
 * What of somebody's clothes and doings one picture shows. The rest is no truth to learn from: a model that has to guess
 * shoes behind a car learns to guess.
 *
 * - Shoes, lower clothing, coat and everything at the head: unknown where the picture's edge or people nearer to the camera
 *   cover more than half of where they are.
 * - Glasses and mask: unknown from behind, of a sleeper, and where the head is too small to tell.
 * - Hair: unknown under a beanie or a hard hat unless it is long; a bald head has no colour, and under a hat no style.
 * - Bags: unknown where a hand bag or a suitcase is put down.
 * - Gloves: unknown where the whole person is small.
 * - Orientation: unknown of those who lie.
 * - What is worn below a long coat that is shorter than the coat.
 * - Phoning and smoking: unknown where neither phone nor cigarette can be seen, from behind and from the side of the hand
 *   that holds nothing: there the own body hides what the hand does.
 */
export interface Sight {
  camera: Camera;
  actor: Actor;
  /** All of the world. */
  actors: readonly Actor[];
  objects: readonly ObjectTruth[];
}

type Values = Record<string, string | undefined>;
type Part = 'head' | 'coat' | 'legs' | 'feet';

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

/** From the crown down, in parts of what is upright. */
const PARTS: Readonly<Record<Part, readonly [top: number, bottom: number]>> = {
  head: [0, 0.14],
  coat: [0.17, 0.52],
  legs: [0.55, 0.93],
  feet: [0.94, 1],
};
const SEATED_PARTS: typeof PARTS = { head: [0, 0.2], coat: [0.22, 0.6], legs: [0.5, 0.9], feet: [0.92, 1] };

const MOST_COVERED = 0.5;
/** Pixels from chin to crown from which a mask, and glasses, can be told. */
const MASK_FROM = 8;
const GLASSES_FROM = 12;
/** Pixels of the whole person from which gloves can be told. */
const GLOVES_FROM = 100;
const BEHIND = radians(95);
/** From so far behind nobody sees what a hand does at the face or before the chest. */
const BACK = radians(125);
/** From the left of somebody, whose right hand holds the telephone to the ear. */
const LEFT = radians(25);

/** @param values attributes by name; those that cannot be seen are set to undefined. @returns the same object. */
export function hideUnseen(values: Values, sight: Sight): Values {
  const { actor, camera, objects } = sight;
  const forget = (...keys: readonly string[]): void => {
    for (const key of keys) values[key] = undefined;
  };
  const seen = camera.seen(actor.position, actor.heading);
  const headYaw = Math.abs(wrap(seen.yaw + actor.headYaw));
  const here = camera.project({ ...actor.position, y: actor.person.height * 0.9 });
  const headPixels = 0.23 * here.scale;

  for (const part of ['head', 'coat', 'legs', 'feet'] as const) {
    if (covered(part, sight) > MOST_COVERED) forget(...KEYS[part]);
  }
  if (headYaw > BEHIND || actor.pose === 'doze' || headPixels < MASK_FROM) forget('st_respirator', 'respirator_color');
  if (headYaw > BEHIND || actor.pose === 'doze' || headPixels < GLASSES_FROM) forget('glasses_style_type');
  if (actor.person.height * here.scale < GLOVES_FROM) forget('st_glove');
  if (values['status'] === 'fallen') forget('st_pedestrian_angle');

  const { hair } = actor.person.face;
  const hat = actor.person.look.hat?.style;
  if (hair.style === 'bald') forget('hair_color');
  if (hat && hair.style === 'bald') forget('hair_style');
  if ((hat === 'bonnet' || hat === 'st_hard_hat') && hair.style !== 'long') forget('hair_style', 'hair_color');

  // What no hand holds stands beside, mostly outside the crop.
  const bag = actor.person.clothes.bag?.type;
  if ((bag === 'hand_bag' || bag === 'trolley') && !handBusy(actor).includes(bag))
    forget('st_bag', 'bag_type', 'bag_color');

  if (values['coat_style'] === 'long_coat' && values['pants_length_type'] !== 'trousers') forget(...KEYS.legs);

  const thing =
    actor.pose === 'smoke' ? 'cigarette' : actor.pose === 'phone' || actor.pose === 'call' ? 'phone' : undefined;
  if (thing) {
    const shown = objects.find(({ kind, of }) => kind === thing && of === actor.id);
    // The truth does not count what hides its own holder.
    const hiddenByHolder = Math.abs(seen.yaw) > BACK || (actor.pose === 'call' && fromLeft(actor) > Math.sin(LEFT));
    if (!shown || shown.visible < 0.25 || hiddenByHolder) forget('status', 'st_status_type');
  }
  return values;
}

/** How far the camera looks from somebody's left: 1 from the left, 0 from before or behind, -1 from the right. */
function fromLeft({ position: { x, z }, heading, headYaw }: Actor): number {
  const looks = heading + headYaw;
  return (-Math.cos(looks) * x - Math.sin(looks) * z) / Math.max(1e-6, Math.hypot(x, z));
}

/** Part of somebody's height that lies in the picture, 0..1; 1 for those who lie. */
export function heightInFrame({ actor, camera, objects }: Sight): number {
  const whole = wholeBox(actor, camera, objects);
  if (!whole) return 1;
  const inside = Math.min(camera.setup.height, whole[3]) - Math.max(0, whole[1]);
  return Math.max(0, inside / Math.max(1, whole[3] - whole[1]));
}

/** Part of where it is that is outside the picture or behind somebody nearer: 0..1. */
function covered(part: Part, { actor, actors, camera, objects }: Sight): number {
  const whole = wholeBox(actor, camera, objects);
  if (!whole) return 0;
  const upright = actor.pose !== 'sit' && actor.pose !== 'doze';
  const [from, to] = (upright ? PARTS : SEATED_PARTS)[part];
  const high = whole[3] - whole[1];
  const area: Box = [whole[0], whole[1] + high * from, whole[2], whole[1] + high * to];
  const { width, height } = camera.setup;
  let most = 1 - overlap(area, [0, 0, width, height]);
  for (const other of actors) {
    if (other.id === actor.id || other.position.z >= actor.position.z) continue;
    const box = objects.find(({ kind, of }) => kind === 'person' && of === other.id)?.box;
    if (box) most = Math.max(most, overlap(area, box));
  }
  return most;
}

/** The box of somebody with what is outside the picture; undefined for those who lie, whose parts lie anywhere. */
function wholeBox(actor: Actor, camera: Camera, objects: readonly ObjectTruth[]): Box | undefined {
  const seen = objects.find(({ kind, of }) => kind === 'person' && of === actor.id)?.box;
  if (!seen || actor.pose === 'fall') return undefined;
  const { height } = camera.setup;
  const foot = camera.project(actor.position);
  const seated = actor.pose === 'sit' || actor.pose === 'doze';
  const crown = camera.project({ ...actor.position, y: actor.person.height * (seated ? 0.75 : 1) });
  // The truth is cut at the picture's edges; only there the drawn body goes on to where it must end.
  const top = seen[1] > 0.5 ? seen[1] : Math.min(seen[1], crown.y);
  const bottom = seen[3] < height - 0.5 ? seen[3] : Math.max(seen[3], foot.y);
  return [seen[0], top, seen[2], bottom];
}

/** Part of the first box that lies in the second. */
function overlap(box: Box, other: Box): number {
  const wide = Math.min(box[2], other[2]) - Math.max(box[0], other[0]);
  const high = Math.min(box[3], other[3]) - Math.max(box[1], other[1]);
  const area = (box[2] - box[0]) * (box[3] - box[1]);
  return wide > 0 && high > 0 && area > 0 ? (wide * high) / area : 0;
}
