import sharp from 'sharp';
import type { Detection } from '../../core/vision/keys.ts';
import type { Point, RgbPicture } from '../../models/adapters/index.ts';
import { everydayLook } from '../../models/training/data/faces.ts';
import { ANY, type Conditions, drawInWorld, RECOGNISABLE } from '../../models/training/data/portrait.ts';
import { makeIdentity } from '../../models/training/render/identity.ts';
import { type Random, random } from '../../models/training/render/random.ts';
import type { FaceIdentity, FaceLook } from '../../models/training/render/types.ts';
import { badgePicture } from '../../models/training/scenes/badges.ts';

/** People of the demo for benchmarks, and pictures of them. The same in every run. */

/** Somebody's face in a picture, and where it truly is: eyes, nose, corners of the mouth. */
export interface Probe {
  picture: RgbPicture;
  landmarks: Point[];
}

/** Of what a camera sees. */
const FRAME = { width: 640, height: 480 };

/** Person number so and so; none of a training set or of the demo's scenes. */
export function personOf(number: number): FaceIdentity {
  return makeIdentity(`bench/${number}`);
}

/** For a badge: with the beard and the glasses that are his own, and nothing that hides a face. */
export function enrolmentOf(person: FaceIdentity): { jpeg: Buffer; landmarks: Point[] } {
  const { beard, glasses } = everydayLook(person, random(`bench/${person.id}/badge`));
  const look: FaceLook = {
    expression: 'st_calm',
    beard,
    glasses: glasses === 'clear' ? 'clear' : 'none',
    eyesClosed: 0,
  };
  return badgePicture(person, look);
}

/** As a camera sees him on some day, alone or amid others, under conditions in which he can still be recognised. */
export function probeOf(person: FaceIdentity, number: number): Probe {
  return seenBy(person, `bench/${person.id}/${number}`, (source) => everydayLook(person, source), RECOGNISABLE);
}

/** A moment of one presence: dressed as at all others of it, near or far, turned, blurred or in the dark. */
export function momentOf(person: FaceIdentity, number: number): Probe {
  const look = everydayLook(person, random(`bench/${person.id}/presence`));
  return seenBy(person, `bench/${person.id}/presence/${number}`, () => look, ANY);
}

function seenBy(person: FaceIdentity, seed: string, lookOf: (source: Random) => FaceLook, within: Conditions): Probe {
  const source = random(seed);
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const stream = source.stream(`attempt ${attempt}`);
    const portrait = drawInWorld(person, lookOf(stream.stream('look')), stream, within, FRAME);
    if (portrait) return portrait;
  }
  throw new Error(`${person.id} could not be drawn in twenty attempts`);
}

/** In the mean of all points. */
export function distance(a: readonly Point[], b: readonly Point[]): number {
  return a.reduce((sum, [x, y], at) => sum + Math.hypot(x - (b[at]?.[0] ?? 0), y - (b[at]?.[1] ?? 0)), 0) / a.length;
}

/** The face of the one who is looked for; somebody behind him is another search. */
export function faceOf<Face extends Pick<Detection, 'box' | 'landmarks'>>(
  faces: readonly Face[],
  { landmarks }: Probe,
): Face | undefined {
  const [left, right] = landmarks as [Point, Point];
  const [x, y] = [0, 1].map((axis) => landmarks.reduce((sum, point) => sum + point[axis]!, 0) / landmarks.length) as [
    number,
    number,
  ];
  const holding = faces.filter(
    ({ box: [x1, y1, x2, y2], landmarks: found }) => found && x >= x1 && x < x2 && y >= y1 && y < y2,
  );
  const off = ({ landmarks: found = [] }: Face) => distance(found, landmarks);
  const nearest = holding.sort((a, b) => off(a) - off(b))[0];
  // Two heads may overlap: a face whose landmarks lie elsewhere is that of the other.
  return nearest && off(nearest) < 2 * Math.hypot(right[0] - left[0], right[1] - left[1]) ? nearest : undefined;
}

export async function decoded(jpeg: Uint8Array): Promise<RgbPicture> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}
