import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eq, gte } from 'drizzle-orm';
import { until } from '../../core/store/fixture.ts';
import { type Outcome, rowsOf } from './batch.fixture.ts';
import { file, roomsOf, startPlugin, type TestPlugin } from './fixture.ts';
import { NOBODY } from './person.ts';
import { ask } from './rest.fixture.ts';
import type { BatchesView } from './rest-shapes.ts';
import type { EnrolRequest } from './shapes.ts';
import { sketch } from './stand-ins.fixture.ts';
import { portraitBatches, portraitBatchPictures, portraitImages } from './tables.ts';

/** Lists of results: whom they name and for how long, and what becomes of them when a batch is interrupted. */

test('whoever is erased while a batch goes on is not named in its list', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  const examine = box.images.examine.bind(box.images);
  let examined = 0;
  box.images.examine = async (picture, wishes) => {
    examined += 1;
    if (examined === 2) {
      await until('the first is in', () => box.store.read.select().from(portraitImages).all().length === 1);
      assert.equal((await box.send(1031, { lib_id, img_id: 'a1' })).code, 0);
    }
    return examine(picture, wishes);
  };
  const { data } = await box.send<Outcome>(
    1030,
    { lib_id },
    {
      img1: file('zhangsan_a1_#_0_23_#.jpg', sketch(['zhangsan'])),
      img2: file('lisi_b1_#_1_41_#.jpg', sketch(['lisi'])),
    },
  );
  assert.equal(data.err_count, 0);
  const list = box.use.exports!.files.get(data.url)!.data;
  assert.doesNotMatch(list, /zhangsan|a1/);
  assert.match(list, /lisi_b1/);
});

test('a list goes with those it names, also those who were in already or are not yet', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  const { files } = box.use.exports!;
  const send = async (uuid: string, name: string, ...who: string[]) => {
    const { data } = await box.send<Outcome>(1030, { lib_id, uuid }, { img_1: file(name, sketch(who)) });
    const codes = rowsOf(box, data.url).map((row) => Number(row.split(',')[2]));
    return codes[0];
  };
  const codes = [
    await send('nobody in it', 'ann_1001_#_0_30_#.jpg'),
    await send('stored', 'ann_1001_#_0_30_#.jpg', 'ann'),
    await send('again', 'ann_1001_#_0_30_#.jpg', 'ann'),
    await send('under another id', 'ann_2002_#_0_30_#.jpg', 'ann'),
    await send('under none', 'ann.jpg', 'ann'),
    await send('somebody else', 'bea_3003_#_0_30_#.jpg', 'bea'),
  ];
  assert.deepEqual(codes, [-1101, 0, -1100, -116, -116, 0]);
  assert.equal((await box.send(1031, { lib_id, img_id: '1001' })).code, 0);
  assert.deepEqual([...files.keys()], ['tmp/image_somebody-else.csv']);
});

test('whoever was in already and is erased while a batch goes on is not named in its list', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  await box.send(1029, { lib_id, img_id: '1001' }, { img: sketch(['ann']) });
  const examine = box.images.examine.bind(box.images);
  box.images.examine = async (picture, wishes) => {
    assert.equal((await box.send(1031, { lib_id, img_id: '1001' })).code, 0);
    return examine(picture, wishes);
  };
  const parts = { img_1: file('ann_2002_#_0_30_#.jpg', sketch(['ann'])), img_2: file('bea.jpg', sketch(['bea'])) };
  const { data } = await box.send<Outcome>(1030, { lib_id, uuid: 'x' }, parts);
  assert.equal(rowsOf(box, data.url)[0], ',,-116,the face image exists already');
});

test('what the box did not get to is in the list of whoever comes in under that id later', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  const examine = box.images.examine.bind(box.images);
  box.images.examine = (picture, wishes) => {
    box.clock.time += 10 * 60 * 1000;
    return examine(picture, wishes);
  };
  const names = Array.from({ length: 5 }, (_, at) => `who ${at}_a${at}_#_0_23_#.jpg`);
  const parts = Object.fromEntries(names.map((name, at) => [`img_${at}`, file(name, sketch([name]))]));
  const { data } = await box.send<Outcome>(1030, { lib_id, uuid: 'x' }, parts);
  assert.match(rowsOf(box, data.url).at(-1) ?? '', /^who 4_a4_#_0_23_#\.jpg,,-1,the batch took too long/);
  assert.ok(box.use.exports!.files.get(data.url)!.shows.includes(`${lib_id}/a4`));
});

/** The rooms of the next start of the box, over what this one left. */
const nextStart = (box: TestPlugin) => roomsOf(box, { exports: () => box.use.exports });

test('a batch that was interrupted gets its list at the next start', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  box.use.exports!.broken = true;
  const names = ['zhangsan_a1_#_0_23_#.jpg', 'lisi_b1_#_1_41_#.jpg', 'wang_c1_#_1_41_#.jpg', 'nobody.jpg'];
  const pictures = [sketch(['zhangsan']), sketch(['lisi']), sketch(['wang']), sketch([])];
  const parts = Object.fromEntries(names.map((name, at) => [`img_${at}`, file(name, pictures[at]!)]));
  const { data } = await box.send<Outcome>(1030, { lib_id, uuid: 'Batch 7' }, parts);
  assert.deepEqual(data, { err_count: 1, url: '' });
  const noted = box.store.read.select().from(portraitBatchPictures).all();
  assert.ok(!JSON.stringify(noted).includes('zhangsan'), 'names are sealed');
  // As if the box had ended before the last two.
  await box.store.write((tx) => {
    tx.update(portraitBatchPictures)
      .set({ code: null, image: null, imgId: '', text: '' })
      .where(gte(portraitBatchPictures.at, 2))
      .run();
    tx.delete(portraitImages).where(eq(portraitImages.imgId, 'c1')).run();
  });
  assert.equal((await box.send(1031, { lib_id, img_id: 'a1' })).code, 0);

  const { batches } = nextStart(box);
  await batches.finishOpen();
  assert.equal((await ask<BatchesView>(box, 'GET', '/batches')).batches[0]?.list, null, 'there is no place for it yet');
  box.use.exports!.broken = false;
  await batches.finishOpen();
  const list = 'tmp/image_batch-7.csv';
  assert.deepEqual(rowsOf(box, list), [
    ',,0,stored',
    'lisi_b1_#_1_41_#.jpg,b1,0,stored',
    'wang_c1_#_1_41_#.jpg,,-1,interrupted, not stored',
    'nobody.jpg,,-1,interrupted, not stored',
  ]);
  const began = box.clock.time;
  const batch = { database: lib_id, uuid: 'Batch 7', pictures: 4, began, ended: began };
  assert.deepEqual((await ask<BatchesView>(box, 'GET', '/batches')).batches, [
    { ...batch, enrolled: 2, interrupted: true, list },
  ]);
  assert.deepEqual(box.store.read.select().from(portraitBatchPictures).all(), [], 'names of people are kept no longer');

  box.clock.time += 25 * 60 * 60 * 1000;
  await batches.finishOpen();
  assert.deepEqual(box.store.read.select().from(portraitBatches).all(), [], 'it goes with its list');
});

test('what is noted of a stored picture is noted in the job that stores it', async (t) => {
  const box = await startPlugin(t);
  const libId = await box.database();
  const { library } = nextStart(box);
  const enrol = (alongside: EnrolRequest['alongside']) =>
    library.enrol({
      libId,
      picture: sketch(['a']),
      imgId: 'a',
      person: NOBODY,
      quality: 'low',
      ...(alongside && { alongside }),
    });
  const seen: unknown[] = [];
  const failing = enrol((tx, stored) => {
    seen.push(stored?.imgId, tx.select().from(portraitImages).all().length);
    throw new Error('it could not be noted');
  });
  await assert.rejects(failing, /could not be noted/);
  assert.deepEqual(seen, ['a', 1]);
  assert.deepEqual(box.store.read.select().from(portraitImages).all(), [], 'neither or both');

  box.index.capacity = 0;
  const told: (string | undefined)[] = [];
  await assert.rejects(
    enrol((_, stored) => void told.push(stored?.imgId)),
    { code: -122 },
  );
  assert.deepEqual(told, ['a', undefined], 'and where he is taken back');
});

test('a list nobody makes is given up after a while', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  box.use.exports = undefined;
  await box.send(1030, { lib_id, uuid: 'x' }, { img_1: sketch(['a']) });
  const { batches } = nextStart(box);
  await batches.finishOpen();
  assert.equal(box.store.read.select().from(portraitBatchPictures).all().length, 1);
  box.clock.time += 10 * 60 * 1000;
  await batches.finishOpen();
  assert.deepEqual(box.store.read.select().from(portraitBatchPictures).all(), []);
  const [{ enrolled, interrupted, list } = assert.fail()] = (await ask<BatchesView>(box, 'GET', '/batches')).batches;
  assert.deepEqual([enrolled, interrupted, list], [1, false, null]);
});
