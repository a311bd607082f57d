import type { Box } from '../../adapters/types.ts';
import type { CameraSetup } from '../render/camera.ts';
import type { Random } from '../render/random.ts';
import type { Light, Place, Vec3, Wear, World } from '../render/types.ts';
import { PLACES } from '../render/types.ts';

/** Evenly between in the logarithm: as many from 20 to 40 as from 100 to 200. */
export function logBetween(random: Random, from: number, to: number): number {
  return Math.exp(random.between(Math.log(from), Math.log(to)));
}

export const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Mostly day and lamps, at times dusk, of any colour and from any side. */
export function randomLight(random: Random): Light {
  return {
    level: random.chance(0.2) ? random.between(0.35, 0.75) : random.between(0.75, 1.12),
    warmth: Math.max(-1, Math.min(1, random.normal() * 0.4)),
    from: random.between(-Math.PI, Math.PI),
    hardness: random.next(),
  };
}

/**
 * The trainings add blur, noise and blocks of their own, so half of the pictures are nearly clean.
 *
 * @param sharp pixels of the picture for each pixel that remains of it: a picture that is scaled down afterwards bears
 * more blur and noise than one that is taken as it is.
 */
export function randomWear(random: Random, sharp = 1): Wear {
  return {
    noise: random.chance(0.4) ? 0 : Math.abs(random.normal()) * 3.5 * Math.sqrt(sharp),
    blur: random.chance(0.6) ? 0 : Math.min(1.2, Math.abs(random.normal()) * 0.5) * sharp,
    vignette: random.chance(0.5) ? 0 : random.between(0, 0.5),
    ...(random.chance(0.15) ? { jpeg: random.int(35, 92) } : {}),
  };
}

const NAMED_PLACES = PLACES.filter((place) => place !== 'any');

export function randomPlace(random: Random): World['place'] {
  const kind: Place = random.chance(0.6) ? 'any' : random.pick(NAMED_PLACES);
  return { kind, seed: random.int(0, 2 ** 31 - 1) };
}

/** Where, by what light and with what camera a dataset's world is seen; each from a stream of its own. */
export function randomConditions(random: Random): Pick<World, 'place' | 'light' | 'wear'> {
  return {
    place: randomPlace(random.stream('place')),
    light: randomLight(random.stream('light')),
    wear: randomWear(random.stream('wear')),
  };
}

/** A box as a detector would give it: each side moved by an error of `deviation` parts of the breadth or height. */
export function jittered(box: Box, random: Random, deviation: number): Box {
  const [wide, high] = [box[2] - box[0], box[3] - box[1]];
  return box.map((value, n) => value + random.normal() * deviation * (n % 2 ? high : wide)) as Box;
}

/** What a camera must show: a target that is `pixels` high for `metres`, in the middle of the picture or beside it. */
export interface Shot {
  target: Vec3;
  metres: number;
  pixels: number;
  width: number;
  height: number;
  /** Of the camera, metres. */
  above: number;
  /** Pixels that the target lies below the middle. */
  below?: number;
}

/** A camera that sees a target at a wanted size, as if cut out of a larger picture. */
export function aim({ target, metres, pixels, width, height, above, below = 0 }: Shot): CameraSetup {
  const focal = (pixels / metres) * Math.hypot(target.z, above - target.y);
  const tilt = Math.atan2(above - target.y, target.z) - Math.atan2(below, focal);
  return { width, height, above, tilt, view: 2 * Math.atan(width / 2 / focal) };
}
