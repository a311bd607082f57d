import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeModel } from '../../drivers/inference/made-model.ts';
import { ModelFileError } from '../../drivers/inference/session.ts';
import { catalog } from '../catalog.ts';
import { type AdapterModel, createAdapter, createDetector, createFaceEmbedder } from './index.ts';

async function made(t: TestContext, id: string, shape: number[]): Promise<AdapterModel> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-adapter-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'made.onnx');
  await writeFile(file, makeModel(shape));
  return { ...catalog().find((entry) => entry.id === id)!, file };
}

test('a file with another input shape is refused when it is opened', async (t) => {
  for (const [id, width, height] of [
    ['yunet-2023mar', 640, 640],
    ['yolox-nano', 416, 416],
    ['ultralight-rfb-320', 320, 240],
    ['mobilefacenet-foamliu', 112, 112],
  ] as const) {
    const model = await made(t, id, [1, 3, height + 32, width]);
    await assert.rejects(createAdapter(model), (error: unknown) => {
      assert.ok(error instanceof ModelFileError);
      const shapes = `takes input [1,3,${height + 32},${width}] where [1,3,${height},${width}] is expected`;
      assert.equal(error.message, `model file ${model.file} ${shapes}`);
      return true;
    });
  }
});

test('a file with the right input but the answers of another model is refused', async (t) => {
  const detector = await createDetector(await made(t, 'yolox-nano', [1, 3, 416, 416]));
  t.after(() => detector.close());
  const picture = { width: 416, height: 234, data: new Uint8Array(416 * 234 * 3) };
  await assert.rejects(detector.detect(picture), /output y holds 519168 numbers, not 301665/);
});

test('a missing file is named', async () => {
  const card = catalog().find((entry) => entry.id === 'yolox-nano')!;
  await assert.rejects(
    createDetector({ ...card, file: '/nowhere/x.onnx' }),
    /model file \/nowhere\/x\.onnx is missing/,
  );
});

test('a model is opened for what it does', async (t) => {
  const colour = { ...catalog().find((entry) => entry.id === 'hyperlpr-plate-colour')!, file: '/nowhere/x.onnx' };
  await assert.rejects(createAdapter(colour), /hyperlpr-plate-colour \(plate-colour\) has no adapter yet/);
  const face = await made(t, 'mobilefacenet-foamliu', [1, 3, 112, 112]);
  await assert.rejects(createDetector(face), /does not find them/);
  const people = await made(t, 'yolox-nano', [1, 3, 416, 416]);
  await assert.rejects(createFaceEmbedder(people), /does not describe faces/);
  const detector = await createDetector(people, { labels: ['dog', 'person'] });
  assert.deepEqual(detector.labels, ['dog', 'person']);
  assert.deepEqual(detector.input, { width: 416, height: 416 });
  await detector.close();
});

test('another input size must be one the model can take', async (t) => {
  const people = await made(t, 'yolox-nano', [1, 3, 416, 416]);
  const small = await createDetector(people, { input: { width: 320, height: 192 } });
  assert.deepEqual(small.input, { width: 320, height: 192 });
  await small.close();
  await assert.rejects(createDetector(people, { input: { width: 300, height: 192 } }), /multiples of 32/);
  await assert.rejects(createDetector(people, { input: { width: 0, height: 32 } }), /multiples of 32/);
  await assert.rejects(createDetector(people, { input: { width: 64_000, height: 32 } }), /at most 4096/);
  const fixed = await made(t, 'ultralight-rfb-320', [1, 3, 240, 320]);
  await assert.rejects(createDetector(fixed, { input: { width: 640, height: 480 } }), /runs at 320 x 240 only/);
});
