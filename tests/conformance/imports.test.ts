import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '../..');

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : sources(path);
    return /\.ts$/.test(entry.name) ? [path] : [];
  });
}

const IMPORT = /(?:\bfrom\s+|\bimport\s+|\bimport\(\s*|\bnew URL\(\s*)['"](\.{1,2}\/[^'"]+)['"]/g;

/** Files of the tree that a source names, relative to the root. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(IMPORT)].map(([, target]) =>
    relative(root, resolve(root, dirname(file), target ?? ''))
      .split(sep)
      .join('/'),
  );
}

const plugin = (path: string) => /^plugins\/([^/]+)\//.exec(path)?.[1];
/** Tests and what only they use: `fixture.ts` beside them. */
const isTest = (path: string) => /(\.test|(^|\/|\.)fixture)\.ts$/.test(path);

/** Says what is wrong with one import, or nothing. */
function fault(file: string, target: string): string | undefined {
  const place = file.split('/')[0];
  const to = target.split('/')[0];
  if (isTest(file)) return undefined;
  if (to === 'tests' && place !== 'tests') return 'only tests import the test kit';
  if (place === 'core' && to === 'plugins') return 'core imports no plugin';
  if (place === 'core' && to === 'ui') return 'core imports no page';
  if (place === 'drivers' && to !== 'drivers') return 'drivers import nothing of the house';
  if (place === 'models' && to !== 'models' && to !== 'drivers') return 'models import only drivers';
  if (plugin(file) && plugin(target) && plugin(file) !== plugin(target)) return 'plugins do not import one another';
  return undefined;
}

test('imports flow one way: drivers, models, core, plugins', () => {
  const wrong: string[] = [];
  let seen = 0;
  for (const folder of ['core', 'drivers', 'models', 'plugins']) {
    for (const file of sources(folder)) {
      for (const target of importsOf(file)) {
        seen += 1;
        const what = fault(file, target);
        if (what) wrong.push(`${file} imports ${target}: ${what}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(seen > 100, `only ${seen} imports were found: the search is broken`);
});

test('the rule itself finds what it must', () => {
  assert.match(fault('core/box.ts', 'plugins/users/index.ts') ?? '', /core imports no plugin/);
  assert.match(fault('plugins/captures/index.ts', 'plugins/users/tables.ts') ?? '', /one another/);
  assert.match(fault('drivers/video/feed.ts', 'core/log.ts') ?? '', /drivers import nothing/);
  assert.match(fault('models/install.ts', 'core/log.ts') ?? '', /models import only drivers/);
  assert.equal(fault('plugins/captures/index.ts', 'core/plugin/contract.ts'), undefined);
  assert.equal(fault('plugins/detection/stages/faces.ts', 'models/adapters/index.ts'), undefined);
});
