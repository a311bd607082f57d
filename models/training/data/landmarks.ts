import { apply, similarityTransform } from '../../adapters/align.ts';
import { faceAt } from '../../adapters/crops.ts';
import { landmarkPlaces } from '../../adapters/landmarks.ts';
import type { Point } from '../../adapters/types.ts';
import { makeIdentity, randomLook } from '../render/identity.ts';
import { random } from '../render/random.ts';
import { type Dataset, type DatasetSettings, writeDataset, writeNumbers } from './dataset.ts';
import { everydayLook } from './faces.ts';
import { isCommand, readOptions } from './options.ts';
import { ANY, drawPortrait, type Portrait, RECOGNISABLE } from './portrait.ts';

/** Faces with a wide rim, 112 x 112, and where their landmarks are: the training cuts crops out of them, off by as much as a detector errs. */

export const LANDMARK_PICTURE = 112;
/** Side of the crop the model sees, cut out of the middle of a picture when the detector is right. */
export const LANDMARK_CROP = 80;

function portraitOf(name: string): Portrait {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const source = random(`${name}/${attempt}`);
    const identity = makeIdentity(name);
    const everyday = source.chance(0.6);
    const look = (everyday ? everydayLook : randomLook)(identity, source.stream('look'));
    const portrait = drawPortrait(identity, look, source, everyday ? RECOGNISABLE : ANY);
    if (portrait) return portrait;
  }
  throw new Error(`${name} could not be drawn in twenty attempts`);
}

export const dataset: Dataset<DatasetSettings, number[]> = {
  module: import.meta.url,
  open({ seed }) {
    const size = { width: LANDMARK_PICTURE, height: LANDMARK_PICTURE };
    const rim = (LANDMARK_PICTURE - LANDMARK_CROP) / 2;
    const places = landmarkPlaces(LANDMARK_CROP).map(([x, y]): Point => [x + rim, y + rim]);
    return {
      ...size,
      draw(index) {
        const { picture, landmarks } = portraitOf(`landmarks/${seed}/${index}`);
        const upright = similarityTransform(landmarks, places);
        const pixels = faceAt(picture, landmarks, places, size).data;
        return { pixels: Uint8Array.from(pixels), row: landmarks.flatMap((point) => apply(upright, point)) };
      },
    };
  },
  finish(folder, rows) {
    writeNumbers(folder, 'points.f32', Float32Array.from(rows.flat()));
    return { crop: LANDMARK_CROP };
  },
};

if (isCommand(import.meta.url)) {
  const { options } = readOptions(process.argv.slice(2));
  await writeDataset(dataset, { seed: options.seed, count: options.count }, options);
}
