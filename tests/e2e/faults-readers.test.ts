import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBox } from '../kit/box.ts';
import { canVanish, runReaders } from '../soak/readers.ts';

/** A little of `npm run soak:faults`; that the dead are cut is also tested in `core/gateway/websocket.test.ts`. */

test('subscribers that do not read cost those that do nothing', async (t) => {
  const box = await startBox({ main: 'tests/soak/box-main.ts', environment: { GATEHOUSE_LOG_LEVEL: 'error' } });
  t.after(() => box.stop());
  await box.login();
  const readers = { reads: 8, 'never reads': 3, 'one byte a second': 1, gone: canVanish() ? 1 : 0 };
  // Quicker than any street, so that backlogs pass their limit within the test.
  const report = await runReaders(box, { readers, perSecond: 10, bytes: 600_000, seconds: 6 });
  const { made, fewest, delays, memory, dropped } = report;
  assert.ok(made > 20, `${made} pushes`);
  assert.equal(fewest, made, 'whoever reads gets everything');
  assert.ok(delays.p99 < 2_000, `99 % after ${delays.p99} ms`);
  assert.ok(dropped > 0, 'what the others do not get is counted');
  assert.ok(memory.highest - memory.before < 250, `${memory.before} MiB before, ${memory.highest} MiB at most`);
});
