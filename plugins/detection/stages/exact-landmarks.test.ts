import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Detection, Point } from '../../../core/vision/keys.ts';
import { i420Layout } from '../../../drivers/video/frame.ts';
import { type Aligner, landmarkPlaces, openAlignerOf } from '../../../models/adapters/landmarks.ts';
import { constantModel, ModelFolder, madeCard } from '../../../tests/kit/onnx.ts';
import { MOST_FACES, withExactLandmarks } from './exact-landmarks.ts';

const WIDTH = 1280;
const HEIGHT = 720;
const layout = i420Layout(WIDTH, HEIGHT);
const frame = {
  width: WIDTH,
  height: HEIGHT,
  data: new Uint8Array(layout.size).fill(128),
  layout,
  colorimetry: { matrix: 'bt601', range: 'full' },
} as const;

const SIDE = 80;
const PLACES = landmarkPlaces(SIDE);

/** An aligner whose model says that each face lies so many of the crop's pixels further to the right. */
async function moving(t: TestContext, by: number): Promise<Aligner> {
  const folder = await ModelFolder.make(t);
  const input = { width: SIDE, height: SIDE };
  const said = PLACES.flatMap(([x, y]) => [(x + by) / SIDE, y / SIDE]);
  const file = await folder.put('made', constantModel(input, said));
  const card = madeCard({ id: 'made', task: 'face-landmarks', adapter: 'landmarks', input, file });
  const aligner = await openAlignerOf({ ...card, id: 'detector', aligner: card });
  t.after(() => aligner.close());
  return aligner;
}

/** A face whose landmarks are those of the crop, so many times as large. */
function face(times: number, [x, y]: Point): Detection {
  const landmarks = PLACES.map((place): Point => [x + place[0] * times, y + place[1] * times]);
  return { label: 'face', score: 0.9, box: [x, y, x + SIDE * times, y + SIDE * times], landmarks };
}

test('landmarks are told in pixels of the frame, wherever the face is and however large', async (t) => {
  const aligner = await moving(t, 2);
  const faces = [face(0.4, [0, 0]), face(1, [500, 300]), face(5, [700, 300]), face(0.5, [1250, 690])];
  const exact = await withExactLandmarks(frame, faces, aligner);
  assert.equal(exact.length, faces.length);
  const lastLook = 2 / (PLACES[1]![0] - PLACES[0]![0]);
  for (const [i, { landmarks, alignedBy, moved, ...rest }] of exact.entries()) {
    const { landmarks: rough = [], ...same } = faces[i]!;
    assert.deepEqual(rest, same);
    assert.equal(alignedBy, 'made');
    assert.ok(Math.abs(moved! - lastLook) < lastLook / 20, `moved by ${moved}`);
    // Three looks of two pixels each.
    const by = (6 * (rough[1]![0] - rough[0]![0])) / (PLACES[1]![0] - PLACES[0]![0]);
    for (const [at, [x, y]] of landmarks!.entries()) {
      assert.ok(
        Math.abs(x - rough[at]![0] - by) < by / 20 && Math.abs(y - rough[at]![1]) < by / 20,
        `${i}: ${x}, ${y}`,
      );
    }
  }
});

test('what cannot be looked at again stays as it was found, and so does what a crowd has too many of', async (t) => {
  const aligner = await moving(t, 2);
  const { landmarks: _, ...bare } = face(1, [100, 100]);
  const odd: Detection[] = [
    bare,
    { ...bare, landmarks: [[1, 1]] },
    { ...bare, landmarks: PLACES.map((): Point => [9, 9]) },
    { ...bare, landmarks: PLACES.map(([x]): Point => [x, Number.NaN]) },
  ];
  assert.deepEqual(await withExactLandmarks(frame, odd, aligner), odd);
  const crowd = Array.from({ length: MOST_FACES + 3 }, (_, i) => face(0.5, [60 * i, 100]));
  const exact = await withExactLandmarks(frame, crowd, aligner);
  assert.deepEqual(exact.slice(MOST_FACES), crowd.slice(MOST_FACES));
  assert.ok(exact.slice(0, MOST_FACES).every(({ alignedBy }) => alignedBy === 'made'));
});

test('without a model that aligns, nothing changes', async () => {
  const aligner = await openAlignerOf(madeCard({ id: 'detector', task: 'face-detection', file: '/nowhere' }));
  const faces = [face(1, [10, 10])];
  assert.deepEqual(await withExactLandmarks(frame, faces, aligner), faces);
});
