import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutMessage } from '../plugin/push-services.ts';
import { until } from '../store/fixture.ts';
import { message, settled, startOutbox, stored, TestReceiver } from './fixture.ts';

/** How the two lanes of a destination go on, and when they pause. */

const HOUR = 3_600_000;
const away = async () => {
  throw new Error('away');
};
const idsOf = (all: readonly OutMessage[]) => all.map(({ id }) => id);
const some = (count: number) => Array.from({ length: count }, () => message());

test('each lane keeps the order, one at a time, whatever fails in between', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  const underWay = { live: 0, backlog: 0 };
  let turn = 0;
  receiver.manner = async (_message, { lane }) => {
    underWay[lane] += 1;
    assert.equal(underWay[lane], 1, `one at a time in the ${lane} lane`);
    await settled();
    underWay[lane] -= 1;
    turn += 1;
    if (turn % 7 === 0) throw new Error('sometimes');
  };
  outbox.open(receiver);
  const all = some(300);
  const order = new Map(all.map(({ id }, index) => [id, index]));
  for (let at = 0; at < all.length; at += 10) {
    await put(...all.slice(at, at + 10));
    await clock.pass(at % 50 === 0 ? 3_000 : 100);
  }
  for (let step = 0; step < 200 && stored(store) > 0; step++) await clock.pass(10_000);
  await until('all arrive', () => stored(store) === 0);
  assert.deepEqual(new Set(receiver.ids()), new Set(idsOf(all)), 'nothing is lost');
  assert.equal(receiver.arrived.length, all.length, 'nothing comes twice');
  for (const lane of ['live', 'backlog'] as const) {
    const numbers = receiver.ids(lane).map((id) => order.get(id) ?? -1);
    assert.ok(numbers.length > 10, `${numbers.length} by the ${lane} lane`);
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
      lane,
    );
  }
});

test('over an hour without the receiver the pauses grow to five minutes; then all arrives, in order', async (t) => {
  const { store, outbox, clock, put, log } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  receiver.manner = away;
  outbox.open(receiver);
  const all = some(120);
  await put(...all);
  await until('it was tried', () => outbox.reports()[0]?.failures === 1);
  const began = clock.steady();
  assert.equal(outbox.reports()[0]?.pausedUntil, clock.now() + 1_000);
  await clock.pass(HOUR);
  const [first, others] = [all[0]?.id, new Set(idsOf(all.slice(1, 60)))];
  const tries = receiver.attempts.filter(({ id }) => id === first);
  const times = tries.map(({ at }) => Math.round((at - began) / 1_000));
  assert.deepEqual(times.slice(0, 10), [0, 1, 3, 7, 15, 31, 63, 127, 255, 511]);
  assert.deepEqual(times.slice(10, 13), [811, 1111, 1411]);
  assert.ok(times.length < 25, `${times.length} attempts in an hour`);
  assert.deepEqual(
    tries.map(({ attempt }) => attempt),
    times.map((_time, index) => index + 1),
  );
  const probes = receiver.attempts.filter(({ id }) => id !== first);
  assert.ok(probes.every(({ id }) => others.has(id)));
  assert.deepEqual(
    probes.map(({ at }) => at),
    tries.slice(2).map(({ at }) => at),
    'from the third failure on another one is tried behind it, to see whether it is the message',
  );
  assert.equal(log.lines.filter((line) => line.includes('cannot be reached')).length, 1);
  const [report] = outbox.reports();
  assert.equal(report?.lastError, 'away');
  assert.equal(report?.waiting, 120);
  assert.equal(report?.oldest, all[0]?.time);

  receiver.manner = async () => {};
  await clock.pass(300_000);
  await until('all arrive', () => stored(store) === 0);
  assert.deepEqual(receiver.ids('backlog'), idsOf(all));
  assert.equal(outbox.reports()[0]?.failures, 0);
});

test('what happens now arrives at once while thousands of the backlog drain', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  receiver.manner = away;
  const opened = outbox.open(receiver);
  const old = some(5_000);
  for (let at = 0; at < old.length; at += 1_000) await put(...old.slice(at, at + 1_000));
  const takesAWhile = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
  receiver.manner = takesAWhile;
  opened.retry();
  await until('the backlog drains', () => receiver.ids('backlog').length > 20);
  const now = some(30);
  for (const one of now) {
    await put(one);
    const began = performance.now();
    await until('it arrives', () => receiver.ids('live').includes(one.id));
    assert.ok(performance.now() - began < 2_000);
  }
  assert.deepEqual(receiver.ids('live'), idsOf(now));
  assert.ok(receiver.ids('backlog').length < 5_000, 'the backlog was still draining');
  receiver.manner = async () => {};
  await until('the backlog is drained', () => stored(store) === 0);
  assert.deepEqual(receiver.ids('backlog'), idsOf(old));
});

test('a delivery without an answer has failed at its deadline, and its signal says so', async (t) => {
  const { outbox, clock, put } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  receiver.deadline = 4_000;
  const reasons: unknown[] = [];
  let hangs = true;
  receiver.manner = (_message, { signal }) => {
    signal.addEventListener('abort', () => reasons.push(signal.reason));
    // It does not heed the signal either.
    return hangs ? new Promise(() => {}) : Promise.resolve();
  };
  outbox.open(receiver);
  const [first, second] = [message(), message()];
  await put(first, second);
  await until('it is under way', () => receiver.attempts.length === 1);
  await clock.pass(3_900);
  assert.equal(outbox.reports()[0]?.failures, 0);
  await clock.pass(200);
  assert.equal(outbox.reports()[0]?.failures, 1);
  assert.match(String(reasons[0]), /no answer within 4 s/);
  assert.match(outbox.reports()[0]?.lastError ?? '', /no answer within 4 s/);
  hangs = false;
  await clock.pass(1_000);
  await until('both arrive', () => receiver.arrived.length === 2);
  assert.deepEqual(receiver.ids('backlog'), [first.id, second.id]);
});

test('when the clock is set back by a year, pauses and the next attempts are as before', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  receiver.manner = away;
  outbox.open(receiver);
  await put(message());
  await until('it failed', () => receiver.attempts.length === 1);
  clock.offset -= 365 * 24 * HOUR;
  receiver.manner = async () => {};
  await clock.pass(1_000);
  await until('it arrives', () => stored(store) === 0);
});

test('a clock that jumps ten years ahead makes nothing too old while it is doubted', async (t) => {
  let doubted = false;
  const { store, outbox, clock, put } = await startOutbox(t, { clockDoubted: () => doubted });
  const receiver = new TestReceiver(clock);
  receiver.manner = away;
  outbox.open(receiver);
  const all = some(3);
  await put(...all);
  await until('it was tried', () => receiver.attempts.length === 1);
  doubted = true;
  clock.offset += 10 * 365 * 24 * HOUR;
  await outbox.look();
  receiver.manner = async () => {};
  await clock.pass(1_000);
  await until('all arrive', () => stored(store) === 0);
  assert.deepEqual(receiver.ids(), idsOf(all));
  assert.equal(outbox.reports()[0]?.dead, 0);
});

test('closing waits for what is under way, and calls off what takes too long; both are kept right', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  const answer = receiver.hold();
  const opened = outbox.open(receiver);
  const [first, second] = [message(), message()];
  await put(first, second);
  await until('it is under way', () => receiver.attempts.length === 1);
  const closed = opened.close();
  answer();
  await closed;
  assert.equal(stored(store), 1, 'the first has arrived and is noted');
  assert.equal(outbox.reports()[0]?.open, false);

  const again = new TestReceiver(clock);
  again.manner = () => new Promise(() => {});
  const reopened = outbox.open(again);
  await until('the second is under way', () => again.attempts.length === 1);
  await reopened.close();
  assert.equal(stored(store), 1, 'called off, it waits');

  const third = new TestReceiver(clock);
  outbox.open(third);
  await until('it arrives', () => stored(store) === 0);
  assert.deepEqual(third.ids('backlog'), [second.id]);
});

test('however often it is opened anew, nothing is sent beside a delivery that is still under way', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  const answer = receiver.hold();
  const first = outbox.open(receiver);
  await put(message());
  await until('it is under way', () => receiver.attempts.length === 1);
  const closed = [first.close(), outbox.open(receiver).close()];
  outbox.open(receiver);
  await store.write(() => {});
  await settled();
  assert.equal(receiver.attempts.length, 1);
  answer();
  await Promise.all(closed);
  await until('it is noted', () => stored(store) === 0);
  assert.equal(receiver.attempts.length, 1);
});

test('memory stays bounded: a thousand new ones wait in the database, not in the lane', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  const answers: (() => void)[] = [];
  receiver.manner = () => new Promise<void>((resolve) => answers.push(resolve));
  outbox.open(receiver);
  const all = some(1_000);
  await put(...all);
  await until('the first is under way', () => receiver.attempts.length === 1);
  receiver.manner = async () => {};
  answers[0]?.();
  await until('all arrive', () => stored(store) === 0);
  assert.equal(receiver.ids('live').length, 100);
  assert.deepEqual(receiver.ids('live'), idsOf(all.slice(0, 100)));
  assert.deepEqual(receiver.ids('backlog'), idsOf(all.slice(100)));
});
