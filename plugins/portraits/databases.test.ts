import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../core/store/fixture.ts';
import { tableDrift } from '../../core/store/table-drift.ts';
import { Databases, STRANGERS } from './databases.ts';
import { startPlugin } from './fixture.ts';
import plugin from './index.ts';
import { sketch } from './stand-ins.fixture.ts';
import { portraitDatabases } from './tables.ts';

/** Messages 1025 to 1028 and 1034. */

const row = (lib_id: number, lib_name: string, lib_type = 1) => ({
  create_time: '2026-11-21 20:00:00',
  lib_id,
  lib_name,
  lib_type,
  picture_no: 0,
  update_time: '2026-11-21 20:00:00',
});

test('databases are made, listed, changed and deleted', async (t) => {
  const box = await startPlugin(t);
  box.clock.zone = 'Asia/Shanghai';
  assert.deepEqual(tableDrift(box.store, plugin.tables ?? {}), []);
  assert.deepEqual((await box.send(1028)).data, []);
  const made = await box.send(1025, { lib_name: ' staff ', lib_type: '2' });
  assert.deepEqual(made, { code: 0, data: { lib_id: 1, lib_name: 'staff' }, msg: '' });
  await box.database('guests');
  assert.deepEqual((await box.send(1028)).data, [row(1, 'staff', 2), row(2, 'guests')]);

  box.clock.time += 60_000;
  const changed = await box.send(1027, { lib_id: '1', lib_name: '员工', lib_type: 1 });
  assert.deepEqual(changed.data, { lib_id: 1, lib_name: '员工' });
  const [first] = (await box.send<object[]>(1028)).data;
  assert.deepEqual(first, { ...row(1, '员工', 1), update_time: '2026-11-21 20:01:00' });

  assert.deepEqual(await box.send(1026, { lib_id: 1 }), { code: 0, data: '', msg: '' });
  assert.deepEqual((await box.send(1028)).data, [row(2, 'guests')]);
  assert.equal(await box.database('员工'), 3, 'its name is free, its number is never used again');
});

test('what cannot be is refused', async (t) => {
  const box = await startPlugin(t);
  const libId = await box.database('staff');
  await box.database('guests');
  const refused: [number, object, number][] = [
    [1025, { lib_name: 'staff', lib_type: 1 }, -119],
    [1025, { lib_name: 'new', lib_type: 3 }, -3596],
    [1025, { lib_type: 1 }, -3596],
    [1025, { lib_name: ' ', lib_type: 1 }, -3596],
    [1025, { lib_name: 'n'.repeat(101), lib_type: 1 }, -3596],
    [1027, { lib_id: 99, lib_name: 'x', lib_type: 1 }, -117],
    [1027, { lib_id: libId, lib_name: 'guests', lib_type: 1 }, -119],
    [1027, { lib_id: libId, lib_name: 'x' }, -3596],
    [1026, { lib_id: 99 }, -117],
    [1026, {}, -3596],
    [1026, { lib_id: 'one' }, -3596],
  ];
  for (const [id, parameters, code] of refused) {
    assert.equal((await box.send(id, { ...parameters })).code, code, `${id} ${JSON.stringify(parameters)}`);
  }
  assert.equal((await box.send(1027, { lib_id: libId, lib_name: 'staff', lib_type: 2 })).code, 0, 'its own name');
  box.bound.push(libId);
  assert.equal((await box.send(1026, { lib_id: libId })).code, -123);
  assert.equal((await box.send<unknown[]>(1028)).data.length, 2);
});

test('a database and a camera cannot slip past one another', async (t) => {
  const box = await startPlugin(t);
  const [taken, free] = [await box.database('taken'), await box.database('free')];
  // A camera is bound to it in the very batch of writes that would have deleted it.
  const binding = box.store.write(() => void box.bound.push(taken));
  const refused = box.send(1026, { lib_id: taken });
  await binding;
  assert.equal((await refused).code, -123);

  await until('cameras ask which databases there are', () => box.known !== undefined);
  const known = (libId: number) => box.store.write((tx) => box.known!(tx, libId));
  assert.deepEqual(await Promise.all([taken, free, 4711, STRANGERS].map(known)), [true, true, false, true]);
  const [told, answer] = await Promise.all([
    box.store.write((tx) => {
      const database = { libName: 'new', libType: 1 as const, createTime: 1, updateTime: 1 };
      const { libId } = tx.insert(portraitDatabases).values(database).returning().get();
      return box.known!(tx, libId);
    }),
    box.send(1026, { lib_id: free }),
  ]);
  assert.deepEqual([told, answer.code, await known(free)], [true, 0, false]);
});

test('names that only look alike are one', async (t) => {
  const box = await startPlugin(t);
  await box.database('Café');
  assert.equal((await box.send(1025, { lib_name: 'Cafe\u0301', lib_type: 1 })).code, -119);
});

test('there are as many as there may be', async (t) => {
  const { store, clock } = await startPlugin(t);
  const now = () => clock.time;
  const databases = new Databases(store, { now }, { databases: 2, images: 1 });
  const { libId } = await databases.create('a', 1);
  await databases.create('b', 2);
  await assert.rejects(databases.create('c', 1), { code: -118 });
  databases.refuseFull(store.read, libId);
  await store.write((tx) => databases.counted(tx, libId, 1));
  assert.throws(() => databases.refuseFull(store.read, libId), { code: -122 });
});

test('a database of the demo may be renamed, and keeps its kind', async (t) => {
  const { store, clock } = await startPlugin(t);
  const databases = new Databases(store, { now: () => clock.time });
  const { libId } = await databases.create('Demo staff', 2, 'demo');
  await assert.rejects(databases.modify(libId, { libType: 1 }), { code: -3596 });
  assert.equal((await databases.modify(libId, { libName: 'Ours', libType: 2 })).libName, 'Ours');
});

test('the hundred and first database is refused by message, until one of the others leaves', async (t) => {
  const box = await startPlugin(t);
  for (let number = 1; number <= 100; number += 1) await box.database(`database ${number}`);
  const create = () => box.send(1025, { lib_name: 'one more', lib_type: 1 });
  const { code, msg } = await create();
  assert.deepEqual([code, msg], [-118, 'there are 100 portrait databases already']);
  assert.equal((await box.send<object[]>(1028)).data.length, 100);
  assert.equal((await box.send(1026, { lib_id: 7 })).code, 0);
  assert.equal((await create()).code, 0);
});

test('databases are found by number, part of the name and kind, page by page', async (t) => {
  const box = await startPlugin(t);
  for (const [at, name] of ['North gate', 'south gate', 'Canteen'].entries()) {
    box.clock.time += 1000;
    await box.database(name, at === 1 ? 2 : 1);
  }
  await box.send(1029, { lib_id: 2 }, { img: sketch(['anna']) });
  const ids = async (query: Record<string, unknown>) => {
    const { data } = await box.send<{ record: { lib_id: number }[]; result_num: number; total_num: number }>(
      1034,
      query,
    );
    assert.equal(data.result_num, data.record.length);
    return [data.record.map(({ lib_id }) => lib_id), data.total_num];
  };
  assert.deepEqual(await ids({}), [[1, 2, 3], 3]);
  assert.deepEqual(await ids({ lib_name: 'GATE' }), [[1, 2], 2]);
  assert.deepEqual(await ids({ lib_name: '%' }), [[], 0]);
  assert.deepEqual(await ids({ lib_type: '1', lib_id: '' }), [[1, 3], 2]);
  assert.deepEqual(await ids({ lib_id: 3 }), [[3], 1]);
  assert.deepEqual(await ids({ start_no: 2, qry_len: 1 }), [[2], 3]);
  assert.equal((await box.send(1034, { qry_len: 51 })).code, -3596);
  const { data } = await box.send<{ record: { picture_no: number }[] }>(1034, { lib_id: 2 });
  assert.equal(data.record[0]?.picture_no, 1);
});
