import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';

/** Everything a model can be asked to do. Stages ask for a task, never for a certain model. */
export const TASKS = [
  'person-detection',
  'vehicle-detection',
  'object-detection',
  'face-detection',
  'face-landmarks',
  'face-embedding',
  'face-attributes',
  'body-attributes',
  'liveness',
  'head-pose',
  'plate-detection',
  'plate-colour',
  'plate-text',
] as const;

const perChannel = z.tuple([z.number(), z.number(), z.number()]);

const preprocessSchema = z.strictObject({
  /** Order of the three planes. */
  channels: z.enum(['RGB', 'BGR']),
  /** The model sees (byte - mean) / std; both are given for red, green and blue, whatever the order of the planes. */
  mean: perChannel,
  std: perChannel.refine((std) => std.every((value) => value > 0), 'std must be above 0'),
  /** `letterbox` keeps the picture's shape and puts it at the top left, `stretch` fills the whole input. */
  fit: z.enum(['letterbox', 'stretch']),
  /** The byte that fills what a letterboxed picture leaves free. */
  fill: z.int().min(0).max(255),
});

const embeddingSchema = z.strictObject({
  dimension: z.int().positive(),
  /** Points of the scale from cosine to similarity 0..100, straight lines between; both columns grow. */
  similarity: z
    .array(z.tuple([z.number().min(-1).max(1), z.number().min(0).max(100)]))
    .min(2)
    .refine(
      (points) => points.every((point, i) => i === 0 || (point[0] > points[i - 1]![0] && point[1] > points[i - 1]![1])),
      'cosine and similarity must grow from point to point',
    )
    .refine((points) => points[0]![1] === 0 && points.at(-1)![1] === 100, 'the scale must reach from 0 to 100'),
  /** Where the points come from. */
  basis: z.string().min(1),
});

const headSchema = z
  .strictObject({
    /** Of the attribute, in the interface's words: `gender_code`. */
    name: z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/),
    /** What it can be, in the order of the outputs; none: the output is a number, told as a whole one from 0 on. */
    values: z.array(z.string().min(1).max(100)),
    /** What to multiply the number with. */
    scale: z.number().positive().optional(),
    /** The value that says "not there"; the attribute is left out then. */
    omit: z.string().optional(),
    /** Below this probability of the best value nothing is said. */
    least: z.number().min(0).max(1).optional(),
    /**
     * For each value the labels of the card that speak for it; none for the one value that holds where no other does. A
     * head without this takes the next outputs, one for each of its values.
     */
    from: z.array(z.array(z.string().min(1))).optional(),
  })
  .refine(({ values }) => values.length !== 1, 'a head needs two values to choose from, or none for a number')
  .refine(({ values }) => new Set(values).size === values.length, 'a value stands there twice')
  .refine(({ values, omit }) => omit === undefined || values.includes(omit), '`omit` must be one of the values')
  .refine(({ values, scale }) => scale === undefined || values.length === 0, '`scale` is for numbers')
  .refine(({ values, least }) => least === undefined || values.length > 0, '`least` is for values')
  .refine(
    ({ values, from }) => !from || (values.length > 0 && from.length === values.length),
    '`from` needs labels for each value',
  )
  .refine(({ from = [] }) => from.filter(({ length }) => length === 0).length <= 1, 'only one value can be the rest')
  .refine(({ from = [] }) => new Set(from.flat()).size === from.flat().length, 'a label speaks for two values');

/** Which part of the frame a model looks at. */
const cropSchema = z.strictObject({
  /** How many times larger than the subject's box, around its centre. */
  times: z.number().min(1).max(8),
  /** As the box is, or a square of its longer side; either fills the whole input. */
  shape: z.enum(['box', 'square']),
  /** Beyond the frame is the `fill` of the card, or the part is moved, and made smaller, until it lies inside. */
  beyond: z.enum(['fill', 'move']),
});

/** What the numbers are that a model of attributes gives. Without this: the heads' probabilities. */
const answersSchema = z.strictObject({
  /** Logits are made probabilities: by softmax where one answer is right, by the logistic function for each label. */
  as: z.enum(['probabilities', 'logits']),
  /** `one`: of the outputs of a head, or of all labels, exactly one is right; `each`: every label is by itself. */
  right: z.enum(['one', 'each']),
});

const entrySchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,62}$/),
    name: z.string().min(1),
    description: z.string().min(1),
    /** What it is chosen for. */
    task: z.enum(TASKS),
    /** What else its answers serve: a detector of everyday objects also finds people. */
    also: z.array(z.enum(TASKS)).default([]),
    /** The code that feeds the model and reads its answers; null: it can be installed, but nothing here runs it yet. */
    adapter: z.enum(['yunet', 'yolox', 'ultralight', 'arcface', 'attributes', 'landmarks', 'fsanet', 'ctc']).nullable(),
    input: z.strictObject({
      width: z.int().min(1).max(4096),
      height: z.int().min(1).max(4096),
      /** A fully convolutional model runs at any multiple of this many pixels as well. */
      multipleOf: z.int().positive().optional(),
    }),
    preprocess: preprocessSchema.optional(),
    /** Names of the classes, in the model's order; the alphabet of a model that reads text. */
    labels: z.array(z.string().min(1)).min(1),
    /** A YOLOX model that gives five landmarks with each box. */
    landmarks: z.literal(true).optional(),
    embedding: embeddingSchema.optional(),
    /**
     * Id of the model that finds landmarks anew, those of detectors being rough: of a detector, for all that comes after
     * it; of a model that looks at faces, before it does.
     */
    alignedBy: z.string().optional(),
    /** What a model of attributes says, in the order of its outputs. */
    heads: z
      .array(headSchema)
      .min(1)
      .refine((heads) => new Set(heads.map(({ name }) => name)).size === heads.length, 'a head stands there twice')
      .optional(),
    /** How a subject is cut out; without this as the models of its task that come with the box were trained. */
    crop: cropSchema.optional(),
    answers: answersSchema.optional(),
    /** Ids of models of the same labels whose probabilities are averaged with its own, where they are installed. */
    averagedWith: z.array(z.string()).min(1).max(4).optional(),
    /** SPDX name of the licence the file is published under. */
    licence: z.string().min(1),
    /** Where it is downloaded from; the models of the demo come with the box. */
    url: z.url({ protocol: /^https$/ }).optional(),
    /** Bytes. */
    size: z.int().positive(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    /** Part of the set that a new box installs. */
    recommended: z.boolean(),
    /** Trained on the rendered scenes of the demo site: right for those, a makeshift for a real camera. */
    madeFor: z.literal('demo').optional(),
  })
  .refine((entry) => entry.adapter === null || entry.preprocess, 'a model with an adapter needs `preprocess`')
  .refine((entry) => entry.adapter !== 'arcface' || entry.embedding, 'an embedding model needs `embedding`')
  .refine((entry) => entry.adapter !== 'attributes' || entry.heads, 'a model of attributes needs `heads`')
  .refine(
    ({ adapter, crop, answers, averagedWith }) => adapter === 'attributes' || !(crop ?? answers ?? averagedWith),
    '`crop`, `answers` and `averagedWith` are for models of attributes',
  )
  .refine(
    ({ heads = [], labels }) => !heads.some(({ from }) => from) || new Set(labels).size === labels.length,
    'a label stands there twice',
  )
  .refine(({ heads = [] }) => {
    const byLabels = heads.filter(({ from }) => from).length;
    return byLabels === 0 || byLabels === heads.length;
  }, 'either all heads have `from` or none')
  .refine(
    ({ heads = [], labels }) => heads.every(({ from = [] }) => from.flat().every((label) => labels.includes(label))),
    '`from` must name labels of the card',
  )
  .refine(
    ({ heads = [], answers }) => answers?.right !== 'each' || heads.every(({ from }) => from),
    'heads of labels that are right each by itself need `from`',
  )
  .refine(
    (entry) => !entry.landmarks || (entry.adapter === 'yolox' && entry.labels.includes('face')),
    '`landmarks` is for YOLOX models that find faces',
  );

const catalogSchema = z
  .strictObject({ models: z.array(entrySchema) })
  .refine(({ models }) => new Set(models.map((m) => m.id)).size === models.length, 'an id stands there twice')
  .refine(({ models }) => new Set(models.map((m) => m.sha256)).size === models.length, 'a file stands there twice')
  .refine(
    ({ models }) =>
      models.every(
        ({ alignedBy }) => !alignedBy || models.some(({ id, adapter }) => id === alignedBy && adapter === 'landmarks'),
      ),
    '`alignedBy` must name a model of landmarks of this catalogue',
  )
  .refine(
    ({ models }) =>
      models.every(({ id, task, labels, averagedWith = [] }) =>
        averagedWith.every((other) =>
          models.some((one) => one.id === other && other !== id && one.task === task && same(one.labels, labels)),
        ),
      ),
    '`averagedWith` must name other models of the same task and labels',
  );

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

export type Task = (typeof TASKS)[number];
export type Preprocess = z.infer<typeof preprocessSchema>;
export type EmbeddingCard = z.infer<typeof embeddingSchema>;
export type HeadCard = z.infer<typeof headSchema>;
export type CropCard = z.infer<typeof cropSchema>;
export type AnswersCard = z.infer<typeof answersSchema>;
/** One model: what it does, how it is fed and how to recognise its file. */
export type ModelCard = z.infer<typeof entrySchema>;
/** A model that can be installed: its card, and where it comes from. */
export type CatalogEntry = ModelCard & { url: string };

/**
 * Checks a catalogue.
 * @throws Error that names the first fields that are wrong.
 */
export function parseCatalog(json: unknown): CatalogEntry[] {
  return cardsOf(json).map((card) => {
    const { url } = card;
    if (card.madeFor) throw new Error(`the model catalogue is wrong: ${card.id} is made for the demo`);
    if (url === undefined) throw new Error(`the model catalogue is wrong: ${card.id} has no url`);
    return { ...card, url };
  });
}

/**
 * Checks the catalogue of the models that come with the box.
 * @throws Error that names the first fields that are wrong.
 */
export function parseDemoCatalog(json: unknown): ModelCard[] {
  const cards = cardsOf(json);
  for (const { id, madeFor, url } of cards) {
    if (madeFor !== 'demo')
      throw new Error(`the model catalogue is wrong: ${id} does not say that it is made for the demo`);
    if (url !== undefined) throw new Error(`the model catalogue is wrong: ${id} has a url, but comes with the box`);
    if (catalog().some((entry) => entry.id === id))
      throw new Error(`the model catalogue is wrong: ${id} stands in both`);
  }
  return cards;
}

function cardsOf(json: unknown): ModelCard[] {
  const parsed = catalogSchema.safeParse(json);
  if (parsed.success) return parsed.data.models;
  throw new Error(`the model catalogue is wrong:\n${z.prettifyError(parsed.error)}`);
}

let own: CatalogEntry[] | undefined;

/** The models of `catalog.json`, read once. */
export function catalog(): CatalogEntry[] {
  const file = resolve(import.meta.dirname, 'catalog.json');
  own ??= parseCatalog(JSON.parse(readFileSync(file, 'utf8')));
  return own;
}

/** True when the model is for the task, be it its first or a further one. */
export function serves(model: Pick<ModelCard, 'task' | 'also'>, task: string): boolean {
  return model.task === task || model.also.some((other) => other === task);
}

/**
 * Turns the cosine of two embeddings of one model into a similarity.
 * @param cosine -1..1; beyond the card's points it counts as the nearest one.
 * @returns 0..100, growing with the cosine; fractions are kept.
 */
export function similarity(card: Pick<EmbeddingCard, 'similarity'>, cosine: number): number {
  const points = card.similarity;
  const above = points.findIndex(([at]) => at >= cosine);
  if (above === 0 || Number.isNaN(cosine)) return 0;
  if (above < 0) return 100;
  const [c1, s1] = points[above - 1]!;
  const [c2, s2] = points[above]!;
  return s1 + ((cosine - c1) / (c2 - c1)) * (s2 - s1);
}
