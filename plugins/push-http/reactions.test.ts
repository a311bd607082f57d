import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OutMessage, RefusedError } from '../../core/plugin/push-services.ts';
import { record } from './fixture.ts';
import { Line } from './line.ts';
import { MemoryOutbox } from './outbox.fixture.ts';
import { pushReactions } from './reactions.ts';
import { receiver } from './receivers.fixture.ts';
import type { TargetRow } from './tables.ts';

/** Pushes that rules send. */

test('a capture goes as any push does, whatever the receiver is sent otherwise; a test is a heartbeat', async (t) => {
  let status = 200;
  const one = await receiver(t, (response) => response.writeHead(status).end());
  const row = { id: 3, name: 'Desk', url: one.url, kinds: [], channels: [], trust: 'system' } as unknown as TargetRow;
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
  let lines = new Map([[3, line]]);
  const off = { ...row, id: 4 };
  const found = pushReactions([row, off], (id) => lines.get(id));
  assert.deepEqual(
    found.map(({ id, kind, name, topics }) => [id, kind, name, topics]),
    [['push-http/3', 'push', 'Desk', ['capture', 'test']]],
  );
  const rule = { id: 1, name: 'Rule' };
  const { crop: _, frame: __, ...body } = record;
  const pictures = [{ part: 'snap' as const, path: record.cropPath }];
  const message: OutMessage = { id: record.id, topic: 'capture', time: record.time, body, pictures, shows: [] };
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
