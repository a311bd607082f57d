import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import type { z } from 'zod';
import type { PluginContext } from '../../core/plugin/contract.ts';
import type { DeviceIdentity } from '../../core/plugin/services.ts';
import { openStore, type Store } from '../../core/store/database.ts';
import plugin from './index.ts';

async function openFolder(t: TestContext): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-device-'));
  const store = await openStore({ folder, log: pino({ level: 'silent' }) });
  t.after(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  return store;
}

/** The plugin set up over a store; `config` may be replaced, as a change of settings does. */
async function start(store: Store, version = '0.1.0') {
  const state = { config: { deviceId: '' }, changes: [] as string[] };
  const context = {
    get config() {
      return state.config;
    },
    use: { host: { version } },
    store,
    changed: (what: string) => state.changes.push(what),
  } as unknown as PluginContext;
  const parts = await plugin.setup(context);
  const send = (id: number) =>
    parts.messages!.find((message) => message.id === id)!.handle({}, {} as never) as Record<string, string>;
  const identity = parts.services![0]!.implementation as DeviceIdentity;
  return { state, parts, send, identity };
}

test('the serial number is drawn once and stays', async (t) => {
  const store = await openFolder(t);
  const { identity } = await start(store);
  assert.match(identity.serial, /^GH[0-9A-F]{12}$/);
  assert.equal(identity.deviceId, identity.serial);
  assert.equal((await start(store)).identity.serial, identity.serial);
  assert.notEqual((await start(await openFolder(t))).identity.serial, identity.serial);
});

test('a damaged serial number is an error, not a new identity', async (t) => {
  const store = await openFolder(t);
  await store.settings.set('device.serial', 'GH12');
  await assert.rejects(start(store), /device\.serial/);
});

test('messages and the route say who the box is, in the words of the moment', async (t) => {
  const { state, parts, send, identity } = await start(await openFolder(t), '1.2.3');
  const { serial } = identity;
  assert.deepEqual(send(1281), {
    device_id: serial,
    serial_id: serial,
    display_version: 'Gatehouse 1.2.3',
    display_web_version: 'Gatehouse Web 1.2.3',
    version: 'Gatehouse-1.2.3',
    web_version: 'GatehouseWeb-1.2.3',
  });
  state.config = { deviceId: 'north_gate-1' };
  await parts.reconfigure!(state.config);
  assert.deepEqual(state.changes, ['identity']);
  assert.deepEqual(send(1301), { device_id: 'north_gate-1' });
  assert.equal(send(1281)['device_id'], 'north_gate-1');
  assert.equal(send(1281)['serial_id'], serial);
  assert.equal(identity.deviceId, 'north_gate-1');
  assert.deepEqual(parts.routes![0]!.handle({} as never, {} as never), {
    deviceId: 'north_gate-1',
    serial,
    version: '1.2.3',
  });
});

test('device ids that may be set', () => {
  const config = plugin.config as z.ZodType<{ deviceId: string }>;
  assert.deepEqual(config.parse({}), { deviceId: '' });
  for (const deviceId of ['a', 'A_1-b', 'x'.repeat(48)]) assert.equal(config.parse({ deviceId }).deviceId, deviceId);
  for (const deviceId of ['x'.repeat(49), 'a b', 'ä', 'a/b', 'a\n', 7]) {
    assert.ok(!config.safeParse({ deviceId }).success, JSON.stringify(deviceId));
  }
});

test('anybody signed in may ask', async (t) => {
  const { parts } = await start(await openFolder(t));
  for (const { access } of [...parts.messages!, ...parts.routes!]) assert.equal(access, 'session');
});
