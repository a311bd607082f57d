import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { runtime } from '../tests/kit/runtime.ts';
import {
  type CatalogEntry,
  catalog,
  download,
  type InstallProgress,
  installedModels,
  installFromFile,
  installFromFolder,
  installRecommended,
  ModelInstallError,
  missingTask,
  missingTasks,
  modelStates,
  removeModel,
} from './install.ts';

/** A made-up model: any bytes will do for installing. */
function madeUp(id: string, content: Buffer, changes: Partial<CatalogEntry> = {}): CatalogEntry {
  return {
    id,
    name: id,
    description: 'made up',
    task: 'face-detection',
    also: [],
    adapter: 'yunet',
    input: { width: 64, height: 64 },
    labels: ['face'],
    licence: 'MIT',
    url: 'https://example.org/none.onnx',
    size: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    recommended: true,
    ...changes,
  };
}

async function place(t: TestContext): Promise<{ dataDir: string; folder: string }> {
  const root = await mkdtemp(join(tmpdir(), 'gatehouse-models-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const folder = join(root, 'incoming');
  await mkdir(folder);
  return { dataDir: join(root, 'data'), folder };
}

/** Names of all files in the models folder but the notes on checksums. */
async function filesOf(dataDir: string): Promise<string[]> {
  const names = await readdir(join(dataDir, 'models')).catch(() => []);
  return names.filter((name) => name !== '.verified.json').sort();
}

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.onnx`;
}

/** An address where nobody listens. */
async function closedAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}/none.onnx`;
}

async function until(what: string, done: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadline = Date.now() + 60_000; !(await done()); await wait(20)) {
    if (Date.now() > deadline) throw new Error(`gave up waiting for ${what}`);
  }
}

const content = randomBytes(300_000);

test('nothing is installed where there is no folder', async (t) => {
  const { dataDir } = await place(t);
  assert.deepEqual(await installedModels(dataDir), []);
  assert.equal(existsSync(dataDir), false, 'looking makes nothing');
});

test('a file is installed whatever it is called, and stays as it is', async (t) => {
  const { dataDir, folder } = await place(t);
  const file = join(folder, 'weights (3).bin');
  await writeFile(file, content);
  const entry = madeUp('good', content);
  await installFromFile(dataDir, entry, file);
  assert.deepEqual(await filesOf(dataDir), ['good.onnx']);
  assert.deepEqual(await readFile(join(dataDir, 'models', 'good.onnx')), content);
  assert.deepEqual(await installedModels(dataDir, [entry]), [{ ...entry, file: join(dataDir, 'models', 'good.onnx') }]);
  assert.deepEqual(await readFile(file), content);
});

test('a wrong checksum is refused with both digests, and nothing is left behind', async (t) => {
  const { dataDir, folder } = await place(t);
  const file = join(folder, 'good.onnx');
  const other = Buffer.from(content);
  other[1000]! ^= 1;
  await writeFile(file, other);
  const entry = madeUp('good', content);
  await assert.rejects(installFromFile(dataDir, entry, file), (error: unknown) => {
    assert.ok(error instanceof ModelInstallError);
    assert.equal(error.reason, 'wrong-file');
    assert.ok(error.message.includes(entry.sha256));
    assert.ok(error.message.includes(createHash('sha256').update(other).digest('hex')));
    return true;
  });
  assert.deepEqual(await filesOf(dataDir), []);
});

test('a cut off file, a folder and a missing file are refused', async (t) => {
  const { dataDir, folder } = await place(t);
  const entry = madeUp('good', content);
  const cut = join(folder, 'cut.onnx');
  await writeFile(cut, content.subarray(0, 1000));
  await assert.rejects(installFromFile(dataDir, entry, cut), /1000 bytes, the model has 300000/);
  await assert.rejects(installFromFile(dataDir, entry, folder), /is not a file/);
  await assert.rejects(installFromFile(dataDir, entry, join(folder, 'none')), /cannot be read/);
  assert.deepEqual(await filesOf(dataDir), []);
});

test('a refused file leaves the installed one in place', async (t) => {
  const { dataDir, folder } = await place(t);
  const entry = madeUp('good', content);
  const file = join(folder, 'a');
  await writeFile(file, content);
  await installFromFile(dataDir, entry, file);
  await writeFile(file, randomBytes(content.length));
  await assert.rejects(installFromFile(dataDir, entry, file), ModelInstallError);
  assert.equal((await installedModels(dataDir, [entry])).length, 1);
});

test('a file that was changed after installing counts as damaged, even with its old time', async (t) => {
  const { dataDir, folder } = await place(t);
  const entry = madeUp('good', content);
  await writeFile(join(folder, 'a'), content);
  await installFromFile(dataDir, entry, join(folder, 'a'));
  const file = join(dataDir, 'models', 'good.onnx');
  const { atime, mtime } = await stat(file);
  await writeFile(file, randomBytes(content.length));
  await utimes(file, atime, mtime);
  assert.equal((await modelStates(dataDir, [entry])).get('good'), 'damaged');
  assert.deepEqual(await installedModels(dataDir, [entry]), []);
  await writeFile(file, 'short');
  assert.equal((await modelStates(dataDir, [entry])).get('good'), 'damaged');
  const { installed } = await installFromFolder(dataDir, folder, [entry]);
  assert.deepEqual(installed, [entry], 'installing repairs it');
  assert.equal((await modelStates(dataDir, [entry])).get('good'), 'installed');
});

test('a file that cannot be read costs that model alone', async (t) => {
  const { dataDir, folder } = await place(t);
  const [good, lost] = [madeUp('good', content), madeUp('lost', randomBytes(1000))];
  await writeFile(join(folder, 'a'), content);
  await installFromFile(dataDir, good, join(folder, 'a'));
  const file = join(dataDir, 'models', 'lost.onnx');
  await symlink('lost.onnx', file);
  await assert.rejects(stat(file), { code: 'ELOOP' });
  const states = await modelStates(dataDir, [lost, good]);
  assert.deepEqual(
    [...states],
    [
      ['lost', 'damaged'],
      ['good', 'installed'],
    ],
  );
});

test('a checksum that was taken once is kept over a restart', async (t) => {
  const { dataDir } = await place(t);
  const entry = madeUp('kept', content);
  const folder = join(dataDir, 'models');
  const file = join(folder, 'kept.onnx');
  await mkdir(folder, { recursive: true });
  await writeFile(file, randomBytes(content.length));
  // The note of an earlier start, about a file that this process has never read: were it read, it would be damaged.
  const { size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
  await until('the second of its change to be over', () => Date.now() / 1_000 > Number(ctimeNs / 1_000_000_000n) + 1);
  const note = { size: `${size}`, modified: `${mtimeNs}`, changed: `${ctimeNs}`, sha256: entry.sha256 };
  const sidecar = join(folder, '.verified.json');
  await writeFile(sidecar, JSON.stringify({ version: 1, files: { kept: note } }));
  assert.equal((await modelStates(dataDir, [entry])).get('kept'), 'installed');
  await writeFile(file, randomBytes(content.length));
  assert.equal((await modelStates(dataDir, [entry])).get('kept'), 'damaged', 'a note on an older file is no proof');
  await writeFile(file, content);
  await writeFile(sidecar, '{"version":1,"files":');
  assert.equal((await modelStates(dataDir, [entry])).get('kept'), 'installed', 'a broken note is no harm');
});

test('a folder is searched one level deep, by content', async (t) => {
  const { dataDir, folder } = await place(t);
  const contents = [randomBytes(1000), randomBytes(2000), randomBytes(3000), randomBytes(1000)];
  const entries = contents.map((bytes, i) => madeUp(`model-${i}`, bytes));
  await mkdir(join(folder, 'inner', 'deep'), { recursive: true });
  await writeFile(join(folder, 'any name.txt'), contents[0]!);
  await writeFile(join(folder, 'inner', 'other'), contents[1]!);
  await writeFile(join(folder, 'inner', 'deep', 'too-deep.onnx'), contents[2]!);
  await writeFile(join(folder, 'model-2.onnx'), randomBytes(3000));
  await writeFile(join(folder, 'readme'), 'hello');
  await writeFile(join(folder, 'zz copy'), contents[0]!);
  const first = await installFromFolder(dataDir, folder, entries);
  assert.deepEqual(first.installed, [entries[0], entries[1]]);
  assert.deepEqual([first.alreadyThere, first.unknown, first.unreadable], [[], 2, []]);
  assert.deepEqual(await filesOf(dataDir), ['model-0.onnx', 'model-1.onnx']);
  const second = await installFromFolder(dataDir, folder, entries);
  assert.deepEqual([second.installed, second.alreadyThere], [[], [entries[0], entries[1]]]);
  await assert.rejects(installFromFolder(dataDir, join(folder, 'none'), entries), /ENOENT/);
});

test('a model is removed, and removing it again is no fault', async (t) => {
  const { dataDir, folder } = await place(t);
  const entry = madeUp('good', content);
  await writeFile(join(folder, 'a'), content);
  await installFromFile(dataDir, entry, join(folder, 'a'));
  assert.equal(await removeModel(dataDir, 'good'), true);
  assert.equal((await modelStates(dataDir, [entry])).get('good'), 'missing');
  assert.equal(await removeModel(dataDir, 'good'), false);
});

test('a download arrives whole, over a redirect', async (t) => {
  const { dataDir } = await place(t);
  const url = await serve(t, (request, response) => {
    if (request.url === '/model.onnx') response.writeHead(302, { location: '/real' }).end();
    else response.end(content);
  });
  const seen: number[] = [];
  const entry = madeUp('loaded', content, { url });
  await download(dataDir, entry, { onBytes: (bytes) => seen.push(bytes) });
  assert.equal(seen.at(-1), content.length);
  assert.equal((await installedModels(dataDir, [entry])).length, 1);
});

test('what a server sends instead is refused, and nothing is left behind', async (t) => {
  const { dataDir } = await place(t);
  let answer: RequestListener = () => undefined;
  const url = await serve(t, (request, response) => answer(request, response));
  const entry = madeUp('loaded', content, { url });
  const fails = async (reason: string, message: RegExp, options = {}) => {
    await assert.rejects(download(dataDir, entry, options), (error: unknown) => {
      assert.ok(error instanceof ModelInstallError, String(error));
      assert.equal(error.reason, reason);
      assert.match(error.message, message);
      return true;
    });
    assert.deepEqual(await filesOf(dataDir), []);
  };
  answer = (_, response) => response.writeHead(404).end('no');
  await fails('refused', /answers 404/);
  answer = (_, response) => response.end('version https://git-lfs.github.com/spec/v1');
  await fails('wrong-file', /42 bytes, the model has 300000/);
  answer = (_, response) => response.end(randomBytes(content.length));
  await fails('wrong-file', /SHA-256 [0-9a-f]{64}, the model has [0-9a-f]{64}/);
  answer = (_, response) => {
    const endless = (): void => {
      while (!response.destroyed && response.write(content));
      if (!response.destroyed) response.once('drain', endless);
    };
    endless();
  };
  await fails('wrong-file', /more than the 300000 bytes/);
  answer = (_, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 1000), () => response.destroy());
  };
  await fails('offline', /could not be downloaded .*--from <file>/);
  answer = () => undefined;
  await fails('offline', /no answer for 0 s/, { idleMs: 100 });
  answer = (_, response) => void response.writeHead(200, { 'content-length': content.length }).write('x');
  await fails('offline', /no more data for 0 s/, { idleMs: 400 });
  await fails('offline', /not finished after 0 s/, { totalMs: 400 });
});

test('without a connection the message says what to do', async (t) => {
  const { dataDir } = await place(t);
  const entry = madeUp('loaded', content, { url: await closedAddress() });
  await assert.rejects(download(dataDir, entry), (error: unknown) => {
    assert.ok(error instanceof ModelInstallError);
    assert.equal(error.reason, 'offline');
    assert.match(error.message, /(ECONNREFUSED|Connection refused).*npm run models -- install loaded --from <file>/);
    return true;
  });
});

test('an install that is killed leaves no model, and the next one clears up after it', async (t) => {
  const { dataDir } = await place(t);
  let whole = false;
  const url = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-length': content.length });
    if (whole) response.end(content);
    else response.write(content.subarray(0, 200_000));
  });
  const entry = madeUp('loaded', content, { url });
  const { command, run } = runtime();
  const program = join(import.meta.dirname, 'install.fixture.ts');
  const args = [...run, program, dataDir, JSON.stringify(entry)];
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const partial = async () => (await filesOf(dataDir)).find((name) => name.endsWith('.part'));
  await until('half of the file', async () => {
    if (child.exitCode !== null) throw new Error('the install ended');
    const name = await partial();
    return name !== undefined && (await stat(join(dataDir, 'models', name))).size >= 200_000;
  });
  child.kill('SIGKILL');
  await ended;
  assert.deepEqual(await installedModels(dataDir, [entry]), []);
  assert.equal(existsSync(join(dataDir, 'models', 'loaded.onnx')), false);
  assert.ok(await partial());
  whole = true;
  await download(dataDir, entry);
  assert.deepEqual(await filesOf(dataDir), ['loaded.onnx']);
});

test('two installs of the same model at once do not harm each other', async (t) => {
  const { dataDir, folder } = await place(t);
  const entry = madeUp('good', content);
  await writeFile(join(folder, 'a'), content);
  await Promise.all(Array.from({ length: 4 }, () => installFromFile(dataDir, entry, join(folder, 'a'))));
  assert.deepEqual(await filesOf(dataDir), ['good.onnx']);
  assert.equal((await modelStates(dataDir, [entry])).get('good'), 'installed');
});

test('a data folder that cannot be written is named', async (t) => {
  const { dataDir, folder } = await place(t);
  await writeFile(join(folder, 'a'), content);
  await mkdir(dataDir);
  await writeFile(join(dataDir, 'models'), 'a file where the folder should be');
  await assert.rejects(installFromFile(dataDir, madeUp('good', content), join(folder, 'a')), (error: Error) =>
    error.message.includes(join(dataDir, 'models')),
  );
});

test('the recommended models that are missing are fetched, and each step is told', async (t) => {
  const { dataDir, folder } = await place(t);
  const other = randomBytes(1000);
  const url = await serve(t, (request, response) => {
    if (request.url === '/other') response.end(other);
    else response.writeHead(500).end();
  });
  const entries = [
    madeUp('there', content),
    madeUp('optional', randomBytes(10), { recommended: false }),
    madeUp('broken', randomBytes(10), { url }),
    madeUp('other', other, { url: new URL('/other', url).href }),
  ];
  await writeFile(join(folder, 'a'), content);
  await installFromFile(dataDir, entries[0]!, join(folder, 'a'));
  const told: InstallProgress[] = [];
  await assert.rejects(
    installRecommended(dataDir, (progress) => told.push(progress), { entries }),
    /answers 500/,
  );
  assert.deepEqual(
    told.map(({ id, state }) => `${id} ${state}`),
    ['broken downloading', 'broken failed', 'other downloading', 'other installed'],
  );
  assert.deepEqual(await filesOf(dataDir), ['other.onnx', 'there.onnx']);
  const none = () => assert.fail('all are there');
  const good = entries.filter((entry) => entry.id !== 'broken');
  assert.deepEqual(await installRecommended(dataDir, none, { entries: good }), []);
});

test('without a connection only the first is tried', async (t) => {
  const { dataDir } = await place(t);
  const entries = [madeUp('one', content, { url: await closedAddress() }), madeUp('two', randomBytes(9))];
  const told: string[] = [];
  await assert.rejects(
    installRecommended(dataDir, ({ id, state }) => told.push(`${id} ${state}`), { entries }),
    /could not be downloaded/,
  );
  assert.deepEqual(told, ['one downloading', 'one failed']);
});

test('a task without a model says what to do', () => {
  const face = catalog().filter((entry) => entry.id === 'yunet-2023mar');
  const idle = catalog().filter((entry) => entry.adapter === null);
  assert.deepEqual(missingTasks(face, ['face-detection', 'person-detection']), ['person-detection']);
  assert.deepEqual(missingTasks([...face, ...idle], ['head-pose', 'vehicle-detection']), [
    'head-pose',
    'vehicle-detection',
  ]);
  const yolox = catalog().filter((entry) => entry.id === 'yolox-nano');
  assert.deepEqual(missingTasks(yolox, ['person-detection', 'vehicle-detection', 'object-detection']), []);
  assert.match(missingTask('vehicle-detection'), /npm run models -- install yolox-nano$/);
  assert.equal(missingTask('plate-colour'), 'no model for plate-colour can be run yet');
  assert.equal(missingTask('mind-reading'), 'no model for mind-reading is known');
});
