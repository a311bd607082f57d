import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { constantModel, ModelFolder, madeCard } from '../../tests/kit/onnx.ts';
import { usableModels } from '../install.ts';
import { everydayLook } from '../training/data/faces.ts';
import { drawPortrait, RECOGNISABLE } from '../training/data/portrait.ts';
import { makeIdentity } from '../training/render/identity.ts';
import { random } from '../training/render/random.ts';
import { landmarkPlaces, openAlignerOf, openLandmarker } from './landmarks.ts';
import type { Point } from './types.ts';

const distance = (a: Point, b: Point) => Math.hypot(a[0] - b[0], a[1] - b[1]);
const mean = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

test('rough landmarks are found anew, in faces of any size and however they are turned', async (t) => {
  const { models } = await usableModels('/nowhere');
  const card = models.find(({ adapter }) => adapter === 'landmarks');
  assert.ok(card, 'a model of landmarks comes with the box');
  const landmarker = await openLandmarker(card);
  t.after(() => landmarker.close());
  const before: number[] = [];
  const after: number[] = [];
  for (let n = 0; n < 40; n += 1) {
    const source = random(`landmarks test/${n}`);
    const identity = makeIdentity(`landmarks test/${n}`);
    const portrait = drawPortrait(identity, everydayLook(identity, source.stream('look')), source, RECOGNISABLE);
    if (!portrait) continue;
    const { picture, landmarks } = portrait;
    const eyes = distance(landmarks[0]!, landmarks[1]!);
    const [dx, dy, times] = [
      source.between(-0.3, 0.3) * eyes,
      source.between(-0.3, 0.3) * eyes,
      source.between(0.9, 1.1),
    ];
    const rough = landmarks.map(
      ([x, y]): Point => [
        (x - landmarks[2]![0]) * times + landmarks[2]![0] + dx,
        (y - landmarks[2]![1]) * times + landmarks[2]![1] + dy,
      ],
    );
    const { landmarks: found, moved } = await landmarker.refine(picture, rough);
    assert.ok(moved < 1, `${moved}`);
    before.push(mean(rough.map((point, i) => distance(point, landmarks[i]!))) / eyes);
    after.push(mean(found.map((point, i) => distance(point, landmarks[i]!))) / eyes);
  }
  assert.ok(mean(before) > 0.15, `${mean(before)}`);
  assert.ok(mean(after) < 0.085, `${mean(before)} -> ${mean(after)}`);
});

test('landmarks that cannot be aligned are refused', async (t) => {
  const { models } = await usableModels('/nowhere');
  const landmarker = await openLandmarker(models.find(({ adapter }) => adapter === 'landmarks')!);
  t.after(() => landmarker.close());
  const picture = { width: 40, height: 40, data: new Uint8Array(4800) };
  await assert.rejects(async () => landmarker.refine(picture, [[1, 1]]), /landmarks|lists/);
  const one = Array.from({ length: 5 }, (): Point => [9, 9]);
  await assert.rejects(async () => landmarker.refine(picture, one), /in one place/);
});

const SIDE = 80;
const PLACES = landmarkPlaces(SIDE);
const grey = { width: SIDE, height: SIDE, data: new Uint8Array(SIDE * SIDE * 3) };

/** A model that says the same of each crop: points in pixels of it. */
async function saying(t: TestContext, points: readonly Point[]) {
  const folder = await ModelFolder.make(t);
  const input = { width: SIDE, height: SIDE };
  const said = points.flat().map((value) => value / SIDE);
  const file = await folder.put('made', constantModel(input, said));
  return madeCard({ id: 'made', task: 'face-landmarks', adapter: 'landmarks', input, file });
}

test('it looks again until landmarks come to rest, and keeps what it had where it sees no face', async (t) => {
  const eyes = PLACES[1]![0] - PLACES[0]![0];
  for (const { by, looks } of [
    { by: 0.04 * eyes, looks: 2 },
    { by: 0.1 * eyes, looks: 3 },
  ]) {
    const moving = await openLandmarker(
      await saying(
        t,
        PLACES.map(([x, y]): Point => [x + by, y]),
      ),
    );
    t.after(() => moving.close());
    const { landmarks, moved } = await moving.refine(grey, PLACES);
    assert.ok(Math.abs(moved - by / eyes) < 1e-3, `${moved}`);
    for (const [i, [x, y]] of landmarks.entries()) {
      assert.ok(distance([x, y], [PLACES[i]![0] + looks * by, PLACES[i]![1]]) < 1e-3);
    }
  }
  const nothing = await openLandmarker(
    await saying(
      t,
      PLACES.map((): Point => [40, 40]),
    ),
  );
  t.after(() => nothing.close());
  assert.deepEqual(await nothing.refine(grey, PLACES), { landmarks: PLACES, moved: Number.POSITIVE_INFINITY });
});

test('an aligner finds landmarks anew that are not its own; without a model they stay', async (t) => {
  const card = await saying(
    t,
    PLACES.map(([x, y]): Point => [x + 3, y]),
  );
  const aligner = await openAlignerOf({ ...card, id: 'detector', aligner: card });
  t.after(() => aligner.close());
  assert.equal(aligner.modelId, 'made');
  assert.deepEqual(await aligner.align(grey, PLACES, 'made'), { landmarks: PLACES });
  for (const by of [undefined, 'other']) assert.notDeepEqual((await aligner.align(grey, PLACES, by)).landmarks, PLACES);
  const none = await openAlignerOf({ ...card, id: 'detector' });
  assert.equal(none.modelId, undefined);
  assert.deepEqual(await none.align(grey, PLACES), { landmarks: PLACES });
});
