import type { Camera } from '../render/camera.ts';
import type { Actor, Box, ObjectTruth } from '../render/types.ts';

/** Where the parts of somebody lie in a picture, and what covers them. */

export interface Shown {
  camera: Camera;
  actor: Actor;
  /** All of the world. */
  actors: readonly Actor[];
  objects: readonly ObjectTruth[];
}

export const BODY_PARTS = ['head', 'coat', 'legs', 'feet'] as const;
export type Part = (typeof BODY_PARTS)[number];

/** From the crown down, in parts of what is upright. */
const PARTS: Readonly<Record<Part, readonly [top: number, bottom: number]>> = {
  head: [0, 0.14],
  coat: [0.17, 0.52],
  legs: [0.55, 0.93],
  feet: [0.94, 1],
};
const SEATED_PARTS: typeof PARTS = { head: [0, 0.2], coat: [0.22, 0.6], legs: [0.5, 0.9], feet: [0.92, 1] };

/** Part of somebody's height that lies in the picture, 0..1; 1 for those who lie. */
export function heightInFrame({ actor, camera, objects }: Shown): number {
  const whole = wholeBox(actor, camera, objects);
  if (!whole) return 1;
  const inside = Math.min(camera.setup.height, whole[3]) - Math.max(0, whole[1]);
  return Math.max(0, inside / Math.max(1, whole[3] - whole[1]));
}

/** Part of where it is that is outside the picture or behind somebody nearer: 0..1. */
export function covered(part: Part, { actor, actors, camera, objects }: Shown): number {
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
