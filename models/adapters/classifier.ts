import type { HeadCard } from '../catalog.ts';
import { type CropModelOptions, openCropModel } from './crop-model.ts';
import { alignedFace, letterboxedBody, squareAround } from './crops.ts';
import { openAlignerOf } from './landmarks.ts';
import { type AdapterModel, onlyOutput } from './network.ts';
import type { Box, Classifier, Finding, Point, RgbPicture, Size } from './types.ts';

type Cropper = (picture: RgbPicture, box: Box, landmarks: readonly Point[] | undefined, size: Size) => RgbPicture;

/** How a subject is cut out, by the task of the model. */
const CROPPERS: Record<string, Cropper> = {
  'face-attributes': (picture, _box, landmarks, size) => {
    if (!landmarks) throw new Error('a face without landmarks cannot be described; its detector gives none');
    return alignedFace(picture, landmarks, size);
  },
  'body-attributes': (picture, box, _landmarks, size) => letterboxedBody(picture, box, size),
  liveness: (picture, box, _landmarks, size) => squareAround(picture, box, size),
};

/** Numbers of the output that a head takes. */
const widthOf = ({ values }: HeadCard) => values.length || 1;

/**
 * What a model's numbers say: for each head the value of the highest probability, with that, or a number. What is not
 * there, and what the model is not sure enough of, is left out.
 * @param output the heads' numbers one after another
 * @throws Error for an output with numbers that are not finite
 */
export function readHeads(heads: readonly HeadCard[], output: Float32Array): Finding[] {
  if (!output.every(Number.isFinite)) throw new Error('the model gave numbers that are not finite');
  const found: Finding[] = [];
  let from = 0;
  for (const head of heads) {
    const { name, values, scale = 1, omit, least = 0 } = head;
    const numbers = output.subarray(from, from + widthOf(head));
    from += numbers.length;
    if (values.length === 0) {
      // A whole number, written as the interface does: 26.000000
      found.push({ name, value: Math.max(0, Math.round(numbers[0]! * scale)).toFixed(6), score: 1 });
      continue;
    }
    let best = 0;
    for (let i = 1; i < numbers.length; i++) if (numbers[i]! > numbers[best]!) best = i;
    const value = values[best]!;
    const score = numbers[best]!;
    if (value !== omit && score >= least) found.push({ name, value, score });
  }
  return found;
}

/**
 * Opens a model that describes a subject: one crop in, for each head of its card the probabilities of its values out.
 * @throws Error when nothing here knows how to cut out subjects for its task.
 * @throws ModelFileError when the file is missing, damaged or takes another input than its card says.
 */
export async function openClassifier(model: AdapterModel, options: CropModelOptions = {}): Promise<Classifier> {
  const { heads } = model;
  if (!heads) throw new Error(`model ${model.id}: its card has no heads`);
  const crop = CROPPERS[model.task];
  if (!crop) throw new Error(`model ${model.id}: nothing is known of how subjects are cut out for ${model.task}`);
  const length = heads.reduce((sum, head) => sum + widthOf(head), 0);
  const opened = await openCropModel(model, options);
  const aligner = await openAlignerOf(model, options).catch(async (error) => {
    await opened.close();
    throw error;
  });
  return {
    modelId: model.id,
    timing: opened.timing,
    classify: async ({ picture, box, landmarks, alignedBy }) => {
      const exact = landmarks && (await aligner.align(picture, landmarks, alignedBy));
      return opened.run(
        () => crop(picture, box, exact?.landmarks, model.input).data,
        (outputs) => readHeads(heads, onlyOutput(outputs, length)),
      );
    },
    close: async () => {
      await aligner.close();
      await opened.close();
    },
  };
}
