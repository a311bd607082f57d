import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type CaptureRecord, captureRecorded, trackRecognised } from '../../core/plugin/capture-services.ts';
import { exportKey } from '../../core/plugin/export-services.ts';
import { portraitsErased } from '../../core/plugin/face-services.ts';
import type { OverlayBox } from '../../core/vision/keys.ts';
import { admin } from '../../tests/kit/plugin.ts';
import { captureMatch } from '../../tests/kit/records.ts';
import { startBox, status } from './fixture.ts';
import type { FrameMessage } from './topics.ts';

const SINCE = 1_000;

const match = captureMatch({ personName: 'Arthur' });

const boxOf = (trackId: number, label = 'face'): OverlayBox => ({ trackId, label, score: 0.9, box: [1, 2, 3, 4] });

/** A box with an online camera on channel 1, and what its live page is told of the faces 1 to 3 and the person 1. */
async function watched(t: TestContext, caller = admin) {
  const box = await startBox(t);
  await box.call('POST', '/cameras', { name: 'Gate', url: 'rtsp://10.0.0.9/1', snapMode: 3 });
  await box.tellStatus(status(1, { since: SINCE }));
  const live = box.open('cameras.boxes', { channel: 1 }, caller);
  const overlay = [boxOf(1), boxOf(2), boxOf(3), boxOf(1, 'person')];
  return {
    box,
    who: () => {
      const [watcher] = box.vision.watchers;
      watcher?.onFrame({ channel: 1, time: 5, width: 64, height: 48, overlay });
      return (live.sent.at(-1) as { data: FrameMessage }).data.overlay.map(({ who }) => who);
    },
    recorded: (change: Partial<CaptureRecord>) => {
      const record = { kind: 'face', channel: 1, trackId: 1, time: SINCE + 1, quality: 50, threshold: 80, ...change };
      box.hear(captureRecorded, { compared: change.match !== undefined, ...record } as CaptureRecord);
    },
  };
}

test('a face has the name of its captures: key personnel, whitelist, or a stranger; a person has none', async (t) => {
  const { who, recorded } = await watched(t, { ...admin, role: 'viewer', imageRight: false });
  assert.deepEqual(who(), [undefined, undefined, undefined, undefined]);
  recorded({ match });
  recorded({ trackId: 2, match: { ...match, libraryType: 1, personName: ' ' } });
  recorded({ trackId: 3, match: { ...match, similarity: 79 } });
  recorded({ trackId: 1, kind: 'body' });
  recorded({ trackId: 2, channel: 2, match });
  assert.deepEqual(who(), [
    { kind: 'white-list', name: 'Arthur' },
    { kind: 'key-person', name: 'img-1' },
    { kind: 'stranger' },
    undefined,
  ]);
});

test('who was not compared is nobody; only as good a picture takes a name away, and a newer name counts', async (t) => {
  const { who, recorded } = await watched(t);
  const first = () => who()[0];
  recorded({ compared: false });
  assert.equal(first(), undefined);
  recorded({ compared: true, quality: 20 });
  assert.deepEqual(first(), { kind: 'stranger' });
  recorded({ match, quality: 40 });
  recorded({ compared: false, quality: 90 });
  recorded({ compared: true, quality: 39 });
  assert.deepEqual(first(), { kind: 'white-list', name: 'Arthur' });
  recorded({ match: { ...match, personName: 'Ford' }, quality: 30 });
  assert.deepEqual(first(), { kind: 'white-list', name: 'Ford' });
  recorded({ compared: true, quality: 30 });
  assert.deepEqual(first(), { kind: 'stranger' });
});

test('a face that is not captured yet has its name as well', async (t) => {
  const { box, who } = await watched(t);
  const verdict = {
    kind: 'face',
    channel: 1,
    trackId: 1,
    time: SINCE,
    quality: 40,
    threshold: 80,
    compared: true,
  } as const;
  box.hear(trackRecognised, { ...verdict, match });
  box.hear(trackRecognised, { ...verdict, trackId: 2 });
  assert.deepEqual(who().slice(0, 3), [{ kind: 'white-list', name: 'Arthur' }, { kind: 'stranger' }, undefined]);
});

test('a name ends with the stream: the next one gives the same numbers to others', async (t) => {
  const { box, who, recorded } = await watched(t);
  recorded({ match });
  await box.tellStatus(status(1, { state: 'connecting', since: SINCE + 50 }));
  recorded({ trackId: 2, match, time: SINCE + 60 });
  await box.tellStatus(status(1, { since: SINCE + 100 }));
  // Told late, of the stream before.
  recorded({ trackId: 3, match, time: SINCE + 99 });
  assert.deepEqual(who(), [undefined, undefined, undefined, undefined]);
  recorded({ match, time: SINCE + 100 });
  assert.deepEqual(who()[0], { kind: 'white-list', name: 'Arthur' });
  await box.call('PATCH', '/cameras/1', { name: 'Other' });
  assert.equal(who()[0], undefined);
});

test('nor does a name last where the camera is online again at once', async (t) => {
  const { box, who, recorded } = await watched(t);
  await box.call('PATCH', '/cameras/1', { snapMode: 1 });
  // What was before the camera then is captured at its end, and told while nothing is known of the next stream.
  recorded({ match });
  await box.tellStatus(status(1, { since: SINCE + 100 }));
  assert.equal(who()[0], undefined);
  recorded({ compared: true, quality: 20, time: SINCE + 100 });
  assert.deepEqual(who()[0], { kind: 'stranger' });
});

test('who is erased is called by no name any more, at once', async (t) => {
  const { box, who, recorded } = await watched(t);
  recorded({ match });
  recorded({ trackId: 2, match: { ...match, imageId: 'img-2', personName: 'Ford' } });
  box.hear(portraitsErased, { library: 4, imageIds: ['img-1'], keys: [exportKey(4, 'img-1')] });
  assert.deepEqual(who(), [undefined, { kind: 'white-list', name: 'Ford' }, undefined, undefined]);
  // Seen and compared before, stored after.
  recorded({ trackId: 3, match, time: SINCE });
  assert.equal(who()[2], undefined);
  // Who came back under the same id is seen with reason.
  recorded({ trackId: 3, match, time: SINCE + 1 });
  assert.deepEqual(who()[2], { kind: 'white-list', name: 'Arthur' });
});

test('no more names are kept than faces can be before a camera', async (t) => {
  const { who, recorded } = await watched(t);
  recorded({ match });
  for (let trackId = 1_000; trackId < 1_100; trackId += 1) recorded({ trackId, match });
  assert.equal(who()[0], undefined);
});
