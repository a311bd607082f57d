import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { PluginDefinition } from '../../core/plugin/contract.ts';
import { orderPlugins } from '../../core/plugin/graph.ts';
import { findPlugins } from '../../core/plugin/manifest.ts';
import { openStore } from '../../core/store/database.ts';
import { tableDrift } from '../../core/store/table-drift.ts';

const root = resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(
  await (await import('node:fs/promises')).readFile(join(root, 'package.json'), 'utf8'),
) as {
  version: string;
};
const found = findPlugins(join(root, 'plugins'), version);
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

test('every plugin folder holds a plugin that can be wired', () => {
  assert.ok(found.length >= 7, `${found.length} plugins`);
  const { refused } = orderPlugins(found, [
    'vision@1',
    'sessions@1',
    'host@1',
    'images@1',
    'face.index@1',
    'outbox@1',
    'outgoing@1',
    'reactions@1',
  ]);
  assert.deepEqual([...refused], []);
});

for (const { id, folder } of found) {
  test(`plugin ${id}: README, pages and migrations stand together`, async () => {
    assert.ok(existsSync(join(folder, 'README.md')), 'README.md is missing');
    const module = (await import(pathToFileURL(join(folder, 'index.ts')).href)) as { default: PluginDefinition };
    const { tables, ui } = module.default;
    for (const page of [...(ui?.pages ?? []), ...(ui?.widgets ?? [])]) {
      assert.ok(existsSync(join(folder, 'ui', page.module)), `ui/${page.module} is missing`);
    }
    if (ui) {
      for (const language of ['en', 'zh']) assert.ok(existsSync(join(folder, 'ui/locales', `${language}.json`)));
    }
    if (!tables) {
      assert.ok(!existsSync(join(folder, 'migrations')), 'migrations without tables');
      return;
    }
    const data = mkdtempSync(join(tmpdir(), 'gatehouse-drift-'));
    const store = await openStore({ folder: data, log: quiet });
    try {
      const applied = await store.migrate(id, join(folder, 'migrations'));
      assert.equal(applied.length, readdirSync(join(folder, 'migrations')).length);
      assert.deepEqual(tableDrift(store, tables as Parameters<typeof tableDrift>[1]), []);
    } finally {
      await store.close();
      rmSync(data, { recursive: true, force: true });
    }
  });
}
