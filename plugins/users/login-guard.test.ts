import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkOf } from '../../core/gateway/network.ts';
import { Captchas } from './captcha.ts';
import { LOCK_MS, LoginGuard } from './login-guard.ts';

function clock() {
  const state = { now: 1_000_000_000 };
  return { state, now: () => state.now };
}

test('three failures ask for a captcha, five lock for five minutes', () => {
  const { state, now } = clock();
  const guard = new LoginGuard(now);
  const fail = () => guard.failed('admin', '10.0.0.1');
  assert.deepEqual(guard.standing('admin', '10.0.0.1'), { triesLeft: 5, captchaNeeded: false, lockedMs: 0 });
  assert.deepEqual(fail(), { triesLeft: 4, captchaNeeded: false, lockedMs: 0 });
  assert.deepEqual(fail(), { triesLeft: 3, captchaNeeded: false, lockedMs: 0 });
  assert.deepEqual(fail(), { triesLeft: 2, captchaNeeded: true, lockedMs: 0 });
  assert.deepEqual(fail(), { triesLeft: 1, captchaNeeded: true, lockedMs: 0 });
  assert.deepEqual(fail(), { triesLeft: 0, captchaNeeded: true, lockedMs: LOCK_MS });
  assert.equal(guard.lockedUntil('admin'), state.now + LOCK_MS);
  state.now += LOCK_MS - 1;
  assert.equal(guard.standing('admin', '10.0.0.1').lockedMs, 1);
  state.now += 1;
  assert.deepEqual(guard.standing('admin', '10.0.0.1'), { triesLeft: 5, captchaNeeded: false, lockedMs: 0 });
  assert.equal(guard.lockedUntil('admin'), undefined);
  assert.equal(fail().triesLeft, 4, 'a new series begins');
});

test('a right password ends the series', () => {
  const guard = new LoginGuard(clock().now);
  for (let i = 0; i < 4; i++) guard.failed('admin', '10.0.0.1');
  guard.succeeded('admin', '10.0.0.1');
  assert.equal(guard.standing('admin', '10.0.0.1').triesLeft, 5);
});

test('a lock counts for its account and its source only', () => {
  const guard = new LoginGuard(clock().now);
  for (let i = 0; i < 5; i++) guard.failed('admin', '10.0.0.66');
  assert.ok(guard.standing('admin', '10.0.0.66').lockedMs > 0);
  assert.equal(guard.standing('admin', '10.0.0.1').lockedMs, 0);
  assert.equal(guard.standing('other', '10.0.0.66').lockedMs, 0);
});

test('a clock set back keeps no lock closed for more than its time', () => {
  const { state, now } = clock();
  const guard = new LoginGuard(now);
  for (let i = 0; i < 5; i++) guard.failed('admin', '10.0.0.1');
  state.now -= 24 * 3_600_000;
  assert.ok(guard.standing('admin', '10.0.0.1').lockedMs <= LOCK_MS);
  state.now += LOCK_MS;
  assert.equal(guard.standing('admin', '10.0.0.1').lockedMs, 0);
});

test('many names from one source share a counter, so that guessing goes on for nobody', () => {
  const guard = new LoginGuard(clock().now);
  for (let i = 0; i < 1000; i++) guard.failed(`name${i}`, '10.0.0.66');
  assert.ok(guard.size <= 40, `${guard.size} counters`);
  assert.ok(guard.standing('admin', '10.0.0.66').lockedMs > 0, 'a name that found no room is locked with the others');
  assert.equal(guard.standing('admin', '10.0.0.1').lockedMs, 0);
});

test('memory stays bounded under names and sources without end', () => {
  const { state, now } = clock();
  const guard = new LoginGuard(now);
  for (let i = 0; i < 30_000; i++) {
    state.now += 1;
    guard.failed(`name${i % 50}`.repeat(20), `10.${i % 250}.${(i >> 3) % 250}.${(i >> 5) % 250}`);
  }
  assert.ok(guard.size <= 1000 * 33, `${guard.size} counters`);
});

test('forget opens the locks of a name everywhere', () => {
  const guard = new LoginGuard(clock().now);
  for (const source of ['10.0.0.1', '10.0.0.2']) for (let i = 0; i < 5; i++) guard.failed('admin', source);
  guard.forget('admin');
  assert.equal(guard.lockedUntil('admin'), undefined);
  assert.equal(guard.standing('admin', '10.0.0.2').triesLeft, 5);
});

test('forget opens the common lock for that name alone', () => {
  const guard = new LoginGuard(clock().now);
  for (let i = 0; i < 37; i++) guard.failed(`name ${i}`, '10.0.0.1');
  assert.ok(guard.standing('admin', '10.0.0.1').lockedMs > 0);
  guard.forget('guard');
  assert.equal(guard.standing('guard', '10.0.0.1').triesLeft, 5);
  assert.ok(guard.standing('admin', '10.0.0.1').lockedMs > 0, 'others stay locked');
  assert.equal(guard.failed('guard', '10.0.0.1').triesLeft, 4);
});

test('hosts of one IPv6 network count as one source', () => {
  assert.equal(networkOf('10.0.0.1'), '10.0.0.1');
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64');
  assert.equal(networkOf('2001:DB8:1:2::9'), '2001:db8:1:2::/64');
  assert.equal(networkOf('2001:0db8:0001:0002::9'), '2001:db8:1:2::/64');
  assert.equal(networkOf('2001:db8::1'), '2001:db8:0:0::/64');
  assert.equal(networkOf('fe80::1%eth0'), 'fe80:0:0:0::/64');
  assert.equal(networkOf('::1'), '0:0:0:0::/64');
  assert.equal(networkOf('64:ff9b::10.0.0.1'), '64:ff9b:0:0::/64');
});

test('a captcha counts once, for its source, for five minutes', () => {
  const { state, now } = clock();
  const captchas = new Captchas(now);
  const text = captchas.issue('10.0.0.1');
  assert.match(text, /^\d{4}$/);
  assert.equal(captchas.take(text, '10.0.0.2'), false);
  assert.equal(captchas.take('', '10.0.0.1'), false);
  assert.equal(captchas.take(undefined, '10.0.0.1'), false);
  assert.equal(captchas.take(` ${text} `, '10.0.0.1'), true);
  assert.equal(captchas.take(text, '10.0.0.1'), false);
  const late = captchas.issue('10.0.0.1');
  state.now += 5 * 60_000;
  assert.equal(captchas.take(late, '10.0.0.1'), false);
});

test('captchas are bounded per source and in all', () => {
  const captchas = new Captchas(clock().now);
  const issued = Array.from({ length: 6 }, () => captchas.issue('10.0.0.1'));
  const last = issued.slice(-4);
  const first = issued.find((text) => !last.includes(text));
  if (first !== undefined) assert.equal(captchas.take(first, '10.0.0.1'), false);
  for (const text of last) assert.equal(captchas.take(text, '10.0.0.1'), true);
  for (let i = 0; i < 5000; i++) captchas.issue(`10.1.${i >> 8}.${i & 255}`);
  assert.ok(captchas.size <= 1000);
});
