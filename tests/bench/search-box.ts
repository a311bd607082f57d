import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { GalleryService } from '../../core/gallery/index-service.ts';
import type { FaceSource } from '../../core/plugin/face-services.ts';
import { type Random, random } from '../../models/training/render/random.ts';

/**
 * The box of `search.ts`: a whole one, whose index of known faces reads them from here instead of from the portrait
 * databases. On SIGUSR2 it waits until they are all in, then asks for the nearest face as the plugin `portraits` does
 * for every captured face, and prints one line `searches {"known": [ms], "strangers": [ms], "right", "failed"}`.
 *
 * It takes from the environment `BENCH_FACES`, `BENCH_SECONDS` and `BENCH_RATE` (searches a second).
 */

const MODEL = 'bench';
const DIMENSION = 128;
const LIBRARIES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const CLUSTERS = 1_000;
/** As `portraits` asks. */
const HITS = 4;
const DEADLINE_MS = 1_200;

const number = (name: string) => {
  const value = Number(process.env[name]);
  if (!(value > 0)) throw new Error(`${name} must be a number above 0`);
  return value;
};
const faces = number('BENCH_FACES');
const searches = Math.round(number('BENCH_SECONDS') * number('BENCH_RATE'));
const gapMs = 1000 / number('BENCH_RATE');

/** A vector of length 1 near another one of length 1: at a cosine of about 1 / sqrt(1 + spread²). */
function near(centre: Float32Array | undefined, spread: number, source: Random): Float32Array {
  const scale = spread / Math.sqrt(DIMENSION);
  const vector = Float32Array.from({ length: DIMENSION }, (_, at) => (centre?.[at] ?? 0) + scale * source.normal());
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
}

const centres = Array.from({ length: CLUSTERS }, (_, at) => near(undefined, 1, random(`centre/${at}`)));
/** Each face from a stream of its own, so that they can be read from anywhere and a second time. */
const vectorOf = (id: number) => near(centres[id % CLUSTERS], 0.7, random(`face/${id}`));

const known: FaceSource = {
  count: async () => faces,
  read: async (after, most) =>
    Array.from({ length: Math.max(0, Math.min(most, faces - after)) }, (_, at) => {
      const id = after + at + 1;
      return { id, library: LIBRARIES[id % LIBRARIES.length]!, model: MODEL, vector: vectorOf(id) };
    }),
};

let gallery: GalleryService | undefined;
const setSource = GalleryService.prototype.setSource;
GalleryService.prototype.setSource = function (this: GalleryService) {
  gallery = this;
  return setSource.call(this, known);
};

/** Asked for, and who it is where that is somebody known. */
interface Query {
  vector: Float32Array;
  id?: number;
}

/** Every second one is a stranger amid people who look alike: nobody stands out, which takes longest. */
function queryOf(at: number): Query {
  const source = random(`query/${at}`);
  if (at % 2 === 1) return { vector: near(centres[source.int(0, CLUSTERS - 1)], 0.7, source) };
  const id = source.int(1, faces);
  return { vector: near(vectorOf(id), 0.6, source), id };
}

async function search(index: GalleryService): Promise<object> {
  while (index.state().state !== 'ready') await sleep(100);
  if (index.state().faces !== faces) throw new Error(`the index has ${index.state().faces} of ${faces} faces`);
  const queries = Array.from({ length: searches }, (_, at) => queryOf(at));
  const told = { known: [] as number[], strangers: [] as number[], right: 0, failed: 0 };
  const ask = async ({ vector, id }: Query, due: number) => {
    try {
      const [hit] = await index.search({
        model: MODEL,
        vector,
        libraries: LIBRARIES,
        most: HITS,
        deadline: DEADLINE_MS,
      });
      // From the moment it was due: a search that is kept waiting must not hide the wait of those behind it.
      told[id === undefined ? 'strangers' : 'known'].push(Math.round((performance.now() - due) * 100) / 100);
      if (id !== undefined && hit?.id === id) told.right += 1;
    } catch {
      told.failed += 1;
    }
  };
  const began = performance.now();
  const asked: Promise<void>[] = [];
  for (const [at, query] of queries.entries()) {
    const due = began + at * gapMs;
    // One timer for each: between two of them the loop of the core is free.
    await sleep(Math.max(0, due - performance.now()));
    asked.push(ask(query, due));
  }
  await Promise.all(asked);
  return told;
}

process.on('SIGUSR2', () => {
  if (!gallery) throw new Error('nobody has given the index a source');
  search(gallery).then(
    (told) => process.stdout.write(`searches ${JSON.stringify(told)}\n`),
    (error: Error) => process.stdout.write(`searches-failed ${error.message}\n`),
  );
});

await import('../../core/main.ts');
