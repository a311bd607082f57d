import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { notUnderDeno, runtime } from '../../tests/kit/runtime.ts';

const CODE = `export function greedy(ms) {
  const end = performance.now() + ms;
  let sum = 0;
  while (performance.now() < end) sum += Math.sqrt(sum + 1);
  return sum;
}
`;

const skip = notUnderDeno('tests of who holds the event loop', 'no thread can look at another');

test('a plugin that keeps the event loop in a timer is named, with the function', { skip }, () => {
  const root = mkdtempSync(join(tmpdir(), 'gatehouse-loop-'));
  try {
    const folder = join(root, 'greedy');
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'index.ts'), CODE);
    const { command, run } = runtime();
    const child = spawnSync(command, [...run, join(import.meta.dirname, 'loop-watch.fixture.ts'), folder, '4000'], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal(child.status, 0, child.stderr);
    const line = JSON.parse(child.stdout.trim()) as { module: string; message: string; holds: number };
    assert.equal(line.module, 'greedy');
    assert.match(line.message, /^plugin greedy held the event loop for [1-9]\d*\.\d s: greedy in greedy\/index\.ts$/);
    assert.equal(line.holds, 1);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
