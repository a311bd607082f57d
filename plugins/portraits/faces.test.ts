import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PictureError } from '../../core/plugin/face-services.ts';
import { atEnd } from '../../core/store/fixture.ts';
import { STRANGERS } from './databases.ts';
import { dataUrl, roomsOf, startPlugin, type TestPlugin } from './fixture.ts';
import { ask } from './rest.fixture.ts';
import type { ExaminedView } from './rest-shapes.ts';
import { sketch, sketchModel } from './stand-ins.fixture.ts';

/** Messages 769, 771, 772 and 779 to 782, each as a form and as base64. */

const img = (bytes: Uint8Array) => ({ filename: 'x.jpg', data: dataUrl(bytes) });

/** Both forms of a message with one picture answer the same. */
async function both(box: TestPlugin, ids: [form: number, json: number], bytes: Uint8Array, parameters: object = {}) {
  const form = await box.send(ids[0], { ...parameters }, { img: bytes });
  const json = await box.send(ids[1], { ...parameters, img: img(bytes) });
  assert.deepEqual(form, json);
  return form;
}

const ANNA = { attribute: { gender_code: 'female' }, coordinate: '10,20,90,121' };

test('one face is detected', async (t) => {
  const box = await startPlugin(t);
  const detect = (bytes: Uint8Array) => both(box, [769, 779], bytes);
  assert.deepEqual(await detect(sketch(['anna'])), { code: 0, data: { ...ANNA, quality: 80 }, msg: '' });
  const poor = await detect(sketch([{ who: 'anna', quality: 3.4 }]));
  assert.deepEqual(poor.data, { ...ANNA, quality: 3 }, 'its quality is what was asked for');
  assert.equal((await detect(sketch([]))).code, -1101);
  assert.equal((await detect(sketch(['a', 'b']))).code, -1109);
  assert.equal((await detect(new TextEncoder().encode('x'))).code, -1104);
  assert.equal((await box.send(769)).code, -3596);
  assert.equal((await box.send(779)).code, -3596);
  box.images.faults.push(new PictureError('dimensions', 'too small'));
  assert.equal((await box.send(769, {}, { img: sketch(['anna']) })).code, -1110);
  box.images.inUse = [];
  assert.equal((await detect(sketch(['anna']))).code, 0, 'nobody is compared');
});

test('several faces are detected and cut out', async (t) => {
  const box = await startPlugin(t);
  const { data } = await box.send<Record<string, string>[]>(782, {}, { img: sketch(['anna', 'berta']) });
  assert.deepEqual(
    data.map(({ img_path: _, ...face }) => face),
    [
      { ...ANNA, quality: 80 },
      { ...ANNA, coordinate: '110,20,190,121', quality: 80 },
    ],
  );
  const paths = data.map(({ img_path }) => String(img_path));
  assert.match(paths[0] ?? '', /^tmp\/[0-9a-f-]{36}\.jpg$/);
  const crops = paths.map((path) => box.use.exports!.files.get(path));
  assert.deepEqual(crops[1], { data: 'crop of berta', shows: [], area: 'people', picture: true });
  assert.equal((await box.send(782, {}, { img: sketch([]) })).code, -1101);
  assert.equal((await box.send(782)).code, -3596);
  box.use.exports!.broken = true;
  assert.equal((await box.send<{ img_path: string }[]>(782, {}, { img: sketch(['a']) })).data[0]?.img_path, '');
  box.use.exports = undefined;
  assert.equal((await box.send<{ img_path: string }[]>(782, {}, { img: sketch(['a']) })).data[0]?.img_path, '');
});

const person = {
  person_name: 'zhang',
  person_gender: '0',
  person_age: '18',
  person_idcard: '425',
  person_addr: 'here',
};

async function searched(t: Parameters<typeof startPlugin>[0]) {
  const box = await startPlugin(t);
  const one = await box.database('blacklib');
  const two = await box.database('guests', 2);
  await box.send(1029, { lib_id: one, img_id: 'anna', ...person }, { img: sketch(['anna']) });
  await box.send(1029, { lib_id: one, img_id: 'berta' }, { img: sketch(['berta']) });
  await box.send(1029, { lib_id: two, img_id: 'anna-2' }, { img: sketch(['anna'], 2) });
  return { box, one, two, compare: (parameters: object) => both(box, [772, 780], sketch(['anna'], 9), parameters) };
}

test('a face is compared with databases', async (t) => {
  const { box, one, two, compare } = await searched(t);
  const { data } = (await compare({ lib_ids: `${one},${two}`, threshold: 90, topk: 5, n_topk: 2 })) as {
    data: Record<string, unknown> & { topn: Record<string, unknown>[] };
  };
  const { img_path, ...first } = data.topn[0]!;
  assert.match(String(img_path), /^facebase\/libid1\/1_\d+_\d+\.jpg$/);
  assert.deepEqual(first, {
    img_id: 'anna',
    lib_id: one,
    lib_name: 'blacklib',
    lib_type: 1,
    ranking: 1,
    similarity: 100,
    id: '******',
    name: 'zhang',
    gender: '0',
    age: '18',
    address: '******',
    wanderdeviceid: '',
    wandertrigger: '',
  });
  assert.deepEqual(
    data.topn.map(({ img_id, ranking, id }) => [img_id, ranking, id]),
    [
      ['anna', 1, '******'],
      ['anna-2', 2, ''],
    ],
  );
  assert.deepEqual(data['n_topn'], data.topn[1]);
  const inPicture = { pos_top: 20, pos_bottom: 121, pos_left: 10, pos_right: 90, quality: 80 };
  assert.deepEqual([data['In_pic'], data['in_pic']], [inPicture, inPicture]);
  assert.equal(Object.keys(data).length, 4);

  const ids = async (parameters: object) => {
    const answer = (await compare(parameters)) as { data: { topn: { img_id: string }[]; n_topn: { img_id?: string } } };
    return [answer.data.topn.map(({ img_id }) => img_id).join(), answer.data.n_topn.img_id];
  };
  assert.deepEqual(await ids({ lib_ids: one }), ['anna', 'anna'], 'the best one of all, by default');
  assert.deepEqual(await ids({ lib_ids: [one, two, STRANGERS], topk: 50 }), ['anna,anna-2,berta', 'anna']);
  const nobody = await both(box, [772, 780], sketch(['cleo']), { lib_ids: one, threshold: '100' });
  assert.deepEqual((nobody.data as { topn: []; n_topn: object }).topn, []);
  assert.deepEqual((nobody.data as { topn: []; n_topn: object }).n_topn, {});
});

test('comparisons are refused with the codes of the interface', async (t) => {
  const { box, one, compare } = await searched(t);
  const empty = await box.database('empty');
  const codes: [object, number][] = [
    [{}, -1106],
    [{ lib_ids: '' }, -1106],
    [{ lib_ids: '99' }, -1108],
    [{ lib_ids: `${one},99` }, -1108],
    [{ lib_ids: empty }, -1107],
    [{ lib_ids: STRANGERS }, -1107],
    [{ lib_ids: `${one},${empty}` }, 0],
    [{ lib_ids: 'one' }, -3596],
    [{ lib_ids: Array.from({ length: 51 }, (_, at) => at).join() }, -3596],
    [{ lib_ids: one, threshold: 101 }, -3596],
    [{ lib_ids: one, topk: 51 }, -3596],
    [{ lib_ids: one, topk: 2, n_topk: 3 }, -3596],
  ];
  for (const [parameters, code] of codes) {
    assert.equal((await compare(parameters)).code, code, JSON.stringify(parameters));
  }
  const faces: [Uint8Array, number][] = [
    [sketch([]), -1101],
    [sketch([{ who: 'x', quality: 5 }]), -1102],
    [new TextEncoder().encode('x'), -1104],
    [sketch(['a', 'b']), -1109],
  ];
  for (const [bytes, code] of faces) {
    assert.equal((await both(box, [772, 780], bytes, { lib_ids: one })).code, code);
    const form = await box.send(771, {}, { img_1: sketch(['anna']), img_2: bytes });
    const json = await box.send(781, { img_1: img(sketch(['anna'])), img_2: img(bytes) });
    assert.deepEqual([form.code, json.code], [code, code]);
  }
  assert.equal((await box.send(772, { lib_ids: one })).code, -3596);
  assert.equal((await box.send(771, {}, { img_1: sketch(['anna']) })).code, -3596);
  assert.equal((await box.send(781, { img_1: img(sketch(['anna'])) })).code, -3596);
  for (const id of [771, 772]) {
    box.images.faults.push(new PictureError('dimensions', 'too large'));
    const files = { img: sketch(['anna']), img_1: sketch(['anna']), img_2: sketch(['anna']) };
    assert.equal((await box.send(id, { lib_ids: one }, files)).code, -1110);
  }
  box.index.fault = 'loading';
  const loading = await compare({ lib_ids: one });
  assert.deepEqual([loading.code, loading.msg], [-1, 'the index of faces is not ready'], 'no stranger by a fault');
});

test('faces far behind do not count, whatever way the picture comes', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  await box.send(1029, { lib_id, img_id: 'anna' }, { img: sketch(['anna']) });
  let take = 0;
  /** What every message says to a picture of somebody with another face of so much of the height of the first. */
  const answers = async (part: number) => {
    take += 1;
    const bytes = sketch(
      [
        { who: 'anna', height: 200 },
        { who: 'behind', height: 200 * part },
      ],
      take,
    );
    const files = { img: bytes, img_1: bytes, img_2: sketch(['anna']), img_3: bytes };
    const json = { img: img(bytes), img_1: img(bytes), img_2: img(sketch(['anna'])) };
    const codes: Record<number, number> = {};
    for (const id of [769, 771, 772]) codes[id] = (await box.send(id, { lib_ids: lib_id }, files)).code;
    for (const id of [779, 781, 780]) codes[id] = (await box.send(id, { lib_ids: lib_id, ...json })).code;
    const enrolled: [number, object, Record<string, Uint8Array>?][] = [
      [1029, {}, files],
      [1051, json],
      [1030, {}, { img_1: bytes }],
      [1052, { imgs: [json.img] }],
    ];
    for (const [id, parameters, sent] of enrolled) {
      const own = await box.database(`${part} ${id}`);
      const { code, data } = await box.send<{ err_count?: number; url: string }>(
        id,
        { lib_id: own, ...parameters },
        sent,
      );
      const list = data.err_count ? box.use.exports!.files.get(data.url)!.data : '';
      codes[id] = Number(/"(-\d+)"/.exec(list)?.[1] ?? code);
    }
    const all = await box.send<unknown[]>(782, {}, { img: bytes });
    assert.equal(all.data.length, 2, '782 tells all');
    const seen = await ask<ExaminedView>(box, 'POST', '/examine', {
      body: { picture: Buffer.from(bytes).toString('base64'), near: true },
    });
    return { codes: [...new Set(Object.values(codes))], faces: seen.faces.length, near: seen.near[0]?.portrait.name };
  };
  assert.deepEqual(await answers(0.19), { codes: [0], faces: 1, near: '' });
  assert.deepEqual(await answers(0.2), { codes: [-1109], faces: 2, near: undefined });
  assert.deepEqual(await answers(1), { codes: [-1109], faces: 2, near: undefined });
});

test('two faces are compared', async (t) => {
  const box = await startPlugin(t);
  const compare = async (one: string, other: string) => {
    const form = await box.send(771, {}, { img_1: sketch([one]), img_2: sketch([other], 1) });
    const json = await box.send(781, { img_1: img(sketch([one])), img_2: img(sketch([other])) });
    assert.deepEqual(form, json);
    assert.deepEqual(Object.keys(form.data as object), ['FaceImg1to1Rsp_Score']);
    return (form.data as { FaceImg1to1Rsp_Score: number }).FaceImg1to1Rsp_Score;
  };
  assert.equal(await compare('anna', 'anna'), 100);
  const different = await compare('anna', 'berta');
  assert.ok(Number.isInteger(different) && different < 100, `${different}`);
  box.images.inUse = [];
  const none = await box.send(771, {}, { img_1: sketch(['anna']), img_2: sketch(['anna']) });
  assert.deepEqual([none.code, none.msg], [-1, 'no model describes faces']);
});

test('databases of the demo are searched with the model made for it, all others with the other', async (t) => {
  const box = await startPlugin(t);
  box.images.use(sketchModel('rendered', 'demo'), sketchModel('real'));
  const { library, comparison, reembedding } = roomsOf(box);
  reembedding.start();
  atEnd(t, () => reembedding.stop());
  const demo = await library.createDatabase('demo', 1, 'demo');
  const own = await library.createDatabase('own', 1);
  const person = { name: '', gender: '', age: '', idcard: '', address: '' };
  for (const { libId } of [demo, own])
    await library.enrol({ libId, picture: sketch(['anna']), person, quality: 'low' });
  const asked: string[] = [];
  const search = box.index.search.bind(box.index);
  box.index.search = (query) => {
    asked.push(`${query.model} in ${query.libraries.join()}`);
    return search(query);
  };
  const libIds = [demo.libId, own.libId];
  const found = await comparison.oneToMany(sketch(['anna']), { libIds, threshold: 50, most: 10 });
  assert.deepEqual(asked.sort(), [`real in ${own.libId}`, `rendered in ${demo.libId}`]);
  assert.deepEqual(found.near.map(({ portrait }) => portrait.libId).sort(), libIds);

  const preview = await comparison.preview(sketch(['anna']));
  assert.equal(preview.near.length, 2);
  assert.deepEqual((await comparison.preview(sketch(['anna', 'berta']))).near, []);
  box.index.fault = 'down';
  assert.match((await comparison.preview(sketch(['anna']))).nearFault ?? '', /not ready/);
});
