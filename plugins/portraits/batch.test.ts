import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PictureError } from '../../core/plugin/face-services.ts';
import { until } from '../../core/store/fixture.ts';
import { type Outcome, rowsOf } from './batch.fixture.ts';
import { dataUrl, file, startPlugin, type TestPlugin } from './fixture.ts';
import { sketch } from './stand-ins.fixture.ts';
import { portraitImages } from './tables.ts';

/** Messages 1030 and 1052. */

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
    'zhangsan_a1_******_0_23_******.jpg,a1,0,stored',
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
  assert.doesNotMatch(kept.data, /32011111|beijing/, 'whoever sees people may read it');
  const [a1, taken, a2] = ['a1', 'taken', 'a2'].map((imgId) => `${lib_id}/${imgId}`);
  assert.deepEqual(kept.shows.slice(0, 3), [a1, taken, a2], 'the list goes with those it names');
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

/** Holds all pictures up. @returns lets them go */
function shut(box: TestPlugin): () => void {
  let open = () => {};
  box.images.gate = new Promise((resolve) => {
    open = resolve;
  });
  return () => open();
}

/** Sends a batch of so many pictures by its name. */
function batchesOf(box: TestPlugin, lib_id: number, pictures: number) {
  return (name: string) => {
    const parts = Array.from({ length: pictures }, (_, at) => [`img_${at}`, sketch([`${name} ${at}`])] as const);
    return box.send<Outcome>(1030, { lib_id, uuid: name }, Object.fromEntries(parts));
  };
}

test('a few pictures are under way at once, of one batch after the other', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  const open = shut(box);
  const batch = batchesOf(box, lib_id, 20);
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

test('a batch that waited for its turn is answered while its client still waits', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  const open = shut(box);
  const batch = batchesOf(box, lib_id, 8);
  const answers = [batch('first'), batch('second')];
  await until('pictures are under way', () => box.images.underWay === 4);
  box.clock.time += 11 * 60 * 1000;
  open();
  const [first, second] = await Promise.all(answers);
  assert.deepEqual([first!.data.err_count, second!.data.err_count], [4, 8], 'nothing of it is begun any more');
  assert.match(rowsOf(box, second!.data.url)[0] ?? '', /,-1,the batch took too long: send this one again$/);
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
