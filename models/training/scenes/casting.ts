import type { CameraSetup } from '../render/camera.ts';
import { neutralLook } from '../render/identity.ts';
import { stride } from '../render/pose.ts';
import { type Random, random } from '../render/random.ts';
import type { Clothes, FaceIdentity, FaceLook, Person, Uniform } from '../render/types.ts';
import { makePerson, type Wishes } from '../render/wardrobe.ts';
import type { Spot } from './ground.ts';
import { type Route, trackOf } from './route.ts';
import type { Member } from './scene.ts';

/** What somebody wears beside what the wardrobe picks. */
export interface Dress {
  /** Common clothes if nothing is said. */
  uniform?: Uniform;
  look?: Partial<FaceLook>;
  clothes?: Partial<Clothes>;
}

/** Clothes of a building site, as its rules want them. */
export const SITE_CLOTHES: Partial<Clothes> = {
  coat: { style: 'jacket', colour: 'yellow', sleeves: 'long_sleeve', pattern: 'st_stripe' },
  lower: { kind: 'trousers', colour: 'blue', pattern: 'st_pure' },
  shoes: { style: 'boots', colour: 'black' },
  uniform: 'st_reflective_clothing',
  gloves: false,
};

/** Picks the cast of a scene: faces are given, clothes come from the seed, and nobody carries what a pose has no hand for. */
export class Casting {
  readonly members: Member[] = [];
  readonly #scene: string;
  readonly #seed: number;
  readonly #seconds: number;
  readonly #camera: CameraSetup;

  constructor(scene: string, seed: number, seconds: number, camera: CameraSetup) {
    this.#scene = scene;
    this.#seed = seed;
    this.#seconds = seconds;
    this.#camera = camera;
  }

  /** Throws a RangeError where the id is taken or the route cannot be walked in the time of the clip. */
  add(id: string, face: FaceIdentity, route: Route, dress: Dress = {}): Person {
    if (this.members.some((member) => member.id === id)) throw new RangeError(`two actors are called ${id}`);
    // One stream for each person: the clothes of one do not hang on who else plays.
    const source = random(`${this.#scene}/${this.#seed}/${face.id}`);
    const picked = makePerson(face, source, {
      uniform: dress.uniform ?? 'st_common_clothing',
      ...(dress.uniform ? {} : quiet(source.stream('quiet'))),
    });
    const { bag: _bag, umbrella: _umbrella, ...clothes } = picked.clothes;
    const busy = route.steps.some((step) => !('walk' in step) && step.pose !== undefined && step.pose !== 'stand');
    const person: Person = {
      ...picked,
      look: { ...everyday(face, source.stream('everyday')), ...dress.look },
      clothes: { ...(busy ? clothes : { ...picked.clothes, umbrella: undefined }), ...dress.clothes },
    };
    if (person.clothes.umbrella === undefined) delete person.clothes.umbrella;
    const walker = { stride: { walk: stride(person), run: stride(person, 'run') }, eyes: person.height * 0.93 };
    const track = trackOf(`${this.#scene}: ${id}`, route, walker, this.#camera.above, this.#seconds);
    this.members.push({ id, person, track });
    return person;
  }
}

/** Below the waist most people are dressed without colours that shout. */
function quiet(source: Random): Partial<Wishes> {
  if (source.chance(0.15)) return {};
  return {
    lower: { colour: source.pick(['black', 'blue', 'gray', 'blue', 'white']), pattern: 'st_pure' },
    shoes: { colour: source.pick(['black', 'gray', 'white', 'blue']) },
  };
}

/** As people look when they go about their business. */
function everyday(face: FaceIdentity, source: Random): FaceLook {
  return {
    ...neutralLook(face),
    expression: source.chance(0.25) ? 'st_happy' : 'st_calm',
    glasses: source.chance(0.25) ? 'clear' : 'none',
    beard: face.gender === 'male' && source.chance(0.3),
  };
}

/** Spots at a distance from the camera where somebody is just not to be seen any more, left and right. */
export function wings(camera: CameraSetup, z: number, margin = 0.75): { left: Spot; right: Spot } {
  const depth = z * Math.cos(camera.tilt) + camera.above * Math.sin(camera.tilt);
  const x = depth * Math.tan(camera.view / 2) + margin;
  return { left: [-x, z], right: [x, z] };
}
