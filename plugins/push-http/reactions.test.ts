import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type OutMessage, RefusedError } from '../../core/plugin/push-services.ts';
import { until } from '../../tests/kit/wait.ts';
import { record } from './fixture.ts';
import { Line } from './line.ts';
import { MemoryOutbox } from './outbox.fixture.ts';
import { pushReactions } from './reactions.ts';
import { receiver } from './receivers.fixture.ts';
import type { TargetRow } from './tables.ts';
import { CONNECTIONS } from './trust.ts';

/** Pushes that rules send. */

const { crop: _, frame: __, ...body } = record;
const pictures = [{ part: 'snap' as const, path: record.cropPath }];
const message: OutMessage = { id: record.id, topic: 'capture', time: record.time, body, pictures, shows: [] };
const rule = { id: 1, name: 'Rule' };

/** A line to a receiver. */
function lineTo(t: TestContext, url: string) {
  const row = { id: 3, name: 'Desk', url, kinds: [], channels: [], trust: 'system' } as unknown as TargetRow;
  const line = new Line(row, 'key', {
    outbox: new MemoryOutbox(),
    rules: { allowLoopback: true },
    settings: () => ({ deviceId: 'north-gate', zone: 'UTC' }),
    wanted: () => true,
    now: () => record.time,
    changed: () => {},
    beat: () => {},
  });
  t.after(() => line.close());
  return { row, line };
}

test('a capture goes as any push does, whatever the receiver is sent otherwise; a test is a heartbeat', async (t) => {
  let status = 200;
  const one = await receiver(t, (response) => response.writeHead(status).end());
  const { row, line } = lineTo(t, one.url);
  let lines = new Map([[3, line]]);
  const off = { ...row, id: 4 };
  const found = pushReactions([row, off], (id) => lines.get(id));
  assert.deepEqual(
    found.map(({ id, kind, name, topics }) => [id, kind, name, topics]),
    [['push-http/3', 'push', 'Desk', ['capture', 'test']]],
  );
  const deliver = (change: object = {}) => {
    const context = { signal: AbortSignal.timeout(10_000), lane: 'live', attempt: 1, rule } as const;
    return found[0]!.deliver({ ...message, ...change }, async () => new Uint8Array([0xff, 0xd8]), context);
  };
  await deliver();
  const push = one.heard.find(({ id }) => id === '774');
  assert.ok(push?.body.includes(record.id) && push.body.includes('name="snap"'));
  const beats = () => one.heard.filter(({ id }) => id === '775').length;
  const before = beats();
  await deliver({ topic: 'test', body: {} });
  assert.ok(beats() > before);
  status = 400;
  await assert.rejects(deliver(), RefusedError);
  status = 503;
  await assert.rejects(deliver(), (error) => !(error instanceof RefusedError));
  lines = new Map();
  await assert.rejects(deliver(), /switched off/);
});

test('many rules that push to one receiver hold no more pictures in memory than can be sent at once', async (t) => {
  const held: (() => void)[] = [];
  const one = await receiver(t, (response) => void held.push(() => response.writeHead(200).end()));
  const { row, line } = lineTo(t, one.url);
  const [push] = pushReactions([row], () => line);
  let read = 0;
  const picture = async () => {
    read += 1;
    return new Uint8Array([0xff, 0xd8]);
  };
  const context = { signal: AbortSignal.timeout(30_000), lane: 'live', attempt: 1, rule } as const;
  const all = Array.from({ length: 12 }, () => push!.deliver(message, picture, context));
  await until('the receiver has some', () => one.heard.some(({ id }) => id === '774') && read >= CONNECTIONS - 1);
  assert.equal(read, CONNECTIONS - 1, 'the heartbeat has a connection of its own');
  // Whoever's time is over meanwhile is not begun.
  const late = push!.deliver(message, picture, { ...context, signal: AbortSignal.abort(new Error('over')) });
  const refused = assert.rejects(late, /over/);
  const answering = setInterval(() => held.splice(0).forEach((answer) => void answer()), 5);
  t.after(() => clearInterval(answering));
  await Promise.all(all);
  await refused;
  assert.equal(read, 12);
});
