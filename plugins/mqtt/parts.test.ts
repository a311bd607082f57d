import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ActionRegistry } from '../../core/plugin/actions.ts';
import type { CaptureMatch } from '../../core/plugin/capture-services.ts';
import { destination, Newest } from './delivery.ts';
import { eventJsonSchema, mqttEvent } from './event-schema.ts';
import { eventOf } from './events.ts';
import { capture } from './fixture.ts';
import { peopleIn } from './people.ts';
import { settings, wholePem } from './settings.ts';
import { Topics } from './topics.ts';
import { Window } from './window.ts';

test('the schema given to users is the one events are made by', async () => {
  const written = JSON.parse(await readFile(join(import.meta.dirname, 'schema/events.schema.json'), 'utf8')) as object;
  assert.deepEqual(written, JSON.parse(JSON.stringify(eventJsonSchema())));
});

test('settings that are refused', () => {
  for (const wrong of [
    { url: 'http://broker' },
    { url: 'broker:1883' },
    { url: 'mqtt://' },
    { url: 'mqtt://user:word@broker' },
    { prefix: 'a/#' },
    { prefix: '/a' },
    { discoveryPrefix: '' },
    { ca: 'none' },
  ]) {
    assert.equal(settings.safeParse(wrong).success, false, JSON.stringify(wrong));
  }
  const { url, pictures, names, commandActions } = settings.parse({ url: ' mqtts://broker.example:8883 ' });
  assert.deepEqual([url, pictures, names, commandActions], ['mqtts://broker.example:8883', false, false, false]);
});

test('PEM gets its lines back', () => {
  const body = 'A'.repeat(70);
  const one = `-----BEGIN EC PRIVATE KEY-----\n${'A'.repeat(64)}\n${'A'.repeat(6)}\n-----END EC PRIVATE KEY-----\n`;
  assert.equal(wholePem(`-----BEGIN EC PRIVATE KEY----- ${body} -----END EC PRIVATE KEY-----`), one);
  assert.equal(wholePem(one).trim(), one.trim());
});

test('people are persons or faces, whichever are more', () => {
  const frame = (...labels: string[]) => ({
    overlay: labels.map((label, trackId) => ({
      trackId,
      label,
      score: 1,
      box: [0, 0, 1, 1] as [number, number, number, number],
    })),
  });
  assert.deepEqual(
    [frame(), frame('person', 'face'), frame('face', 'face'), frame('person', 'person', 'face'), frame('car')].map(
      peopleIn,
    ),
    [0, 1, 2, 2, 0],
  );
});

test('the newest is told of, and a clock that was wrong for a moment silences nothing', () => {
  const newest = new Newest();
  const is = (time: number, now = time) => newest.is('3 face', time, now);
  assert.deepEqual([is(1_000), is(900, 1_000), is(1_000), is(1_100)], [true, false, true, true]);
  assert.ok(is(9_000_000), 'the clock was ahead');
  assert.ok(is(1_200), 'and is right again');
  assert.equal(is(1_100, 1_300), false);
});

test('a picture that was read slowly does not take the place of a newer one', async () => {
  const published: string[] = [];
  const { deliver } = destination({
    topics: new Topics('gatehouse', 'homeassistant'),
    settings: settings.parse({ url: 'mqtt://broker', pictures: true }),
    now: () => 5_000,
    publish: async (topic, payload) => {
      if (topic.endsWith('/image')) published.push(Buffer.from(payload, 'base64').toString());
    },
    retain: () => {},
    learnKind: () => {},
  });
  const told = (time: number) => capture({ time, pictures: [{ part: 'snap', path: `${time}.jpg` }] });
  const context = { signal: new AbortController().signal, lane: 'live' as const, attempt: 1 };
  let read = (_: Uint8Array) => {};
  const slow = new Promise<Uint8Array>((done) => {
    read = done;
  });
  let readLater = (_: Uint8Array) => {};
  const slowly = new Promise<Uint8Array>((done) => {
    readLater = done;
  });
  const first = deliver(told(1_000), () => slow, context);
  await deliver(told(2_000), async () => Buffer.from('newer'), context);
  read(Buffer.from('older'));
  await first;
  assert.deepEqual(published, ['newer']);
  // Somebody on it is erased while it is read.
  const calledOff = new AbortController();
  const erased = deliver(told(3_000), () => slowly, { ...context, signal: calledOff.signal });
  calledOff.abort();
  readLater(Buffer.from('erased'));
  await erased;
  assert.deepEqual(published, ['newer']);
});

test('what waited for the broker changes no name and no picture of this moment', async () => {
  const published: string[] = [];
  const retained: string[] = [];
  const { deliver } = destination({
    topics: new Topics('gatehouse', 'homeassistant'),
    settings: settings.parse({ url: 'mqtt://broker', pictures: true, names: true }),
    now: () => 10 * 60_000,
    publish: async (topic) => void published.push(topic.split('/').slice(1, 3).join('/')),
    retain: (topic) => void retained.push(topic),
    learnKind: () => {},
  });
  const match = { similarity: 91, libraryType: 2, libraryName: 'Staff', personName: 'Ada' } as CaptureMatch;
  const context = { signal: new AbortController().signal, lane: 'backlog' as const, attempt: 1 };
  const told = async (minute: number) => {
    published.length = 0;
    await deliver(
      capture({ time: minute * 60_000, pictures: [{ part: 'snap', path: 'a.jpg' }] }, { match }),
      async () => Buffer.from('a'),
      context,
    );
    return published.join();
  };
  assert.equal(await told(4), 'events');
  assert.equal(retained.length, 1, 'when somebody was last seen is kept all the same');
  assert.equal(await told(6), 'events,camera-3/person,camera-3/face');
});

test('a window lets in as many as it is wide, in order', async () => {
  const window = new Window();
  window.size = 2;
  const inside: number[] = [];
  const all = [1, 2, 3, 4].map(async (n) => {
    await new Promise<void>((done) => window.enter(done));
    inside.push(n);
  });
  await Promise.all(all.slice(0, 2));
  assert.deepEqual(inside, [1, 2]);
  window.leave();
  await all[2];
  assert.deepEqual(inside, [1, 2, 3]);
  window.size = 3;
  await all[3];
  assert.deepEqual(inside, [1, 2, 3, 4]);
});

test('actions have ids of their own, and go with whoever brought them', () => {
  const registry = new ActionRegistry();
  const told: number[] = [];
  registry.onChanged(() => told.push(registry.list().length));
  const action = { id: 'relays-1', name: 'Lamp', run: async () => {} };
  const end = registry.register(action);
  assert.throws(() => registry.register({ ...action }), /already/);
  assert.throws(() => registry.register({ ...action, id: 'a/b' }), /no id/);
  end();
  end();
  assert.deepEqual(told, [1, 0]);
});

test('the number of a plate is told only where names are; where none was read surely, that there is one', () => {
  const plate = { text: 'AB12', score: 0.9, box: [1, 2, 3, 4] as [number, number, number, number], path: 'p' };
  const told = (read: string, names: boolean) => {
    const event = eventOf(capture({}, { kind: 'vehicle', plate: { ...plate, text: read } }), { names });
    mqttEvent.parse(event);
    return event?.type === 'capture' && event.plate;
  };
  assert.deepEqual(told('AB12', true), { text: 'AB12', score: 0.9 });
  assert.deepEqual(told('AB12', false), { score: 0.9 });
  assert.deepEqual(told('', true), { score: 0.9 });
});
