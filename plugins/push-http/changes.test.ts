import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { realTime } from '../../core/outbox/clock.ts';
import { OutboxService } from '../../core/outbox/outbox.ts';
import type { PluginContext } from '../../core/plugin/contract.ts';
import { atEnd, temporaryStore } from '../../core/store/fixture.ts';
import { admin, callBy, callRoute } from '../../tests/kit/plugin.ts';
import { captureRecord } from '../../tests/kit/records.ts';
import { until } from '../../tests/kit/wait.ts';
import { captureMessage } from '../captures/telling.ts';
import { setUp } from './index.ts';
import { receiver } from './receivers.fixture.ts';

test('nothing that is recorded while a receiver is changed is missing', async (t) => {
  const log = pino({ level: 'silent' });
  const { store } = await temporaryStore(t);
  const clock = { now: () => Date.now(), steady: () => performance.now(), zone: 'UTC' };
  const outbox = new OutboxService({ store, log, clock: realTime(clock) });
  await outbox.start();
  await store.migrate('push-http', join(import.meta.dirname, 'migrations'));
  const parts = setUp(
    {
      id: 'push-http',
      use: { outbox, outgoing: { allowLoopback: true }, identity: { deviceId: 'x', serial: 's' } },
      log,
      clock,
      metrics: { counter: () => ({ inc: () => {} }), gauge: () => {} },
      store,
      secrets: store.keys.for('push-http'),
      changed: () => {},
    } as unknown as PluginContext as Parameters<typeof setUp>[0],
    60_000,
  );
  await parts.start?.();
  atEnd(t, async () => {
    await parts.stop?.();
    await outbox.stop();
  });
  const call = <T>(method: string, path: string, body: object) =>
    callRoute<T>(parts, method, path, { body }, callBy(admin, []));
  let slow = true;
  const one = await receiver(t, async (response) => {
    while (slow) await pause(10);
    response.end();
  });
  let recorded = 0;
  const record = () => {
    const message = captureMessage(captureRecord({ id: String(recorded++), time: Date.now() }));
    return store.write((tx) => outbox.add(tx, { ...message, pictures: [] }));
  };
  const pushes = () => one.heard.filter(({ id }) => id === '774');

  const { id } = await call<{ id: number }>('POST', '/targets', { url: one.url });
  await record();
  await until('a push to be under way', () => pushes().length === 1);
  let changed = false;
  const change = call('PATCH', `/targets/${id}`, { name: 'Another name' }).then(() => {
    changed = true;
  });
  while (!changed && recorded < 20) {
    await record();
    await pause(5);
  }
  slow = false;
  await change;
  await until('all of them', () => {
    const got = new Set(pushes().map(({ body }) => /"snap_id":"(\d+)"/.exec(body)![1]));
    return got.size === recorded;
  });
  assert.equal(outbox.reports()[0]?.dead, 0);
});
