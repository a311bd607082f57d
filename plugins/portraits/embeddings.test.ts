import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eq } from 'drizzle-orm';
import { pino } from 'pino';
import { type IndexedFace, PictureError } from '../../core/plugin/face-services.ts';
import { atEnd, until } from '../../core/store/fixture.ts';
import { StoredFaces } from './feeding.ts';
import { startPlugin, storedEmbeddings, type TestPlugin } from './fixture.ts';
import { KnownFaces } from './known-faces.ts';
import { Reembedding, type ReembeddingParts } from './reembedding.ts';
import { sketch, sketchModel, vectorOf } from './stand-ins.fixture.ts';
import { portraitEmbeddings, portraitImages } from './tables.ts';
import { Vault } from './vault.ts';

/** What feeds the index of faces, and what happens when the models in use change. */

const [ONE, TWO] = [sketchModel('one'), sketchModel('two')];

async function enrolled(box: TestPlugin, people: number): Promise<number> {
  const lib_id = await box.database();
  for (let at = 0; at < people; at++) {
    await box.send(1029, { lib_id, img_id: `p${at}` }, { img: sketch([`who ${at}`]) });
  }
  return lib_id;
}

const indexed = (box: TestPlugin) => box.index.faces.map(({ id, model }) => `${id} ${model}`).sort();

/** Everything a source gives, in answers of at most so many. */
async function readAll(source: StoredFaces, most: number): Promise<IndexedFace[][]> {
  const answers: IndexedFace[][] = [];
  for (let after = 0; ; ) {
    const faces = await source.read(after, most);
    if (faces.length === 0) return answers;
    answers.push(faces);
    after = faces.at(-1)!.id;
  }
}

test('the index reads every face once, by number and model, and all of a picture together', async (t) => {
  const box = await startPlugin(t, {});
  box.images.use(ONE, TWO);
  const library = await enrolled(box, 7);
  const source = new StoredFaces(box.store, new Vault(box.store.keys.for('portraits')));
  assert.equal(await source.count(), 14);
  for (const most of [1, 2, 3, 5, 100]) {
    const answers = await readAll(source, most);
    const faces = answers.flat();
    assert.equal(faces.length, 14, `${most} at a time`);
    assert.deepEqual(faces[5], { id: 3, library, model: 'two', vector: vectorOf('who 2', 'two') });
    for (const answer of answers) {
      assert.ok(answer.length <= Math.max(2, most), `${answer.length} of ${most}`);
      assert.equal(answer.length % 2, 0, 'a picture is torn apart');
    }
  }
  assert.deepEqual(await source.read(7, 10), []);
});

test('what was sealed with another key is passed over, and said', async (t) => {
  const box = await startPlugin(t);
  await enrolled(box, 4);
  await box.store.write((tx) => {
    for (const image of [1, 2, 4]) {
      tx.update(portraitEmbeddings)
        .set({ vector: Buffer.from('?') })
        .where(eq(portraitEmbeddings.image, image))
        .run();
    }
  });
  const source = box.index.source as StoredFaces;
  const answers = await readAll(source, 1);
  assert.deepEqual(
    answers.flat().map(({ id }) => id),
    [3],
    'the reading goes on behind them',
  );
  assert.match((await box.health()).detail ?? '', /3 embeddings cannot be opened/);
});

/** The plugin's own one listens too: it has to be done with its work. */
async function settled(box: TestPlugin, people: number, models: number): Promise<void> {
  await until('all pictures are described', async () => {
    return storedEmbeddings(box).length === people * models && (await box.health()).state === 'ok';
  });
}

test('a model that comes into use describes what is stored, behind everything else', async (t) => {
  const box = await startPlugin(t);
  await enrolled(box, 5);
  await settled(box, 5, 1);
  let open = () => {};
  box.images.gate = new Promise((resolve) => {
    open = resolve;
  });
  box.images.use(ONE, TWO);
  await until('it has begun', () => box.images.underWay === 1);
  const health = await box.health();
  assert.deepEqual([health.state, box.gauges.get('undescribed')!()], ['degraded', 5]);
  assert.match(health.detail ?? '', /^0 of 5 stored pictures/);
  open();
  await settled(box, 5, 2);
  assert.deepEqual(indexed(box), [
    '1 one',
    '1 two',
    '2 one',
    '2 two',
    '3 one',
    '3 two',
    '4 one',
    '4 two',
    '5 one',
    '5 two',
  ]);
  assert.ok(box.images.lanes.filter((lane) => lane === 'batch').length >= 5);
  const found = await box.send<{ topn: { img_id: string }[] }>(772, { lib_ids: 1 }, { img: sketch(['who 3']) });
  assert.equal(found.data.topn[0]?.img_id, 'p3');
});

test('nobody passes for a stranger while stored pictures are not described yet', async (t) => {
  const box = await startPlugin(t);
  const lib_ids = await enrolled(box, 2);
  await settled(box, 2, 1);
  const examine = box.images.examine.bind(box.images);
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  box.images.examine = async (picture, wishes) => {
    if (wishes?.lane === 'batch') await gate;
    return examine(picture, wishes);
  };
  box.images.use(TWO);
  await until('it has begun', () => box.gauges.get('undescribed')!() === 2);
  const answer = await box.send(772, { lib_ids }, { img: sketch(['who 1']) });
  assert.equal(answer.code, -1);
  assert.match(answer.msg, /^2 stored pictures are still to be described/);
  open();
  await until('all are described', () => box.gauges.get('undescribed')!() === 0);
  assert.equal((await box.send(772, { lib_ids }, { img: sketch(['who 1']) })).code, 0);
});

/** One of its own, with short times, over a box whose plugin has been stopped. */
async function alone(t: Parameters<typeof startPlugin>[0], people: number, more: Partial<ReembeddingParts> = {}) {
  const box = await startPlugin(t);
  await enrolled(box, people);
  await settled(box, people, 1);
  await box.parts.stop?.();
  for (const face of await readAll(new StoredFaces(box.store, vaultOf(box)), 100)) await box.index.put(face);
  const log: string[] = [];
  const reembedding = new Reembedding({
    store: box.store,
    vault: vaultOf(box),
    images: box.images,
    known: new KnownFaces(box.index),
    log: pino({}, { write: (line: string) => void log.push(line) }),
    busyMs: 1,
    unusedMs: 1,
    ...more,
  });
  atEnd(t, () => reembedding.stop());
  return { box, reembedding, log };
}

const vaultOf = (box: TestPlugin) => new Vault(box.store.keys.for('portraits'));

test('what a model made that is no longer used is dropped when nothing is missing', async (t) => {
  const { box, reembedding } = await alone(t, 3);
  box.images.inUse = [TWO];
  reembedding.start();
  await until('only the new ones are kept', () => storedEmbeddings(box).join() === '1 two,2 two,3 two');
  await until('and found', () => indexed(box).join() === '1 two,2 two,3 two');
  assert.deepEqual(reembedding.state, { waiting: 0, missed: 0, done: 3, given: 0 });
  box.images.use();
  await until('the models are gone', () => !reembedding.complete || reembedding.state.done === 0);
  assert.equal(storedEmbeddings(box).length, 3, 'without any model nothing is dropped');
});

test('a picture nothing can be made of keeps what there is of it, and is said', async (t) => {
  const { box, reembedding } = await alone(t, 3);
  box.images.inUse = [TWO];
  box.images.faults.push(
    new PictureError('busy', 'too many wait'),
    new PictureError('busy', 'too many wait'),
    new PictureError('format', 'it is damaged'),
  );
  reembedding.start();
  await until('the others are done', () => storedEmbeddings(box).join() === '1 one,2 two,3 two');
  assert.deepEqual(reembedding.state, { waiting: 0, missed: 0, done: 3, given: 1 });
  assert.ok(reembedding.complete);
  reembedding.kick();
  await until('it is through again', () => reembedding.complete && reembedding.state.done === 0);
  assert.equal(reembedding.state.waiting, 0, 'it is not tried for ever');
});

test('of somebody who was erased it is no longer said that nothing could be made of the picture', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await enrolled(box, 3);
  await settled(box, 3, 1);
  const examine = box.images.examine.bind(box.images);
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const began: string[] = [];
  box.images.examine = async (picture, wishes) => {
    const text = new TextDecoder().decode(picture);
    if (wishes?.lane !== 'batch' || text.includes('who 2')) return examine(picture, wishes);
    began.push(text);
    if (text.includes('who 1')) await gate;
    throw new PictureError('format', 'it is damaged');
  };
  box.images.use(TWO);
  await until('one is given up, and the next one is looked at', () => began.length === 2);
  const said = async () => (await box.health()).detail ?? '';
  assert.match(await said(), /1 stored pictures show no face/);
  for (const img_id of ['p0', 'p1']) await box.send(1031, { lib_id, img_id });
  open();
  await until('the last one is described', () => storedEmbeddings(box).includes('3 two'));
  await until('nothing is said of the others', async () => (await box.health()).state === 'ok');
});

test('a service that is down for a while gives up nobody; a picture it always fails over is given up', async (t) => {
  const { box, reembedding } = await alone(t, 3, { againMs: 1 });
  box.images.inUse = [TWO];
  const examine = box.images.examine.bind(box.images);
  const asked = new Map<string, number>();
  const complete: boolean[] = [];
  box.images.examine = async (picture, wishes) => {
    const text = new TextDecoder().decode(picture);
    const times = (asked.get(text) ?? 0) + 1;
    asked.set(text, times);
    complete.push(reembedding.complete);
    if (text.includes('who 2') || times <= 3) throw new PictureError('failed', 'the image worker does not start');
    return examine(picture, wishes);
  };
  reembedding.start();
  await until('the others are described', () => storedEmbeddings(box).join() === '1 two,2 two,3 one');
  assert.ok(!complete.includes(true), 'nobody passes for a stranger meanwhile');
  assert.deepEqual([...asked.values()], [4, 4, 5]);
  assert.equal(reembedding.state.given, 1);
});

test('what is dropped leaves no moment in which somebody cannot be found', async (t) => {
  const { box, reembedding } = await alone(t, 3);
  const told: string[] = [];
  const put = box.index.put.bind(box.index);
  box.index.put = (faces) => {
    told.push(`put ${faces.length}`);
    return put(faces);
  };
  box.index.remove = async (ids) => {
    told.push(`remove ${ids.length}`);
    // A search may come as soon as others have a turn.
    await new Promise((resolve) => setImmediate(resolve));
    told.push('removed');
  };
  box.images.inUse = [TWO];
  reembedding.start();
  await until('it is dropped', () => told.includes('removed'));
  assert.deepEqual(told.slice(3, 5), ['remove 3', 'put 3']);
});

test('somebody who is erased meanwhile does not come back', async (t) => {
  const { box, reembedding } = await alone(t, 1);
  let open = () => {};
  box.images.gate = new Promise((resolve) => {
    open = resolve;
  });
  box.images.inUse = [ONE, TWO];
  reembedding.start();
  await until('it is under way', () => box.images.underWay === 1);
  await box.send(1031, { lib_id: 1, img_id: 'p0' });
  open();
  await until('it is through', () => reembedding.complete);
  assert.deepEqual([storedEmbeddings(box), indexed(box)], [[], []]);
  assert.equal(box.store.read.select().from(portraitImages).all().length, 0);
});

test('a change of the models under way begins anew, and no model or no room is a reason', async (t) => {
  const { box, reembedding, log } = await alone(t, 3, { unusedMs: 60_000 });
  let open = () => {};
  box.images.gate = new Promise((resolve) => {
    open = resolve;
  });
  box.images.inUse = [ONE, TWO];
  reembedding.start();
  await until('it is under way', () => box.images.underWay === 1);
  const three = sketchModel('three');
  box.images.use(ONE, TWO, three);
  open();
  await until('all is there', () => storedEmbeddings(box).length === 9 && reembedding.complete);

  box.index.capacity = 9;
  box.images.use(ONE, TWO, three, sketchModel('four'));
  await until('the index is full', () => reembedding.state.fault !== undefined);
  assert.match(reembedding.state.fault ?? '', /has no room for all models/);
  box.images.faults.push(new PictureError('no-model', 'no model finds faces'));
  reembedding.kick();
  await until('there is no model', () => reembedding.state.fault === 'no model finds faces');
  assert.ok(!log.join().includes('who'), 'the log names nobody');
});
