import { type AnswerCard, answerLength, averageOf, probabilitiesOf, readAnswers } from './answers.ts';
import { type CropModelOptions, openCropModel } from './crop-model.ts';
import { alignedFace, croppedAs, letterboxedBody, squareAround } from './crops.ts';
import { openAlignerOf } from './landmarks.ts';
import { type AdapterModel, onlyOutput, preprocessOf } from './network.ts';
import type { Classifier, RgbPicture, Size, SubjectView, Timing } from './types.ts';

type Cropper = (subject: SubjectView, size: Size) => RgbPicture;

/** How a subject is cut out, by the task of the model, where its card does not say. */
const CROPPERS: Record<string, Cropper> = {
  'face-attributes': ({ picture, landmarks }, size) => {
    if (!landmarks) throw new Error('a face without landmarks cannot be described; its detector gives none');
    return alignedFace(picture, landmarks, size);
  },
  'body-attributes': ({ picture, box }, size) => letterboxedBody(picture, box, size),
  liveness: ({ picture, box }, size) => squareAround(picture, box, size),
};

/** One model, and what it makes of a subject. */
interface Opinion {
  readonly timing: Readonly<Timing>;
  probabilities(subject: SubjectView): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Opens a model that describes a subject: one crop in, what its card says of its outputs out. Where the card is averaged
 * with others that are there, these are asked as well.
 * @throws Error when nothing here knows how to cut out subjects for its task.
 * @throws ModelFileError when the file is missing, damaged or takes another input than its card says.
 */
export async function openClassifier(model: AdapterModel, options: CropModelOptions = {}): Promise<Classifier> {
  const card = answerCard(model);
  const opinions: Opinion[] = [];
  const close = async () => {
    for (const one of opinions) await one.close();
  };
  try {
    for (const one of [model, ...(model.others ?? [])]) {
      if (answerLength(answerCard(one)) !== answerLength(card))
        throw new Error(`models ${model.id} and ${one.id} do not answer the same: they cannot be averaged`);
      opinions.push(await openOpinion(one, options));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const sum = (part: keyof Timing) => opinions.reduce((ms, { timing }) => ms + timing[part], 0);
  return {
    modelId: model.id,
    timing: {
      get convert() {
        return sum('convert');
      },
      get run() {
        return sum('run');
      },
      get decode() {
        return sum('decode');
      },
    },
    classify: async (subject) => {
      const all: Float32Array[] = [];
      for (const one of opinions) all.push(await one.probabilities(subject));
      return readAnswers(card, averageOf(all));
    },
    close,
  };
}

async function openOpinion(model: AdapterModel, options: CropModelOptions): Promise<Opinion> {
  const card = answerCard(model);
  const crop = cropperOf(model);
  const length = answerLength(card);
  const opened = await openCropModel(model, options);
  const aligner = await openAlignerOf(model, options).catch(async (error) => {
    await opened.close();
    throw error;
  });
  return {
    timing: opened.timing,
    probabilities: async (subject) => {
      const { picture, landmarks, alignedBy } = subject;
      const exact = landmarks && (await aligner.align(picture, landmarks, alignedBy));
      const view = exact ? { ...subject, landmarks: exact.landmarks } : subject;
      return opened.run(
        () => crop(view, model.input).data,
        (outputs) => probabilitiesOf(card, onlyOutput(outputs, length)),
      );
    },
    close: async () => {
      await aligner.close();
      await opened.close();
    },
  };
}

function answerCard({ id, heads, labels, answers }: AdapterModel): AnswerCard {
  if (!heads) throw new Error(`model ${id}: its card has no heads`);
  return { heads, labels, answers };
}

function cropperOf(model: AdapterModel): Cropper {
  const { id, task, crop } = model;
  if (crop) {
    const { fill } = preprocessOf(model);
    return (subject, size) => croppedAs(crop, subject, size, fill);
  }
  const usual = CROPPERS[task];
  if (!usual) throw new Error(`model ${id}: nothing is known of how subjects are cut out for ${task}`);
  return usual;
}
