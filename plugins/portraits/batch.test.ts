import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eq, gte } from 'drizzle-orm';
import { PictureError } from '../../core/plugin/face-services.ts';
import { until } from '../../core/store/fixture.ts';
import { readFileName } from './file-name.ts';
import { dataUrl, file, roomsOf, startPlugin, type TestPlugin } from './fixture.ts';
import { NOBODY } from './person.ts';
import { ask } from './rest.fixture.ts';
import type { BatchesView } from './rest-shapes.ts';
import type { EnrolRequest } from './shapes.ts';
import { sketch } from './stand-ins.fixture.ts';
import { portraitBatches, portraitBatchPictures, portraitImages } from './tables.ts';

/** Messages 1030 and 1052, and what names of files say. */

interface Outcome {
  err_count: number;
  url: string;
}

test('names of files say who it is', () => {
  const table: [string, string][] = [
    // file, then name|id|identity|gender|age|address
    ['zhangsan_asdqwe12345_32011111_0_23_beijing.jpg', 'zhangsan|asdqwe12345|32011111|0|23|beijing'],
    ['张三_a1_#_1_#_北京市.PNG', '张三|a1||1||北京市'],
    ['#_#_#_#_#_#.jpg', '|||||'],
    ['_____.jpg', '|||||'],
    ['Ann 😀_x_1_0_7_here.jpeg', 'Ann 😀|x|1|0|7|here'],
    ['anna_v214_1654673649_1389_0_#_1_30_home.bmp', 'anna|v214_1654673649_1389_0||1|30|home'],
    ['anna_a1_#_1_30_5_east_road.tif', 'anna|a1||1|30|5_east_road'],
    ['anna_a_b_#_1_30_5_east_road.tiff', 'anna|a_b||1|30|5_east_road'],
    ['anna_a1_1_0_1_0.jpg', 'anna|a1|1|0|1|0'],
    ['folder\\sub/lisi_b_2_1_41_shanghai.jpg', 'lisi|b|2|1|41|shanghai'],
    ['lisi_b_2_1_41_St. Louis', 'lisi|b|2|1|41|St. Louis'],
    [' a _ b _ # _ 0 _ 1 _ c .jpg', 'a|b||0|1|c'],
    ['haha.jpg', 'haha|||||'],
    ['two_parts.jpg', 'two_parts|||||'],
    ['a_b_c_d_e.jpg', 'a_b_c_d_e|||||'],
    ['#.jpg', '|||||'],
    ['.jpg', '|||||'],
    ['', '|||||'],
    ['Cafe\u0301_1_#_#_#_#.jpg', 'Café|1||||'],
  ];
  for (const [name, told] of table) {
    const { imgId, person } = readFileName(name);
    const { name: called, idcard, gender, age, address } = person;
    assert.equal([called, imgId, idcard, gender, age, address].join('|'), told, name);
  }
  for (const wrong of ['a_b_c_2_23_d.jpg', 'a_b_c_0_1000_d.jpg', 'a_b_c_male_23_d.jpg', 'a_b_c_d_e_f_g.jpg']) {
    assert.throws(() => readFileName(wrong), { code: -3596 }, wrong);
  }
});

const rowsOf = (box: TestPlugin, url: string) => {
  const { data } = box.use.exports!.files.get(url)!;
  const [, ...lines] = data.trimEnd().split('\r\n');
  return lines.map((line) => line.slice(1, -1).split('","').join());
};

test('each picture of a batch is in or out on its own', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  await box.send(1029, { lib_id, img_id: 'taken' }, { img: sketch(['old']) });
  const pictures: [string, Uint8Array][] = [
    ['zhangsan_a1_32011111_0_23_beijing.jpg', sketch(['zhangsan'])],
    ['lisi_taken_#_1_41_#.jpg', sketch(['lisi'])],
    ['old_a2_#_1_41_#.jpg', sketch(['old'])],
    ['nobody.jpg', sketch([])],
    ['two.jpg', sketch(['a', 'b'])],
    ['poor.jpg', sketch([{ who: 'poor', quality: 1 }])],
    ['broken.jpg', new TextEncoder().encode('x')],
    ['a_b_c_9_9_d.jpg', sketch(['wrong'])],
    [`a_${'x'.repeat(49)}_c_#_9_d.jpg`, sketch(['long'])],
    ['a_*_c_#_9_d.jpg', sketch(['strange'])],
    ['=cmd(),"x".jpg', sketch(['formula'])],
  ];
  const parts = Object.fromEntries(pictures.map(([name, bytes], at) => [`img_${at + 1}`, file(name, bytes)]));
  const { code, data } = await box.send<Outcome>(1030, { lib_id, uuid: 'Batch 7/../x' }, parts);
  assert.deepEqual([code, data.err_count], [0, 9]);
  assert.equal(data.url, 'tmp/image_batch-7-x.csv');
  const rows = rowsOf(box, data.url);
  assert.deepEqual(rows.slice(0, 7), [
    'zhangsan_a1_32011111_0_23_beijing.jpg,a1,0,stored',
    'lisi_taken_#_1_41_#.jpg,taken,-1100,the img_id exists already',
    'old_a2_#_1_41_#.jpg,a2,-116,the face image exists already',
    'nobody.jpg,,-1101,no face found',
    'two.jpg,,-1109,2 faces were found',
    'poor.jpg,,-1102,its quality is 1',
    'broken.jpg,,-1104,this is no picture',
  ]);
  assert.deepEqual(
    rows.slice(7, 10).map((row) => row.split(',')[2]),
    ['-3596', '-2754', '-3596'],
  );
  assert.match(rows[10] ?? '', /^'=cmd\(\),""x"".jpg,[0-9a-f-]{36},0,stored$/);

  const kept = box.use.exports!.files.get(data.url)!;
  assert.equal(kept.area, 'people');
  assert.deepEqual(kept.shows.length, 2, 'the list goes with those it names');
  assert.equal(kept.shows[0], `${lib_id}/a1`);
  const { data: told } = await box.send<{ record: object[] }>(1067, { lib_id, img_id: 'a1' });
  const known = told.record[0] as Record<string, string>;
  assert.deepEqual(
    [known['person_name'], known['person_idcard'], known['person_gender'], known['person_age'], known['person_addr']],
    ['zhangsan', '32011111', '0', '23', 'beijing'],
  );
  assert.ok(box.images.lanes.slice(1).every((lane) => lane === 'batch'));
});

test('batches come as base64, and what is wrong with one picture is told of that one', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  const imgs = [
    { filename: 'haha.jpg', data: dataUrl(sketch(['haha'])) },
    { filename: 'plain.jpg', data: Buffer.from(sketch(['plain'])).toString('base64') },
    { filename: 'bad.jpg', data: 'data:image/jpg;base64,???' },
    { filename: 'none.jpg' },
    { data: dataUrl(sketch(['nameless'])) },
    'nothing',
  ];
  const { data } = await box.send<Outcome>(1052, { lib_id, uuid: 'xxyyzz', imgs });
  assert.deepEqual(data, { err_count: 3, url: 'tmp/image_xxyyzz.csv' });
  const codes = rowsOf(box, data.url).map((row) => Number(row.split(',')[2]));
  assert.deepEqual(codes, [0, 0, -1104, -3596, 0, -3596]);
});

test('batches that cannot begin', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  const picture = { img_1: file('a.jpg', sketch(['a'])) };
  assert.equal((await box.send(1030, { lib_id: 99, uuid: 'x' }, picture)).code, -117);
  assert.equal((await box.send(1030, { lib_id, uuid: 'x' })).code, -3596);
  assert.equal((await box.send(1052, { lib_id, uuid: 'x', imgs: [] })).code, -3596);
  assert.equal((await box.send(1052, { lib_id: 99, imgs: [{}] })).code, -117);
  assert.equal((await box.send(1052, { lib_id, imgs: 'x' })).code, -3596);
});

test('without a place for the list the pictures are in all the same', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  box.use.exports!.broken = true;
  const first = await box.send<Outcome>(1030, { lib_id, uuid: 'x' }, { img_1: sketch(['a']) });
  assert.deepEqual(first.data, { err_count: 0, url: '' });
  box.use.exports = undefined;
  const second = await box.send<Outcome>(1030, { lib_id, uuid: 'x' }, { img_1: sketch(['b']), img_2: sketch([]) });
  assert.deepEqual(second.data, { err_count: 1, url: '' });
});

test('a few pictures are under way at once, of one batch after the other', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  let open = () => {};
  box.images.gate = new Promise((resolve) => {
    open = resolve;
  });
  const batch = (name: string) => {
    const parts = Array.from({ length: 20 }, (_, at) => [`img_${at}`, sketch([`${name} ${at}`])] as const);
    return box.send<Outcome>(1030, { lib_id, uuid: name }, Object.fromEntries(parts));
  };
  const answers = [batch('a'), batch('b')];
  await until('pictures are under way', () => box.images.underWay === 4);
  const others = Array.from({ length: 4 }, (_, at) => batch(`more ${at}`));
  assert.equal(box.images.mostUnderWay, 4);
  open();
  const outcomes = await Promise.all([...answers, ...others]);
  assert.deepEqual(
    outcomes.map(({ code, data }) => [code, data.err_count ?? '']),
    [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
      [-1, ''],
    ],
  );
  assert.equal(box.images.mostUnderWay, 4);
  assert.equal(box.store.read.select().from(portraitImages).all().length, 100);
});

test('what would take too long is refused row by row, and a fault of the box ends no batch', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  const parts = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`img_${at}`, sketch([`who ${at}`])]));
  box.images.faults.push(new PictureError('failed', 'it died'), new TypeError('a bug') as PictureError);
  const examine = box.images.examine.bind(box.images);
  box.images.examine = (picture, wishes) => {
    box.clock.time += 2 * 60 * 1000;
    return examine(picture, wishes);
  };
  const { data } = await box.send<Outcome>(1030, { lib_id, uuid: 'slow' }, parts);
  const rows = rowsOf(box, data.url).map((row) => row.split(',').slice(2).join(','));
  assert.deepEqual(rows.slice(0, 3), ['-1,it died', '-3524,internal error', '0,stored']);
  assert.match(rows.at(-1) ?? '', /^-1,the batch took too long/);
  assert.equal(data.err_count, rows.filter((row) => row !== '0,stored').length);
  assert.ok(box.logged.some((line) => line.includes('a picture of a batch could not be enrolled')));
});

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

test('whom the index has no room for is out, and the list says so', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  box.index.capacity = 1;
  const parts = { img_1: sketch(['a']), img_2: sketch(['b']) };
  const { data } = await box.send<Outcome>(1030, { lib_id, uuid: 'x' }, parts);
  assert.equal(data.err_count, 1);
  const codes = rowsOf(box, data.url).map((row) => row.split(',')[2]);
  assert.deepEqual(codes.sort(), ['-122', '0']);
  assert.equal(box.store.read.select().from(portraitImages).all().length, 1);
});

test('a stop ends a batch: what has begun is in, the rest is told to come again', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  let open = () => {};
  box.images.gate = new Promise((resolve) => {
    open = resolve;
  });
  const parts = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`img_${at}`, sketch([`who ${at}`])]));
  const answer = box.send<Outcome>(1030, { lib_id, uuid: 'x' }, parts);
  await until('pictures are under way', () => box.images.underWay === 4);
  const stopped = box.parts.stop!();
  open();
  await stopped;
  const { data } = await answer;
  assert.equal(data.err_count, 8);
  const rows = rowsOf(box, data.url).map((row) => row.split(',').slice(2).join());
  assert.deepEqual(rows, [...Array(4).fill('0,stored'), ...Array(8).fill('-1,the box stops: send this one again')]);
  assert.equal((await box.send(1030, { lib_id, uuid: 'y' }, { img_1: sketch(['late']) })).code, -1);
});
