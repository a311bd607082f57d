import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPlugin, type TestPlugin } from './fixture.ts';
import { sketch } from './stand-ins.fixture.ts';

/** Messages 1038 and 1041. */

interface Exported {
  export_url: string;
  zippasswd: string;
  result_num: number;
  total_num: number;
  failed_img_ids?: string;
}

async function filled(t: Parameters<typeof startPlugin>[0]) {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  for (const who of ['a', 'b', 'c']) {
    const person = { person_name: `=${who}, "q"`, person_gender: 1, person_idcard: '123' };
    await box.send(1029, { lib_id, img_id: who, ...person }, { img: sketch([who]) });
  }
  return { box, lib_id };
}

const namesIn = (box: TestPlugin, path: string) => box.use.exports!.archives.get(path)!.entries.map(({ name }) => name);

test('people are exported page by page', async (t) => {
  const { box, lib_id } = await filled(t);
  const { code, data } = await box.send<Exported>(1038, { lib_id, start_no: 2, qry_len: 500 });
  const { export_url, ...rest } = data;
  assert.deepEqual([code, rest], [0, { zippasswd: 'secret', result_num: 2, total_num: 3 }]);
  assert.match(export_url, /^tmp\/face_/);
  assert.deepEqual(namesIn(box, export_url), ['b.jpg', 'c.jpg', 'index.csv']);
  const { entries, shows, area } = box.use.exports!.archives.get(export_url)!;
  assert.deepEqual([shows, area], [[`${lib_id}/b`, `${lib_id}/c`], 'people']);
  assert.deepEqual(entries[0]!.data, Buffer.from(sketch(['b'])));
  assert.equal(
    entries[2]!.data,
    '\ufeff"file","img_id","name","gender","age","idcard","address","create_time"\r\n' +
      '"b.jpg","b","\'=b, ""q""","1","","******","","2026-11-21 12:00:00"\r\n' +
      '"c.jpg","c","\'=c, ""q""","1","","******","","2026-11-21 12:00:00"\r\n',
  );
  assert.equal((await box.send<Exported>(1038, { lib_id })).data.result_num, 3);
});

test('the list names each picture as every system unpacks it', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  for (const img_id of ['Ann', 'ann', 'con'])
    await box.send(1029, { lib_id, img_id, person_name: img_id }, { img: sketch([img_id]) });
  const { data } = await box.send<Exported>(1038, { lib_id });
  assert.deepEqual(namesIn(box, data.export_url), ['Ann.jpg', 'ann (2).jpg', '_con.jpg', 'index.csv']);
  const list = String(box.use.exports!.archives.get(data.export_url)!.entries.at(-1)!.data);
  assert.deepEqual(
    list
      .split('\r\n')
      .map((line) => line.split(',').slice(0, 2).join())
      .slice(1, 4),
    ['"Ann.jpg","Ann"', '"ann (2).jpg","ann"', '"_con.jpg","con"'],
  );
});

test('the operation log has who exported how many', async (t) => {
  const { box, lib_id } = await filled(t);
  box.remarks.length = 0;
  await box.send(1038, { lib_id, start_no: 2, qry_len: 500 });
  await box.send(1041, { lib_id, img_ids: 'c,gone' });
  assert.deepEqual(box.remarks, [`database ${lib_id}: 2 people`, `database ${lib_id}: 1 people`]);
  const logged = box.parts.messages?.filter((one) => one.logged);
  assert.deepEqual(
    logged?.map(({ id }) => id),
    [1038, 1041],
  );
});

test('chosen people are exported, and those who cannot be are named', async (t) => {
  const { box, lib_id } = await filled(t);
  const { data } = await box.send<Exported>(1041, { lib_id, img_ids: 'c,gone,a,a' });
  assert.deepEqual(namesIn(box, data.export_url), ['c.jpg', 'a.jpg', 'index.csv']);
  const { export_url: _, ...rest } = data;
  assert.deepEqual(rest, { zippasswd: 'secret', failed_img_ids: 'gone', result_num: 2, total_num: 3 });

  const open = box.store.blobs.open.bind(box.store.blobs);
  const { data: one } = await box.send<{ img_path: string }>(1032, { lib_id, img_id: 'b' });
  box.store.blobs.open = async (path) => (path === one.img_path ? undefined : open(path));
  const partly = await box.send<Exported>(1041, { lib_id, img_ids: 'b,c' });
  assert.deepEqual([partly.data.failed_img_ids, partly.data.result_num], ['b', 1]);
  assert.equal((await box.send(1041, { lib_id, img_ids: 'b' })).code, -2100);
});

test('exports that cannot be', async (t) => {
  const { box, lib_id } = await filled(t);
  const empty = await box.database('empty');
  const codes: [number, object, number][] = [
    [1038, { lib_id: 99 }, -117],
    [1038, { lib_id: empty }, -110],
    [1038, { lib_id, start_no: 4 }, -2100],
    [1038, { lib_id, qry_len: 501 }, -3596],
    [1041, { lib_id: 99, img_ids: 'a' }, -117],
    [1041, { lib_id, img_ids: 'x,y' }, -126],
    [1041, { lib_id }, -3596],
    [1041, { lib_id, img_ids: Array(51).fill('a').join() }, -3596],
  ];
  for (const [id, parameters, code] of codes) {
    assert.equal((await box.send(id, { ...parameters })).code, code, `${id} ${JSON.stringify(parameters)}`);
  }
  box.use.exports = undefined;
  const answer = await box.send(1038, { lib_id });
  assert.deepEqual([answer.code, answer.msg], [-1, 'nothing can be exported: the plugin exports is not running']);
});
