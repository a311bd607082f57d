import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoreLog } from '../store/types.ts';
import { message, startOutbox, TestReceiver } from './fixture.ts';

test('the log says of each destination what was given up and why, once a minute', async (t) => {
  const told: Record<string, Record<string, number>>[] = [];
  const log: StoreLog = {
    debug: () => {},
    info: () => {},
    error: () => {},
    warn: (fields, text) => {
      if (text === 'deliveries were given up') told.push((fields as { deliveries: (typeof told)[0] }).deliveries);
    },
  };
  const { outbox, clock, put } = await startOutbox(t, { mostWaiting: 2, log });
  const [near, far] = ['test/near', 'test/far'].map((id) => new TestReceiver(clock, id));
  for (const receiver of [near!, far!]) {
    receiver.manner = async () => {
      throw new Error('away');
    };
    outbox.open(receiver);
  }
  far!.wanted = (topic) => topic === 'alarm';
  await put(message(), message(), message());
  const [first] = told;
  assert.deepEqual(Object.keys(first ?? {}), ['test/near']);
  const [reason] = Object.keys(first!['test/near']!);
  assert.deepEqual(first, { 'test/near': { [reason!]: 1 } });
  // Within the minute nothing is told; what came together is told after it, with both destinations.
  await put(message({ topic: 'alarm' }), message({ topic: 'alarm' }), message({ topic: 'alarm' }));
  assert.equal(told.length, 1);
  // Nor is another loss needed for it.
  await clock.pass(61_000);
  assert.equal(told.length, 2);
  const second = told[1]!;
  assert.deepEqual(Object.keys(second).sort(), ['test/far', 'test/near']);
  await put(message({ topic: 'alarm' }));
  await outbox.stop();
  for (const { id, dead } of outbox.reports()) {
    const inLines = told.reduce((sum, line) => sum + (line[id]?.[reason!] ?? 0), 0);
    assert.ok(inLines >= 1);
    assert.equal(inLines, dead, `${id}: at the end all of them are told`);
  }
});
