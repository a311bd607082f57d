import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CaptureMatch } from '../../core/plugin/capture-services.ts';
import { type FaceHit, type FaceIndex, FaceIndexError } from '../../core/plugin/face-services.ts';
import type { CameraInfo } from '../../core/plugin/services.ts';
import type { CaptureObservation } from '../../core/vision/keys.ts';
import { cameraInfo, matchOf, observation } from './match.fixture.ts';
import { faceMatching, LEAST_QUALITY } from './match.ts';
import type { Portrait, PortraitDatabase } from './shapes.ts';

type Query = Parameters<FaceIndex['search']>[0];

const database = (libId: number, libType: 1 | 2): PortraitDatabase => ({
  libId,
  libName: libType === 1 ? 'Watch list' : 'Staff',
  libType,
  pictures: 1,
  createTime: 0,
  updateTime: 0,
});
const DATABASES = [database(1, 1), database(2, 2)];

const portrait = (id: number, libId: number, imgId: string): Portrait => ({
  id,
  libId,
  imgId,
  imgPath: `images/${imgId}.jpg`,
  name: 'Ada',
  gender: '0',
  age: '36',
  hasIdcard: false,
  hasAddress: false,
  quality: 80,
  createTime: 0,
  updateTime: 0,
});
const PORTRAITS = [portrait(11, 1, 'a1'), portrait(21, 2, 'b1')];

/** A matcher over two databases, for one camera and an index that answers as told. */
function matching(camera: CameraInfo | undefined, answer: FaceHit[] | Error, waiting: number | 'unknown' = 0) {
  const queries: Query[] = [];
  const told: string[] = [];
  const model = (id: string, dimension: number, times: number) => ({
    id,
    dimension,
    similarity: (cosine: number) => cosine * times,
    cosine: (similarity: number) => similarity / times,
  });
  const enricher = faceMatching({
    library: {
      database: (id) => DATABASES.find(({ libId }) => libId === id),
      byId: (id) => PORTRAITS.find((one) => one.id === id),
      get: (libId, imgId) => PORTRAITS.find((one) => one.libId === libId && one.imgId === imgId),
    },
    index: {
      search: async (query) => {
        queries.push(query);
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    images: { models: () => [model('faces', 4, 100), model('drawn', 4, 50)] },
    cameras: () => ({ get: (channel) => (channel === 3 ? camera : undefined) }),
    waiting: () => (waiting === 'unknown' ? undefined : waiting),
    told: (result) => told.push(result),
  });
  const look = (change: Partial<CaptureObservation> = {}) => enricher.enrich(observation(change));
  return { look, queries, told, enricher };
}

const hit = (cosine: number, id = 11, library = 1): FaceHit => ({ id, library, cosine });

test('it is said whether somebody is still enrolled, and not somebody else under that id', () => {
  const { enricher } = matching(cameraInfo(), []);
  const knows = (change: Partial<CaptureMatch>) => enricher.stillKnows!(matchOf(change));
  assert.deepEqual([{}, { imageId: 'gone' }, { libraryId: 9 }, { imagePath: 'images/another.jpg' }].map(knows), [
    true,
    false,
    false,
    false,
  ]);
});

test('the nearest becomes the match, with all that is told of the person', async () => {
  const { look, queries, told } = matching(cameraInfo({ libraryIds: [1, 2, 9] }), [hit(0.931), hit(0.4, 21, 2)]);
  assert.deepEqual(await look(), { compared: true, match: matchOf({ similarity: 93 }) });
  const [query] = queries;
  assert.deepEqual([query?.model, [...(query?.vector ?? [])]], ['faces', [1, 0, 0, 0]]);
  assert.deepEqual(query?.libraries, [1, 2], 'a database that is gone is not asked for');
  assert.ok((query?.deadline ?? 9_999) < 1_500, 'the search ends before the capture has to go on');
  assert.deepEqual(told, ['match']);
});

test('below the threshold the nearest is told all the same, and is no match', async () => {
  for (const [cosine, similarity, result] of [
    [0.8, 80, 'match'],
    [0.7999, 79, 'no-match'],
    [0.81, 81, 'match'],
    [0.1, 10, 'no-match'],
    [-0.3, 0, 'no-match'],
    [1.2, 100, 'match'],
  ] as const) {
    const { look, told } = matching(cameraInfo(), [hit(cosine)]);
    assert.deepEqual(await look(), { compared: true, match: matchOf({ similarity }) }, `cosine ${cosine}`);
    assert.deepEqual(told, [result], `cosine ${cosine}`);
  }
});

test('cosines are read as those of the model that made them', async () => {
  const { look, queries, told } = matching(cameraInfo(), [hit(0.9)]);
  const { match } = await look({ embedding: { model: 'drawn', vector: [0, 1, 0, 0] } });
  assert.equal(match?.similarity, 45);
  assert.equal(queries[0]?.model, 'drawn');
  assert.deepEqual(told, ['no-match']);
});

test('with nobody in the databases the face is a stranger, and was compared', async () => {
  const { look, told } = matching(cameraInfo(), []);
  assert.deepEqual(await look(), { compared: true });
  assert.deepEqual(told, ['no-match']);
});

test('while stored pictures are not described, who is known is recognised and nobody becomes a stranger', async () => {
  for (const waiting of [1, 'unknown'] as const) {
    const known = matching(cameraInfo(), [hit(0.9)], waiting);
    assert.deepEqual(await known.look(), { compared: true, match: matchOf({ similarity: 90 }) });
    const other = matching(cameraInfo(), [hit(0.5)], waiting);
    assert.deepEqual(await other.look(), { compared: false });
    assert.deepEqual([known.told, other.told], [['match'], ['undescribed']]);
  }
});

test('who was erased a moment ago is no match; the next one is', async () => {
  const { look } = matching(cameraInfo({ libraryIds: [1, 2] }), [hit(0.99, 77), hit(0.97, 11, 2), hit(0.9, 21, 2)]);
  const found = await look();
  assert.deepEqual([found.compared, found.match?.imageId, found.match?.similarity], [true, 'b1', 90]);
});

const UNASKED: [why: string, camera: CameraInfo | undefined, change: Partial<CaptureObservation>, reason: string][] = [
  ['the camera is not known', undefined, {}, 'no-camera'],
  ['the channel is that of another camera', cameraInfo(), { channel: 4 }, 'no-camera'],
  ['a real camera has the channel of a scene', cameraInfo(), { origin: 'demo' }, 'no-camera'],
  ['a scene has the channel of a real camera', cameraInfo({ origin: 'demo' }), {}, 'no-camera'],
  ['the camera is bound to nothing', cameraInfo({ libraryIds: [] }), {}, 'unbound'],
  ['all it is bound to is gone', cameraInfo({ libraryIds: [7, 8] }), {}, 'unbound'],
  ['it is a photo', cameraInfo(), { aliveType: 1 }, 'not-alive'],
  ['it is hardly to be seen', cameraInfo(), { quality: LEAST_QUALITY - 1 }, 'poor'],
  ['nothing described it', cameraInfo(), { embedding: undefined as never }, 'no-embedding'],
  ['its model is gone', cameraInfo(), { embedding: { model: 'old', vector: [1, 0, 0, 0] } }, 'no-model'],
  ['its model has another length now', cameraInfo(), { embedding: { model: 'faces', vector: [1, 0] } }, 'no-model'],
];
for (const [why, camera, change, reason] of UNASKED) {
  test(`not compared: ${why}`, async () => {
    const { look, queries, told } = matching(camera, [hit(0.99)]);
    assert.deepEqual(await look(change), { compared: false });
    assert.deepEqual([queries.length, told], [0, [reason]]);
  });
}

test('compared: somebody alive or of whom that is not known, from the least quality on, also of a scene', async () => {
  const camera = matching(cameraInfo(), [hit(0.9)]);
  assert.equal((await camera.look({ aliveType: 2 })).compared, true);
  assert.equal((await camera.look({ quality: LEAST_QUALITY })).compared, true);
  const scene = matching(cameraInfo({ origin: 'demo' }), [hit(0.9)]);
  assert.equal((await scene.look({ origin: 'demo' })).match?.imageId, 'a1');
});

test('an index that cannot answer makes no strangers', async () => {
  for (const fault of ['loading', 'down', 'late', 'full'] as const) {
    const { look, told } = matching(cameraInfo(), new FaceIndexError(fault, 'it cannot'));
    assert.deepEqual(await look(), { compared: false });
    assert.deepEqual(told, [fault]);
  }
  const broken = matching(cameraInfo(), new TypeError('a fault of the program'));
  await assert.rejects(broken.look(), /a fault of the program/);
});
