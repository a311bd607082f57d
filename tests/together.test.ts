import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { together } from './together.ts';

/** Runs `together` over files with these texts. @returns for each process the files that it loads. */
function processes(t: TestContext, files: Record<string, string>, beside: Record<string, string> = {}): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'together-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [root, into] = [join(folder, 'root'), join(folder, 'into')];
  for (const [file, content] of Object.entries({ ...files, ...beside })) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  }
  return together(Object.keys(files), root, into).map((path) => {
    if (!path.startsWith('/')) return [path];
    const loads = [...readFileSync(path, 'utf8').matchAll(/import "(.+)";/g)];
    return loads.map(([, url = '']) => fileURLToPath(url).slice(root.length + 1));
  });
}

const PLAIN = "test('one and one', () => assert.equal(1 + 1, 2));";

test('plain files of one folder share a process, at most twelve; each file runs once', (t) => {
  const many = Object.fromEntries(Array.from({ length: 15 }, (_, n) => [`core/store/${n}.test.ts`, PLAIN]));
  const found = processes(t, { ...many, 'core/gateway/a.test.ts': PLAIN, 'core/gateway/deep/b.test.ts': PLAIN });
  assert.deepEqual(
    found.map(({ length }) => length),
    [12, 3, 2],
  );
  assert.equal(new Set(found.flat()).size, 17);
});

test('a file that touches what belongs to its process has one of its own', (t) => {
  const found = processes(t, {
    'core/a.test.ts': PLAIN,
    'core/b.test.ts': `process.env.TZ = 'UTC'; ${PLAIN}`,
    'core/c.test.ts': `after(() => store.close()); ${PLAIN}`,
    'core/d.test.ts': `import { startBox } from '../tests/kit/box.ts'; ${PLAIN}`,
    'core/e.test.ts': `test('x', (t) => t.after(close));`,
  });
  assert.deepEqual(found, [
    ['core/b.test.ts'],
    ['core/c.test.ts'],
    ['core/d.test.ts'],
    ['core/a.test.ts', 'core/e.test.ts'],
  ]);
});

test('so has one whose fixture does, and both suites of the camera driver, which count pipelines of a process', (t) => {
  const found = processes(
    t,
    {
      'core/a.test.ts': `import { made } from './a.fixture.ts'; ${PLAIN}`,
      'core/b.test.ts': PLAIN,
      'core/c.test.ts': PLAIN,
    },
    { 'core/a.fixture.ts': 'beforeEach(() => {});' },
  );
  assert.deepEqual(found, [['core/a.test.ts'], ['core/b.test.ts', 'core/c.test.ts']]);
  const suites = ['addon', 'process'].map((one) => `drivers/video/conformance-${one}.test.ts`);
  assert.deepEqual(together(suites, join(import.meta.dirname, '..'), tmpdir()), suites);
});
