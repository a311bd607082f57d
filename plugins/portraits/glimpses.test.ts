import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrackVerdict } from '../../core/plugin/capture-services.ts';
import { type FaceHit, FaceIndexError } from '../../core/plugin/face-services.ts';
import type { FaceGlimpse } from '../../core/vision/keys.ts';
import { Glimpses } from './glimpses.ts';
import { cameraInfo } from './match.fixture.ts';

const model = {
  id: 'faces',
  dimension: 4,
  similarity: (cosine: number) => cosine * 100,
  cosine: (n: number) => n / 100,
};
const glimpse: FaceGlimpse = {
  channel: 3,
  trackId: 7,
  time: 1_000,
  quality: 60,
  embedding: { model: 'faces', vector: [1, 0, 0, 0] },
};

function watching(search: () => Promise<FaceHit[]>) {
  const verdicts: TrackVerdict[] = [];
  const failures: string[] = [];
  const portrait = { id: 11, libId: 1, imgId: 'a1', imgPath: 'images/a1.jpg', name: 'Ada' };
  const glimpses = new Glimpses({
    matching: {
      library: {
        database: (libId) => ({ libId, libName: 'Watch list', libType: 1 }) as never,
        byId: (id) => (id === 11 ? (portrait as never) : undefined),
      },
      index: { search },
      images: { models: () => [model] },
      cameras: () => ({ get: () => cameraInfo({ threshold: 80 }) }),
      waiting: () => 0,
    },
    recognised: (verdict) => verdicts.push(verdict),
    failed: (error) => failures.push(error.message),
  });
  return { glimpses, verdicts, failures };
}

test('a face that is followed on is told by name or as a stranger, with the threshold of its camera', async () => {
  let hits = [{ id: 11, library: 1, cosine: 0.9 }];
  const { glimpses, verdicts } = watching(async () => hits);
  await glimpses.seen(glimpse);
  hits = [];
  await glimpses.seen({ ...glimpse, trackId: 8 });
  assert.deepEqual(
    verdicts.map(({ match, ...verdict }) => [verdict, match?.personName, match?.similarity]),
    [
      [{ kind: 'face', channel: 3, trackId: 7, time: 1_000, quality: 60, threshold: 80, compared: true }, 'Ada', 90],
      [
        { kind: 'face', channel: 3, trackId: 8, time: 1_000, quality: 60, threshold: 80, compared: true },
        undefined,
        undefined,
      ],
    ],
  );
});

test('one that was not compared is nobody, and no stranger', async () => {
  const { glimpses, verdicts, failures } = watching(() => Promise.reject(new FaceIndexError('loading', 'not yet')));
  const { embedding: _, ...bare } = glimpse;
  for (const one of [glimpse, bare, { ...glimpse, aliveType: 1 as const }, { ...glimpse, quality: 19 }]) {
    await glimpses.seen(one);
  }
  assert.deepEqual([verdicts, failures], [[], []]);
});

test('a few are looked up at once, and a failure is told', async () => {
  let asked = 0;
  let fail = (_: Error) => {};
  const gate = new Promise<FaceHit[]>((_, reject) => {
    fail = reject;
  });
  const { glimpses, verdicts, failures } = watching(() => {
    asked += 1;
    return gate;
  });
  const all = Array.from({ length: 9 }, () => glimpses.seen(glimpse));
  fail(new Error('no memory'));
  await Promise.all(all);
  assert.deepEqual([asked, verdicts, failures], [4, [], Array.from({ length: 4 }, () => 'no memory')]);
});
