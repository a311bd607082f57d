import { type CropModelOptions, openCropModel } from './crop-model.ts';
import { stretched } from './crops.ts';
import { type AdapterModel, onlyOutput } from './network.ts';
import type { TextReader, TextReading } from './types.ts';

/**
 * Greedy reading of a model trained with CTC: at each step the most probable character; one that stands at several steps
 * in a row counts once, and the blank, which comes last, separates two of the same.
 * @param output steps x (characters + 1) probabilities
 * @returns the text, and the probability of its least sure character; 1 for no text
 */
export function readCtc(alphabet: readonly string[], output: Float32Array): TextReading {
  const width = alphabet.length + 1;
  const blank = alphabet.length;
  let text = '';
  let score = 1;
  let before = blank;
  /** Of the character that is being read: the step where it is surest counts. */
  let surest = 1;
  for (let from = 0; from + width <= output.length; from += width) {
    let best = 0;
    for (let i = 1; i < width; i++) if (output[from + i]! > output[from + best]!) best = i;
    const probability = output[from + best]!;
    if (best === before) {
      surest = Math.max(surest, probability);
      continue;
    }
    if (before !== blank) score = Math.min(score, surest);
    if (best !== blank) text += alphabet[best];
    before = best;
    surest = probability;
  }
  if (before !== blank) score = Math.min(score, surest);
  return { text, score };
}

/**
 * Opens a model that reads the text of a number plate from a picture of the plate.
 * @throws ModelFileError when the file is missing, damaged or takes another input than its card says.
 */
export async function openTextReader(model: AdapterModel, options: CropModelOptions = {}): Promise<TextReader> {
  const width = model.labels.length + 1;
  const opened = await openCropModel(model, options);
  return {
    modelId: model.id,
    timing: opened.timing,
    read: (picture) =>
      opened.run(
        () => stretched(picture, model.input).data,
        (outputs) => {
          const steps = Math.floor(([...outputs.values()][0]?.length ?? 0) / width);
          return readCtc(model.labels, onlyOutput(outputs, steps * width));
        },
      ),
    close: opened.close,
  };
}
