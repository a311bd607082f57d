import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE } from '../../core/gateway/errors.ts';
import type { CapturedFacesState } from '../../core/plugin/face-services.ts';
import { routeOf } from '../../tests/kit/plugin.ts';
import { CaptureSearch } from './capture-search.ts';
import { startPlugin, type TestPlugin } from './fixture.ts';
import { ADMIN, ask, base64, caller, VIEWER } from './rest.fixture.ts';
import type { CapturedStateView, CaptureSearchView, DatabaseView, EnrolledView } from './rest-shapes.ts';
import { ListCaptured, sketch, sketchModel } from './stand-ins.fixture.ts';

/** Captures found by a photo. */

const search = (box: TestPlugin, body: object, as = ADMIN) =>
  ask<CaptureSearchView>(box, 'POST', '/search-captures', { body, as });
const photo = (who: string) => ({ picture: base64(sketch([who])) });
const idsOf = ({ hits }: CaptureSearchView) => hits.map(({ id }) => id);

/** A stored picture of a capture. */
async function stored(box: TestPlugin, path: string, bytes: Uint8Array, area = 'records'): Promise<void> {
  const staged = await box.store.blobs.stage({ path, bytes, owner: 'captures', area, picture: true });
  await box.store.write((tx) => tx.addBlob(staged));
}

test('captures of the one in the photo, the most alike first, by camera, time and number', async (t) => {
  const box = await startPlugin(t);
  const captured = box.use.captured!;
  const first = captured.add('wang', 'one', { time: 10, name: 'Wang' });
  captured.add('li', 'one');
  const second = captured.add('wang', 'one', { time: 20, channel: 2 });
  captured.add('wang', 'another model');

  const found = await search(box, photo('wang'));
  assert.deepEqual(idsOf(found), [second, first], 'of equal ones the newer comes first');
  assert.deepEqual(found.hits[1], {
    id: first,
    channel: 1,
    cameraName: 'Gate',
    position: 'north',
    origin: null,
    time: 10,
    quality: 70,
    cropPath: `record/channel1/face/${first}.jpg`,
    name: 'Wang',
    similarity: found.hits[1]!.similarity,
  });
  assert.ok(Math.abs(found.hits[0]!.similarity - 100) < 1e-3);
  assert.deepEqual(found.face?.width, 640);
  assert.deepEqual(idsOf(await search(box, { ...photo('wang'), channel: 2 })), [second]);
  assert.deepEqual(idsOf(await search(box, { ...photo('wang'), to: 20 })), [first]);
  assert.deepEqual(idsOf(await search(box, { ...photo('wang'), from: 20, to: 21 })), [second]);
  assert.equal((await search(box, { ...photo('wang'), most: 1 })).hits.length, 1);
  assert.equal((await search(box, { ...photo('wang'), threshold: 0 })).hits.length, 3);
  await assert.rejects(search(box, { ...photo('wang'), from: 20, to: 20 }), { field: 'to' });
});

test('each model in use is searched, and the answers stand in one order', async (t) => {
  const box = await startPlugin(t);
  box.images.use(sketchModel('one'), sketchModel('drawn', 'demo'));
  const captured = box.use.captured!;
  const real = captured.add('wang', 'one', { time: 1 });
  const drawn = captured.add('wang', 'drawn', { time: 2, origin: 'demo' });
  captured.add('li', 'one');
  const { hits } = await search(box, { ...photo('wang'), threshold: 0, most: 3 });
  assert.deepEqual(
    new Map(hits.slice(0, 2).map(({ id, origin }) => [id, origin])),
    new Map([
      [real, null],
      [drawn, 'demo'],
    ]),
  );
  assert.ok(hits[1]!.similarity > 99 && hits[2]!.similarity < 90);
});

test('by a capture: the face that is kept of it, otherwise its picture', async (t) => {
  const box = await startPlugin(t);
  const captured = box.use.captured!;
  const kept = captured.add('wang', 'one');
  const bare = captured.add('wang', undefined);
  const old = captured.add('wang', 'an older model');
  for (const id of [bare, old]) await stored(box, `record/channel1/face/${id}.jpg`, sketch(['wang']));
  const byKept = await search(box, { captureId: kept });
  assert.deepEqual([idsOf(byKept), byKept.face], [[kept], null]);
  for (const captureId of [bare, old]) {
    const found = await search(box, { captureId });
    assert.deepEqual([idsOf(found), found.face === null], [[kept], false], captureId);
  }
  assert.deepEqual(idsOf(await search(box, { capture: `record/channel1/face/${bare}.jpg` })), [kept]);
  await assert.rejects(search(box, { captureId: 'nobody' }), { code: CODE.noSuchData });
});

test('by somebody who is enrolled', async (t) => {
  const box = await startPlugin(t);
  const { id: database } = await ask<DatabaseView>(box, 'POST', '/databases', { body: { name: 'Staff', type: 2 } });
  const { portrait } = await ask<EnrolledView>(box, 'POST', `/databases/${database}/portraits`, {
    body: { ...photo('wang'), name: 'Wang' },
  });
  const capture = box.use.captured!.add('wang', 'one');
  const asked = { portrait: { database, imageId: portrait.imageId } };
  assert.deepEqual(idsOf(await search(box, asked)), [capture]);
  await assert.rejects(search(box, { portrait: { database, imageId: 'x' } }), { code: CODE.noSuchImage });
  await assert.rejects(search(box, { portrait: { database: 77, imageId: 'x' } }), { code: CODE.noSuchDatabase });
});

test('one picture with one face, and nothing else, is searched by', async (t) => {
  const box = await startPlugin(t);
  for (const body of [
    {},
    { ...photo('wang'), captureId: 'x' },
    { captureId: 'x', portrait: { database: 1, imageId: 'x' } },
  ]) {
    await assert.rejects(search(box, body), { code: CODE.wrongParameter });
  }
  await assert.rejects(search(box, { picture: base64(sketch([])) }), { code: CODE.noFaceFound });
  await assert.rejects(search(box, { picture: base64(sketch(['a', 'b'])) }), { code: CODE.severalFaces });
  await assert.rejects(search(box, { picture: base64(new TextEncoder().encode('no')) }), { code: CODE.damagedImage });
});

test('it takes the rights to see people and captures with pictures; who asked is kept, and whom only by numbers', async (t) => {
  const box = await startPlugin(t);
  const captureId = box.use.captured!.add('wang', 'one');
  for (const as of [caller('viewer', false), caller('device-admin'), caller('visitor-admin')]) {
    await assert.rejects(search(box, photo('wang'), as), { code: CODE.notAllowed });
    await assert.rejects(ask(box, 'GET', '/captured-faces', { as }), { code: CODE.notAllowed });
  }
  await search(box, photo('wang'), VIEWER);
  await search(box, { captureId }, VIEWER);
  assert.deepEqual(box.remarks, [
    'captures searched by a picture: 1 found',
    `captures searched by capture ${captureId}: 1 found`,
  ]);
  assert.equal(routeOf(box.parts, 'POST', '/search-captures').route.logged, true);
});

test('where captures cannot be searched, the answer is why, and never that there are none', async (t) => {
  const box = await startPlugin(t);
  const captured = box.use.captured!;
  const state = async () => (await ask<CapturedStateView>(box, 'GET', '/captured-faces')).state;
  captured.known = { state: 'loading', faces: 3, total: 9, since: 5 };
  assert.deepEqual(await ask(box, 'GET', '/captured-faces'), { ...captured.known, reason: null });
  for (const fault of ['loading', 'down', 'late'] as const) {
    captured.fault = fault;
    await assert.rejects(search(box, photo('wang')), { code: CODE.unknownError, message: 'captures are not ready' });
  }
  const ready: CapturedFacesState = { state: 'ready', faces: 0, total: 0 };
  const refused = (message: RegExp) => assert.rejects(search(box, photo('wang')), { code: CODE.unknownError, message });
  captured.known = { ...ready, state: 'off' };
  await refused(/^not available: faces of captures are not kept/);
  assert.equal(await state(), 'off');
  captured.known = ready;
  box.images.use();
  assert.equal(await state(), 'no-model');
  await refused(/no model describes faces/);
  box.use.captured = undefined;
  assert.equal(await state(), 'no-captures');
  await assert.rejects(search(box, { captureId: 'x' }), { message: 'not available: the plugin captures is off' });
});

test('a face that only models gone meanwhile have described is not nobody', async () => {
  const captured = new ListCaptured();
  captured.add('wang', 'new');
  const search = new CaptureSearch({ images: { models: () => [sketchModel('new')] }, captured: () => captured });
  const embeddings = [{ model: 'old', vector: captured.kept[0]!.vector! }];
  await assert.rejects(search.search(embeddings, { threshold: 0, most: 5 }), { message: /models .* being changed/ });
});
