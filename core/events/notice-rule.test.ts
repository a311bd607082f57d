import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inHours } from './hours.ts';
import { asksFor, noticeRule, Quietness } from './notice-rule.ts';

const rule = (change: object = {}) => noticeRule.parse(change);
const MINUTE = 60_000;

test('what is asked for: kinds, cameras, and the demo only where it is wished', () => {
  const notice = { kind: 'key-person', channel: 3 };
  assert.ok(asksFor(rule(), notice));
  assert.ok(!asksFor(rule(), { ...notice, origin: 'demo' }));
  assert.ok(asksFor(rule({ demo: true }), { ...notice, origin: 'demo' }));
  assert.ok(!asksFor(rule({ kinds: ['intrusion'] }), notice));
  assert.ok(!asksFor(rule({ cameras: [4] }), notice));
  assert.ok(asksFor(rule({ kinds: ['key-person'], cameras: ['3'] }), notice));
});

test('hours are those of the box, over midnight and over a change of its clocks', () => {
  const at = (utc: string) => Date.parse(`2026-${utc}:00Z`);
  const night = { from: '22:00', to: '06:00' };
  const shanghai = (utc: string) => inHours(night, at(utc), 'Asia/Shanghai');
  assert.deepEqual(['11-21T13:59', '11-21T14:00', '11-21T21:59', '11-21T22:00'].map(shanghai), [
    false,
    true,
    true,
    false,
  ]);
  // 09:30 there is 08:30 UTC in winter, 07:30 in summer.
  const berlin = (utc: string) => inHours({ from: '09:00', to: '10:00' }, at(utc), 'Europe/Berlin');
  assert.deepEqual(['01-10T08:30', '01-10T07:30', '07-10T07:30', '07-10T08:30'].map(berlin), [
    true,
    false,
    true,
    false,
  ]);
  assert.ok(inHours({ from: '07:00', to: '07:00' }, 0, 'UTC'));
});

test('repeats and the hour', () => {
  const quiet = new Quietness();
  const chosen = rule({ perHour: 2, repeatMinutes: 5 });
  assert.equal(quiet.take('a', chosen, 0)?.held, 0);
  assert.equal(quiet.take('a', chosen, 4 * MINUTE), undefined);
  assert.equal(quiet.take('a', chosen, 5 * MINUTE)?.held, 1);
  assert.equal(quiet.take('b', chosen, 6 * MINUTE), undefined);
  assert.equal(quiet.take('b', chosen, 60 * MINUTE)?.held, 1);
});

test('what came to nothing counts for nothing', () => {
  const quiet = new Quietness();
  const chosen = rule({ perHour: 1, repeatMinutes: 5 });
  quiet.take('a', chosen, 0);
  quiet.take('a', chosen, 1);
  const telling = quiet.take('b', chosen, 61 * MINUTE);
  assert.equal(telling?.held, 1);
  telling?.giveBack();
  assert.equal(quiet.take('b', chosen, 61 * MINUTE + 1)?.held, 1);
});

test('what comes to nothing an hour later takes no other telling back', () => {
  const quiet = new Quietness();
  const chosen = rule({ perHour: 1, repeatMinutes: 0 });
  const first = quiet.take('a', chosen, 0);
  assert.ok(quiet.take('b', chosen, 61 * MINUTE));
  first?.giveBack();
  assert.equal(quiet.take('c', chosen, 61 * MINUTE + 1), undefined);
});

test('what is remembered is bounded', () => {
  const quiet = new Quietness();
  for (let i = 0; i < 5000; i += 1) quiet.take(`s${i}`, rule({ perHour: 60, repeatMinutes: 1440 }), i * MINUTE);
  // The oldest are forgotten, the newest are not.
  assert.ok(quiet.take('s0', rule({ repeatMinutes: 1440 }), 5100 * MINUTE));
  assert.equal(quiet.take('s4999', rule({ repeatMinutes: 1440 }), 5101 * MINUTE), undefined);
});

test('hours and numbers that are none are refused', () => {
  for (const bad of [
    { from: '24:00' },
    { to: '7:00' },
    { perHour: 0 },
    { perHour: 61 },
    { kinds: ['A\r\nB'] },
    { cameras: [-1] },
  ]) {
    assert.ok(!noticeRule.safeParse(bad).success, JSON.stringify(bad));
  }
});
