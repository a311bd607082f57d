import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import sharp from 'sharp';
import type { PluginContext } from '../../core/plugin/contract.ts';
import type { Shot } from '../../core/vision/describer.ts';
import type { InstalledModel } from '../../models/install.ts';
import { ModelFolder } from '../../tests/kit/onnx.ts';
import plates from './describers/plates.ts';
import plugin from './index.ts';

const log = { info: () => {}, warn: () => {} };

const shot = (box: Shot['box']): Shot => ({
  kind: 'vehicle',
  picture: { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(90) },
  box,
  frameBox: [100, 100, 164, 164],
  frameWidth: 640,
  frameHeight: 480,
});

async function made(t: TestContext, reader: InstalledModel, finder: InstalledModel) {
  const further = { 'plate-detection': finder };
  const instance = await plates.create({ id: 'read-plates', options: {}, model: reader, further, threads: 1, log });
  t.after(() => instance.close?.());
  return instance;
}

test('a plate is found, cut out and read', async (t) => {
  const folder = await ModelFolder.make(t);
  const describer = await made(t, await folder.plateReader('AB12', 0.8), await folder.plateFinder());
  const { plate, ...more } = await describer.describe(shot([0, 0, 64, 64]));
  assert.ok(plate);
  assert.deepEqual(more, {});
  assert.equal(plate.text, 'AB12');
  assert.ok(Math.abs(plate.score - 0.8) < 1e-6);
  assert.deepEqual(plate.box.map(Math.round), [16, 24, 48, 40]);
  const { width, height, format } = await sharp(plate.jpeg).metadata();
  // A little more than the box, as it is read.
  assert.deepEqual([width, height, format], [34, 20, 'jpeg']);
});

test('what is not read surely is not told, but where the plate is', async (t) => {
  const folder = await ModelFolder.make(t);
  const describer = await made(t, await folder.plateReader('AB12', 0.55), await folder.plateFinder());
  const { plate } = await describer.describe(shot([0, 0, 64, 64]));
  assert.deepEqual([plate?.text, plate && plate.jpeg.byteLength > 0], ['', true]);
});

test('no plate, or one on another vehicle, is nothing said', async (t) => {
  const folder = await ModelFolder.make(t);
  const reader = await folder.plateReader('AB12');
  const weak = await made(t, reader, await folder.plateFinder(0.2));
  assert.deepEqual(await weak.describe(shot([0, 0, 64, 64])), {});
  const other = await made(t, reader, await folder.plateFinder());
  assert.deepEqual(await other.describe(shot([40, 40, 64, 64])), {});
});

test('a model that knows no plates is refused when it is opened', async (t) => {
  const folder = await ModelFolder.make(t);
  const finder = { ...(await folder.plateFinder()), task: 'object-detection' as const, labels: ['car'] };
  await assert.rejects(made(t, await folder.plateReader('AB12'), finder), /it has no label "plate"/);
});

test('both models are asked for', async () => {
  const { describers = [] } = await plugin.setup({} as PluginContext);
  assert.deepEqual(
    describers.map(({ kinds, model, further }) => [kinds, model, further]),
    [[['vehicle'], 'plate-text', ['plate-detection']]],
  );
});
