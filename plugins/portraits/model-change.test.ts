import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import { type EmbeddingModel, PictureError } from '../../core/plugin/face-services.ts';
import { atEnd, until } from '../../core/store/fixture.ts';
import { startPlugin, storedEmbeddings, type TestOptions, type TestPlugin } from './fixture.ts';
import { KnownFaces } from './known-faces.ts';
import { observation } from './match.fixture.ts';
import { Reembedding, type ReembeddingParts } from './reembedding.ts';
import { SketchImages, sketch, sketchModel, vectorOf } from './stand-ins.fixture.ts';
import { Vault } from './vault.ts';

/** A better model for faces comes: the former one serves until everything stored is described by the new one. */

const [ONE, TWO, THREE] = [sketchModel('one'), sketchModel('two'), sketchModel('three')];
const coming = (model: EmbeddingModel): EmbeddingModel => ({ ...model, coming: true });

const undescribed = (box: TestPlugin) => box.gauges.get('undescribed')!();

/** A box with people in a database that a camera compares with. */
async function staffed(t: TestContext, people: number, options: TestOptions = {}): Promise<TestPlugin> {
  const box = await startPlugin(t, options);
  box.bound.push(await box.database());
  for (let at = 0; at < people; at++) await enrol(box, at);
  await until('a camera compares', () => box.enricher !== undefined);
  return box;
}

const enrol = (box: TestPlugin, at: number) =>
  box.send(1029, { lib_id: 1, img_id: `p${at}` }, { img: sketch([`who ${at}`]) });

/** Models that are compared by, and in brackets those that are coming. */
const inUse = (box: TestPlugin) => box.images.inUse.map((one) => (one.coming ? `(${one.id})` : one.id)).join();

/** Holds back what is examined behind everything else; gives what lets one go on, or all. */
function holdBatch(t: TestContext, images: SketchImages) {
  const examine = images.examine.bind(images);
  const waiting: (() => void)[] = [];
  let open = false;
  images.examine = async (picture, wishes) => {
    if (wishes?.lane === 'batch' && !open) await new Promise<void>((resolve) => waiting.push(resolve));
    return examine(picture, wishes);
  };
  const all = () => {
    open = true;
    for (const resolve of waiting.splice(0)) resolve();
  };
  atEnd(t, all);
  const one = async () => {
    await until('a picture to be described', () => waiting.length > 0);
    waiting.shift()!();
  };
  return { one, all };
}

/** Whom a search by photo and a camera take somebody for now. The camera's model is the one in force. */
async function recognised(box: TestPlugin, who: string): Promise<(string | undefined)[]> {
  const model = box.images.inUse.find((one) => !one.coming)!.id;
  const embedding = { model, vector: [...vectorOf(who, model)] };
  const [search, capture] = await Promise.all([
    box.send<{ topn: { img_id: string }[] }>(772, { lib_ids: 1 }, { img: sketch([who]) }),
    box.enricher!.enrich(observation({ channel: 1, embedding })),
  ]);
  return [
    search.code === 0 ? search.data.topn[0]?.img_id : search.msg,
    capture.compared ? capture.match?.imageId : 'not compared',
  ];
}

test('everybody is recognised at every moment of the change', async (t) => {
  const box = await staffed(t, 4);
  const gate = holdBatch(t, box.images);
  box.images.use(ONE, coming(TWO));
  await until('it has begun', () => undescribed(box) === 4);
  const { state, detail } = await box.health();
  assert.equal(state, 'ok');
  assert.match(detail ?? '', /^0 of 4 .* by the new model for faces; until all are, the former model serves$/);
  await gate.one();
  await gate.one();
  await until('half is done', () => storedEmbeddings(box).length === 6 && undescribed(box) === 2);
  for (const at of [0, 3]) assert.deepEqual(await recognised(box, `who ${at}`), [`p${at}`, `p${at}`]);
  const stranger = await box.enricher!.enrich(
    observation({ channel: 1, embedding: { model: 'one', vector: [...vectorOf('nobody', 'one')] } }),
  );
  assert.ok(stranger.compared, 'whoever is like nobody is a stranger, not undescribed');
  const pair = await box.send<{ similarity: string }>(
    771,
    {},
    { img_1: sketch(['who 1']), img_2: sketch(['who 1'], 2) },
  );
  assert.equal(pair.code, 0, pair.msg);

  await enrol(box, 4);
  assert.deepEqual(
    storedEmbeddings(box).slice(-2),
    ['5 one', '5 two'],
    'who is enrolled meanwhile is described by both',
  );
  assert.deepEqual(await recognised(box, 'who 4'), ['p4', 'p4']);
  assert.equal(inUse(box), 'one,(two)');

  const answers: string[] = [];
  gate.all();
  for (let more = 3; more > 0; more -= inUse(box) === 'two' ? 1 : 0) {
    answers.push(String(await recognised(box, 'who 3')));
    // The stand-ins answer without ever letting the event loop go on.
    await nextTurn();
  }
  assert.deepEqual([...new Set(answers)], ['p3,p3']);
  await until('nothing is left to be said', async () => (await box.health()).detail === undefined);
  for (const at of [0, 4]) assert.deepEqual(await recognised(box, `who ${at}`), [`p${at}`, `p${at}`]);
});

test('after a crash it goes on where it was', async (t) => {
  const first = await staffed(t, 3);
  const gate = holdBatch(t, first.images);
  first.images.use(ONE, coming(TWO));
  await gate.one();
  await until('one is done', () => undescribed(first) === 2);
  // Its database is gone in the middle of a picture: nothing is ended in order.
  await first.store.close();
  const images = new SketchImages();
  images.inUse = [ONE, coming(TWO)];
  const next = await startPlugin(t, { folder: first.folder, images });
  await until('it has taken over', () => inUse(next) === 'two');
  assert.deepEqual(images.lanes, ['batch', 'batch'], 'what was done is not done again');
  assert.equal(storedEmbeddings(next).length, 6);
});

/** The re-embedding alone, with short times, over a box whose plugin has been stopped. */
async function alone(t: TestContext, people: number, more: Partial<ReembeddingParts> = {}) {
  const box = await staffed(t, people);
  const faces = box.index.faces;
  await box.parts.stop?.();
  await box.index.put(faces);
  const vault = new Vault(box.store.keys.for('portraits'));
  const log = pino({ level: 'silent' });
  const known = new KnownFaces(box.index);
  const reembedding = new Reembedding({
    store: box.store,
    vault,
    images: box.images,
    known,
    log,
    unusedMs: 1,
    ...more,
  });
  atEnd(t, () => reembedding.stop());
  return { box, reembedding };
}

test('what the former models made is dropped then; of two changes the newer one wins', async (t) => {
  const { box, reembedding } = await alone(t, 3);
  const gate = holdBatch(t, box.images);
  box.images.inUse = [ONE, coming(TWO)];
  reembedding.start();
  await gate.one();
  await until('the first change is under way', () => storedEmbeddings(box).includes('1 two'));
  box.images.use(ONE, coming(THREE));
  assert.equal(reembedding.state.missed, 0, 'nobody is missed by the one in force');
  gate.all();
  await until('the newest has taken over', () => inUse(box) === 'three');
  await until('the others are dropped', () => storedEmbeddings(box).join() === '1 three,2 three,3 three');
  await until('from the index, too', () => box.index.faces.every(({ model }) => model === 'three'));
  assert.equal(box.index.faces.length, 3);
});

test('a picture in which the new model sees nobody keeps no other waiting, and is said', async (t) => {
  const { box, reembedding } = await alone(t, 3);
  box.images.inUse = [ONE, coming(TWO)];
  box.images.faults.push(new PictureError('format', 'it is damaged'));
  const missed = new Set<number | undefined>();
  const ended = box.images.onModels(() => missed.add(reembedding.state.missed));
  reembedding.start();
  await until('it has taken over', () => inUse(box) === 'two');
  ended();
  await until('all is done', () => reembedding.complete && storedEmbeddings(box).join() === '1 one,2 two,3 two');
  assert.deepEqual([...missed], [0]);
  assert.deepEqual(reembedding.state, { waiting: 0, missed: 0, done: 0, given: 1 });
});

test('a new model that cannot be used does not take over, and the former one serves', async (t) => {
  const { box, reembedding } = await alone(t, 2, { againMs: 1 });
  const examine = box.images.examine.bind(box.images);
  let broken = true;
  box.images.examine = async (picture, wishes) => {
    const found = await examine(picture, wishes);
    if (!broken) return found;
    const faces = found.faces.map((face) => ({
      ...face,
      embeddings: face.embeddings.filter(({ model }) => model !== 'two'),
    }));
    return { ...found, faces };
  };
  box.images.inUse = [ONE, coming(TWO)];
  reembedding.start();
  await until('it is said', () => reembedding.state.fault !== undefined);
  assert.equal(reembedding.state.fault, 'the model two cannot be used for pictures');
  assert.deepEqual([reembedding.state.missed, reembedding.state.given, inUse(box)], [0, 0, 'one,(two)']);
  broken = false;
  await until('it can be used', () => inUse(box) === 'two');
});

test('where the former model is gone, it is counted anew who would be missed', async (t) => {
  const { box, reembedding } = await alone(t, 3);
  const gate = holdBatch(t, box.images);
  box.images.inUse = [ONE, coming(TWO)];
  reembedding.start();
  await gate.one();
  await until('one is done', () => reembedding.state.waiting === 2);
  assert.equal(reembedding.state.missed, 0);
  box.images.use(TWO);
  assert.equal(reembedding.state.missed, undefined, 'not known at once');
  await gate.one();
  await until('the others are missed', () => reembedding.state.missed === 1);
  gate.all();
  await until('nobody is missed', () => reembedding.complete && reembedding.state.missed === 0);
});
