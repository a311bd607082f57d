import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutMessage } from '../plugin/push-services.ts';
import { until } from '../store/fixture.ts';
import { message, startOutbox, stored, TestReceiver } from './fixture.ts';

/** Messages that a receiver does not take while it takes others. */

const HOUR = 3_600_000;
const idsOf = (all: readonly OutMessage[]) => all.map(({ id }) => id);
const some = (count: number) => Array.from({ length: count }, () => message());

/** A receiver that was away while all of these were recorded, and answers 500 to some of them. */
async function afterAnOutage(
  t: Parameters<typeof startOutbox>[0],
  all: readonly OutMessage[],
  poison: ReadonlySet<string>,
  options: Parameters<typeof startOutbox>[1] = {},
) {
  const made = await startOutbox(t, options);
  const receiver = new TestReceiver(made.clock);
  receiver.manner = async () => {
    throw new Error('away');
  };
  const opened = made.outbox.open(receiver);
  await made.put(...all);
  await until('it was tried', () => receiver.attempts.length === 1);
  receiver.attempts.length = 0;
  receiver.manner = async ({ id }) => {
    if (poison.has(id)) throw new Error('500');
  };
  return { ...made, receiver, opened };
}

test('a message that alone fails is set aside within seconds, and the backlog goes on in its order', async (t) => {
  const all = some(120);
  const [poison] = idsOf(all) as [string];
  const { store, outbox, clock, receiver, log } = await afterAnOutage(t, all, new Set([poison]));
  await clock.pass(10_000);
  await until('all others arrive', () => stored(store) === 1);
  assert.deepEqual(receiver.ids('backlog'), idsOf(all.slice(1)));
  const tries = () => receiver.attempts.filter(({ id }) => id === poison);
  const [first] = tries();
  assert.ok((receiver.arrived[0]?.at ?? 0) - (first?.at ?? 0) <= 3_000, 'nobody waits for it any longer');
  const [report] = outbox.reports();
  assert.deepEqual([report?.waiting, report?.aside, report?.failures, report?.dead], [1, 1, 0, 0]);
  assert.equal(report?.lastError, '500');
  assert.equal(log.lines.filter((line) => line.includes('set aside')).length, 1);

  const before = tries().length;
  await clock.pass(HOUR);
  const rest = tries().slice(before);
  assert.ok(rest.length >= 10 && rest.length <= 30, `${rest.length} tries in an hour`);
  receiver.manner = async () => {};
  await clock.pass(300_000);
  await until('it arrives as well', () => stored(store) === 0);
  assert.equal(receiver.arrived.at(-1)?.id, poison);
  assert.equal(receiver.arrived.length, all.length, 'nothing comes twice');
  assert.equal(outbox.reports()[0]?.aside, undefined);
});

test('several in a row that fail alone keep nobody back, nor each other', async (t) => {
  const all = some(60);
  const bad = idsOf(all).filter((_, at) => at < 4 || at % 20 === 10);
  const poison = new Set(bad);
  const { store, outbox, clock, receiver } = await afterAnOutage(t, all, poison);
  for (let step = 0; step < 300 && stored(store) > bad.length; step++) await clock.pass(1_000);
  await until('all others arrive', () => stored(store) === bad.length);
  assert.deepEqual(
    receiver.ids('backlog'),
    idsOf(all).filter((id) => !poison.has(id)),
  );
  await until('all are set aside', () => outbox.reports()[0]?.aside === bad.length);
  poison.clear();
  await clock.pass(300_000);
  await until('they arrive', () => stored(store) === 0);
  assert.deepEqual(receiver.ids().slice(-bad.length).sort(), [...bad].sort());
});

test('where the live lane delivers, the first of the backlog is set aside without another one to try', async (t) => {
  const all = some(1);
  const { outbox, clock, put, receiver } = await afterAnOutage(t, all, new Set(idsOf(all)));
  await clock.pass(1_100);
  for (let step = 0; step < 8; step++) {
    const [one] = some(1) as [OutMessage];
    await put(one);
    await clock.pass(1_000);
    await until('it arrives', () => receiver.ids().includes(one.id));
  }
  await until('it is set aside', () => outbox.reports()[0]?.aside === 1);
  assert.equal(outbox.reports()[0]?.failures, 0, 'the receiver is there');
});

test('what was set aside waits no longer than its time, and goes at once with whom it shows', async (t) => {
  const [erased, old, ...others] = [message({ shows: ['4/img'] }), ...some(20)] as [OutMessage, OutMessage];
  const poison = new Set(idsOf([erased, old]));
  const { store, outbox, clock, receiver } = await afterAnOutage(t, [erased, old, ...others], poison);
  await clock.pass(60_000);
  await until('both are set aside', () => outbox.reports()[0]?.aside === 2 && stored(store) === 2);
  assert.equal(await outbox.erase(['4/img']), 1);
  const tries = receiver.attempts.filter(({ id }) => id === erased.id).length;
  assert.equal(outbox.reports()[0]?.aside, 1);
  clock.offset += 25 * HOUR;
  await outbox.look();
  await clock.pass(600_000);
  assert.equal(receiver.attempts.filter(({ id }) => id === erased.id).length, tries, 'never tried again');
  assert.deepEqual(
    outbox.deadLetters('test/one').map(({ id, reason }) => [id, reason.slice(0, 7)]),
    [[old.id, 'too old']],
  );
  assert.equal(stored(store), 0);
});

test('where no more may be set aside, one that alone fails ten times is given up, and no sooner', async (t) => {
  const all = some(30);
  const [first, second] = idsOf(all) as [string, string];
  const { store, outbox, clock, receiver } = await afterAnOutage(t, all, new Set([first, second]), { mostAside: 1 });
  for (let step = 0; step < 40 && stored(store) > 1; step++) await clock.pass(60_000);
  await until('all others have ended', () => stored(store) === 1);
  assert.deepEqual(receiver.ids('backlog'), idsOf(all.slice(2)));
  const [dead] = outbox.deadLetters('test/one');
  assert.match(dead?.reason ?? '', /others arrived while this one failed: 500/);
  assert.equal(receiver.attempts.filter(({ id }) => id === dead?.id).length + (dead?.id === first ? 1 : 0), 10);
});

test('what failed and was then given up by hand leaves a lane that is well', async (t) => {
  const all = some(5);
  const { outbox, clock, put, receiver } = await afterAnOutage(t, all, new Set(idsOf(all)));
  await clock.pass(20_000);
  assert.ok((outbox.reports()[0]?.failures ?? 0) > 3);
  assert.equal(await outbox.forget('test/one'), 5);
  await clock.pass(300_000);
  const next = message();
  await put(next);
  await until('it arrives', () => receiver.ids('live').includes(next.id));
  assert.equal(outbox.reports()[0]?.failures, 0);
});
