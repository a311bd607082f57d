import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FaceIndexError, PictureError } from '../../core/plugin/face-services.ts';
import { atEnd, filesBelow, until } from '../../core/store/fixture.ts';
import { Databases } from './databases.ts';
import { Enrolment } from './enrolment.ts';
import { dataUrl, roomsOf, startPlugin } from './fixture.ts';
import { KnownFaces } from './known-faces.ts';
import { NOBODY } from './person.ts';
import { sketch, vectorOf } from './stand-ins.fixture.ts';
import { portraitEmbeddings, portraitImages } from './tables.ts';
import { Vault } from './vault.ts';

/** Messages 1029, 1031 to 1033, 1035, 1044, 1051 and 1067. */

const WANG = {
  person_name: '王小明',
  person_gender: '1',
  person_age: '41',
  person_idcard: '130182199001011234',
  person_addr: 'wuhan, 5 "east" road',
};
const MASKED = { ...WANG, person_idcard: '******', person_addr: '******' };

test('a client takes back what it told of somebody, but not by leaving it empty', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  await box.send(1029, { lib_id, img_id: 'w', ...WANG }, { img: sketch(['wang']) });
  const known = async (change: object) => {
    assert.equal((await box.send(1033, { lib_id, img_id: 'w', ...change })).code, 0);
    const { record } = (await box.send<{ record: Record<string, string>[] }>(1067, { lib_id, img_id: 'w' })).data;
    return Object.keys(WANG).map((field) => record[0]![field]);
  };
  const fields = (value: string) => Object.fromEntries(Object.keys(WANG).map((field) => [field, value]));
  assert.deepEqual(await known(fields('')), Object.values(WANG));
  const { person_idcard, person_addr, ...rest } = fields('#');
  const left = Object.entries(WANG).map(([field, value]) => (field in rest ? value : ''));
  assert.deepEqual(await known({ person_idcard, person_addr }), left);
  const { data } = await box.send<Record<string, string>>(1032, { lib_id, img_id: 'w' });
  assert.deepEqual([data['person_idcard'], data['person_addr']], ['', ''], 'nothing is there to be masked');
  assert.deepEqual(
    await known(rest),
    Object.keys(WANG).map(() => ''),
  );
});

test('somebody is enrolled, listed masked, changed, read in clear and deleted', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  const made = await box.send(1029, { lib_id: String(lib_id), img_id: 'test_4', ...WANG }, { img: sketch(['wang']) });
  assert.deepEqual(made, { code: 0, data: { img_id: 'test_4' }, msg: '' });

  const { data: one } = await box.send<Record<string, string>>(1032, { lib_id, img_id: 'test_4' });
  const { img, img_feat, img_path, ...told } = one;
  assert.deepEqual(told, { create_time: '2026-11-21 12:00:00', img_id: 'test_4', lib_id, ...MASKED });
  assert.match(String(img_path), /^facebase\/libid1\/1_\d+_\d+\.jpg$/);
  assert.deepEqual(Buffer.from(img ?? '', 'base64'), Buffer.from(sketch(['wang'])));
  assert.equal(img_feat, '');
  const blob = box.store.blobs.find(String(img_path));
  assert.deepEqual([blob?.area, blob?.picture, blob?.owner], ['people', true, 'portraits']);

  box.clock.time += 1000;
  // A client sends back what a list gave it.
  const changed = await box.send(1033, { lib_id, img_id: 'test_4', ...MASKED, person_age: 42, person_addr: '*****' });
  assert.deepEqual(changed.data, { img_id: 'test_4', lib_id });
  await box.send(1033, { lib_id, img_id: 'test_4', person_name: '', person_idcard: '77' });
  const listed = await box.send<{ record: object[]; result_num: number; total_num: number }>(1035, { lib_id });
  const row = { create_time: '2026-11-21 12:00:00', img_id: 'test_4', img_path, lib_id, ...MASKED, person_age: '42' };
  assert.deepEqual(listed.data, { record: [row], result_num: 1, total_num: 1 });

  const clear = await box.send(1067, { lib_id, uuid: 'test_4' });
  const known = { ...row, person_idcard: '77', person_addr: WANG.person_addr };
  assert.deepEqual(clear.data, { record: [known], result_num: 1, total_num: 1 });
  assert.deepEqual((await box.send(1067, { lib_id, img_id: 'test_4' })).data, clear.data);

  assert.deepEqual(await box.send(1031, { lib_id, img_id: 'test_4' }), { code: 0, data: '', msg: '' });
  assert.deepEqual((await box.send<{ record: [] }>(1035, { lib_id })).data.record, []);
  await box.store.blobs.idle();
  assert.deepEqual(await filesBelow(box.folder, 'facebase', 'staged'), []);

  for (const secret of ['王', 'test_4', '13018', 'wuhan', '77']) {
    const noted = `${box.remarks.join()} ${box.logged.map((line) => line.replace(/"(time|pid)":\d+/g, '')).join()}`;
    assert.ok(!noted.includes(secret), `${secret} stands in a log`);
  }
});

test('what is sensitive is sealed on the disk, and so are embeddings', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  await box.send(1029, { lib_id, ...WANG }, { img: sketch(['wang']) });
  const [row] = box.store.read.select().from(portraitImages).all();
  assert.match(String(row?.personIdcard), /^gs1\./);
  assert.match(String(row?.personAddr), /^gs1\./);
  const [embedding] = box.store.read.select().from(portraitEmbeddings).all();
  const vector = vectorOf('wang', 'one');
  assert.ok(!embedding!.vector.includes(Buffer.from(vector.buffer)), 'the embedding can be read');
  const vault = new Vault(box.store.keys.for('portraits'));
  assert.deepEqual(vault.openVector(row!.imgPath, 'one', embedding!.vector), vector);
  assert.throws(() => vault.openVector('facebase/libid1/other.jpg', 'one', embedding!.vector), { name: 'SecretError' });
});

test('pictures come as base64, with and without a data URL', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  const bytes = sketch(['anna']);
  const enrolled = await box.send<{ img_id: string }>(1051, {
    lib_id,
    img: { filename: 'a.jpg', data: dataUrl(bytes) },
  });
  assert.match(enrolled.data.img_id, /^[0-9a-f-]{36}$/, 'an id is allocated');
  const plain = Buffer.from(sketch(['berta'])).toString('base64');
  assert.equal((await box.send(1051, { lib_id, img_id: '', img: { filename: 'b.jpg', data: plain } })).code, 0);
  assert.equal((await box.send(1051, { lib_id, img: Buffer.from(sketch(['cleo'])).toString('base64') })).code, 0);
  const refused = async (img: unknown) => (await box.send(1051, { lib_id, img })).code;
  assert.equal(await refused({ filename: 'a.jpg', data: 'not base64!' }), -1104);
  assert.equal(await refused({ filename: 'a.jpg', data: '' }), -1104);
  assert.equal(await refused({ filename: 'a.jpg', data: 'data:image/jpg;base64,AAAA' }), -1104);
  assert.equal(await refused({ filename: 'a.jpg' }), -3596);
  assert.equal(await refused(undefined), -3596);
});

test('enrolments are refused with the codes of the interface', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  await box.send(1029, { lib_id, img_id: 'taken' }, { img: sketch(['anna']) });
  const enrol = (parameters: object, img: Uint8Array | undefined = sketch(['berta'])) =>
    box.send(1029, { lib_id, ...parameters }, { img });
  const codes: [number, Promise<{ code: number }>][] = [
    [-117, enrol({ lib_id: 99 })],
    [-1100, enrol({ img_id: 'taken' })],
    [-116, enrol({}, sketch(['anna']))],
    [-1101, enrol({}, sketch([]))],
    [-1102, enrol({}, sketch([{ who: 'blurred', quality: 3 }]))],
    [-1104, enrol({}, new TextEncoder().encode('GIF89a'))],
    [-1104, enrol({}, new Uint8Array())],
    [-1109, enrol({}, sketch(['anna', 'berta']))],
    [-2754, enrol({ img_id: 'x'.repeat(49) })],
    [-3596, enrol({ img_id: 'with space' })],
    [-3596, enrol({ img_id: '../etc' })],
    [-3596, enrol({ person_gender: '2' })],
    [-3596, enrol({ person_age: '1000' })],
    [-3596, enrol({ person_age: '-1' })],
    [-3596, enrol({ person_name: 'n'.repeat(101) })],
    [-3596, box.send(1029, { lib_id })],
  ];
  for (const [at, [code, answer]] of codes.entries()) assert.equal((await answer).code, code, `case ${at}`);
  const faults: [PictureError['fault'], number][] = [
    ['format', -1104],
    ['dimensions', -1110],
    ['no-model', -1],
    ['busy', -1],
    ['failed', -1],
  ];
  for (const [fault, code] of faults) {
    box.images.faults.push(new PictureError(fault, `because of ${fault}`));
    const answer = await enrol({});
    assert.deepEqual([answer.code, answer.msg], [code, `because of ${fault}`]);
  }
  assert.equal((await box.send<{ picture_no: number }[]>(1028)).data[0]?.picture_no, 1);
  assert.deepEqual((await filesBelow(box.folder, 'staged')).length, 0, 'nothing of the refused is left');
});

test('names, numbers and addresses are one line, whatever way they come; other control characters are refused', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database('Night\r\nshift');
  const lines = { person_name: 'Ada\r\n\tLovelace\u2028', person_idcard: '12\n34', person_addr: '5 East Road\nWuhan' };
  const one = { person_name: 'Ada Lovelace', person_idcard: '12 34', person_addr: '5 East Road Wuhan' };
  const clear = async (uuid: string) => {
    const { data } = await box.send<{ record: Record<string, string>[] }>(1067, { lib_id, uuid });
    const { person_name, person_idcard, person_addr } = data.record[0]!;
    return { person_name, person_idcard, person_addr };
  };
  await box.send(1029, { lib_id, img_id: 'form', ...lines }, { img: sketch(['anna']) });
  await box.send(1051, {
    lib_id,
    img_id: 'json',
    ...lines,
    img: { filename: 'b.jpg', data: dataUrl(sketch(['berta'])) },
  });
  await box.send(1051, { lib_id, img_id: 'changed', img: { filename: 'c.jpg', data: dataUrl(sketch(['cleo'])) } });
  await box.send(1033, { lib_id, img_id: 'changed', ...lines });
  const file = { filename: 'Ada\nLovelace_batch_12\n34_0_36_5 East Road\nWuhan.jpg', data: dataUrl(sketch(['dora'])) };
  await box.send(1052, { lib_id, img_num: 1, imgs: [file] });
  for (const uuid of ['form', 'json', 'changed', 'batch']) assert.deepEqual(await clear(uuid), one, uuid);
  const { data } = await box.send<{ libs: { lib_name: string }[] }>(1028);
  assert.match(JSON.stringify(data), /"Night shift"/);

  for (const control of ['\0', '\u0007', '\u001b[2J', '\u007f', '\u0090']) {
    for (const field of ['person_name', 'person_idcard', 'person_addr']) {
      const wrong = await box.send(1033, { lib_id, img_id: 'form', [field]: `Ada${control}` });
      assert.equal(wrong.code, -3596, `${field} ${JSON.stringify(control)}`);
    }
    assert.equal((await box.send(1025, { lib_name: `Day${control}`, lib_type: 1 })).code, -3596);
  }
});

test('an id has up to 48 characters and may hold hyphens and underscores', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  const img_id = `${'A'.repeat(40)}-_34567z`;
  assert.equal(img_id.length, 48);
  assert.deepEqual((await box.send(1029, { lib_id, img_id }, { img: sketch(['anna']) })).data, { img_id });
});

test('the same picture is taken once in each database, and once more when it has left', async (t) => {
  const box = await startPlugin(t);
  const [one, other] = [await box.database('one'), await box.database('other')];
  const enrol = (lib_id: number, img_id: string) => box.send(1029, { lib_id, img_id }, { img: sketch(['anna']) });
  assert.equal((await enrol(one, 'a')).code, 0);
  assert.equal((await enrol(one, 'b')).code, -116);
  assert.equal((await enrol(other, 'a')).code, 0);
  await box.send(1031, { lib_id: one, img_id: 'a' });
  assert.equal((await enrol(one, 'b')).code, 0);
  const twice = await Promise.all(
    ['c', 'd'].map((id) => box.send(1029, { lib_id: one, img_id: id }, { img: sketch(['cleo']) })),
  );
  assert.deepEqual(twice.map(({ code }) => code).sort(), [-116, 0], 'also at the same time');
});

test('where the box asks for good pictures, clients have to bring them', async (t) => {
  const box = await startPlugin(t, { config: { clientQuality: 'high' } });
  const lib_id = await box.database();
  const poor = sketch([{ who: 'anna', quality: 70, faults: ['blur', 'angle'] }]);
  const refused = await box.send(1029, { lib_id }, { img: poor });
  assert.deepEqual([refused.code, refused.data, refused.msg], [-1102, '', 'found wanting: blur, angle']);
  assert.equal((await box.send(1029, { lib_id }, { img: sketch(['anna']) })).code, 0);
});

test('there are as many images as there may be, and as many as the index holds', async (t) => {
  const { store, clock, images, index } = await startPlugin(t);
  const now = () => clock.time;
  const databases = new Databases(store, { now }, { databases: 5, images: 2 });
  const [{ libId }, other] = [await databases.create('a', 1), await databases.create('b', 1)];
  const vault = new Vault(store.keys.for('portraits'));
  const known = new KnownFaces(index);
  const parts = { owner: 'portraits', store, databases, vault, clock: { now }, images, known, incomplete: () => {} };
  const enrolment = new Enrolment(parts);
  const enrol = (who: string, into = libId) =>
    enrolment.enrol({ libId: into, picture: sketch([who]), person: NOBODY, quality: 'low' });
  index.capacity = 1;
  await enrol('anna');
  await assert.rejects(enrol('berta'), { code: -122, message: 'the index is full' });
  assert.equal(databases.get(libId)?.pictures, 1, 'nobody is kept who would never be found');
  index.capacity = 10;
  await enrol('berta', other.libId);
  await assert.rejects(enrol('cleo'), { code: -122 });
});

test('somebody the index has no room for is counted once, though he is erased before he is taken back', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  const rows = () => box.store.read.select().from(portraitImages).all().length;
  box.index.put = async () => {
    await until('he is erased', () => rows() === 0);
    throw new FaceIndexError('full', 'the index is full');
  };
  const enrolled = box.send(1029, { lib_id, img_id: 'a' }, { img: sketch(['anna']) });
  await until('he is stored', () => rows() === 1);
  const erased = box.send(1031, { lib_id, img_id: 'a' });
  assert.deepEqual([(await enrolled).code, (await erased).code], [-122, 0]);
  assert.equal((await box.send<{ picture_no: number }[]>(1028)).data[0]?.picture_no, 0);
});

test('an index that loads or is down keeps nobody from being enrolled', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  box.index.fault = 'loading';
  assert.equal((await box.send(1029, { lib_id, img_id: 'a' }, { img: sketch(['anna']) })).code, 0);
  box.index.fault = 'down';
  assert.equal((await box.send(1031, { lib_id, img_id: 'a' })).code, 0);
  assert.equal((await box.send(1029, { lib_id, img_id: 'b' }, { img: sketch(['berta']) })).code, 0);
  // What it reads when it is there again.
  assert.deepEqual(
    (await box.index.source!.read(0, 10)).map(({ library, model }) => [library, model]),
    [[lib_id, 'one']],
  );
});

test('people and databases that are not there', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  await box.send(1029, { lib_id, img_id: 'here' }, { img: sketch(['anna']) });
  for (const id of [1031, 1032, 1033, 1067]) {
    assert.equal((await box.send(id, { lib_id: 99, img_id: 'here' })).code, -117, `${id}`);
    assert.equal((await box.send(id, { lib_id, img_id: 'other' })).code, -126, `${id}`);
    assert.equal((await box.send(id, { lib_id })).code, -3596, `${id}`);
  }
  assert.equal((await box.send(1035, { lib_id: 99 })).code, -117);
  assert.equal((await box.send(1044, { lib_id: 99, img_ids: 'here' })).code, -117);
  assert.equal((await box.send(1044, { lib_id, img_ids: 'a,b' })).code, -126);
  assert.equal((await box.send(1044, { lib_id, img_ids: '' })).code, -3596);
  assert.equal((await box.send(1044, { lib_id, img_ids: Array(51).fill('a').join(',') })).code, -3596);
  assert.equal((await box.send(1033, { lib_id, img_id: 'here', person_gender: 'x' })).code, -3596);
});

test('many are deleted at once, and those that are gone already do not matter', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  for (const who of ['a', 'b', 'c']) await box.send(1029, { lib_id, img_id: who }, { img: sketch([who]) });
  assert.deepEqual(await box.send(1044, { lib_id, img_ids: 'a, c ,gone' }), { code: 0, data: '', msg: '' });
  const { data } = await box.send<{ record: { img_id: string }[] }>(1035, { lib_id });
  assert.deepEqual(
    data.record.map(({ img_id }) => img_id),
    ['b'],
  );
  assert.equal((await box.send<{ picture_no: number }[]>(1028)).data[0]?.picture_no, 1);
});

test('people are listed in the order they came, from a moment on or of a day', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  const start = box.clock.time;
  for (const [at, who] of ['a', 'b', 'c'].entries()) {
    box.clock.time = start + at * 12 * 60 * 60 * 1000;
    await box.send(1029, { lib_id, img_id: who }, { img: sketch([who]) });
  }
  const ids = async (query: object) => {
    const { data } = await box.send<{ record: { img_id: string }[]; total_num: number }>(1035, { lib_id, ...query });
    return `${data.record.map(({ img_id }) => img_id).join('')} of ${data.total_num}`;
  };
  assert.equal(await ids({}), 'abc of 3');
  assert.equal(await ids({ start_no: 2, qry_len: 1 }), 'b of 3');
  assert.equal(await ids({ create_time: '2026-11-22 00:00:00' }), 'bc of 2');
  assert.equal(await ids({ create_time: '2026-11-21' }), 'a of 1');
  assert.equal(await ids({ create_time: '2026-11-22' }), 'bc of 2');
  assert.equal((await box.send(1035, { lib_id, create_time: 'today' })).code, -3596);
  assert.equal((await box.send(1035, { lib_id, create_time: '2026-02-30' })).code, -3596);
});

test('who is enrolled twice is told, in whatever database', async (t) => {
  const box = await startPlugin(t);
  const [one, other] = [await box.database('one'), await box.database('other', 2)];
  const { library, reembedding } = roomsOf(box);
  reembedding.start();
  atEnd(t, () => reembedding.stop());
  const enrol = (libId: number, who: string, take: number, lane: 'prompt' | 'batch' = 'prompt') =>
    library.enrol({ libId, picture: sketch([who], take), person: NOBODY, quality: 'high', lane });
  assert.deepEqual((await enrol(one, 'anna', 1)).near, []);
  await enrol(one, 'berta', 1);
  const { portrait, near } = await enrol(other, 'anna', 2);
  assert.equal(portrait.libId, other);
  assert.deepEqual(
    near.map(({ libName, similarity }) => [libName, Math.round(similarity)]),
    [['one', 100]],
  );
  assert.match((await enrol(other, 'berta', 3, 'batch')).nearFault ?? '', /batch/);
  box.index.fault = 'loading';
  const blind = await enrol(other, 'cleo', 1);
  assert.deepEqual([blind.near, blind.nearFault], [[], 'the index of faces is not ready']);
});
