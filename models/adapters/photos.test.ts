import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import sharp from 'sharp';
import { z } from 'zod';
import { asset } from '../../tests/kit/assets.ts';
import { catalog, similarity } from '../catalog.ts';
import { type AdapterModel, createDetector, createFaceEmbedder, intersectionOverUnion } from './index.ts';
import type { Box, Detection, Detector, FaceEmbedder, Point, RgbPicture } from './types.ts';

const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const point = z.tuple([z.number(), z.number()]);
const face = z.object({ box, landmarks: z.array(point).length(5), embedding: z.array(z.number()).length(128) });
const referenceSchema = z.object({
  photos: z.record(z.string(), z.object({ size: point, faces: z.array(face) })),
});
const annotationSchema = z.object({
  noses: z.record(z.string(), z.array(point)),
  same_person: z.array(z.array(z.string())),
});

const FILES = {
  'yunet-2023mar': 'face_detection_yunet_2023mar.onnx',
  'ultralight-rfb-320': 'ultralight_RFB-320.onnx',
  'mobilefacenet-foamliu': 'mobilefacenet_foamliu.onnx',
};

/** The card of a model with the file of the test assets; undefined (and the test skipped) where that is absent. */
function assetModel(t: TestContext, id: keyof typeof FILES): AdapterModel | undefined {
  const file = asset(t, 'models', FILES[id]);
  const card = catalog().find((entry) => entry.id === id)!;
  return file ? { ...card, file } : undefined;
}

function assetJson<T>(t: TestContext, name: string, schema: z.ZodType<T>): T | undefined {
  const file = asset(t, 'media', 'photos', name);
  return file ? schema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

/** A photo the right way up. */
async function photo(t: TestContext, name: string): Promise<RgbPicture> {
  const file = asset(t, 'media', 'photos', name)!;
  const { data, info } = await sharp(file).rotate().removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

function closest(found: readonly Detection[], reference: Box): Detection | undefined {
  const overlap = (one: Detection) => intersectionOverUnion(one.box, reference);
  return [...found].sort((a, b) => overlap(b) - overlap(a))[0];
}

function farthest(actual: readonly number[], expected: readonly number[]): number {
  return Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));
}

function cosine(a: Float32Array, b: readonly number[] | Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

async function open(t: TestContext): Promise<{ detector: Detector; embedder: FaceEmbedder } | undefined> {
  const finder = assetModel(t, 'yunet-2023mar');
  const describer = assetModel(t, 'mobilefacenet-foamliu');
  if (!finder || !describer) return undefined;
  const detector = await createDetector(finder);
  const embedder = await createFaceEmbedder(describer);
  t.after(() => Promise.all([detector.close(), embedder.close()]));
  return { detector, embedder };
}

test('every face of the photos is found and described as by the independent reference', async (t) => {
  const reference = assetJson(t, 'reference.json', referenceSchema);
  const models = reference && (await open(t));
  if (!models) return;
  let faces = 0;
  for (const [name, { size, faces: expected }] of Object.entries(reference.photos)) {
    const picture = await photo(t, name);
    assert.deepEqual([picture.width, picture.height], size, name);
    const found = await models.detector.detect(picture);
    assert.equal(found.length, expected.length, name);
    for (const want of expected) {
      const got = closest(found, want.box)!;
      const allowed = Math.max(2, 0.01 * Math.max(want.box[2] - want.box[0], want.box[3] - want.box[1]));
      assert.ok(farthest(got.box, want.box) <= allowed, `${name}: box ${got.box} where ${want.box} is expected`);
      assert.ok(farthest(got.landmarks!.flat(), want.landmarks.flat()) <= allowed, `${name}: ${got.landmarks}`);
      const vector = await models.embedder.embed(picture, got.landmarks!);
      assert.equal(vector.length, models.embedder.dimension);
      assert.ok(Math.abs(cosine(vector, vector) - 1) < 1e-5);
      assert.ok(cosine(vector, want.embedding) >= 0.995, `${name}: cosine ${cosine(vector, want.embedding)}`);
      faces += 1;
    }
  }
  assert.equal(faces, 43);
});

test('the trimmed input finds the same faces; a smaller one most of them', async (t) => {
  const reference = assetJson(t, 'reference.json', referenceSchema);
  const model = assetModel(t, 'yunet-2023mar');
  if (!reference || !model) return;
  const trimmed = await createDetector(model, { trim: true });
  const small = await createDetector(model, { trim: true, input: { width: 320, height: 320 } });
  t.after(() => Promise.all([trimmed.close(), small.close()]));
  let seen = 0;
  for (const [name, { faces }] of Object.entries(reference.photos)) {
    const picture = await photo(t, name);
    const found = await trimmed.detect(picture);
    assert.equal(found.length, faces.length, name);
    for (const { box } of faces) {
      assert.ok(intersectionOverUnion(closest(found, box)!.box, box) > 0.9, name);
    }
    seen += (await small.detect(picture)).length;
  }
  assert.deepEqual(small.input, { width: 320, height: 320 });
  assert.ok(seen >= 40 && seen <= 43, `${seen} faces at 320 pixels`);
});

for (const id of ['yunet-2023mar', 'ultralight-rfb-320'] as const) {
  test(`${id} finds every annotated face and at most one that is none`, async (t) => {
    const annotations = assetJson(t, 'annotations.json', annotationSchema);
    const model = assetModel(t, id);
    if (!annotations || !model) return;
    const detector = await createDetector(model);
    t.after(() => detector.close());
    let extra = 0;
    for (const [name, noses] of Object.entries(annotations.noses)) {
      const found = await detector.detect(await photo(t, name));
      for (const nose of noses) {
        const at = found.findIndex(({ box }) => isInside(nose, box));
        assert.ok(at >= 0, `${name}: no face around ${nose}`);
        found.splice(at, 1);
      }
      extra += found.length;
    }
    assert.ok(extra <= 1, `${extra} false faces`);
  });
}

function isInside([x, y]: Point, [x1, y1, x2, y2]: Box): boolean {
  return x >= x1 && x <= x2 && y >= y1 && y <= y2;
}

/** Similarity from which two faces count as the same person here; cosine 0.5 by the model's card. */
const SAME = 80;

test('the same people match, and nobody else does', async (t) => {
  const annotations = assetJson(t, 'annotations.json', annotationSchema);
  const models = annotations && (await open(t));
  if (!models) return;
  const card = catalog().find((entry) => entry.id === models.embedder.modelId)!.embedding!;
  const described: { name: string; vector: Float32Array }[] = [];
  for (const name of Object.keys(annotations.noses)) {
    const picture = await photo(t, name);
    for (const { landmarks } of await models.detector.detect(picture)) {
      described.push({ name, vector: await models.embedder.embed(picture, landmarks!) });
    }
  }
  const matches: string[] = [];
  for (const [i, a] of described.entries()) {
    for (const b of described.slice(i + 1)) {
      if (similarity(card, cosine(a.vector, b.vector)) >= SAME) matches.push([a.name, b.name].sort().join(' '));
    }
  }
  const expected = annotations.same_person.filter((names) => names.length > 1).map((names) => names.sort().join(' '));
  assert.deepEqual(matches.sort(), expected.sort());
});

test('calls made at once do not mix their pictures', async (t) => {
  const models = await open(t);
  if (!models) return;
  const pictures = [await photo(t, '009_C.jpg'), await photo(t, '010_2.jpg'), await photo(t, '017_0.jpg')];
  const alone = [];
  for (const picture of pictures) alone.push(await models.detector.detect(picture));
  assert.deepEqual(
    alone.map((found) => found.length),
    [1, 2, 0],
  );
  const together = await Promise.all([...pictures, ...pictures].map((picture) => models.detector.detect(picture)));
  assert.deepEqual(together, [...alone, ...alone]);
  const [a, b] = alone[1]!;
  const one = await models.embedder.embed(pictures[1]!, a!.landmarks!);
  const both = await Promise.all([a!, b!].map((found) => models.embedder.embed(pictures[1]!, found.landmarks!)));
  assert.deepEqual(both[0], one);
  assert.notDeepEqual(both[1], one);
});

test('bad pictures, landmarks and thresholds are refused, and the next call works', async (t) => {
  const models = await open(t);
  if (!models) return;
  const { detector, embedder } = models;
  const broken = { width: 10, height: 10, data: new Uint8Array(7) };
  await assert.rejects(detector.detect(broken), /has 300 bytes, not 7/);
  await assert.rejects(detector.detect({ ...broken, width: Number.NaN }), /cannot be looked at/);
  const grey = { width: 10, height: 10, data: new Uint8Array(300).fill(128) };
  for (const scoreThreshold of [0, -1, 1.5, Number.NaN]) {
    await assert.rejects(detector.detect(grey, { scoreThreshold }), RangeError);
  }
  assert.deepEqual(await detector.detect(grey), []);
  const points = Array.from({ length: 5 }, (_, i): Point => [i, i * i]);
  await assert.rejects(embedder.embed(grey, points.slice(1)), /five landmarks, not 4/);
  await assert.rejects(
    embedder.embed(
      grey,
      points.map(() => [3, 3]),
    ),
    /all in one place/,
  );
  await assert.rejects(embedder.embed(broken, points), /not 7/);
  assert.equal((await embedder.embed(grey, points)).length, 128);
  await detector.close();
  await assert.rejects(detector.detect(grey), /closed/);
});
