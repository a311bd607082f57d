import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Blocks } from './blocks.ts';
import { randomNumbers } from './gallery.fixture.ts';
import { memoryFor } from './layout.ts';
import { Partitions } from './partitions.ts';
import { ScanThreads } from './scan-threads.ts';

/** As many faces as a large site has: enough for all threads, and for lists that have to be looked at in between. */

const FACES = 100_000;
const DIMENSION = 512;
const PAGE = 1_000;
const CENTRES = 50;

const blocks = new Blocks(memoryFor(FACES));
const threads = await ScanThreads.start(blocks, 2, (reason) => assert.fail(reason));
after(() => threads.end());

/** Numbers about a normal distribution, drawn once: a hundred thousand faces need fifty million. */
const random = randomNumbers(100);
const noise = Float32Array.from({ length: 65_536 }, () => random() + random() + random() + random() - 2);

/** Writes a direction of its own, or one near another. */
function fill(face: Float32Array, centre?: Float32Array, spread = 1): void {
  const scale = centre ? spread * Math.sqrt(3 / DIMENSION) : 1;
  let at = Math.floor(random() * 65_536);
  // Odd, so that it reaches all the numbers; another for each face.
  const step = 2 * Math.floor(random() * 32_768) + 1;
  let square = 0;
  for (let index = 0; index < DIMENSION; index += 1) {
    at = (at + step) & 0xffff;
    const number = (centre?.[index] ?? 0) + scale * noise[at]!;
    face[index] = number;
    square += number * number;
  }
  const length = Math.sqrt(square);
  for (let index = 0; index < DIMENSION; index += 1) face[index] = face[index]! / length;
}

/** The cosines with all faces, in doubles. */
function cosines(faces: Float32Array, query: Float32Array): Float64Array {
  const all = new Float64Array(FACES);
  for (let face = 0, from = 0; face < FACES; face += 1) {
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let at = 0; at < DIMENSION; at += 4, from += 4) {
      a += faces[from]! * query[at]!;
      b += faces[from + 1]! * query[at + 1]!;
      c += faces[from + 2]! * query[at + 2]!;
      d += faces[from + 3]! * query[at + 3]!;
    }
    all[face] = a + b + (c + d);
  }
  return all;
}

test('of 100,000 faces, half of them in clusters, the nearest are those of comparing all', async () => {
  const faces = new Float32Array(FACES * DIMENSION);
  const one = (at: number) => faces.subarray(at * DIMENSION, (at + 1) * DIMENSION);
  const partitions = new Partitions(blocks, FACES);
  for (let first = 0; first < FACES; first += PAGE) {
    const page = Array.from({ length: PAGE }, (_, index) => {
      const at = first + index;
      fill(one(at), at % 2 === 0 && at >= CENTRES ? one(at % CENTRES) : undefined, 0.7);
      return { id: at + 1, library: 1, model: 'm', vector: one(at) };
    });
    partitions.put(page);
  }
  const near = [70_001, 70_002, undefined, 3, undefined, 99_999];
  for (const [index, known] of near.entries()) {
    const vector = new Float32Array(DIMENSION);
    fill(vector, known === undefined ? undefined : one(known), 1.3);
    const most = [1, 1, 1, 1, 10, 1_000][index]!;
    const found = await threads.search({ vector, stretches: partitions.stretches('m', DIMENSION, [1]), most });
    const all = cosines(faces, vector);
    const last = Float64Array.from(all).sort()[FACES - most]!;
    assert.equal(new Set(found.map(({ id }) => id)).size, most);
    for (const { id, cosine } of found) {
      assert.ok(Math.abs(cosine - all[id - 1]!) < 1e-12, `query ${index}: ${id} has another cosine`);
      assert.ok(cosine >= last - 1e-12, `query ${index}: ${id} is not among the nearest ${most}`);
    }
    if (known !== undefined) assert.equal(found[0]?.id, known + 1);
  }
});
