import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OutMessage, type PastMessages, pastAlarms } from '../../core/plugin/push-services.ts';
import { alarm, startAlarms, storePictures } from './fixture.ts';

/** What others hear of alarms. */

test('an alarm is told of within the job that stores it, and goes with whom it shows', async (t) => {
  const box = await startAlarms(t);
  const added: OutMessage[] = [];
  box.outbox = { add: (_tx, message) => void added.push(message) };
  await storePictures(box.store, 'record/seen.jpg', 'facebase/a.jpg');
  const { id } = await box.alarms.raise(
    alarm({
      captureId: 'c-1',
      shows: ['4/img'],
      pictures: [
        { path: 'record/seen.jpg', label: 'seen' },
        { path: 'facebase/a.jpg', label: 'library' },
      ],
    }),
  );
  const [message] = added;
  assert.ok(message);
  assert.deepEqual([message.topic, message.channel, message.shows], ['alarm', 3, ['4/img', 'capture/c-1']]);
  assert.deepEqual(message.pictures, [
    { part: 'snap', path: 'record/seen.jpg' },
    { part: 'library', path: 'facebase/a.jpg' },
  ]);
  const { kind, title, facts, captureId } = message.body;
  assert.deepEqual(
    { kind, title, facts, captureId, id: message.body['id'] },
    {
      kind: 'key-person',
      title: 'Somebody',
      facts: { similarity: 91.5, library: 'Watch list' },
      captureId: 'c-1',
      id,
    },
  );
});

test('what was told is read again from a moment on, with whom it shows', async (t) => {
  const box = await startAlarms(t);
  const told: OutMessage[] = [];
  box.outbox = { add: (_tx, message) => void told.push(message) };
  for (let at = 0; at < 5; at++) await box.alarms.raise(alarm({ time: 1_000 + at, shows: [`4/img-${at}`, '5/x'] }));
  const past = box.parts.services!.find(({ capability }) => capability.id === pastAlarms.id)!
    .implementation as PastMessages;
  const plain = (messages: OutMessage[]) =>
    messages.map(({ id: _, ...rest }) => ({ ...rest, shows: rest.shows.sort() }));
  assert.deepEqual(plain(await past.since(1_002, 2)), plain(told.slice(3).reverse()));
  assert.deepEqual(plain(await past.since(1_002, 50)), plain(told.slice(2).reverse()));
});

test('an alarm is not stored when its message cannot be', async (t) => {
  const box = await startAlarms(t);
  box.outbox = {
    add: () => {
      throw new Error('no room');
    },
  };
  await assert.rejects(box.alarms.raise(alarm()), /no room/);
  assert.deepEqual(box.titles(), []);
});
