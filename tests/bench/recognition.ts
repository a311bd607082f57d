import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import sharp from 'sharp';
import { ContractError } from '../../core/gateway/errors.ts';
import { ImageService } from '../../core/images/service.ts';
import type { EmbeddingModel } from '../../core/plugin/face-services.ts';
import { createFaceEmbedder, type FaceEmbedder, type Point } from '../../models/adapters/index.ts';
import { usableModels } from '../../models/install.ts';
import { DEMO_FOLDER } from '../../models/store.ts';
import { embeddingOf, onlyFace } from '../../plugins/portraits/examination.ts';
import { median, round, table, verdict } from './kit.ts';
import { cosine, falseNegatives, falsePositives, type Searched, spearman, thresholdFor } from './open-set.ts';
import { decoded, distance, enrolmentOf, faceOf, type Probe, personOf, probeOf } from './people.ts';

/**
 * How well people of the demo are recognised: some are enrolled with one calm picture from the front, others never; of
 * all of them pictures are taken as cameras see them, and looked for among the enrolled, compared with every one. No
 * training has seen these people.
 *
 *     npm run bench:recognition -- [--enrolled 300] [--strangers 300] [--probes 3] [--first 0]
 *         [--models <folder with catalog.json>]
 *
 * All pictures go through the image worker, as those of users do, and are enrolled or refused by its rules: detector,
 * quality, embedding. A second time the same pictures are described by the true landmarks, which says what the detector
 * costs. `--models` takes the demo's models from another folder than `models/demo`, to judge them before they are used.
 * `--first` is the number of the first person: what was chosen by looking at some is measured with others.
 *
 *     FPIR   part of the pictures of strangers for which somebody is told
 *     FNIR   part of the pictures of enrolled people for which nobody is told, or somebody else
 *     FNMR   part of the pictures of enrolled people that do not match their own, whoever else is there
 *
 * All are of pictures with a face that was found and described; those without are counted beside them. `with lost`
 * counts them, and people whose enrolment was refused, as not told. A rate of FPIR that is less than one of the pictures
 * of strangers stands where none of them passes. Exits with 1 where quality says nothing of recognition.
 */

const RATES = [0.1, 0.01, 0.001];
/** The usual threshold of cameras. */
const USUAL = 80;
/** At which the quality of a picture is judged by who is told. */
const JUDGED_AT = 0.01;
const QUALITIES = [0, 20, 40, 60, 80];
const LEAST_CORRELATION = 0.4;
/** Parts of the pictures, the worst by quality first, that are refused. */
const REFUSED = [0, 0.1, 0.2, 0.3];
/** What a useful quality leaves of the errors then. */
const MOST_LEFT = 0.75;
/** Pictures on their way at once: one is examined while the next is drawn. */
const AT_ONCE = 2;

const { values } = parseArgs({
  options: {
    enrolled: { type: 'string', default: '300' },
    strangers: { type: 'string', default: '300' },
    probes: { type: 'string', default: '3' },
    first: { type: 'string', default: '0' },
    models: { type: 'string', default: DEMO_FOLDER },
  },
});
const counts = {
  enrolled: Number(values.enrolled),
  strangers: Number(values.strangers),
  probes: Number(values.probes),
};
for (const [name, count] of Object.entries(counts)) {
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`--${name} is a whole number above 0`);
}
const first = Number(values.first);
if (!Number.isSafeInteger(first) || first < 0) throw new Error('--first is a whole number');

/** One picture that was looked at: who it shows, and what was made of it. */
interface Seen {
  person: number;
  /** As the box found and described it; undefined where it did not. */
  found?: { vector: Float32Array; quality: number };
  /** Described by the true landmarks. */
  truly: Float32Array;
}

/** A search, and the quality of the picture it was made with. */
interface Judged {
  quality: number;
  search: Searched;
  /** Cosine with the own picture, both described by the true landmarks. */
  ownTruly: number;
}

/** Who is known, by number: as the box described them, and by the true landmarks. */
interface Galleries {
  found: Map<number, Float32Array>;
  truly: Map<number, Float32Array>;
  /** The code with which each of the others was refused. */
  refused: number[];
}

const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'));
const { models, faults } = await usableModels(folder, values.models);
for (const fault of faults) console.error(fault);
const service = new ImageService({
  models: { models, faults, onChange: () => () => {} },
  log: pino({ level: 'warn' }),
});

/** Does it for every number from 0 on, a few at a time; results in their order. */
async function each<T>(numbers: IterableIterator<number>, act: (number: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  const worker = async () => {
    for (const number of numbers) results[number] = await act(number);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

const errors: number[] = [];

/** Has a picture examined, and describes it by the true landmarks as well. */
async function look(person: number, probe: Probe, model: EmbeddingModel, embedder: FaceEmbedder): Promise<Seen> {
  const { picture, landmarks } = probe;
  const png = await sharp(picture.data, { raw: { width: picture.width, height: picture.height, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer();
  const { faces } = await service.examine(png, { embeddings: true });
  const face = faceOf(faces, probe);
  const vector = face?.embeddings.find((one) => one.model === model.id)?.vector;
  const truly = await embedder.embed(picture, landmarks);
  if (!face || !vector) return { person, truly };
  const [left, right] = landmarks as [Point, Point];
  errors.push(distance(face.landmarks, landmarks) / Math.hypot(right[0] - left[0], right[1] - left[1]));
  return { person, truly, found: { vector, quality: face.quality.score } };
}

/** Compares with everybody. */
function searched(vector: Float32Array, gallery: ReadonlyMap<number, Float32Array>, person: number): Searched {
  let best = -1;
  for (const known of gallery.values()) best = Math.max(best, cosine(vector, known));
  const own = gallery.get(person);
  return own ? { best, own: cosine(vector, own) } : { best };
}

const percent = (part: number) => (Number.isNaN(part) ? '–' : `${(part * 100).toFixed(1)} %`);

/** One row for each rate of false positives, and one for the usual threshold. */
function printRates(model: EmbeddingModel, enrolled: Searched[], strangers: Searched[], lost: number): void {
  const row = (name: string, threshold: number) => {
    const missed = falseNegatives(enrolled, threshold);
    const all = enrolled.length + lost;
    return [
      name,
      threshold.toFixed(3),
      Math.floor(model.similarity(threshold)),
      percent(falsePositives(strangers, threshold)),
      percent(missed),
      percent((missed * enrolled.length + lost) / all),
    ];
  };
  table(
    ['at', 'cosine', 'similarity', 'FPIR', 'FNIR', 'with lost'],
    [
      ...RATES.map((rate) => row(`FPIR ${rate * 100} %`, thresholdFor(strangers, rate))),
      row(`similarity ${USUAL}`, model.cosine(USUAL)),
    ],
  );
}

/** What quality says of pictures of enrolled people. */
function printQualities(seen: readonly Judged[], threshold: number): void {
  const searches = (some: readonly Judged[]) => some.map(({ search }) => search);
  const missed = (some: readonly Judged[]) => percent(falseNegatives(searches(some), threshold));
  table(
    ['quality', 'pictures', 'median cosine', 'FNIR', 'FNIR from there on', 'left out'],
    QUALITIES.map((from, at) => {
      const to = QUALITIES[at + 1] ?? 101;
      const inside = seen.filter(({ quality }) => quality >= from && quality < to);
      const better = seen.filter(({ quality }) => quality >= from);
      return [
        `${from} to ${Math.min(100, to)}`,
        inside.length,
        inside.length === 0 ? '–' : median(searches(inside).map(({ own = -1 }) => own)).toFixed(3),
        missed(inside),
        missed(better),
        percent(1 - better.length / seen.length),
      ];
    }),
  );
}

/** FNMR at the usual threshold where a part of the pictures is refused for its quality. @returns one number for each part */
function printRefusals(model: EmbeddingModel, seen: readonly Judged[]): number[] {
  const threshold = model.cosine(USUAL);
  // Of equal quality it is chance which go first: in the order of the pictures, which knows nothing of them.
  const worstFirst = [...seen].sort((a, b) => a.quality - b.quality);
  const rates = REFUSED.map((part) => {
    const kept = worstFirst.slice(Math.floor(worstFirst.length * part));
    return kept.filter(({ search: { own = -1 } }) => own <= threshold).length / kept.length;
  });
  table(
    ['worst refused', 'FNMR'],
    REFUSED.map((part, at) => [percent(part), percent(rates[at] ?? Number.NaN)]),
  );
  return rates;
}

/** Enrols by the rules of the box. @returns its code where it refuses */
async function enrol(jpeg: Uint8Array, model: EmbeddingModel): Promise<Float32Array | number> {
  try {
    const { embeddings } = onlyFace(await service.examine(jpeg, { embeddings: true }), 'low');
    return embeddingOf({ embeddings }, model).vector;
  } catch (error) {
    if (error instanceof ContractError) return error.code;
    throw error;
  }
}

async function measure(): Promise<void> {
  service.start();
  const model = service.models().find(({ madeFor }) => madeFor === 'demo');
  const card = models.find(({ id }) => id === model?.id);
  if (!model || !card) throw new Error(`no model in ${values.models} describes faces of the demo`);
  const embedder = await createFaceEmbedder(card, { threads: 1 });

  const galleries: Galleries = { found: new Map(), truly: new Map(), refused: [] };
  await each(Array.from({ length: counts.enrolled }).keys(), async (person) => {
    const { jpeg, landmarks } = enrolmentOf(personOf(first + person));
    galleries.truly.set(person, await embedder.embed(await decoded(jpeg), landmarks));
    const vector = await enrol(jpeg, model);
    if (typeof vector === 'number') galleries.refused.push(vector);
    else galleries.found.set(person, vector);
  });

  const pictures = (counts.enrolled + counts.strangers) * counts.probes;
  const seen = await each(Array.from({ length: pictures }).keys(), (at) => {
    const person = Math.floor(at / counts.probes);
    return look(person, probeOf(personOf(first + person), at % counts.probes), model, embedder);
  });
  await embedder.close();
  report(model, galleries, seen);
}

function report(model: EmbeddingModel, galleries: Galleries, seen: readonly Seen[]): void {
  const mates = seen.filter(({ person }) => person < counts.enrolled);
  const others = seen.filter(({ person }) => person >= counts.enrolled);
  const { found: known, refused } = galleries;
  const reasons = [...new Set(refused)].map((code) => `; ${refused.filter((one) => one === code).length} with ${code}`);
  console.log(`${model.id}; ${known.size} of ${counts.enrolled} enrolled${reasons.join('')}`);
  const notFound = (some: readonly Seen[]) => `${some.filter(({ found }) => !found).length} of ${some.length}`;
  console.log(`no face found or described: ${notFound(mates)} pictures of theirs, ${notFound(others)} of strangers`);
  console.log(`landmarks off by ${round(median(errors))} distances of the eyes in the median`);

  const foundOf = (some: readonly Seen[]): Judged[] =>
    some.flatMap(({ person, found, truly }) => {
      if (!found) return [];
      const { own: ownTruly = -1 } = searched(truly, galleries.truly, person);
      return [{ quality: found.quality, search: searched(found.vector, galleries.found, person), ownTruly }];
    });
  const judged = foundOf(mates.filter(({ person }) => galleries.found.has(person)));
  const strangers = foundOf(others).map(({ search }) => search);
  console.log('\nas the box finds them');
  const searches = judged.map(({ search }) => search);
  printRates(model, searches, strangers, mates.length - searches.length);

  console.log(`\nby the quality of the picture, at an FPIR of ${JUDGED_AT * 100} %`);
  printQualities(judged, thresholdFor(strangers, JUDGED_AT));

  console.log(`\nerror versus reject, at a similarity of ${USUAL}`);
  const refusals = printRefusals(model, judged);

  console.log('\nby the true landmarks');
  const truly = (some: readonly Seen[]) => some.map((one) => searched(one.truly, galleries.truly, one.person));
  printRates(model, truly(mates), truly(others), 0);

  const qualities = judged.map(({ quality }) => quality);
  const cosines = judged.map(({ search }) => search.own ?? -1);
  const ofTruth = spearman(
    qualities,
    judged.map(({ ownTruly }) => ownTruly),
  );
  console.log(`quality and the cosine with the own picture by the true landmarks (Spearman): ${round(ofTruth)}\n`);
  verdict([
    {
      what: 'quality and the cosine with the own picture as the box finds them (Spearman)',
      value: spearman(qualities, cosines),
      atLeast: LEAST_CORRELATION,
    },
    {
      what: `FNMR where the worst ${percent(REFUSED.at(-1)!)} are refused, in parts of that where none is`,
      value: refusals.at(-1)! / refusals[0]!,
      atMost: MOST_LEFT,
    },
  ]);
}

try {
  await measure();
} finally {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
}
