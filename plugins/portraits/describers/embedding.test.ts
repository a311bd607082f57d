import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Shot } from '../../../core/vision/describer.ts';
import { withDescribers } from '../../../core/vision/describer-plan.ts';
import type { Point } from '../../../core/vision/keys.ts';
import { camera, missing, model, sceneCamera } from '../../../core/vision/plan.fixture.ts';
import { planStages } from '../../../core/vision/planner.ts';
import { ARCFACE_POINTS } from '../../../models/adapters/align.ts';
import { ModelFolder, madeCard, meanModel } from '../../../tests/kit/onnx.ts';
import embedding from './embedding.ts';
import { embedFaces } from './index.ts';

const SIDE = 224;
const CROP = { width: 112, height: 112 };
const NUMBERS = 32;

/** A model whose first three numbers are the mean red, green and blue of the aligned face. */
async function made(t: TestContext) {
  const plane = (channel: number) => Array.from({ length: NUMBERS }, (_, i) => (i === channel ? 1 : 0));
  const bytes = meanModel(CROP, [plane(0), plane(1), plane(2)], new Array(NUMBERS).fill(0));
  const file = await (await ModelFolder.make(t)).put('made-faces', bytes);
  const scale = {
    dimension: NUMBERS,
    similarity: [
      [0, 0],
      [1, 100],
    ] as [number, number][],
    basis: 'made',
  };
  const card = madeCard({
    id: 'made-faces',
    task: 'face-embedding',
    adapter: 'arcface',
    file,
    input: CROP,
    embedding: scale,
  });
  const log = { info: () => {}, warn: () => {} };
  const describer = await embedding.create({ id: 'embed-faces', options: {}, model: card, threads: 1, log });
  t.after(() => describer.close?.());
  return describer;
}

/** Red, with a green face of so many times the aligned size in its middle. */
function shot(times: number, landmarks?: Point[]): Shot {
  const data = new Uint8Array(SIDE * SIDE * 3);
  const from = (SIDE - 112 * times) / 2;
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) {
      const inside = Math.min(x, y) >= from - 1 && Math.max(x, y) < SIDE - from + 1;
      data[(y * SIDE + x) * 3 + (inside ? 1 : 0)] = 200;
    }
  }
  const points = ARCFACE_POINTS.map(([x, y]): Point => [from + x * times, from + y * times]);
  const box = [from, from, SIDE - from, SIDE - from] as Shot['box'];
  const picture = { width: SIDE, height: SIDE, data };
  return {
    kind: 'face',
    picture,
    box,
    landmarks: landmarks ?? points,
    frameBox: box,
    frameWidth: SIDE,
    frameHeight: SIDE,
  };
}

test('a face is aligned by its landmarks and described, whatever is around it', async (t) => {
  const describer = await made(t);
  for (const times of [2, 1, 0.26]) {
    const { embedding: numbers } = await describer.describe(shot(times));
    assert.equal(numbers?.length, NUMBERS);
    assert.ok((numbers[1] ?? 0) > 0.999 && (numbers[0] ?? 1) < 0.02, `${times}: ${numbers[0]}, ${numbers[1]}`);
  }
});

test('of a face without landmarks, or of too few pixels, nothing is said', async (t) => {
  const describer = await made(t);
  const { landmarks: _, ...bare } = shot(1);
  const poor: Shot[] = [
    bare,
    shot(0.24),
    shot(1, [[1, 1]]),
    shot(
      1,
      Array.from({ length: 5 }, (): Point => [50, 50]),
    ),
    shot(
      1,
      ARCFACE_POINTS.map(([x]): Point => [x, Number.NaN]),
    ),
  ];
  for (const one of poor) assert.deepEqual(await describer.describe(one), {});
});

test('scenes have the model made for them, real cameras only their own, and the report says what is missing', () => {
  const planned = (models: ReturnType<typeof model>[]) => {
    const cameras = [camera(1, 'face'), sceneCamera(32, 'face'), camera(2, 'body')];
    const declared = [{ owner: 'portraits', definition: embedFaces }];
    const plan = withDescribers(planStages(cameras, [], models, missing), declared, models, missing);
    return { describers: plan.cameras.map(({ describers }) => describers), reports: plan.reports };
  };
  const real = model('faces', 'face-embedding', { adapter: 'arcface' });
  const drawn = model('demo-faces', 'face-embedding', { adapter: 'arcface', madeFor: 'demo' });
  assert.deepEqual(planned([real, drawn]).describers, [['embed-faces'], ['embed-faces~demo-faces'], []]);
  assert.deepEqual(planned([real]).describers, [['embed-faces'], ['embed-faces'], []]);
  const without = planned([drawn]);
  assert.deepEqual(without.describers, [[], ['embed-faces'], []]);
  assert.match(without.reports.find(({ channel }) => channel === 1)?.reason ?? '', /not available: .*face-embedding/);
  assert.match(planned([]).reports[1]?.reason ?? '', /not available: no model for face-embedding/);
});
