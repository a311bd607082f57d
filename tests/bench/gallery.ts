import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import usearch from 'usearch';
import startWabt from 'wabt';
import { GalleryService } from '../../core/gallery/index-service.ts';
import type { IndexedFace } from '../../core/plugin/face-services.ts';
import { until } from '../kit/wait.ts';
import { interleave, median, medianRatio, memoryOf, round, table, verdict } from './kit.ts';

/**
 * The nearest of many known faces (512 numbers each), asked of the gallery's process as a plugin asks it, in turns with
 *
 *     reading   the time to read the float32 numbers of all of them once, by the bandwidth of the memory: 512 MiB are read
 *               by one thread and by all of them, three times in each round; the fastest pass of the faster way counts
 *     usearch   exact search of usearch over the same faces with all threads, which compares float32 numbers
 *
 *     npm run bench:gallery -- [faces ...]
 *
 * Half of the faces asked for are near a known one, at a cosine of some 0.6; the others are strangers, which take
 * longer, because nobody stands out. Known faces lie in all directions, or in a thousand clusters.
 *
 * Promised: the nearest is always that of comparing all numbers in doubles; 0.6 of reading, and 0.3 of usearch.
 */
const SIZES = process.argv.slice(2).map(Number);
const DIMENSION = 512;
const CLUSTERS = 1_000;
const ROUNDS = 24;
const WARM_UP = 20;
const MOST_OF_READING = 0.6;
const MOST_OF_USEARCH = 0.3;
const READ_BYTES = 512 * 1024 * 1024;
const READ_PASSES = 3;
const THREADS = availableParallelism();

/** Numbers about a normal distribution, the same in every run. */
class Noise {
  static readonly #values = Float32Array.from({ length: 65_536 }, (_, at) => {
    const share = (((at * 40_503) % 65_536) + 0.5) / 65_536;
    return Math.sqrt(-2 * Math.log(share)) * Math.cos((2 * Math.PI * (at + 0.5)) / 65_536);
  });
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  next(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return Noise.#values[this.#state & 0xffff]!;
  }

  /** Writes a face of length 1, near `centre` where there is one: at a cosine of 1 / sqrt(1 + spread²). */
  fill(face: Float32Array, centre?: Float32Array, spread = 1): Float32Array {
    // Of length 1 in the mean, as the centre is.
    const scale = spread / Math.sqrt(DIMENSION);
    let square = 0;
    for (let at = 0; at < DIMENSION; at += 1) {
      const number = (centre?.[at] ?? 0) + scale * this.next();
      face[at] = number;
      square += number * number;
    }
    const length = Math.sqrt(square);
    for (let at = 0; at < DIMENSION; at += 1) face[at] = face[at]! / length;
    return face;
  }
}

/** Reads memory as fast as a thread can. */
const READER = `(module
  (import "bench" "memory" (memory 1 65536 shared))
  (func (export "read") (param $at i32) (param $end i32) (result i32)
    (local $a v128) (local $b v128)
    (loop $lines
      (local.set $a (v128.or (local.get $a) (v128.or (v128.load (local.get $at)) (v128.load offset=32 (local.get $at)))))
      (local.set $b (v128.or (local.get $b) (v128.or (v128.load offset=16 (local.get $at)) (v128.load offset=48 (local.get $at)))))
      (br_if $lines (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 64))) (local.get $end))))
    (i32x4.extract_lane 0 (v128.or (local.get $a) (local.get $b)))))`;
const READER_THREAD = `
const { parentPort, workerData: { code, memory } } = require('node:worker_threads');
const { read } = new WebAssembly.Instance(code, { bench: { memory } }).exports;
parentPort.on('message', ({ at, end }) => parentPort.postMessage(read(at, end)));`;

/** The bandwidth of the memory. */
class Reading {
  readonly #threads: Worker[];

  constructor(code: WebAssembly.Module) {
    const memory = new WebAssembly.Memory({ initial: READ_BYTES / 65_536, maximum: 65_536, shared: true });
    // Pages nobody has written to are all the same one.
    new Uint8Array(memory.buffer).fill(7);
    this.#threads = Array.from(
      { length: THREADS },
      () => new Worker(READER_THREAD, { eval: true, execArgv: [], workerData: { code, memory } }),
    );
  }

  static async start(): Promise<Reading> {
    const wabt = await startWabt();
    const { buffer } = wabt.parseWat('reader.wat', READER, { simd: true, threads: true }).toBinary({});
    return new Reading(new WebAssembly.Module(new Uint8Array(buffer)));
  }

  /** Bytes per ms, by so many threads: of several passes the fastest, since others on the machine only take from it. */
  async bandwidth(threads: number): Promise<number> {
    let best = 0;
    for (let pass = 0; pass < READ_PASSES; pass += 1) best = Math.max(best, await this.#pass(threads));
    return best;
  }

  async #pass(threads: number): Promise<number> {
    const each = Math.floor(READ_BYTES / threads / 64) * 64;
    const began = performance.now();
    await Promise.all(
      this.#threads.slice(0, threads).map((thread, index) => {
        const read = new Promise((resolve) => thread.once('message', resolve));
        thread.postMessage({ at: index * each, end: (index + 1) * each });
        return read;
      }),
    );
    return (each * threads) / (performance.now() - began);
  }

  async end(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }
}

function nearest(faces: Float32Array, query: Float32Array): number {
  let [best, id] = [-2, 0];
  for (let face = 0; face < faces.length / DIMENSION; face += 1) {
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let at = 0, from = face * DIMENSION; at < DIMENSION; at += 4, from += 4) {
      a += faces[from]! * query[at]!;
      b += faces[from + 1]! * query[at + 1]!;
      c += faces[from + 2]! * query[at + 2]!;
      d += faces[from + 3]! * query[at + 3]!;
    }
    const cosine = a + b + (c + d);
    if (cosine > best) [best, id] = [cosine, face + 1];
  }
  return id;
}

/** Two of these, then two others: the sides of a round go forwards and backwards in turns, and each gets both. */
function isKnown(query: number): boolean {
  return query % 4 < 2;
}

interface Result {
  what: string;
  right: number;
  ofReading: number;
  ofUsearch: number;
}

async function measure(
  count: number,
  clustered: boolean,
  reading: Reading,
): Promise<{ result: Result; row: string[] }> {
  const what = `${count.toLocaleString('en')} ${clustered ? 'clustered' : 'random'}`;
  const noise = new Noise(count + (clustered ? 1 : 0));
  const faces = new Float32Array(count * DIMENSION);
  const one = (at: number) => faces.subarray(at * DIMENSION, (at + 1) * DIMENSION);
  const centres = Array.from({ length: CLUSTERS }, () => noise.fill(new Float32Array(DIMENSION)));
  for (let at = 0; at < count; at += 1) {
    if (clustered) noise.fill(one(at), centres[at % CLUSTERS], 0.7);
    else noise.fill(one(at));
  }
  const queries = Array.from({ length: ROUNDS + WARM_UP }, (_, at) => {
    const query = new Float32Array(DIMENSION);
    if (isKnown(at)) return noise.fill(query, one((at * 7_919) % count), 1.3);
    return noise.fill(query, clustered ? centres[(at * 31) % CLUSTERS] : undefined, 0.7);
  });
  const indexed = (id: number): IndexedFace => ({ id, library: 1, model: 'bench', vector: one(id - 1) });
  const gallery = new GalleryService({ log: pino({ level: 'warn' }), capacity: count, threads: THREADS });
  await gallery.start();
  try {
    const began = performance.now();
    gallery.setSource({
      count: async () => count,
      read: async (after, most) =>
        Array.from({ length: Math.min(most, count - after) }, (_, at) => indexed(after + at + 1)),
    });
    await until('the gallery to be ready', () => gallery.state().state === 'ready', 600_000);
    const loadMs = performance.now() - began;
    const { rss } = memoryOf(gallery.workers()[0]?.pid ?? 0);

    const found: number[] = [];
    const search = async (vector: Float32Array) => {
      const began = performance.now();
      const [hit] = await gallery.search({ model: 'bench', vector, libraries: [1], most: 1, deadline: 60_000 });
      const ms = performance.now() - began;
      found.push(hit?.id ?? 0);
      return ms;
    };
    for (const query of queries.slice(0, WARM_UP)) await search(query);
    let [ours, theirs] = [WARM_UP, WARM_UP];
    const times = await interleave(ROUNDS, {
      gallery: () => search(queries[ours++]!),
      usearch: () => {
        const began = performance.now();
        usearch.exactSearch(faces, queries[theirs++]!, DIMENSION, 1, usearch.MetricKind.IP, THREADS);
        return performance.now() - began;
      },
      one: async () => faces.byteLength / (await reading.bandwidth(1)),
      all: async () => faces.byteLength / (await reading.bandwidth(THREADS)),
    });
    const readings = median(times.one) < median(times.all) ? times.one : times.all;
    const known = times.gallery.filter((_, at) => isKnown(at + WARM_UP));
    const strangers = times.gallery.filter((_, at) => !isKnown(at + WARM_UP));
    const ofReading = medianRatio(times.gallery, readings);
    const ofUsearch = medianRatio(times.gallery, times.usearch);
    const right = queries.filter((query, at) => found[at] === nearest(faces, query)).length / queries.length;
    const ms = [known, strangers, readings, times.usearch].map((values) => round(median(values)));
    const memory = [round(loadMs / 1000), (rss / 1e6).toFixed(0)];
    return {
      result: { what, right, ofReading, ofUsearch },
      row: [what, ...ms, round(ofReading), round(ofUsearch), ...memory],
    };
  } finally {
    await gallery.stop();
  }
}

assert.ok(
  SIZES.every((size) => size >= CLUSTERS && size <= 1_000_000),
  `numbers of faces are between ${CLUSTERS} and 1000000`,
);
const reading = await Reading.start();
try {
  const measured: Awaited<ReturnType<typeof measure>>[] = [];
  for (const count of SIZES.length > 0 ? SIZES : [100_000, 1_000_000]) {
    for (const clustered of [false, true]) measured.push(await measure(count, clustered, reading));
  }
  console.log(`medians of ${ROUNDS} rounds, ms; ${THREADS} threads`);
  const headings = [
    'faces',
    'a known face',
    'a stranger',
    'reading',
    'usearch',
    '÷ reading',
    '÷ usearch',
    'load s',
    'MB',
  ];
  table(
    headings,
    measured.map(({ row }) => row),
  );
  verdict(
    measured.flatMap(({ result: { what, right, ofReading, ofUsearch } }) => [
      { what: `${what}: the nearest is right`, value: right, atLeast: 1 },
      { what: `${what}: gallery ÷ reading once`, value: ofReading, atMost: MOST_OF_READING },
      { what: `${what}: gallery ÷ usearch`, value: ofUsearch, atMost: MOST_OF_USEARCH },
    ]),
  );
} finally {
  await reading.end();
}
