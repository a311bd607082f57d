import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import type { Manifest } from '../plugin/manifest.ts';
import { openStore } from '../store/database.ts';
import { enterSafeMode, goodNow, leaveSafeMode, leftOut } from './safe-mode.ts';
import { Starts } from './starts.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const word = z.object({ word: z.string() });

async function openBox(t: TestContext) {
  const dataFolder = mkdtempSync(join(tmpdir(), 'gatehouse-safe-'));
  const store = await openStore({ folder: dataFolder, log: silent });
  t.after(async () => {
    await store.close();
    rmSync(dataFolder, { recursive: true, force: true });
  });
  const starts = () => new Starts({ dataFolder, version: '1.0.0', environment: {}, now: Date.now, bootId: 'boot' });
  const set = (plugin: string, value: string) =>
    store.settings.set(`plugin.${plugin}`, { word: value }, { sealed: true });
  const get = (plugin: string) => store.settings.get(`plugin.${plugin}`, word)?.word;
  return { store, starts, set, get };
}

test('settings go back to the last good ones once, and the newer ones can be taken up again', async (t) => {
  const { store, starts, set, get } = await openBox(t);
  await set('captures', 'good');
  await store.settings.set('first-start', 1);
  starts().steady(goodNow({ host: 'h', dataFolder: 'd', adminPassword: 'p' }, ['captures'], store));
  await set('captures', 'newer');
  await set('mqtt', 'came later');

  const safe = starts();
  assert.deepEqual(safe.lastGood()?.config, { host: 'h' }, 'neither the folder nor the password is kept');
  await enterSafeMode(safe, store, 5);
  assert.equal(get('captures'), 'good');
  assert.equal(get('mqtt'), undefined);
  assert.equal(store.settings.get('first-start', z.number()), 1, "the core's own settings stay");
  assert.deepEqual(safe.putBack()?.keys, ['plugin.captures', 'plugin.mqtt']);

  await set('captures', 'mended');
  await enterSafeMode(starts(), store, 6);
  assert.equal(get('captures'), 'mended', 'what is changed in safe mode stays changed');

  await leaveSafeMode(starts(), store, true);
  assert.equal(get('captures'), 'newer');
  assert.equal(get('mqtt'), 'came later');
  assert.equal(starts().putBack(), undefined);
});

test('a kill while the settings are put back loses neither the good nor the newer ones', async (t) => {
  const { store, starts, set, get } = await openBox(t);
  await set('captures', 'good');
  starts().steady(goodNow({}, ['captures'], store));
  await set('captures', 'newer');

  // The record is written; what follows never happens, or happens without its end being noted.
  const { replace } = store.settings;
  for (const killed of ['before', 'after'] as const) {
    store.settings.replace = async (...args) => {
      if (killed === 'after') await replace.apply(store.settings, args);
      throw new Error('killed');
    };
    await assert.rejects(enterSafeMode(starts(), store, 5), /killed/);
    assert.equal(get('captures'), killed === 'before' ? 'newer' : 'good');
  }
  store.settings.replace = replace;
  await enterSafeMode(starts(), store, 6);
  assert.equal(get('captures'), 'good');
  assert.deepEqual(starts().putBack()?.keys, ['plugin.captures']);

  await set('captures', 'mended');
  await enterSafeMode(starts(), store, 7);
  assert.equal(get('captures'), 'mended');
  await leaveSafeMode(starts(), store, true);
  assert.equal(get('captures'), 'newer');
});

test('safe mode without a good configuration leaves the settings alone', async (t) => {
  const { store, starts, set, get } = await openBox(t);
  await set('captures', 'only');
  await enterSafeMode(starts(), store, 5);
  assert.equal(get('captures'), 'only');
});

const manifest = (id: string, more: Partial<Manifest> = {}): Manifest => ({
  id,
  version: '1.0.0',
  core: '^1.0.0',
  description: '',
  run: 'inline',
  messages: [],
  requires: [],
  optional: [],
  provides: [],
  essential: false,
  permissions: [],
  ...more,
});

test('left out: what came later; or all but the essential plugins and what those need', () => {
  const plugins = [
    manifest('users', { essential: true, requires: ['words@1'] }),
    manifest('dictionary', { provides: ['words@1'] }),
    manifest('captures', { provides: ['captures@1'] }),
    manifest('new'),
  ];
  const good = { savedAt: 1, config: {}, plugins: ['users', 'dictionary', 'captures'], settings: [] };
  assert.deepEqual([...leftOut('normal', undefined, plugins).keys()], []);
  assert.deepEqual([...leftOut('last-good', good, plugins).keys()], ['new']);
  assert.deepEqual([...leftOut('essentials', good, plugins).keys()], ['captures', 'new']);
});
