import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import type { PluginContext } from '../../core/plugin/contract.ts';
import { openStore } from '../../core/store/database.ts';
import { tableDrift } from '../../core/store/table-drift.ts';
import plugin from './index.ts';
import { portraitDatabases } from './tables.ts';

test('the list of portrait databases is what the table holds', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-portraits-'));
  const store = await openStore({ folder, log: pino({ level: 'silent' }) });
  t.after(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  await store.migrate('portraits', join(import.meta.dirname, 'migrations'));
  assert.deepEqual(tableDrift(store, plugin.tables ?? {}), []);

  const clock = { now: () => 0, zone: 'Asia/Shanghai' };
  const { messages } = await plugin.setup({ store, clock } as unknown as PluginContext);
  const [list] = messages!;
  assert.deepEqual([list!.id, list!.access], [1028, { area: 'people', action: 'see' }]);
  const answer = () => list!.handle({}, {} as never);
  assert.deepEqual(answer(), []);

  const at = Date.UTC(2024, 0, 23, 2, 54, 13);
  const row = { libType: 1, createTime: at, updateTime: at + 60_000 };
  await store.write((tx) => {
    tx.insert(portraitDatabases)
      .values({ ...row, libId: 2, libName: 'guests', pictures: 6 })
      .run();
    tx.insert(portraitDatabases)
      .values({ ...row, libId: 1, libName: 'staff', libType: 2 })
      .run();
  });
  assert.deepEqual(answer(), [
    {
      create_time: '2024-01-23 10:54:13',
      lib_id: 1,
      lib_name: 'staff',
      lib_type: 2,
      picture_no: 0,
      update_time: '2024-01-23 10:55:13',
    },
    {
      create_time: '2024-01-23 10:54:13',
      lib_id: 2,
      lib_name: 'guests',
      lib_type: 1,
      picture_no: 6,
      update_time: '2024-01-23 10:55:13',
    },
  ]);
});
