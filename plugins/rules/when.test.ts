import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { localToInstant } from '../../core/clock.ts';
import { alarm, capture, person } from './fixture.ts';
import { Quiet } from './quiet.ts';
import { fits, type Seen, seenOf, type When, when } from './when.ts';

const ZONE = 'Asia/Shanghai';

/** Whether a rule asks for a message. */
function asks(rule: Partial<When>, message: Parameters<typeof seenOf>[0], zone = ZONE): boolean {
  return fits(when.parse({ what: ['capture/face', 'capture/body', 'alarm'], ...rule }), seenOf(message)!, zone);
}

test('what is looked for: kinds of captures and alarms, one kind of alarm or all', () => {
  const face = capture();
  const body = capture({ kind: 'body', compared: false });
  const crowd = alarm({}, { kind: 'crowd' });
  const fit = (...what: string[]) => [face, body, alarm(), crowd].map((one) => asks({ what }, one));
  assert.deepEqual(fit('capture/face'), [true, false, false, false]);
  assert.deepEqual(fit('capture/body'), [false, true, false, false]);
  assert.deepEqual(fit('alarm'), [false, false, true, true]);
  assert.deepEqual(fit('alarm/crowd', 'capture/face'), [true, false, false, true]);
  assert.equal(seenOf({ ...face, topic: 'account' }), undefined);
});

test('cameras; none chosen are all', () => {
  assert.deepEqual(
    [[], [3], [4], [4, 3]].map((cameras) => asks({ cameras }, capture())),
    [true, true, false, true],
  );
});

test('who it is, by what the comparison said then', () => {
  const known = (change: object) => capture({ match: { ...person, ...change } });
  const faces = {
    key: known({}),
    white: known({ libraryType: 2, libraryId: 5 }),
    near: known({ similarity: 79.9 }),
    nobody: capture(),
    notCompared: capture({ compared: false }),
    body: capture({ kind: 'body', compared: false }),
  };
  const fit = (rule: Partial<When>) =>
    Object.entries(faces).flatMap(([name, message]) => (asks(rule, message) ? [name] : []));
  // Who it is, is asked of faces: "a key person or a body".
  assert.deepEqual(fit({ groups: ['key'] }), ['key', 'body']);
  assert.deepEqual(fit({ groups: ['white'] }), ['white', 'body']);
  assert.deepEqual(fit({ groups: ['stranger'] }), ['near', 'nobody', 'body']);
  assert.deepEqual(fit({ groups: ['unknown'] }), ['notCompared', 'body']);
  assert.deepEqual(fit({ what: ['capture/face'], groups: ['unknown'] }), ['notCompared']);
  assert.deepEqual(fit({ databases: [5] }), ['white']);
  assert.deepEqual(fit({ databases: [4], groups: ['key', 'stranger'] }), ['key', 'near', 'nobody']);
  assert.deepEqual(fit({ databases: [5], groups: ['key'] }), []);
  // Whom an alarm shows says which database knows them; groups are for captures.
  assert.deepEqual(
    [{ databases: [4] }, { databases: [5] }, { groups: ['white'] } as const].map((rule) =>
      asks(rule as object, alarm()),
    ),
    [true, false, true],
  );
});

describe('days and hours, in the zone of the box', () => {
  /** 2026-11-16 is a Monday. */
  const at = (local: string, zone = ZONE) => capture({ time: localToInstant(`2026-11-${local}:00`, zone) });
  const fit = (rule: Partial<When>, ...times: string[]) => times.map((time) => asks(rule, at(time)));

  test('within a day', () => {
    const rule = { days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00' };
    assert.deepEqual(fit(rule, '16 07:59', '16 08:00', '20 17:59', '20 18:00'), [false, true, true, false]);
    assert.deepEqual(fit(rule, '21 12:00', '22 12:00'), [false, false]);
  });

  test('over midnight: the part after it belongs to the day before', () => {
    const rule = { days: [1, 2, 3, 4, 5], from: '18:00', to: '06:00' };
    assert.deepEqual(fit(rule, '16 18:00', '17 05:59', '17 06:00', '17 17:59'), [true, true, false, false]);
    // Friday's goes into Saturday; Sunday's, which is none, does not go into Monday.
    assert.deepEqual(fit(rule, '20 23:59', '21 05:59', '21 18:00', '16 05:59'), [true, true, false, false]);
    assert.deepEqual(fit({ days: [7], from: '18:00', to: '06:00' }, '15 20:00', '16 03:00', '15 03:00'), [
      true,
      true,
      false,
    ]);
  });

  test('all day, and no day chosen is every day', () => {
    assert.deepEqual(fit({ days: [6] }, '21 00:00', '21 23:59', '22 00:00'), [true, true, false]);
    assert.deepEqual(fit({ from: '12:00', to: '13:00' }, '21 12:30', '22 12:30', '22 13:30'), [true, true, false]);
  });

  test('it is the zone of the box that counts, also when its clocks change', () => {
    const utc = Date.UTC(2026, 10, 16, 23, 30);
    const rule = { days: [2], from: '07:00', to: '08:00' };
    assert.equal(asks(rule, capture({ time: utc }), ZONE), true);
    assert.equal(asks(rule, capture({ time: utc }), 'UTC'), false);
    // 01:30 in New York comes twice on 2026-11-01.
    const hours = { from: '01:00', to: '02:00' };
    for (const time of [Date.UTC(2026, 10, 1, 5, 30), Date.UTC(2026, 10, 1, 6, 30)]) {
      assert.equal(asks(hours, capture({ time }), 'America/New_York'), true);
    }
    assert.equal(asks(hours, capture({ time: Date.UTC(2026, 10, 1, 7, 30) }), 'America/New_York'), false);
  });
});

test('the demo site counts unless it is left out', () => {
  const scene = capture({ origin: 'demo' });
  assert.deepEqual(
    (['none', 'told', 'acted'] as const).map((demo) => [asks({ demo }, scene), asks({ demo }, capture())]),
    [
      [false, true],
      [true, true],
      [true, true],
    ],
  );
});

test('a rule keeps quiet for a while at the camera where it fired, and only there', () => {
  const quiet = new Quiet();
  const minute = 60_000;
  let ids = 0;
  const seen = (change: Partial<Seen>): Seen => ({ ...seenOf(capture())!, id: `id-${++ids}`, ...change });
  const take = (rule: number, change: Partial<Seen>, minutes = 5, stored = true, now = 0) => {
    const one = seen(change);
    const may = quiet.take(rule, one, minutes, now);
    if (may && stored) quiet.stored(rule, one);
    return may;
  };
  assert.equal(take(1, { time: 0 }), true);
  assert.equal(take(1, { time: 5 * minute - 1 }), false);
  assert.equal(take(1, { time: 0, channel: 4 }), true);
  assert.equal(take(2, { time: 0 }), true);
  assert.equal(take(1, { time: 5 * minute }), true);
  assert.equal(quiet.lastOf(1), 5 * minute);
  // Quiet for no time at all, and a clock that was set back.
  assert.equal(take(1, { time: 5 * minute + 1 }, 0), true);
  assert.equal(take(1, { time: -60 * minute }), true);
  // The job that recorded it was tried again.
  const again = seen({ time: 90 * minute });
  assert.equal(quiet.take(1, again, 5, 0), true);
  assert.equal(quiet.take(1, again, 5, 0), true);
  assert.deepEqual([quiet.stored(1, again), quiet.stored(1, again)], [true, false]);
  quiet.forget(1);
  assert.equal(quiet.lastOf(1), undefined);
  assert.equal(quiet.lastOf(2), 0);

  // What was not stored keeps it quiet only while that is not known, and what was stored before it still does.
  assert.equal(take(3, { time: 0 }, 60, false, 0), true);
  assert.equal(take(3, { time: minute }, 60, true, 10_000), false);
  assert.equal(quiet.lastOf(3), undefined);
  assert.equal(take(3, { time: 2 * minute }, 60, true, 10_001), true);
  assert.equal(take(3, { time: 70 * minute }, 60, false, 20_000), true);
  assert.equal(quiet.lastOf(3), 2 * minute);
  assert.equal(take(3, { time: 61 * minute }, 60, true, 40_000), false);
  // Two that are asked about before either is stored, and then only the first is.
  const [first, second] = [seen({ time: 0 }), seen({ time: 61 * minute })];
  assert.deepEqual([quiet.take(4, first, 60, 0), quiet.take(4, second, 60, 0)], [true, true]);
  assert.equal(quiet.stored(4, first), true);
  assert.equal(quiet.stored(4, first), false);
  assert.equal(quiet.lastOf(4), 0);
  assert.equal(take(4, { time: 59 * minute }, 60, true, 20_000), false);
  assert.equal(take(4, { time: 60 * minute }, 60, true, 20_000), true);
});

test('vehicles are captures that rules may ask for; they are nobody', () => {
  const seen = seenOf(capture({ kind: 'vehicle', compared: false }))!;
  assert.deepEqual([seen.what, seen.group, seen.databases], ['capture/vehicle', undefined, []]);
  assert.equal(fits(when.parse({ what: ['capture/vehicle'], groups: ['key'] }), seen, 'UTC'), true);
  assert.equal(fits(when.parse({ what: ['capture/face', 'capture/body'] }), seen, 'UTC'), false);
});

test('what is no rule is refused', () => {
  for (const wrong of [
    { what: [] },
    { what: ['capture/cyclist'] },
    { what: ['alarm/'] },
    { what: ['alarm/x y'] },
    { what: ['alarm'], from: '24:00' },
    { what: ['alarm'], days: [0] },
    { what: ['alarm'], groups: ['anybody'] },
    { what: ['alarm'], quietMinutes: 1441 },
    { what: ['alarm'], demo: 'perhaps' },
  ]) {
    assert.equal(when.safeParse(wrong).success, false, JSON.stringify(wrong));
  }
});
