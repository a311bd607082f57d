import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { collectLog, temporaryFolder } from './fixture.ts';
import { Reserve } from './reserve.ts';

const BYTES = 1024 * 1024;

test('a reserve that a crash left short is made anew', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'reserve');
  await writeFile(file, Buffer.alloc(64 * 1024));
  const reserve = new Reserve(folder, collectLog(), BYTES);
  assert.equal(await reserve.fill(), true);
  assert.equal((await stat(file)).size, BYTES);
  assert.equal(reserve.out, false);
});

test('a reserve for which there never was room counts as given up, and that is said once', async (t) => {
  const folder = await temporaryFolder(t);
  const log = collectLog();
  const reserve = new Reserve(folder, log, Number.MAX_SAFE_INTEGER);
  assert.equal(await reserve.fill(), false);
  assert.equal(reserve.out, true);
  await reserve.fill();
  assert.equal(log.lines.length, 1);
  assert.match(log.lines[0] ?? '', /^warn: .*no captures/);
});

test('a reserve that lies there whole is taken as it is', async (t) => {
  const folder = await temporaryFolder(t);
  const made = new Reserve(folder, collectLog(), BYTES);
  assert.equal(await made.fill(), true);
  const { mtimeMs } = await stat(join(folder, 'reserve'));
  const found = new Reserve(folder, collectLog(), BYTES);
  assert.equal(await found.fill(), true);
  assert.equal(found.out, false);
  assert.equal((await stat(join(folder, 'reserve'))).mtimeMs, mtimeMs);
});
