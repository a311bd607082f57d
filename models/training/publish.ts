import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { openSession } from '../../drivers/inference/session.ts';
import { type HeadCard, type ModelCard, parseDemoCatalog } from '../catalog.ts';
import { DEMO_FOLDER, sha256Of } from '../store.ts';
import { NONE } from './data/heads.ts';
import { type Sureness, surenessOf } from './sureness.ts';

/**
 * Takes trained models into the box:
 *
 *     node --import tsx models/training/publish.ts --from <folder of the trainings> --sets <folder of the datasets>
 *
 * Models of attributes only say what they are sure of: how sure is found on their held-out pictures in `--sets`. Copies
 * every model found there to `models/demo`, with its card and the measured time of one inference, and writes their
 * entries of `models/demo/catalog.json`; entries of other models that can be made stay.
 */

const cardSchema = z.looseObject({
  id: z.string(),
  command: z.array(z.string()),
  input: z.looseObject({ shape: z.array(z.number()) }),
  parameters: z.int(),
  results: z.record(z.string(), z.unknown()),
  labels: z.array(z.string()).optional(),
  heads: z
    .array(z.looseObject({ name: z.string(), values: z.array(z.string()).optional(), scale: z.number().optional() }))
    .optional(),
  alphabet: z.union([z.string(), z.array(z.string())]).optional(),
});
type TrainingCard = z.output<typeof cardSchema>;

type Own = Pick<ModelCard, 'name' | 'description' | 'task' | 'adapter' | 'labels'> & Partial<ModelCard>;

/** A similarity of 80 is where one in ten thousand pairs of strangers would match; 60 where one in a hundred would. */
function similarityOf({ results }: TrainingCard): ModelCard['embedding'] {
  const row = z.object({ falseMatchRate: z.number(), cosine: z.number() });
  const table = z.array(row).parse(results['table']);
  const at = (rate: number): number => {
    const found = table.find(({ falseMatchRate }) => Math.abs(falseMatchRate / rate - 1) < 0.01);
    if (!found) throw new Error(`the card says nothing of a false match rate of ${rate}`);
    return Math.round(found.cosine * 1000) / 1000;
  };
  const [low, high] = [at(1e-2), at(1e-4)];
  const sure = Math.round((high + (1 - high) * 0.45) * 1000) / 1000;
  return {
    dimension: 128,
    similarity: [
      [0, 0],
      [low, 60],
      [high, 80],
      [sure, 95],
      [1, 100],
    ],
    basis: `Measured on rendered people the training never saw, look-alikes among them: one in a hundred pairs of strangers reaches a cosine of ${low} (60), one in ten thousand ${high} (80).`,
  };
}

/** Of an attribute that is only told when there is something, the value that says there is not. */
function headsOf(card: TrainingCard): HeadCard[] {
  return (card.heads ?? []).map(({ name, values = [], scale }) => ({
    name,
    values,
    ...(values.length === 0 && scale !== undefined ? { scale } : {}),
    ...(values.includes(NONE) ? { omit: NONE } : {}),
  }));
}

const SCENES_ONLY = 'Trained on rendered people of the demo site; for real cameras install a model of the catalogue.';

const MADE: Record<string, (card: TrainingCard) => Own> = {
  'demo-detector': ({ labels = [] }) => ({
    name: 'Demo detector',
    description: `Finds people, faces with landmarks, helmets, vehicles, plates, fire, smoke and extinguishers. ${SCENES_ONLY}`,
    task: 'person-detection',
    also: ['face-detection', 'vehicle-detection', 'plate-detection', 'object-detection'],
    adapter: 'yolox',
    labels,
    landmarks: true,
    alignedBy: 'demo-landmarks',
    input: { width: 448, height: 448, multipleOf: 32 },
  }),
  'demo-landmarks': () => ({
    name: 'Demo landmarks',
    description: `Finds eyes, nose and mouth of a face exactly, so that it can be compared. ${SCENES_ONLY}`,
    task: 'face-landmarks',
    adapter: 'landmarks',
    labels: ['face'],
  }),
  // New weights, new number: what is stored is described anew by the id of its model.
  'demo-faces-6': (card) => ({
    name: 'Demo face embedding',
    description: `Describes a face by 128 numbers for comparing. ${SCENES_ONLY}`,
    task: 'face-embedding',
    adapter: 'arcface',
    labels: ['face'],
    embedding: similarityOf(card),
    alignedBy: 'demo-landmarks',
  }),
  'demo-face-attributes': (card) => ({
    name: 'Demo face attributes',
    description: `Age, gender, expression, glasses, mask, beard and hat of a face. ${SCENES_ONLY}`,
    task: 'face-attributes',
    adapter: 'attributes',
    labels: ['face'],
    heads: headsOf(card),
    alignedBy: 'demo-landmarks',
  }),
  'demo-body-attributes': (card) => ({
    name: 'Demo body attributes',
    description: `Clothing, bags, hats and what somebody is doing. ${SCENES_ONLY}`,
    task: 'body-attributes',
    adapter: 'attributes',
    labels: ['person'],
    heads: headsOf(card),
  }),
  'demo-liveness': (card) => ({
    name: 'Demo liveness',
    description: `Tells a face from a picture of one on paper or on a screen. ${SCENES_ONLY}`,
    task: 'liveness',
    adapter: 'attributes',
    labels: ['face'],
    heads: headsOf(card),
  }),
  'demo-plates': ({ alphabet = [] }) => ({
    name: 'Demo plate reader',
    description: `Reads the letters and digits of a plate. ${SCENES_ONLY}`,
    task: 'plate-text',
    adapter: 'ctc',
    labels: [...alphabet],
  }),
};

function withSureness(head: HeadCard, found: ReadonlyMap<string, Sureness>): HeadCard {
  const sureness = found.get(head.name);
  return sureness ? { ...head, least: sureness.least } : head;
}

/** Median of single inferences on one thread, ms. */
async function timeOf(file: string, shape: number[]): Promise<number> {
  const session = await openSession(file, { threads: 1, inputShape: shape });
  const run = session.bind({ input: { data: new Float32Array(shape.reduce((a, b) => a * b)).fill(114), shape } });
  const times: number[] = [];
  for (let n = 0; n < 60; n += 1) {
    const began = performance.now();
    await run();
    times.push(performance.now() - began);
  }
  await session.close();
  return Math.round(times.sort((a, b) => a - b)[30]! * 100) / 100;
}

/** Folder of the held-out pictures of a model of attributes. */
const HELD_OUT: Record<string, string> = {
  'demo-face-attributes': 'face/val',
  'demo-body-attributes': 'body/val',
};

async function publish(from: string, sets: string, id: string): Promise<ModelCard | undefined> {
  let text: string;
  try {
    text = await readFile(join(from, `${id}.card.json`), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const card = cardSchema.parse(JSON.parse(text));
  const file = join(DEMO_FOLDER, `${id}.onnx`);
  await copyFile(join(from, `${id}.onnx`), file);
  const bytes = await readFile(file);
  const milliseconds = await timeOf(file, card.input.shape);
  const made = MADE[id]!(card);
  const heldOut = HELD_OUT[id];
  const sureness: Map<string, Sureness> =
    heldOut && made.heads ? await surenessOf(file, made.heads, join(sets, heldOut)) : new Map();
  const told = {
    ...card,
    millisecondsOnOneThread: milliseconds,
    ...(sureness.size > 0 ? { sureness: Object.fromEntries(sureness) } : {}),
  };
  await writeFile(join(DEMO_FOLDER, `${id}.card.json`), `${JSON.stringify(told, null, 1)}\n`);
  const [, , height = 0, width = 0] = card.input.shape;
  console.log(`${id}: ${bytes.length} bytes, ${milliseconds} ms`);
  return {
    id,
    also: [],
    input: { width, height },
    preprocess: {
      channels: 'RGB',
      mean: [0, 0, 0],
      std: [1, 1, 1],
      fit: id === 'demo-detector' ? 'letterbox' : 'stretch',
      fill: 114,
    },
    ...made,
    ...(sureness.size > 0 ? { heads: made.heads?.map((head) => withSureness(head, sureness)) } : {}),
    licence: 'Apache-2.0',
    size: bytes.length,
    sha256: await sha256Of(file),
    recommended: false,
    madeFor: 'demo',
  };
}

const { values } = parseArgs({ options: { from: { type: 'string' }, sets: { type: 'string' } } });
const { from, sets } = values;
if (!from || !sets) throw new Error('name the folders: --from <trainings> --sets <datasets>');
await mkdir(DEMO_FOLDER, { recursive: true });
const catalogFile = join(DEMO_FOLDER, 'catalog.json');
const before = await readFile(catalogFile, 'utf8').then(
  (text) => parseDemoCatalog(JSON.parse(text)),
  () => [],
);
const published: ModelCard[] = [];
// One after the other: their times are measured.
for (const id of Object.keys(MADE)) {
  const model = await publish(from, sets, id);
  if (model) published.push(model);
}
const kept = before.filter(({ id }) => id in MADE && !published.some((one) => one.id === id));
const entries = [...kept, ...published];
entries.sort((a, b) => Object.keys(MADE).indexOf(a.id) - Object.keys(MADE).indexOf(b.id));
const json = { models: entries };
parseDemoCatalog(json);
await writeFile(catalogFile, `${JSON.stringify(json, null, 2)}\n`);
