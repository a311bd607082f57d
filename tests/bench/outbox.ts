import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { OutboxService } from '../../core/events/outbox.ts';
import { realTime } from '../../core/events/outbox-clock.ts';
import type { OutMessage } from '../../core/plugin/push-services.ts';
import { openStore } from '../../core/store/database.ts';
import { median, round, table, verdict } from './kit.ts';

/**
 * Draining what waited for a local HTTP receiver ÷ sending the same bodies with `fetch` alone, one after another, in
 * turns; and how long a message takes from its record to its receiver at 50 a second.
 *
 *     npm run bench:outbox [queued]
 */
const AT_LEAST = 0.7;
const ROUNDS = 3;
const QUEUED = Number(process.argv[2] ?? 10_000);
const PER_SECOND = 50;
const SECONDS = 10;
const P95_AT_MOST_MS = 100;

const receiver = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'outbox-receiver.ts')], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const lines = createInterface({ input: receiver.stdout });
const line = async () => String(((await once(lines, 'line')) as [string])[0]);
const url = `http://127.0.0.1:${await line()}/push`;
/** What came since the start, and how late it was since the last time this was asked, ms. */
const ask = async (): Promise<{ received: number; late: number[] }> => {
  const answer = line();
  receiver.stdin.write('?\n');
  return JSON.parse(await answer) as { received: number; late: number[] };
};

const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-outbox-'));
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const store = await openStore({ folder, log: quiet });
const clock = realTime({ now: () => Date.now(), steady: () => performance.now() });
const outbox = new OutboxService({ store, log: quiet, clock });

const send = async (message: OutMessage, sentAt: number, signal?: AbortSignal): Promise<void> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-sent-at': String(sentAt) },
    body: JSON.stringify(message.body),
    ...(signal ? { signal } : {}),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${response.status}`);
};
const newMessage = (): OutMessage => ({
  id: randomUUID(),
  topic: 'capture',
  time: Date.now(),
  channel: 1,
  body: { kind: 'face', cameraName: 'Gate', box: [100, 50, 180, 160], text: 'x'.repeat(800) },
  pictures: [],
  shows: [`capture/${randomUUID()}`],
});
const openTo = (target: string) =>
  outbox.open({
    id: 'bench/http',
    name: 'Bench',
    wants: () => true,
    deliver: (message, _picture, { signal }) => send(message, Number(message.body['sentAt'] ?? 0), signal),
    ...(target === 'away' ? { deliver: () => Promise.reject(new Error('away')) } : {}),
  });
const add = (message: OutMessage) => store.write((tx) => outbox.add(tx, message));

/** Messages a second, of what waited. */
async function drain(): Promise<number> {
  const away = openTo('away');
  for (let at = 0; at < QUEUED; at += 500) {
    await Promise.all(Array.from({ length: Math.min(500, QUEUED - at) }, () => add(newMessage())));
  }
  await away.close();
  const before = (await ask()).received;
  const began = performance.now();
  const opened = openTo('there');
  while (outbox.reports()[0]?.waiting !== 0) await pause(20);
  const took = performance.now() - began;
  await opened.close();
  assert.equal((await ask()).received - before, QUEUED);
  return QUEUED / (took / 1000);
}

async function raw(): Promise<number> {
  const message = newMessage();
  const began = performance.now();
  // With a deadline, as whoever sends to others needs one.
  for (let sent = 0; sent < QUEUED; sent++) await send(message, 0, new AbortController().signal);
  return QUEUED / ((performance.now() - began) / 1000);
}

/** From the beginning of the job that stores a record to the receiver, ms, sorted. */
async function latencies(): Promise<number[]> {
  const opened = openTo('there');
  await ask();
  const added: Promise<void>[] = [];
  const began = performance.now();
  for (let count = 0; count < PER_SECOND * SECONDS; count++) {
    await pause(Math.max(0, began + (count * 1000) / PER_SECOND - performance.now()));
    const message = newMessage();
    message.body['sentAt'] = performance.timeOrigin + performance.now();
    added.push(add(message));
  }
  await Promise.all(added);
  while (outbox.reports()[0]?.waiting !== 0) await pause(20);
  await opened.close();
  const { late } = await ask();
  assert.equal(late.length, PER_SECOND * SECONDS);
  return late.sort((a, b) => a - b);
}

try {
  await raw();
  const rates: { drained: number; raw: number }[] = [];
  for (let turn = 0; turn < ROUNDS; turn++) rates.push({ raw: await raw(), drained: await drain() });
  const late = await latencies();
  const at = (share: number) => late[Math.min(late.length - 1, Math.floor(share * late.length))] ?? 0;
  table(
    ['way', 'messages a second'],
    [
      ['fetch alone', round(median(rates.map((one) => one.raw)))],
      [`${QUEUED} that waited`, round(median(rates.map((one) => one.drained)))],
    ],
  );
  console.log(`record to receiver at ${PER_SECOND} a second: median ${round(at(0.5))} ms`);
  const ratio = median(rates.map(({ drained, raw: bare }) => drained / bare));
  verdict([
    { what: 'rate of the backlog by that of fetch alone', value: ratio, atLeast: AT_LEAST },
    { what: 'record to receiver, 95 of 100', value: at(0.95), atMost: P95_AT_MOST_MS, unit: ' ms' },
  ]);
} finally {
  await outbox.stop();
  await store.close();
  receiver.stdin.end();
  await rm(folder, { recursive: true, force: true });
}
