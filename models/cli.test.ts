import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { asset, assetFolder } from '../tests/kit/assets.ts';
import { runtime } from '../tests/kit/runtime.ts';

const cli = resolve(import.meta.dirname, 'cli.ts');

async function dataFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-cli-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function run(dataDir: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const started = runtime();
  const child = spawn(started.command, [...started.run, cli, ...args], {
    env: { ...process.env, GATEHOUSE_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  return { code: Number(code), out, err };
}

test('models are installed from a folder, listed and removed', async (t) => {
  if (!asset(t, 'models', 'yolox_nano.onnx')) return;
  const data = await dataFolder(t);
  const folder = join(assetFolder()!, 'models');
  const first = await run(data, 'install', '--from', folder);
  assert.equal(first.code, 0, first.err);
  assert.match(first.out, /^yolox-nano +person-detection +3\.7 MB +installed$/m);
  assert.match(first.out, /^\d+ unknown files ignored$/m);
  const second = await run(data, 'install', '--from', folder);
  assert.equal(second.code, 0);
  assert.match(second.out, /^yolox-nano .* already there$/m);
  assert.doesNotMatch(second.out, / installed$/m);
  const removed = await run(data, 'remove', 'yunet-2023mar');
  assert.deepEqual([removed.code, removed.out], [0, 'yunet-2023mar removed\n']);
  const listed = await run(data, 'list');
  assert.equal(listed.code, 0);
  assert.match(listed.out, /^yolox-nano .* 3\.7 MB +installed +yes +Apache-2\.0$/m);
  assert.match(listed.out, /^yunet-2023mar .* missing +yes +MIT$/m);
  assert.match(listed.out, /^hyperlpr-plate-colour .* installed \(no adapter yet\)/m);
});

test('one file is installed by its id or by its content', async (t) => {
  const file = asset(t, 'models', 'face_detection_yunet_2023mar.onnx');
  if (!file) return;
  const data = await dataFolder(t);
  const wrong = await run(data, 'install', 'yolox-nano', '--from', file);
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /is not yolox-nano: it has 232589 bytes, the model has 3660092/);
  const right = await run(data, 'install', '--from', file);
  assert.deepEqual([right.code, right.out], [0, `yunet-2023mar installed in ${join(data, 'models')}\n`]);
  const again = await run(data, 'install', 'yunet-2023mar');
  assert.deepEqual([again.code, again.out], [0, 'yunet-2023mar is already there\n']);
  assert.deepEqual((await readdir(join(data, 'models'))).sort(), ['.verified.json', 'yunet-2023mar.onnx']);
});

test('what cannot be done ends with a message and another exit code', async (t) => {
  const data = await dataFolder(t);
  await writeFile(join(data, 'a.txt'), 'hello');
  const nothing = await run(data, 'install', '--from', data);
  assert.equal(nothing.code, 1);
  assert.match(nothing.err, /No known model is among the files of .* \(1 unknown files\)/);
  const unknown = await run(data, 'install', 'nobody');
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /no model is called nobody; there are yunet-2023mar, /);
  const absent = await run(data, 'install', '--from', join(data, 'none'));
  assert.equal(absent.code, 1);
  assert.match(absent.err, /ENOENT/);
  for (const args of [[], ['dance'], ['install'], ['list', 'x'], ['remove'], ['install', '--fast']]) {
    const { code, err } = await run(data, ...args);
    assert.equal(code, 2, args.join(' '));
    assert.notEqual(err, '');
  }
});
