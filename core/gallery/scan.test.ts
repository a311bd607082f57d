import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import type { IndexedFace } from '../plugin/face-services.ts';
import { Blocks, NoRoomError } from './blocks.ts';
import { codeFace } from './bound.ts';
import { compileScan } from './compile-scan.ts';
import { bruteForce, nearVector, ofLengthOne, randomNumbers, randomVector } from './gallery.fixture.ts';
import { memoryFor } from './layout.ts';
import { CapacityError, Partitions } from './partitions.ts';
import { type Hit, ScanThreads } from './scan-threads.ts';
import { SCAN_CODE } from './thread-code.ts';

/** Searching itself, in this process. */

const blocks = new Blocks(memoryFor(50_000));
const threads = await ScanThreads.start(blocks, 2, (reason) => assert.fail(reason));
after(() => threads.end());

type Query = Parameters<typeof bruteForce>[1];

async function search(partitions: Partitions, { model, vector, libraries, most, least, ids }: Query): Promise<Hit[]> {
  const stretches = partitions.stretches(model, vector.length, libraries);
  const limits = { ...(least === undefined ? {} : { least }), ...(ids ? { ids } : {}) };
  return threads.search({ vector, stretches, most, ...limits });
}

/** The same faces in the same order; sums of doubles in another order differ in the last digits. */
function same(found: Hit[], expected: Hit[], what: string): void {
  const ids = (hits: Hit[]) => hits.map(({ id, library }) => `${library}/${id}`);
  assert.deepEqual(ids(found), ids(expected), what);
  for (const [at, { cosine }] of found.entries()) {
    assert.ok(Math.abs(cosine - expected[at]!.cosine) < 1e-12, `${what}: ${cosine} is not ${expected[at]!.cosine}`);
  }
}

function filled(faces: IndexedFace[], capacity = 50_000): Partitions {
  const partitions = new Partitions(blocks, capacity);
  partitions.put(faces);
  return partitions;
}

test('the committed code is what its source compiles to', async () => {
  assert.deepEqual(Buffer.from(await compileScan()), readFileSync(SCAN_CODE));
});

/** Faces in ways that are hard for codes: all numbers alike, few large ones, many equal ones. */
const kinds: Record<string, (dimension: number, random: () => number) => (at: number) => Float32Array> = {
  random: (dimension, random) => () => randomVector(dimension, random),
  clustered: (dimension, random) => {
    const centres = Array.from({ length: 12 }, () => randomVector(dimension, random));
    return (at) => nearVector(centres[at % 12]!, 0.7, random);
  },
  'nearly equal': (dimension, random) => {
    const centre = randomVector(dimension, random);
    return () => nearVector(centre, 1e-4, random);
  },
  'equal in part': (dimension, random) => {
    const centres = Array.from({ length: 40 }, () => randomVector(dimension, random));
    return (at) => centres[at % 40]!.slice();
  },
  sparse: (dimension, random) => () => {
    const numbers = new Float32Array(dimension);
    for (let at = 0; at < 3; at += 1) numbers[Math.floor(random() * dimension)] = random() - 0.5 || 1;
    return ofLengthOne(numbers);
  },
  'one large number': (dimension, random) => () => {
    const numbers = randomVector(dimension, random);
    numbers[0] = 5;
    return ofLengthOne(numbers);
  },
};

for (const [kind, make] of Object.entries(kinds)) {
  for (const dimension of [512, 128, 100]) {
    test(`${kind} faces of ${dimension} numbers: the nearest are those of comparing all`, async () => {
      const random = randomNumbers(dimension);
      const next = make(dimension, random);
      const faces = Array.from({ length: 1_500 }, (_, at): IndexedFace => {
        // Ids in another order than places, so that ties do not come out right by chance.
        return { id: ((at * 1_201) % 2_003) + 1, library: (at % 3) + 1, model: 'm', vector: next(at) };
      });
      const partitions = filled(faces);
      const queries = [next(5), next(6), randomVector(dimension, random), faces[1234]!.vector];
      for (const [at, vector] of queries.entries()) {
        const most = [1, 10, 100, 7][at]!;
        for (const libraries of [[1, 2, 3], [2]]) {
          const query = { model: 'm', vector, libraries, most };
          same(await search(partitions, query), bruteForce(faces, query), `query ${at}`);
        }
        const [best] = bruteForce(faces, { model: 'm', vector, libraries: [1, 2, 3], most: 1 });
        const query = { model: 'm', vector, libraries: [3, 1, 3], most, least: best!.cosine - 0.05 };
        same(await search(partitions, query), bruteForce(faces, query), `query ${at} with a least cosine`);
        // The nearest of all are not among these: they must not keep out those that are asked for.
        const some = { model: 'm', vector, libraries: [1, 2, 3], most, ids: [700, 1_100] as [number, number] };
        same(await search(partitions, some), bruteForce(faces, some), `query ${at} for some ids`);
        const none = { ...some, ids: [3_000, 4_000] as [number, number] };
        assert.deepEqual(await search(partitions, none), []);
      }
      partitions.clear();
    });
  }
}

for (const [plane, decode] of Object.entries({
  coarse: (code: number) => 16 * (code >> 4) - 120,
  fine: (code: number) => code - 128,
})) {
  test(`a face is found by what its ${plane} codes are wrong by, where nothing but the bound lets it in`, async () => {
    for (const dimension of [512, 128, 32]) {
      const random = randomNumbers(dimension + 1);
      for (let round = 0; round < 40; round += 1) {
        const vector = round % 4 === 0 ? kinds['sparse']!(dimension, random)(0) : randomVector(dimension, random);
        const codes = new Uint8Array(dimension);
        const { scale } = codeFace(vector, codes);
        const wrongBy = vector.map((number, at) => number - scale * decode(codes[at]!));
        const partitions = filled([{ id: 1, library: 1, model: 'm', vector }]);
        const query = { model: 'm', vector: ofLengthOne(wrongBy), libraries: [1], most: 1 };
        const [hit] = await search(partitions, query);
        assert.deepEqual(await search(partitions, { ...query, least: hit!.cosine }), [hit]);
        partitions.clear();
      }
    }
  });
}

test('equal faces are told by their ids, whatever order they came in', async () => {
  const vector = randomVector(128, randomNumbers(3));
  const ids = Array.from({ length: 2_000 }, (_, at) => ((at * 997) % 2_003) + 1);
  const partitions = filled(ids.map((id) => ({ id, library: 1, model: 'm', vector })));
  const found = await search(partitions, { model: 'm', vector, libraries: [1], most: 20 });
  const expected = ids.sort((one, other) => one - other).slice(0, 20);
  assert.deepEqual(
    found.map(({ id }) => id),
    expected,
  );
  assert.equal(new Set(found.map(({ cosine }) => cosine)).size, 1);
  partitions.clear();
});

test('changes in any order leave what a plain list would hold', async () => {
  const random = randomNumbers(11);
  const pick = (count: number) => Math.floor(random() * count);
  const partitions = new Partitions(blocks, 50_000);
  const known = new Map<string, IndexedFace>();
  const dimensions = { small: 32, large: 128 };
  for (let step = 0; step < 400; step += 1) {
    const way = pick(20);
    if (way < 13) {
      const faces = Array.from({ length: pick(60) + 1 }, (): IndexedFace => {
        const model = pick(3) === 0 ? 'small' : 'large';
        return { id: pick(1_500) + 1, library: pick(4), model, vector: randomVector(dimensions[model], random) };
      });
      partitions.put(faces);
      for (const face of faces) known.set(`${face.model} ${face.id}`, face);
    } else if (way < 17) {
      const ids = Array.from({ length: pick(80) }, () => pick(1_500) + 1);
      partitions.remove(ids);
      for (const id of ids) for (const model of Object.keys(dimensions)) known.delete(`${model} ${id}`);
    } else if (way < 18) {
      const library = pick(4);
      partitions.removeLibrary(library);
      for (const [key, face] of known) if (face.library === library) known.delete(key);
    }
    assert.equal(partitions.faces, known.size);
    const model = pick(2) === 0 ? 'small' : 'large';
    const vector = randomVector(dimensions[model], random);
    const query = { model, vector, libraries: [pick(4), pick(4)], most: 5 };
    same(await search(partitions, query), bruteForce(known.values(), query), `step ${step}`);
  }
  assert.ok(known.size > 500, 'there was something to search');
  partitions.clear();
  assert.equal(partitions.faces, 0);
});

test('of faces that were removed nothing is left in memory', () => {
  const own = new Blocks(memoryFor(1));
  const partitions = new Partitions(own, 2_000);
  const random = randomNumbers(5);
  const face = (id: number): IndexedFace => ({ id, library: id % 2, model: 'm', vector: randomVector(64, random) });
  partitions.put(Array.from({ length: 1_000 }, (_, at) => face(at + 1)));
  const used = new Uint8Array(own.memory.buffer, own.head.bytes, 4 * 1024 * 1024);
  assert.ok(used.some((byte) => byte !== 0));
  partitions.remove(Array.from({ length: 900 }, (_, at) => 1_000 - at));
  partitions.removeLibrary(0);
  partitions.removeLibrary(1);
  assert.ok(used.every((byte) => byte === 0));
});

test('what does not fit is refused as a whole', async () => {
  const random = randomNumbers(8);
  const face = (id: number, vector = randomVector(32, random)): IndexedFace => ({ id, library: 1, model: 'm', vector });
  const first = [face(1), face(2), face(3)];
  const partitions = filled(first, 4);
  const all = { model: 'm', vector: first[0]!.vector, libraries: [1], most: 10 };
  const before = await search(partitions, all);
  assert.throws(() => partitions.put([face(1), face(4), face(5)]), CapacityError);
  assert.throws(() => partitions.put([face(1), face(4, randomVector(64, random))]), /have 32 numbers, this one has 64/);
  assert.deepEqual(await search(partitions, all), before);
  // Replacing takes no room, nor does a face that is named twice.
  partitions.put([face(1), face(2), face(4), face(4)]);
  assert.throws(() => partitions.put([face(5)]), CapacityError);
  partitions.remove([2]);
  partitions.put([face(5)]);
  assert.equal(partitions.faces, 4);
  // Another model counts by itself.
  partitions.put([{ ...face(1), model: 'other' }]);
  partitions.clear();

  const small = new Blocks(250 * 65_536);
  const crowded = new Partitions(small, 50_000);
  const many = Array.from({ length: 9_000 }, (_, at) => face(at + 1, randomVector(100, random)));
  assert.throws(() => crowded.put(many), NoRoomError);
  assert.equal(crowded.faces, 0);
  crowded.put(many.slice(0, 4_000));
  assert.equal(crowded.faces, 4_000);
});

test('a search for another length than that of the model is refused', async () => {
  const random = randomNumbers(9);
  const partitions = filled([{ id: 1, library: 1, model: 'm', vector: randomVector(32, random) }]);
  const query = { vector: randomVector(64, random), libraries: [1], most: 1 };
  await assert.rejects(search(partitions, { ...query, model: 'm' }), /have 32 numbers/);
  assert.deepEqual(await search(partitions, { ...query, model: 'unknown' }), []);
  partitions.clear();
});
