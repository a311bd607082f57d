import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarm, capture, person, startRules, testReaction } from './fixture.ts';
import { MOST_LOOKED_AT, PREVIEW_MS } from './preview.ts';
import type { PreviewView } from './shapes.ts';

const MINUTE = 60_000;

async function started(t: Parameters<typeof startRules>[0]) {
  const box = await startRules(t);
  const now = box.clock.now();
  const ago = (minutes: number) => now - minutes * MINUTE;
  const preview = (when: object, steps: string[] = []) =>
    box.call<PreviewView>('POST', '/preview', { when: { what: ['capture/face'], ...when }, steps });
  return { box, now, ago, preview };
}

test('it says what a rule would have done, as it would have done it', async (t) => {
  const { box, now, ago, preview } = await started(t);
  box.past.captures = [
    capture({ time: ago(50), match: person }),
    capture({ time: ago(49), match: person }),
    capture({ time: ago(40) }),
    capture({ time: ago(30), match: person, channel: 4, origin: 'demo' }),
    capture({ time: now - PREVIEW_MS - 1, match: person }),
    capture({ time: ago(20), kind: 'body', compared: false }),
  ];
  box.past.alarms = [alarm({ time: ago(10) })];
  const { events, ...rest } = await preview({ groups: ['key'] });
  assert.deepEqual(rest, { from: now - PREVIEW_MS, looked: 5, cut: false, fired: 2, quiet: 1, demo: 1 });
  assert.deepEqual(
    events.map(({ time, title, what, group, demo }) => [time, title, what, group, demo]),
    [
      [ago(30), 'Ada', 'capture/face', 'key', true],
      [ago(50), 'Ada', 'capture/face', 'key', false],
    ],
  );
  const all = await preview({ what: ['capture/face', 'capture/body', 'alarm'], quietMinutes: 0 });
  assert.deepEqual([all.looked, all.fired], [6, 6]);
  assert.deepEqual(all.events.map(({ what }) => what).slice(0, 2), ['alarm/key-person', 'capture/body']);
  // Somebody who is only near is not named.
  assert.equal(all.events.find(({ time }) => time === ago(40))?.title, '');
  assert.match(all.events[0]?.key ?? '', /^alarm \d+$/);

  // The very same happens live.
  const ann = testReaction('mail/1');
  box.offer(ann);
  await box.add({ when: { what: ['capture/face'], groups: ['key'] }, steps: ['mail/1'] });
  await box.put(...box.past.captures.filter(({ time }) => time >= now - PREVIEW_MS));
  assert.deepEqual(
    ann.got.map(({ message }) => message.time),
    events.map(({ time }) => time).reverse(),
  );
});

test('steps count: what none of them takes fires nothing', async (t) => {
  const { box, ago, preview } = await started(t);
  let runs = 0;
  box.actions.register({ id: 'relay-1', name: 'Gate', run: async () => void (runs += 1) });
  box.offer(testReaction('mail/1', { topics: ['capture'] }), testReaction('mail/2', { topics: ['alarm'] }));
  box.past.captures = [capture({ time: ago(5), origin: 'demo' })];
  box.past.alarms = [alarm({ time: ago(4) })];
  const fired = async (when: object, ...steps: string[]) =>
    (await preview({ what: ['capture/face', 'alarm'], quietMinutes: 0, ...when }, steps)).events.map(
      ({ what }) => what,
    );
  assert.deepEqual(await fired({}), ['alarm/key-person', 'capture/face']);
  assert.deepEqual(await fired({}, 'mail/1'), ['capture/face']);
  assert.deepEqual(await fired({}, 'mail/2'), ['alarm/key-person']);
  assert.deepEqual(await fired({}, 'action/relay-1'), ['alarm/key-person']);
  assert.deepEqual(await fired({ demo: 'acted' }, 'action/relay-1'), ['alarm/key-person', 'capture/face']);
  assert.equal(runs, 0);
});

test('of many the newest are looked at, and the newest fifty shown', async (t) => {
  const { box, now, preview } = await started(t);
  box.past.captures = Array.from({ length: MOST_LOOKED_AT + 200 }, (_, at) => capture({ time: now - at * 1_000 }));
  const { looked, cut, fired, events } = await preview({ quietMinutes: 0 });
  assert.deepEqual([looked, cut, fired, events.length], [MOST_LOOKED_AT, true, MOST_LOOKED_AT, 50]);
  assert.equal(events[0]?.time, now);
  assert.equal(events[49]?.time, now - 49_000);
});

test('where captures or alarms are off, there is nothing to look at', async (t) => {
  const { box, preview } = await started(t);
  assert.deepEqual((await preview({})).looked, 0);
  await assert.rejects(preview({ what: [] }), /what/);
  assert.equal(box.outbox.reports().length, 0);
});
