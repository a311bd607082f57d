import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { z } from 'zod';
import { catalog, installFromFile } from '../../models/install.ts';
import { asset } from '../../tests/kit/assets.ts';
import { ModelWatch } from '../model-watch.ts';
import { ImageService } from './service.ts';

const FILES = {
  'yunet-2023mar': 'face_detection_yunet_2023mar.onnx',
  'mobilefacenet-foamliu': 'mobilefacenet_foamliu.onnx',
};
const annotationSchema = z.object({
  noses: z.record(z.string(), z.array(z.tuple([z.number(), z.number()]))),
  same_person: z.array(z.array(z.string())),
});
/** Similarity from which two faces count as the same person here. */
const SAME = 80;

/** A service with the installed models; undefined, and the test skipped, where they are absent. */
async function start(t: TestContext): Promise<ImageService | undefined> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'gatehouse-photos-'));
  t.after(() => rmSync(dataFolder, { recursive: true, force: true }));
  for (const [id, name] of Object.entries(FILES)) {
    const file = asset(t, 'models', name);
    if (!file) return undefined;
    await installFromFile(dataFolder, catalog().find((entry) => entry.id === id)!, file);
  }
  const log = pino({ level: 'silent' });
  const models = new ModelWatch({ dataFolder, log });
  await models.start();
  t.after(() => models.stop());
  const service = new ImageService({ models, log });
  t.after(() => service.stop());
  service.start();
  return service;
}

test('photos as somebody would send them: faces, qualities, and who is who', async (t) => {
  const file = asset(t, 'media', 'photos', 'annotations.json');
  const service = file && (await start(t));
  if (!service) return;
  const annotations = annotationSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const model = service.models().find(({ id }) => id === 'mobilefacenet-foamliu')!;
  const described: { name: string; vector: Float32Array }[] = [];
  const best = new Map<string, { score: number; faults: string[] }>();
  let extra = 0;
  for (const [name, noses] of Object.entries(annotations.noses)) {
    const bytes = readFileSync(asset(t, 'media', 'photos', name)!);
    const { width, height, faces } = await service.examine(bytes, { embeddings: true });
    assert.ok(Math.max(width, height) <= 1920);
    // Noses are told in pixels of the photo, which is turned upright, at its own size.
    const scale = await scaleOf(bytes, Math.max(width, height));
    const found = [...faces];
    for (const [x, y] of noses.map((nose) => nose.map((value) => value * scale) as [number, number])) {
      const at = found.findIndex(({ box: [x1, y1, x2, y2] }) => x >= x1 && x <= x2 && y >= y1 && y <= y2);
      assert.ok(at >= 0, `${name}: no face around ${x}, ${y}`);
      const [face] = found.splice(at, 1);
      described.push({ name, vector: face!.embeddings.find((one) => one.model === model.id)!.vector });
    }
    extra += found.length;
    const areas = faces.map(({ box: [x1, y1, x2, y2] }) => (x2 - x1) * (y2 - y1));
    assert.deepEqual(
      areas,
      [...areas].sort((a, b) => b - a),
      'the largest first',
    );
    if (faces[0]) best.set(name, faces[0].quality);
  }
  assert.ok(extra <= 1, `${extra} false faces`);
  const matches: string[] = [];
  for (const [i, a] of described.entries()) {
    for (const b of described.slice(i + 1)) {
      const cosine = a.vector.reduce((sum, value, at) => sum + value * b.vector[at]!, 0);
      if (model.similarity(cosine) >= SAME) matches.push([a.name, b.name].sort().join(' '));
    }
  }
  const pairs = annotations.same_person.filter((names) => names.length > 1).map((names) => names.sort().join(' '));
  assert.deepEqual(matches.sort(), pairs.sort());
  // Large portraits are fit for an enrolment of high quality; eight faces in a picture of 800 pixels are not.
  for (const name of ['005_A.jpg', '006_A.jpg', '007_B.jpg', '009_C.jpg']) {
    assert.deepEqual(best.get(name)!.faults, [], name);
    assert.ok(best.get(name)!.score >= 85, `${name}: ${best.get(name)!.score}`);
  }
  const crowd = best.get('016_8.jpg')!;
  assert.ok(crowd.faults.includes('size') && crowd.score < 60, JSON.stringify(crowd));
});

async function scaleOf(bytes: Uint8Array, examined: number): Promise<number> {
  const { default: sharp } = await import('sharp');
  const { width, height } = await sharp(bytes).metadata();
  return examined / Math.max(width, height);
}
