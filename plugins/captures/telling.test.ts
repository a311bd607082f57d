import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realTime } from '../../core/outbox/clock.ts';
import { OutboxService } from '../../core/outbox/outbox.ts';
import type { CaptureMatch } from '../../core/plugin/capture-services.ts';
import { exportKey } from '../../core/plugin/export-services.ts';
import { type OutMessage, type PastMessages, pastCaptures } from '../../core/plugin/push-services.ts';
import { collectLog } from '../../core/store/fixture.ts';
import { until } from '../../tests/kit/wait.ts';
import { fill, match, observation, row, startPlugin, type TestPlugin } from './fixture.ts';

/** What others hear of captures, over the outbox of the core. */

function withOutbox(t: { after(act: () => Promise<void>): void }, box: TestPlugin) {
  const clock = realTime({ now: () => Date.now(), steady: () => performance.now() });
  const outbox = new OutboxService({ store: box.store, log: collectLog(), clock });
  box.outbox = outbox;
  const sent: { message: OutMessage; pictures: (string | undefined)[] }[] = [];
  const receiver = { open: true };
  outbox.open({
    id: 'test/one',
    name: 'Test',
    wants: () => true,
    deliver: async (message, picture) => {
      if (!receiver.open) throw new Error('away');
      const pictures = await Promise.all(message.pictures.map(({ path }) => picture(path)));
      sent.push({ message, pictures: pictures.map((bytes) => bytes && Buffer.from(bytes).toString()) });
    },
  });
  t.after(() => outbox.stop());
  return { outbox, sent, receiver, waiting: () => outbox.reports()[0]?.waiting };
}

test('a capture is told of with the job that stores it, without its bytes, with its pictures', async (t) => {
  const box = await startPlugin(t);
  const { sent } = withOutbox(t, box);
  box.cameras.set(3, { channel: 3, name: 'Gate', position: 'north', threshold: 80 } as never);
  box.enrichers.register({
    id: 'who',
    kinds: ['face'],
    deadline: 1000,
    enrich: async () => ({ match, compared: true }),
  });
  box.observe();
  await box.untilRecorded(1);
  await until('it was told', () => sent.length === 1);
  const [record] = box.recorded;
  assert.ok(record && sent[0]);
  const { message, pictures } = sent[0];
  const { crop: _crop, frame: _frame, ...body } = record;
  assert.deepEqual(message.body, body);
  assert.deepEqual([message.id, message.topic, message.time, message.channel], [record.id, 'capture', record.time, 3]);
  assert.deepEqual(
    message.pictures.map(({ part }) => part),
    ['snap', 'frame', 'library'],
  );
  assert.deepEqual(pictures, ['crop', 'frame', undefined]);
  assert.deepEqual(message.shows, [`capture/${record.id}`, '4/img-1']);
  // Asked for afterwards, it is the same.
  assert.deepEqual(await pastOf(box).since(record.time, 10), [message]);
});

function pastOf({ parts }: TestPlugin): PastMessages {
  return parts.services!.find(({ capability }) => capability.id === pastCaptures.id)!.implementation as PastMessages;
}

test('what was told is read again from a moment on, newest first, so many at most', async (t) => {
  const box = await startPlugin(t);
  const time = Date.UTC(2026, 10, 21, 8);
  const rows = Array.from({ length: 1_200 }, (_, at) =>
    row({ time: time + at, ...(at % 2 ? { origin: 'demo' } : {}) }),
  );
  await fill(box.store, rows);
  const past = pastOf(box);
  const times = async (from: number, most: number) => (await past.since(from, most)).map((one) => one.time - time);
  assert.deepEqual(await times(time + 1_197, 10), [1_199, 1_198, 1_197]);
  assert.deepEqual(await times(time, 2), [1_199, 1_198]);
  assert.deepEqual(
    await times(time, 5_000),
    Array.from({ length: 1_200 }, (_, at) => 1_199 - at),
  );
  const [odd, even] = await past.since(time, 2);
  assert.deepEqual([odd?.origin, even?.origin, even && 'match' in even.body], ['demo', undefined, false]);
});

test('what was erased is not told of any more; what only grew old is, with its pictures', async (t) => {
  const box = await startPlugin(t);
  const { sent, receiver, outbox, waiting } = withOutbox(t, box);
  receiver.open = false;
  for (let track = 0; track < 6; track++) box.observe({ trackId: track, time: observation.time + track });
  await box.untilRecorded(6);
  assert.equal(waiting(), 6);
  await box.call('POST', '/captures/delete', { body: { ids: [box.recorded[0]!.id, box.recorded[1]!.id] } });
  assert.equal(waiting(), 4);
  const [policy] = box.policies;
  assert.equal(await box.store.write((tx) => policy!.removeOldest(tx, 2)), 2);
  assert.equal(waiting(), 4);
  receiver.open = true;
  outbox.retry('test/one');
  await until('all are told', () => sent.length === 4);
  assert.deepEqual(
    sent.map(({ message }) => message.id),
    box.recorded.slice(2).map(({ id }) => id),
  );
  assert.ok(sent.every(({ pictures }) => pictures[0] === 'crop' && pictures[1] === 'frame'));
});

test('erasing somebody takes what tells of them, and nothing of a stranger they were only the nearest of', async (t) => {
  const box = await startPlugin(t);
  const { sent, receiver, outbox, waiting } = withOutbox(t, box);
  box.cameras.set(3, { channel: 3, name: 'Gate', position: 'north', threshold: 80 } as never);
  let similarity = 91;
  box.enrichers.register({
    id: 'who',
    kinds: ['face'],
    deadline: 1000,
    enrich: async () => ({ match: { ...match, similarity } }),
  });
  receiver.open = false;
  box.observe();
  await box.untilRecorded(1);
  similarity = 79;
  box.observe({ time: observation.time + 1 });
  await box.untilRecorded(2);
  const stranger = box.recorded[1]!;
  assert.equal(stranger.match?.imageId, 'img-1', 'the box itself knows the nearest');
  const past = await pastOf(box).since(stranger.time, 1);

  assert.equal(await outbox.erase([exportKey(4, 'img-1')]), 1);
  assert.equal(waiting(), 1, 'the stranger is still told of');
  receiver.open = true;
  outbox.retry('test/one');
  await until('it was told', () => sent.length === 1);
  const [{ message }] = sent as [(typeof sent)[0]];
  assert.deepEqual([message.id, message.shows], [stranger.id, [`capture/${stranger.id}`]]);
  assert.deepEqual(
    message.pictures.map(({ part }) => part),
    ['snap', 'frame'],
  );
  const { libraryId, libraryName, similarity: told } = message.body['match'] as CaptureMatch;
  assert.deepEqual([libraryId, libraryName, told], [4, 'Staff', 79]);
  for (const theirs of [match.imageId, match.imagePath, match.personName]) {
    assert.ok(!JSON.stringify(message).includes(theirs), theirs);
  }
  assert.deepEqual(past, [message], 'asked for afterwards, it is the same');
});

test('deleting everything removes what waits to be told', async (t) => {
  const box = await startPlugin(t);
  const { receiver, waiting } = withOutbox(t, box);
  receiver.open = false;
  for (let track = 0; track < 4; track++) box.observe({ trackId: track });
  await box.untilRecorded(4);
  await box.call('POST', '/captures/delete-all', { body: { confirm: true } });
  assert.equal(waiting(), 0);
  await box.store.blobs.idle();
  assert.deepEqual(box.store.blobs.heldTotals(), { files: 0, bytes: 0 });
});
