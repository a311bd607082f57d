import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { constantModel, madeCard } from '../../tests/kit/onnx.ts';
import { until } from '../../tests/kit/wait.ts';
import { ModelWatch } from '../model-watch.ts';
import type { ExaminedPicture } from '../plugin/face-services.ts';
import { BLUE, GREEN, made, picture, pidOf, plain, RED, refused, start } from './fixture.ts';
import type { ImageService } from './service.ts';

/** Real workers with made models: one sees a face in red pictures, the demo's in green ones. */

test('a picture is examined as was wished, by the models there are', async (t) => {
  const models = await made(t);
  const heads = [{ name: 'st_respirator', values: ['st_respirator_full', 'st_respirator_mouth'] }];
  const looks = await models.folder.describing('face-attributes', heads, [1, 0]);
  const all = [models.detector, models.demoDetector, models.embedder, models.demoEmbedder, looks];
  const { service } = await start(t, all);
  assert.equal(service.report.state, 'stopped');
  const wishes = { jpeg: true, embeddings: true, attributes: true, crops: true };
  const red = await service.examine(await picture(RED), wishes);
  assert.deepEqual([red.width, red.height, red.faces.length], [96, 120, 1]);
  const [face] = red.faces as [ExaminedPicture['faces'][0]];
  // The input's 8 to 24 and 6 to 26 of 32 pixels.
  for (const [i, edge] of [24, 22.5, 72, 97.5].entries()) assert.ok(Math.abs(face.box[i]! - edge) < 0.1, `${face.box}`);
  assert.equal(face.landmarks.length, 5);
  assert.deepEqual(face.attributes, { st_respirator: 'st_respirator_full' });
  assert.ok(face.quality.faults.includes('occlusion'), 'quality knows of the mask');
  assert.deepEqual(
    face.embeddings.map(({ model }) => model),
    ['made-faces', 'demo-faces'],
  );
  for (const { vector } of face.embeddings) {
    assert.ok(vector instanceof Float32Array && vector.length === 8);
    assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-5);
  }
  for (const jpeg of [red.jpeg, face.crop!]) assert.deepEqual([...jpeg.subarray(0, 3)], [0xff, 0xd8, 0xff]);
  // The demo's detector is asked where the first finds nothing; its faces are not described by the other's model.
  const green = await service.examine(await picture(GREEN), wishes);
  assert.equal(green.faces.length, 1);
  assert.deepEqual(green.faces[0]!.attributes, {});
  const bare = await service.examine(await picture(RED));
  assert.equal(bare.jpeg.length, 0);
  const { embeddings, attributes, crop } = bare.faces[0]!;
  assert.deepEqual([embeddings, attributes, crop], [[], {}, undefined]);
  assert.ok(bare.faces[0]!.quality.faults.includes('occlusion'), 'quality does not depend on what was wished for');
  assert.equal((await service.examine(await picture(BLUE), wishes)).faces.length, 0);
});

test('how a head is turned is asked of a model for it, where that is of the same kind as the detector', async (t) => {
  const models = await made(t);
  const input = { width: 64, height: 64 };
  const file = await models.folder.put('turned', constantModel(input, [0, 70, 0]));
  const turned = madeCard({ id: 'turned', task: 'head-pose', adapter: 'fsanet', input, file });
  const faultsOf = async (service: ImageService, colour: string) =>
    (await service.examine(await picture(colour))).faces[0]!.quality.faults;
  const { service } = await start(t, [models.detector, models.demoDetector, turned]);
  assert.ok((await faultsOf(service, RED)).includes('angle'));
  assert.ok(!(await faultsOf(service, GREEN)).includes('angle'));
  const { service: without } = await start(t, [models.detector]);
  assert.ok(!(await faultsOf(without, RED)).includes('angle'));
});

test('all threads of the worker give way to those of cameras', async (t) => {
  const { detector } = await made(t);
  const { service } = await start(t, [detector]);
  await service.examine(await picture(RED));
  const tasks = `/proc/${await pidOf(service)}/task`;
  const niceness = (thread: string) => readFileSync(`${tasks}/${thread}/stat`, 'utf8').split(') ')[1]!.split(' ')[16];
  const threads = readdirSync(tasks);
  assert.ok(threads.length > 1);
  assert.deepEqual(new Set(threads.map(niceness)), new Set(['5']));
});

test('bad pictures are refused, with or without the worker, and it lives on', async (t) => {
  const { detector } = await made(t);
  const { service, lines } = await start(t, [detector]);
  for (const bytes of [new Uint8Array(), Buffer.from('<svg/>'), Buffer.from('GIF89a')]) {
    await assert.rejects(service.examine(bytes), refused('format'));
  }
  const heavy = Buffer.alloc(33 * 1024 ** 2);
  heavy.set([0xff, 0xd8, 0xff]);
  await assert.rejects(service.examine(heavy), refused('dimensions'));
  assert.equal(service.report.pid, undefined, 'none of these started a process');
  const good = await picture(RED);
  await assert.rejects(service.examine(good.subarray(0, good.length / 2)), refused('format'));
  await assert.rejects(service.examine(await plain(20, 20).png().toBuffer()), refused('dimensions'));
  assert.equal((await service.examine(good)).faces.length, 1);
  assert.equal(service.report.restarts, 0);
  assert.deepEqual(lines, []);
});

test('without a model that is needed, it is said which', async (t) => {
  const { detector, embedder } = await made(t);
  const none = await start(t, [embedder]);
  await assert.rejects(none.service.examine(await picture(RED)), refused('no-model'));
  const some = await start(t, [detector]);
  await assert.rejects(some.service.examine(await picture(RED), { embeddings: true }), refused('no-model'));
  const broken = await start(t, [detector, { ...embedder, file: '/nowhere/made.onnx' }]);
  await assert.rejects(broken.service.examine(await picture(RED), { embeddings: true }), refused('no-model'));
  assert.equal((await broken.service.examine(await picture(RED))).faces.length, 1);
  assert.match(broken.lines.join(), /made-faces.*is missing/);
});

test('what somebody waits for goes before what is done in bulk, and each lane is bounded', async (t) => {
  const { detector } = await made(t);
  const { service } = await start(t, [detector], { limits: { line: { count: 2, bytes: 10_000_000 } } });
  await service.examine(await picture(RED));
  const pid = await pidOf(service);
  process.kill(pid, 'SIGSTOP');
  const order: string[] = [];
  const bytes = await picture(RED);
  const examine = async (name: string, lane: 'prompt' | 'batch') => {
    await service.examine(bytes, { lane });
    order.push(name);
  };
  const under = [examine('under way', 'prompt'), examine('beside it', 'batch')];
  const bulk = [examine('bulk 1', 'batch'), examine('bulk 2', 'batch')];
  await assert.rejects(examine('bulk 3', 'batch'), refused('busy'));
  const prompt = [examine('prompt 1', 'prompt'), examine('prompt 2', 'prompt')];
  await assert.rejects(examine('prompt 3', 'prompt'), refused('busy'));
  process.kill(pid, 'SIGCONT');
  await Promise.all([...under, ...bulk, ...prompt]);
  assert.deepEqual(order, ['under way', 'beside it', 'prompt 1', 'prompt 2', 'bulk 1', 'bulk 2']);
  assert.equal(service.waiting, 0);
});

test('while one picture is looked at, the next is decoded', async (t) => {
  const { detector, folder } = await made(t);
  // Looking at the first waits for its model, until that is written.
  const file = await folder.put('made-pipe', new Uint8Array());
  rmSync(file);
  execFileSync('mkfifo', [file]);
  const pipe = openSync(file, 'r+');
  const { service } = await start(t, [{ ...detector, file }]);
  const first = service.examine(await picture(RED));
  const good = await picture(RED);
  await assert.rejects(service.examine(good.subarray(0, good.length / 2)), refused('format'));
  assert.equal(service.waiting, 1);
  rmSync(file);
  copyFileSync(detector.file, file);
  writeSync(pipe, readFileSync(detector.file));
  closeSync(pipe);
  assert.equal((await first).faces.length, 1);
});

test('no two pictures are decoded at once', async (t) => {
  const { detector } = await made(t);
  const { service } = await start(t, [detector]);
  // Rows of an interlaced picture come in no order, so that it is held whole while it is decoded: 110 MiB.
  const large = await plain(5_800, 5_000, RED, 4).png({ progressive: true, compressionLevel: 1 }).toBuffer();
  const highest = async () => {
    const [, kibibytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${await pidOf(service)}/status`, 'utf8')) ?? [];
    return Number(kibibytes) / 1024;
  };
  for (const _ of [1, 2]) assert.equal((await service.examine(large)).faces.length, 1);
  const alone = await highest();
  const results = await Promise.all(Array.from({ length: 4 }, () => service.examine(large, { lane: 'batch' })));
  for (const { faces } of results) assert.equal(faces.length, 1);
  // Of the second there is what it is examined at, 11 MB, and its file; runtimes differ in what they keep of both.
  assert.ok((await highest()) < alone + 75, `${alone} MiB for one after the other, ${await highest()} for many`);
});

test('a picture that waits too long is refused, and so are all that wait when the box stops', async (t) => {
  const { detector } = await made(t);
  const limits = { waitMs: { prompt: 200, batch: 600_000 } };
  const { service } = await start(t, [detector], { limits, childLimits: { stopMs: 100 } });
  const bytes = await picture(RED);
  await service.examine(bytes, { lane: 'batch' });
  process.kill(await pidOf(service), 'SIGSTOP');
  const under = [service.examine(bytes, { lane: 'batch' }), service.examine(bytes, { lane: 'batch' })];
  await assert.rejects(service.examine(bytes), refused('busy'));
  const waiting = service.examine(bytes, { lane: 'batch' });
  const all = Promise.allSettled([...under, waiting]);
  // It stands still, so that it has to be killed.
  await service.stop();
  for (const one of await all) assert.ok(one.status === 'rejected' && refused('busy')(one.reason));
  await assert.rejects(service.examine(bytes), refused('busy'));
});

test('the worker rests when there is nothing to do, and is there again for the next picture', async (t) => {
  const { detector } = await made(t);
  let changes = 0;
  const { service } = await start(t, [detector], {
    limits: { idleMs: 50 },
    changed: () => {
      changes += 1;
    },
  });
  for (const _ of [1, 2]) {
    assert.equal((await service.examine(await picture(RED))).faces.length, 1);
    await until('the worker to rest', () => service.report.state === 'stopped');
    assert.equal(service.report.pid, undefined);
  }
  assert.equal(service.report.restarts, 0);
  assert.ok(changes >= 4);
});

test('other models are used at once, and it is told; pictures under way do not suffer', async (t) => {
  const { detector, embedder, demoEmbedder } = await made(t);
  const dataFolder = mkdtempSync(join(tmpdir(), 'gatehouse-images-'));
  t.after(() => rmSync(dataFolder, { recursive: true, force: true }));
  const models = [detector, embedder];
  const read = async () => ({ models: [...models], faults: [] });
  const watch = new ModelWatch({ dataFolder, lookMs: 50, read, log: pino({ level: 'silent' }) });
  await watch.start();
  t.after(() => watch.stop());
  const { service } = await start(t, models, { models: watch });
  const ids = () => service.models().map(({ id }) => id);
  assert.deepEqual(ids(), ['made-faces']);
  let told = 0;
  const end = service.onModels(() => {
    told += 1;
  });
  service.onModels(() => {
    throw new Error('a listener that fails');
  });
  const bytes = await picture(RED);
  const describe = async () => (await service.examine(bytes, { embeddings: true })).faces[0]!.embeddings;
  assert.equal((await describe()).length, 1);
  const pid = await pidOf(service);
  process.kill(pid, 'SIGSTOP');
  const under = service.examine(bytes);
  models.push(demoEmbedder);
  mkdirSync(join(dataFolder, 'models'));
  await until('the new model', () => told > 0);
  process.kill(pid, 'SIGCONT');
  assert.equal((await under).faces.length, 1);
  assert.deepEqual(ids(), ['made-faces', 'demo-faces']);
  assert.equal(service.models()[1]!.madeFor, 'demo');
  assert.equal((await describe()).length, 2);
  assert.deepEqual([service.report.restarts, service.report.renewals], [0, 1]);
  end();
  models.splice(1);
  mkdirSync(join(dataFolder, 'models', 'other'));
  await until('both to be gone', () => ids().length === 0);
  assert.equal(told, 1);
  await assert.rejects(service.examine(bytes, { embeddings: true }), refused('no-model'));
});
