import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { realTime } from '../../core/outbox/clock.ts';
import { OutboxService } from '../../core/outbox/outbox.ts';
import type { OutMessage } from '../../core/plugin/push-services.ts';
import { openStore } from '../../core/store/database.ts';
import { until } from '../kit/wait.ts';
import { median, type Promised, round, table, verdict } from './kit.ts';
import { http, mqtt, type Way } from './outbox-ways.ts';

/**
 * For each way out of the box: draining what waited for a local receiver ÷ sending the same bodies by the transport
 * alone, each when the one before was acknowledged, in turns; for HTTP these are the forms of plugin push-http with the
 * pictures of a face and of a frame (164 kB), which the transport alone reads from their files as well. And how long a message takes from its record to its
 * receiver at 50 a second. Where a destination has several under way at once, its rate is shown by that of the transport
 * with as many, too: that one reads nothing from a database and notes nothing in it.
 *
 *     npm run bench:outbox [queued]
 */
const AT_LEAST = 0.7;
const ROUNDS = 3;
const QUEUED = Number(process.argv[2] ?? 10_000);
const PER_SECOND = 50;
const SECONDS = 10;
const P95_AT_MOST_MS: Record<string, number> = { HTTP: 100, MQTT: 50 };

const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-outbox-'));
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const store = await openStore({ folder, log: quiet });
const clock = realTime({ now: () => Date.now(), steady: () => performance.now() });
const outbox = new OutboxService({ store, log: quiet, clock });

const newMessage = ({ pictures }: Way, attributes: Record<string, string> = {}): OutMessage => ({
  id: randomUUID(),
  topic: 'capture',
  time: Date.now(),
  channel: 1,
  body: {
    ...{ id: randomUUID(), kind: 'face', channel: 1, cameraName: 'Gate', position: '', threshold: 80, trackId: 1 },
    ...{ time: Date.now(), quality: 80, box: [100, 50, 180, 160], boxInCrop: [32, 44, 112, 154], aliveType: 2 },
    ...{ frameWidth: 1280, frameHeight: 720, describedBy: [], compared: true },
    attributes: { ...attributes, text: 'x'.repeat(500) },
  },
  pictures,
  shows: [`capture/${randomUUID()}`],
});
const openTo = ({ name, destination }: Way) =>
  outbox.open({ ...destination, id: `bench/${name}`, name, wants: () => true });
const away = { deliver: () => Promise.reject(new Error('away')) };
const add = (message: OutMessage) => store.write((tx) => outbox.add(tx, message));
const waiting = ({ name }: Way) => outbox.reports().find(({ id }) => id === `bench/${name}`)?.waiting;
const arrived = async (way: Way) => {
  while (waiting(way) !== 0) await pause(5);
};

/** What went to a receiver is there: one that is behind must not take its time from what is measured next. */
const received = (way: Way, count: number) =>
  until(`${count} messages at the receiver`, async () => (await way.ask()).received >= count);

/** Messages a second, of what waited. */
async function drain(way: Way): Promise<number> {
  const closed = openTo({ ...way, destination: away });
  for (let at = 0; at < QUEUED; at += 500) {
    await Promise.all(Array.from({ length: Math.min(500, QUEUED - at) }, () => add(newMessage(way))));
  }
  await closed.close();
  const before = (await way.ask()).received;
  const began = performance.now();
  const opened = openTo(way);
  await arrived(way);
  const took = performance.now() - began;
  await opened.close();
  await received(way, before + QUEUED);
  assert.equal((await way.ask()).received, before + QUEUED);
  return QUEUED / (took / 1000);
}

async function raw(way: Way, atOnce: number): Promise<number> {
  const before = (await way.ask()).received;
  const began = performance.now();
  await way.bare(newMessage(way), QUEUED, atOnce);
  const took = performance.now() - began;
  await received(way, before + QUEUED);
  return QUEUED / (took / 1000);
}

/** From the beginning of the job that stores a record to the receiver, ms, sorted. */
async function latencies(way: Way): Promise<number[]> {
  const opened = openTo(way);
  await way.ask();
  const added: Promise<void>[] = [];
  const began = performance.now();
  for (let count = 0; count < PER_SECOND * SECONDS; count++) {
    await pause(Math.max(0, began + (count * 1000) / PER_SECOND - performance.now()));
    added.push(add(newMessage(way, { 'sent-at': String(performance.timeOrigin + performance.now()) })));
  }
  await Promise.all(added);
  await arrived(way);
  await opened.close();
  const { late } = await way.ask();
  assert.equal(late.length, PER_SECOND * SECONDS);
  return late.sort((a, b) => a - b);
}

async function measure(way: Way): Promise<Promised[]> {
  const { window = 1 } = way.destination;
  await raw(way, window);
  const rates: { drained: number; bare: number; full: number }[] = [];
  for (let turn = 0; turn < ROUNDS; turn++) {
    const bare = await raw(way, 1);
    const drained = await drain(way);
    rates.push({ bare, drained, full: window === 1 ? bare : await raw(way, window) });
  }
  const late = await latencies(way);
  const at = (share: number) => late[Math.min(late.length - 1, Math.floor(share * late.length))] ?? 0;
  const middle = (of: (rate: (typeof rates)[number]) => number) => round(median(rates.map(of)));
  table(
    [way.name, 'messages a second'],
    [
      ['the transport alone, one after another', middle(({ bare }) => bare)],
      ...(window === 1 ? [] : [[`the transport alone, ${window} at once`, middle(({ full }) => full)]]),
      [`${QUEUED} that waited`, middle(({ drained }) => drained)],
    ],
  );
  if (window > 1)
    console.log(`by the transport with ${window} at once: ${middle(({ drained, full }) => drained / full)}`);
  console.log(`record to receiver at ${PER_SECOND} a second: median ${round(at(0.5))} ms\n`);
  const ratio = median(rates.map(({ drained, bare }) => drained / bare));
  return [
    { what: `${way.name}: rate of the backlog by that of the transport alone`, value: ratio, atLeast: AT_LEAST },
    {
      what: `${way.name}: record to receiver, 95 of 100`,
      value: at(0.95),
      atMost: P95_AT_MOST_MS[way.name] ?? 100,
      unit: ' ms',
    },
  ];
}

const promised: Promised[] = [];
try {
  for (const begin of [http, mqtt]) {
    const way = await begin(store, folder);
    try {
      promised.push(...(await measure(way)));
    } finally {
      await way.end();
    }
  }
  verdict(promised);
} finally {
  await outbox.stop();
  await store.close();
  await rm(folder, { recursive: true, force: true });
}
