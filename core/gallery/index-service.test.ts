import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { until } from '../../tests/kit/wait.ts';
import type { FaceIndexError, IndexedFace } from '../plugin/face-services.ts';
import { bruteForce, MemorySource, randomNumbers, randomVector } from './gallery.fixture.ts';
import { GalleryService } from './index-service.ts';

/** The service with its process. */

const random = randomNumbers(21);

function face(id: number, more: Partial<IndexedFace> = {}): IndexedFace {
  return { id, library: (id % 2) + 1, model: 'm', vector: randomVector(128, random), ...more };
}

function faces(count: number, from = 1): IndexedFace[] {
  return Array.from({ length: count }, (_, at) => face(from + at));
}

async function start(t: TestContext, options: { capacity?: number } = {}): Promise<GalleryService> {
  const limits = { pauses: [50] };
  const service = new GalleryService({
    log: pino({ level: 'silent' }),
    capacity: 5_000,
    threads: 2,
    limits,
    ...options,
  });
  t.after(() => service.stop());
  await service.start();
  return service;
}

function ready(service: GalleryService): Promise<unknown> {
  return until('the index to be ready', () => service.state().state === 'ready', 60_000);
}

async function startedWith(t: TestContext, source: MemorySource, options = {}): Promise<GalleryService> {
  const service = await start(t, options);
  service.setSource(source);
  await ready(service);
  return service;
}

/** Asks for the faces nearest to some of these, and compares with plain search. */
async function compare(service: GalleryService, known: Iterable<IndexedFace>, models = ['m']): Promise<void> {
  const list = [...known];
  for (const model of models) {
    const of = list.find((one) => one.model === model);
    for (const vector of [of?.vector ?? randomVector(128, random), randomVector(of?.vector.length ?? 128, random)]) {
      for (const limits of [{}, { ids: [3, 2 ** 52] as [number, number] }]) {
        const query = { model, vector, libraries: [1, 2, 3], most: 8, deadline: 60_000, ...limits };
        const found = await service.search(query);
        const expected = bruteForce(list, query);
        assert.deepEqual(
          found.map(({ id, library }) => [id, library]),
          expected.map(({ id, library }) => [id, library]),
        );
      }
    }
  }
}

const fault = (kind: string) => (error: FaceIndexError) => error.name === 'FaceIndexError' && error.fault === kind;
const anything = () => ({ model: 'm', vector: randomVector(128, random), libraries: [1], most: 1 });

/** A promise and what resolves it. */
function door(): { passed: Promise<void>; open(): void } {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

test('without a source no face can be compared, and none is said to be a stranger', async (t) => {
  const service = await start(t);
  assert.deepEqual(service.workers(), []);
  assert.equal(service.state().state, 'down');
  await assert.rejects(service.search(anything()), fault('down'));
  const forget = service.setSource(new MemorySource(faces(10)));
  await ready(service);
  assert.equal(service.workers()[0]?.state, 'running');
  assert.equal((await service.search(anything())).length, 1);
  forget();
  assert.equal(service.state().state, 'down');
  await assert.rejects(service.search(anything()), fault('down'));
});

test('it reads its source, and changes are seen by the next search', async (t) => {
  const known = new Map(faces(2_500).map((one) => [one.id, one]));
  const source = new MemorySource([...known.values()]);
  const service = await startedWith(t, source);
  assert.ok(source.pages > 3);
  assert.deepEqual([service.state().faces, service.state().total], [2_500, 2_500]);
  await compare(service, known.values());

  const added = face(9_000, { library: 3 });
  const replaced = face(17, { library: 3 });
  await service.put([added, replaced]);
  known.set(added.id, added).set(replaced.id, replaced);
  assert.equal((await service.search({ model: 'm', vector: replaced.vector, libraries: [3], most: 5 })).length, 2);
  await compare(service, known.values());
  await service.remove([9_000, 18, 19, 123_456]);
  for (const id of [9_000, 18, 19]) known.delete(id);
  await compare(service, known.values());
  await service.removeLibrary(1);
  for (const { id, library } of known.values()) if (library === 1) known.delete(id);
  await compare(service, known.values());
  assert.equal(service.state().faces, known.size);
  // Said without waiting in between, everything still holds in its order.
  const said: Promise<unknown>[] = [];
  for (let step = 0; step < 200; step += 1) {
    const id = 1 + Math.floor(random() * 800);
    if (random() < 0.6) {
      const put = face(id);
      known.set(id, put);
      said.push(service.put([put]));
      const search = service.search({ model: 'm', vector: put.vector, libraries: [1, 2], most: 1, deadline: 60_000 });
      said.push(search.then(([hit]) => assert.equal(hit?.id, id)));
    } else {
      known.delete(id);
      said.push(service.remove([id]));
    }
  }
  await Promise.all(said);
  assert.equal(service.state().faces, known.size);
  await compare(service, known.values());
});

test('while it loads searches are refused, and changes are kept for after', async (t) => {
  const known = new Map(faces(300).map((one) => [one.id, one]));
  const source = new MemorySource([...known.values()], 100);
  const { passed, open } = door();
  source.gate = async () => {
    if (source.pages === 2) await passed;
  };
  const service = await start(t);
  service.setSource(source);
  await until('the second page to be taken', () => service.state().faces === 200, 60_000);
  assert.deepEqual([service.state().state, service.state().total], ['loading', 300]);
  await assert.rejects(service.search(anything()), fault('loading'));
  await service.put([face(7, { library: 3 })]);
  const changed = [face(5), face(250), face(1_000), face(1_001, { model: 'other' })];
  await service.put(changed);
  await service.remove([250, 6, 7]);
  for (const one of changed) known.set(one.id, one);
  for (const id of [250, 6, 7]) known.delete(id);
  open();
  await ready(service);
  await compare(service, known.values(), ['m', 'other']);
  assert.equal(service.state().faces, known.size);
});

test('too many changes while it loads: everything is read once more', async (t) => {
  const source = new MemorySource(faces(10));
  const { passed, open } = door();
  source.gate = () => passed;
  const service = await start(t, { capacity: 50_000 });
  service.setSource(source);
  await until('it to load', () => service.state().state === 'loading' && service.state().total === 10, 60_000);
  const large = face(50, { model: 'large', vector: randomVector(1_024, random) });
  source.faces = [...source.faces, large];
  for (let round = 0; round < 17; round += 1) {
    await service.put(Array.from({ length: 1_000 }, (_, at) => ({ ...large, id: 50 + at })));
    // What is beyond the source's truth must not survive.
    await service.remove(Array.from({ length: 999 }, (_, at) => 51 + at));
  }
  open();
  await ready(service);
  await compare(service, source.faces, ['m', 'large']);
  assert.equal(service.state().faces, 11);
  assert.ok(source.pages >= 4, `${source.pages} pages`);
});

test('faces that are no faces are refused, and those of a source left out and told', async (t) => {
  const good = faces(10);
  const bad = [face(20, { vector: new Float32Array(128) }), face(21, { vector: randomVector(64, random) })];
  const service = await startedWith(t, new MemorySource([...good, ...bad]));
  assert.match(service.state().reason ?? '', /^2 faces cannot be compared: an embedding has the length 1, not 0/);
  await compare(service, good);

  const broken = (vector: Float32Array) => service.put([face(30), face(31, { vector })]);
  const withNaN = randomVector(128, random);
  withNaN[5] = Number.NaN;
  await assert.rejects(broken(withNaN), /length 1, not NaN/);
  await assert.rejects(broken(new Float32Array(128)), /length 1, not 0/);
  await assert.rejects(broken(randomVector(128, random).map((number) => number * 2)), /length 1, not 2/);
  await assert.rejects(broken(randomVector(128, random).map(() => Number.POSITIVE_INFINITY)), /length 1, not Infinity/);
  await assert.rejects(broken(new Float32Array(0)), /1 to 1024 numbers, not 0/);
  await assert.rejects(broken(randomVector(2_000, random)), /1 to 1024 numbers, not 2000/);
  await assert.rejects(broken(randomVector(64, random)), /embeddings of m have 128 numbers, this one has 64/);
  await assert.rejects(broken([...randomVector(128, random)] as unknown as Float32Array), /is a Float32Array/);
  for (const id of [0, -1, 1.5, Number.NaN]) await assert.rejects(service.put([face(id)]), /positive whole number/);
  await assert.rejects(service.put([face(1, { model: '' })]), /a model with a name/);
  await assert.rejects(service.put([face(1, { library: 0.5 })]), /id of a database/);
  await compare(service, good);

  const search = (more: object) => service.search({ ...anything(), ...more });
  await assert.rejects(search({ vector: withNaN }), /length 1, not NaN/);
  await assert.rejects(search({ vector: randomVector(64, random) }), /have 128 numbers, this one has 64/);
  for (const most of [0, 1.5, 1_001]) await assert.rejects(search({ most }), /1 to 1000 faces/);
  await assert.rejects(search({ least: Number.NaN }), /a cosine is a number/);
  await assert.rejects(search({ deadline: 0 }), /more than 0/);
  assert.deepEqual(await search({ libraries: [] }), []);
});

test('a source that fails is read again, and another takes its place', async (t) => {
  const [first, second] = [new MemorySource(faces(30)), new MemorySource(faces(20, 500))];
  let failures = 1;
  first.gate = async () => {
    if (failures-- > 0) throw new Error('the database is busy');
  };
  const service = await start(t);
  const forget = service.setSource(first);
  await until('the failure', () => service.state().reason === 'the database is busy', 60_000);
  await ready(service);
  await compare(service, first.faces);
  service.setSource(second);
  assert.notEqual(service.state().state, 'ready');
  await ready(service);
  await compare(service, second.faces);
  // Whoever was replaced takes nothing away.
  forget();
  await compare(service, second.faces);
});

test('a process that hangs makes searches late, one that is killed refuses them; it comes back with the same answers', async (t) => {
  const source = new MemorySource(faces(1_500));
  const service = await startedWith(t, source);
  await compare(service, source.faces);
  const { pid } = service.workers()[0]!;
  process.kill(pid!, 'SIGSTOP');
  await assert.rejects(service.search({ ...anything(), deadline: 30 }), fault('late'));
  const waiting = Array.from({ length: 256 }, () => service.search({ ...anything(), deadline: 60_000 }));
  await assert.rejects(service.search({ ...anything(), deadline: 60_000 }), fault('late'));
  process.kill(pid!, 'SIGCONT');
  for (const hits of await Promise.all(waiting)) assert.equal(hits.length, 1);

  process.kill(pid!, 'SIGSTOP');
  const last = service.search({ ...anything(), deadline: 60_000 });
  const added = face(4_000);
  source.faces.push(added);
  const change = service.put([added]);
  const { passed, open } = door();
  source.gate = () => passed;
  process.kill(pid!, 'SIGKILL');
  await assert.rejects(last, fault('down'));
  await change;
  assert.notEqual(service.state().state, 'ready');
  const late = face(4_001);
  source.faces.push(late);
  await service.put([late]);
  await until('it to load', () => service.state().state === 'loading', 60_000);
  await assert.rejects(service.search(anything()), fault('loading'));
  open();
  await ready(service);
  await compare(service, source.faces);
  assert.equal(service.state().faces, 1_502);
  assert.equal(service.workers()[0]?.restarts, 1);
});

test('more faces than it takes are refused together; a source with more is not searched in part, but read again', async (t) => {
  const source = new MemorySource(faces(43));
  const service = await start(t, { capacity: 42 });
  service.setSource(source);
  await until('a reason', () => service.state().reason?.includes('over the limit of 42'), 60_000);
  await assert.rejects(service.search(anything()), fault('down'));
  source.faces = source.faces.slice(0, 40);
  await ready(service);
  await assert.rejects(service.put([face(3), face(100), face(101), face(102)]), fault('full'));
  await compare(service, source.faces);
  const two = [face(100), face(101)];
  await service.put(two);
  await compare(service, [...source.faces, ...two]);
  assert.equal(service.state().faces, 42);
});

test('while it loads, what comes has to have room beside the others of its model', async (t) => {
  const both = (count: number) => faces(count).flatMap((one) => [one, { ...one, model: 'other' }]);
  const source = new MemorySource(both(30), 40);
  const { passed, open } = door();
  source.gate = async () => {
    if (source.pages === 1) await passed;
  };
  const service = await start(t, { capacity: 42 });
  service.setSource(source);
  await until('the first page to be taken', () => service.state().faces === 40, 60_000);
  // 20 of each are known, and the other 20 may all be of one model.
  const added = [face(100), face(101)];
  await service.put(added);
  await assert.rejects(service.put([face(102)]), fault('full'));
  await assert.rejects(service.put([face(102), face(102, { model: 'other' })]), fault('full'));
  await service.put([face(100, { model: 'other' })]);
  open();
  await ready(service);
  assert.equal(service.state().faces, 63);
  assert.equal(service.state().reason, undefined);
});
