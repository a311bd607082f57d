import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Lane, OutMessage } from '../plugin/push-services.ts';
import { until } from '../store/fixture.ts';
import { message, settled, startOutbox, stored, TestReceiver } from './fixture.ts';

/** Destinations that take several deliveries of a lane at once. */

const idsOf = (all: readonly OutMessage[]) => all.map(({ id }) => id);
const some = (count: number) => Array.from({ length: count }, () => message());

/** A receiver over one connection: it answers in order, when it is told to. */
class Connection extends TestReceiver {
  readonly waiting: { id: string; lane: Lane; answer: (error?: Error) => void }[] = [];

  override manner = ({ id }: OutMessage, { lane }: { lane: Lane }) =>
    new Promise<void>((resolve, reject) => {
      this.waiting.push({ id, lane, answer: (error) => (error ? reject(error) : resolve()) });
    });

  async answer(count: number, error?: Error): Promise<void> {
    for (const { answer } of this.waiting.splice(0, count)) answer(error);
    await settled();
  }
}

test('as many as the window lets are under way, begun in order, and each arrival makes room for one', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  const receiver = new Connection(clock);
  outbox.open(Object.assign(receiver, { window: 8 }));
  const all = some(40);
  await put(...all);
  await until('the window is full', () => receiver.waiting.length === 8);
  await settled();
  assert.deepEqual(
    receiver.attempts.map(({ id }) => id),
    idsOf(all.slice(0, 8)),
  );
  await receiver.answer(3);
  await until('three more', () => receiver.waiting.length === 8);
  assert.equal(receiver.attempts.length, 11);
  while (receiver.arrived.length < all.length) await receiver.answer(5);
  await until('all are noted', () => stored(store) === 0);
  assert.deepEqual(receiver.ids('live'), idsOf(all));
  assert.equal(receiver.attempts.length, all.length, 'each once');
});

test('a connection that ends costs one failure, and it goes on with the first that was not answered', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  const receiver = new Connection(clock);
  outbox.open(Object.assign(receiver, { window: 8 }));
  const all = some(30);
  await put(...all);
  await until('the window is full', () => receiver.waiting.length === 8);
  await receiver.answer(5);
  await until('it is full again', () => receiver.waiting.length === 8);
  await receiver.answer(8, new Error('closed'));
  assert.equal(outbox.reports()[0]?.failures, 1);
  assert.equal(receiver.waiting.length, 0, 'nothing is begun while it pauses');
  await clock.pass(1_100);
  assert.deepEqual(
    receiver.waiting.map(({ id, lane }) => [id, lane]),
    [[all[5]?.id, 'backlog']],
    'alone, to see whether it is there',
  );
  for (let one = 0; one < 8; one++) {
    await until('the next', () => receiver.waiting.length > 0);
    assert.equal(receiver.waiting.length, 1, 'as many as were under way go one by one');
    await receiver.answer(1);
  }
  await until('the window is open again', () => receiver.waiting.length === 8);
  while (receiver.arrived.length < all.length) await receiver.answer(8);
  await until('all are noted', () => stored(store) === 0);
  assert.deepEqual(receiver.ids(), idsOf(all), 'in order, each once');
});

test('the one message that a connection breaks over is found out, and takes the others with it only once', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  const all = some(40);
  const poison = all[20]?.id;
  let broken = new AbortController();
  receiver.manner = async ({ id }) => {
    const connection = broken;
    if (id === poison) {
      broken = new AbortController();
      connection.abort();
    }
    await settled();
    if (connection.signal.aborted) throw new Error('the receiver closed the connection');
  };
  outbox.open(Object.assign(receiver, { window: 8 }));
  await put(...all);
  for (let step = 0; step < 60 && stored(store) > 1; step++) await clock.pass(1_000);
  await until('all others arrive', () => stored(store) === 1);
  assert.equal(outbox.reports()[0]?.aside, 1);
  const others = idsOf(all).filter((id) => id !== poison);
  assert.deepEqual(receiver.ids().sort(), [...others].sort(), 'each once');
  const tries = (id: string) => receiver.attempts.filter((one) => one.id === id).length;
  assert.ok(
    others.every((id) => tries(id) <= 2),
    'nobody else failed twice',
  );
});

test('what is under way behind a failed one comes to its own end, and is not sent a second time meanwhile', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  const receiver = new Connection(clock);
  outbox.open(Object.assign(receiver, { window: 4 }));
  const all = some(6);
  await put(...all);
  await until('the window is full', () => receiver.waiting.length === 4);
  await receiver.answer(1, new Error('not this one'));
  await clock.pass(5_000);
  assert.equal(receiver.attempts.length, 4, 'nothing is begun, in neither lane');
  const [, third] = receiver.waiting.splice(0, 2);
  third?.answer();
  await settled();
  assert.equal(receiver.attempts.length, 4);
  // The second has no answer: its deadline ends the wait.
  await receiver.answer(1);
  await clock.pass(15_000);
  await until('the first is tried again', () => receiver.waiting.length === 1);
  assert.equal(receiver.waiting[0]?.id, all[0]?.id);
  while (stored(store) > 0) {
    await receiver.answer(4);
    await clock.pass(100);
  }
  const came = idsOf(all).map((id) => receiver.ids().filter((one) => one === id).length);
  assert.deepEqual(came, [1, 1, 1, 1, 1, 1]);
  assert.deepEqual(
    receiver.ids('backlog'),
    [0, 1, 4, 5].map((at) => all[at]?.id),
  );
});

test('whatever fails, nothing is lost, and only what failed itself comes after a later one of its lane', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  const all = some(400);
  const place = new Map(idsOf(all).map((id, at) => [id, at]));
  const poison = new Set(idsOf(all).filter((_, at) => at % 61 === 7));
  const failed = new Set<string>();
  const underWay = { live: 0, backlog: 0 };
  /** Place of the newest that was begun. */
  const newest = { live: -1, backlog: -1 };
  const wrong: string[] = [];
  // The same numbers in every run.
  let seed = 7;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  let away = false;
  receiver.manner = async ({ id }, { lane }) => {
    const at = place.get(id) ?? -1;
    if (at < newest[lane] && !failed.has(id)) wrong.push(`${at} after ${newest[lane]} in the ${lane} lane`);
    newest[lane] = Math.max(newest[lane], at);
    underWay[lane] += 1;
    if (underWay[lane] > 5) wrong.push(`${underWay[lane]} at once`);
    for (let turns = Math.floor(random() * 4); turns > 0; turns--) await new Promise((done) => setImmediate(done));
    underWay[lane] -= 1;
    if (away || random() < 0.03 || poison.has(id)) {
      failed.add(id);
      throw new Error('failed');
    }
  };
  // Simulated time passes while a delivery takes its turns.
  outbox.open(Object.assign(receiver, { window: 5, deadline: 3_600_000 }));
  for (let at = 0; at < all.length; at += 20) {
    away = random() < 0.3;
    await put(...all.slice(at, at + 20));
    await clock.pass(random() < 0.5 ? 200 : 4_000);
  }
  away = false;
  const aside = () => outbox.reports()[0]?.aside ?? 0;
  for (let step = 0; step < 400 && (stored(store) > poison.size || aside() < poison.size); step++) {
    await clock.pass(5_000);
  }
  await until('all but those that alone fail arrive', () => stored(store) === poison.size);
  assert.equal(aside(), poison.size);
  poison.clear();
  for (let step = 0; step < 60 && stored(store) > 0; step++) await clock.pass(60_000);
  await until('these, too', () => stored(store) === 0);
  assert.deepEqual(receiver.ids().sort(), idsOf(all).sort(), 'each once');
  assert.deepEqual(wrong, []);
  assert.ok(newest.live > 100 && newest.backlog > 100);
});

test('erased while it is under way among others, it goes alone', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  const receiver = new Connection(clock);
  outbox.open(Object.assign(receiver, { window: 4 }));
  const all = [...some(2), message({ shows: ['4/img'] }), ...some(3)];
  await put(...all);
  await until('the window is full', () => receiver.waiting.length === 4);
  assert.equal(await outbox.erase(['4/img']), 1);
  await until('another takes its place', () => receiver.waiting.length === 5);
  while (stored(store) > 0) await receiver.answer(8);
  assert.equal(outbox.reports()[0]?.delivered, 5);
  assert.equal(outbox.reports()[0]?.failures, 0);
});
