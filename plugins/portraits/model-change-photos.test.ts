import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { ImageService } from '../../core/images/service.ts';
import { ModelsInForce } from '../../core/models-in-force.ts';
import { atEnd, temporaryStore } from '../../core/store/fixture.ts';
import { catalog, type InstalledModel, usableModels } from '../../models/install.ts';
import { asset } from '../../tests/kit/assets.ts';
import { until } from '../../tests/kit/wait.ts';
import { startPlugin, type TestPlugin } from './fixture.ts';

/** The whole change with models and photos as they are: from the model of the demo, as if it were a real one. */

const BETTER = 'mobilefacenet-foamliu';

/** Cards and files; undefined, and the test skipped, where they are absent. */
async function realModels(
  t: TestContext,
): Promise<Record<'detector' | 'former' | 'better', InstalledModel> | undefined> {
  const detector = asset(t, 'models', 'face_detection_yunet_2023mar.onnx');
  const better = detector && asset(t, 'models', 'mobilefacenet_foamliu.onnx');
  if (!better) return undefined;
  const card = (id: string, file: string) => ({ ...catalog().find((one) => one.id === id)!, file });
  const drawn = (await usableModels('/nowhere')).models.find(({ task }) => task === 'face-embedding');
  assert.ok(drawn);
  const { madeFor: _, ...former } = drawn;
  return { detector: card('yunet-2023mar', detector), former, better: card(BETTER, better) };
}

/** Models that come when the test says so. */
function watched(models: InstalledModel[]) {
  let tell = () => {};
  return {
    models,
    faults: [],
    onChange: (listener: () => void) => {
      tell = listener;
      return () => {};
    },
    start: async () => {},
    stop: () => {},
    comes: (model: InstalledModel) => {
      models.push(model);
      tell();
    },
  };
}

async function nearest(box: TestPlugin, photo: Uint8Array) {
  const { code, msg, data } = await box.send<{ topn: { img_id: string; similarity: string }[] }>(
    772,
    { lib_ids: 1 },
    { img: photo },
  );
  assert.equal(code, 0, msg);
  return { who: data.topn[0]?.img_id, similarity: Number(data.topn[0]?.similarity) };
}

test('people of photos are found by the former model, while it is relieved, and better by the new one', async (t) => {
  const models = await realModels(t);
  const photos = ['005_A', '007_B', '009_C', '006_A', '008_B'].map((name) =>
    asset(t, 'media', 'photos', `${name}.jpg`),
  );
  if (!models || photos.includes(undefined)) return;
  const [a, b, c, otherA, otherB] = photos.map((file) => readFileSync(file!)) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ];
  const log = pino({ level: 'silent' });
  const { store } = await temporaryStore(t);
  const watch = watched([models.detector, models.former]);
  const inForce = new ModelsInForce(watch, store.settings, log);
  await inForce.start();
  const images = new ImageService({ models: inForce, takeOver: (ids) => inForce.takeOver(ids), log });
  atEnd(t, () => images.stop());
  images.start();
  const box = await startPlugin(t, { images: images as never });
  const lib_id = await box.database();
  for (const [img_id, img] of [['a', a] as const, ['b', b] as const, ['c', c] as const]) {
    const { code, msg } = await box.send(1029, { lib_id, img_id }, { img });
    assert.equal(code, 0, msg);
  }
  const former = models.former.id;
  const inUse = () => images.models().map(({ id, coming }) => (coming ? `(${id})` : id));
  assert.deepEqual(inUse(), [former]);
  watch.comes(models.better);
  assert.deepEqual(inUse(), [former, `(${BETTER})`]);
  for (const [who, photo] of [['a', a] as const, ['b', b] as const]) {
    const found = await nearest(box, photo);
    assert.deepEqual([found.who, found.similarity > 95], [who, true], `${found.who} ${found.similarity}`);
  }
  await until('the new model has taken over', () => inUse().join() === BETTER, 60_000);
  for (const [who, photo] of [['a', otherA] as const, ['b', otherB] as const, ['c', c] as const]) {
    const found = await nearest(box, photo);
    assert.deepEqual([found.who, found.similarity >= 80], [who, true], `${found.who} ${found.similarity}`);
  }
  const kept = box.index.faces.filter(({ model }) => model === BETTER);
  assert.deepEqual(
    kept.map(({ id, vector }) => [id, vector.length]),
    [1, 2, 3].map((id) => [id, kept[0]!.vector.length]),
  );
});
