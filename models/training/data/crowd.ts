import { Camera, type CameraSetup } from '../render/camera.ts';
import { makeIdentity } from '../render/identity.ts';
import type { Random } from '../render/random.ts';
import {
  type Actor,
  BAGS,
  type BodyStatus,
  COLOURS,
  type FaceIdentity,
  HATS,
  type PoseKind,
  type Thing,
  UNIFORMS,
  type Vec3,
} from '../render/types.ts';
import { makePerson, type Wishes } from '../render/wardrobe.ts';
import { logBetween, radians } from './conditions.ts';

/** People in all poses, alone, in groups and in fights, somewhere before a camera. */

/** Poses by what the truth calls them. */
export const POSES_OF: Readonly<Record<BodyStatus, readonly PoseKind[]>> = {
  normal: ['stand', 'stand', 'walk', 'walk', 'walk', 'run', 'sit', 'hold'],
  phone: ['phone', 'call'],
  smoking: ['smoke'],
  dozing: ['doze'],
  fallen: ['fall'],
  fighting: ['fight'],
};

/** How often each is seen by the detector. */
const USUAL: readonly BodyStatus[] = [
  ...Array<BodyStatus>(10).fill('normal'),
  'phone',
  'phone',
  'smoking',
  'dozing',
  'fallen',
];

/** Where in its cycle a pose may be caught: lying for `fall`, whose first half is still a person upright. */
export function randomPhase(random: Random, pose: PoseKind): number {
  return pose === 'fall' ? (random.chance(0.75) ? 1 : random.between(0.75, 1)) : random.next();
}

/** The renderer draws some of its own numbers from names, so no two things of a dataset may share one. */
export function uniqueName(random: Random, name: string): string {
  return `${name}-${random.int(0, 2 ** 31 - 1)}`;
}

/**
 * Wishes that bring what is rare in life often enough to be learnt: umbrellas, gloves, bare arms, shorts, uniforms. Those
 * in uniform keep the uniform's colours.
 */
export function evenWishes(face: FaceIdentity, random: Random): Partial<Wishes> {
  const umbrella = random.chance(0.16) ? { colour: random.pick([...COLOURS, 'transparent'] as const) } : undefined;
  const gloves = random.chance(0.2);
  const bag = random.chance(0.55) ? { type: random.pick(BAGS), colour: random.pick(COLOURS) } : undefined;
  const carried = { gloves, ...(bag?.type === 'trolley' ? { bag } : { bag, umbrella }) };
  if (face.age >= 16 && random.chance(0.5)) return { ...carried, uniform: random.pick(UNIFORMS.slice(1)) };
  const bare = random.chance(0.12);
  return {
    ...carried,
    uniform: 'st_common_clothing',
    hat: random.chance(0.45) ? { style: random.pick(HATS), colour: random.pick(COLOURS) } : undefined,
    coat: { colour: random.pick(COLOURS), ...(bare ? { style: 't_shirt', sleeves: 'st_bareback' } : {}) },
    lower: { colour: random.pick(COLOURS), ...(random.chance(0.15) ? { kind: 'shorts' } : {}) },
    shoes: { colour: random.pick(COLOURS) },
  };
}

/**
 * Somebody never seen before; heads mostly follow the body. The actor's id begins with `name`.
 * @param wishes what to wear; default: as people do.
 */
export function randomActor(
  random: Random,
  name: string,
  pose: PoseKind,
  position: Vec3,
  heading: number,
  wishes?: (face: FaceIdentity, random: Random) => Partial<Wishes>,
): Actor {
  const id = uniqueName(random, name);
  const face = makeIdentity(id);
  const person = makePerson(face, random.stream('person'), wishes?.(face, random.stream('wishes')));
  const looksAround = random.chance(0.5);
  return {
    id,
    person,
    position,
    heading,
    pose,
    phase: randomPhase(random, pose),
    headYaw: looksAround ? Math.max(-1.2, Math.min(1.2, random.normal() * 0.45)) : random.normal() * 0.08,
    headPitch: looksAround ? Math.max(-0.6, Math.min(0.5, random.normal() * 0.22)) : random.normal() * 0.05,
  };
}

/** Headings of people before a camera: half of them come towards it. */
export function randomHeading(random: Random): number {
  return random.chance(0.5) ? random.normal() * 0.6 : random.between(-Math.PI, Math.PI);
}

/**
 * A place on the ground `near` to `far` metres away where somebody would be seen, at least in part: the feet may lie below
 * the picture and the sides may be cut.
 */
export function seenPlace(random: Random, setup: CameraSetup, near: number, far: number): Vec3 {
  const camera = new Camera(setup);
  const { width, height } = setup;
  // Somebody whose feet lie half a picture below its edge still shows the head.
  const nearest = Math.max(near, camera.ground(width / 2, height * 1.5)?.z ?? near);
  const farthest = Math.min(far, camera.ground(width / 2, height * 0.12)?.z ?? far);
  const z = logBetween(random, Math.min(nearest, farthest * 0.8), farthest);
  const reach = width / 2 / camera.project({ x: 0, y: 1, z }).scale;
  return { x: random.between(-1.03, 1.03) * reach, y: 0, z };
}

/** Two people who hit each other, about an arm's length apart. */
export function fighters(random: Random, id: string, centre: Vec3): [Actor, Actor] {
  const axis = random.between(-Math.PI, Math.PI);
  const half = random.between(0.28, 0.5);
  const side = (name: string, sign: number): Actor => {
    const position = { x: centre.x + sign * half * Math.sin(axis), y: 0, z: centre.z - sign * half * Math.cos(axis) };
    // Heading h looks along (sin h, -cos h); each looks at where the other stands.
    const heading = sign > 0 ? axis + Math.PI : axis;
    return randomActor(random.stream(name), `${id}${name}`, 'fight', position, heading + random.normal() * 0.2);
  };
  return [side('a', 1), side('b', -1)];
}

/** People who stand so close that they hide one another. */
function group(random: Random, id: string, centre: Vec3, size: number): Actor[] {
  const facing = randomHeading(random);
  return Array.from({ length: size }, (_, n) => {
    const position = {
      x: centre.x + random.normal() * 0.55,
      y: 0,
      z: Math.max(0.8, centre.z + random.normal() * 0.6),
    };
    const pose = random.pick(POSES_OF[random.pick(USUAL)]);
    return randomActor(random.stream(`${n}`), `${id}.${n}`, pose, position, facing + random.normal() * 0.7);
  });
}

/** Nobody to nine people before a camera. */
export function randomCrowd(random: Random, camera: CameraSetup, most = 9): Actor[] {
  const wanted = Math.min(most, random.chance(0.06) ? 0 : 1 + Math.floor(random.next() ** 1.7 * most));
  const actors: Actor[] = [];
  for (let n = 0; actors.length < wanted; n += 1) {
    const stream = random.stream(`person ${n}`);
    const left = wanted - actors.length;
    // Some very near, so that the picture cuts them.
    const place = seenPlace(stream, camera, stream.chance(0.2) ? 0.7 : 2, stream.chance(0.5) ? 9 : 22);
    if (left > 1 && stream.chance(0.1)) actors.push(...fighters(stream, `p${n}`, place));
    else if (left > 2 && stream.chance(0.2))
      actors.push(...group(stream, `p${n}`, place, stream.int(2, Math.min(5, left))));
    else {
      const pose = stream.pick(POSES_OF[stream.pick(USUAL)]);
      actors.push(randomActor(stream, `p${n}`, pose, place, randomHeading(stream)));
    }
  }
  return actors;
}

/** A photo or a screen with a face that somebody holds up. */
export function randomPicture(random: Random, name: string, heldBy: string): Thing & { kind: 'picture' } {
  const id = uniqueName(random, name);
  const person = makePerson(makeIdentity(id), random.stream('shown'));
  return {
    kind: 'picture',
    id,
    on: random.chance(0.5) ? 'paper' : 'screen',
    heldBy,
    shows: person.face,
    look: person.look,
    width: logBetween(random, 0.09, 0.45),
    yaw: random.normal() * 0.25,
    roll: random.normal() * radians(9),
  };
}
