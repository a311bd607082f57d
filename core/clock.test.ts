import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantToLocal, localToInstant, startOfDay } from './clock.ts';

test('instants and local times are one another’s inverse, seasons included', () => {
  for (const zone of ['UTC', 'Europe/Berlin', 'Asia/Shanghai', 'America/New_York', 'Asia/Kolkata']) {
    for (let instant = Date.UTC(2024, 0, 1); instant < Date.UTC(2025, 0, 1); instant += 86_400_000 / 3 + 7_000) {
      const local = instantToLocal(instant, zone);
      const back = localToInstant(local, zone);
      // The hour that occurs twice in autumn is read as the first.
      assert.ok(back === instant || instant - back === 3_600_000, `${zone} ${local}`);
      assert.equal(instantToLocal(back, zone), local);
    }
  }
});

test('known times', () => {
  assert.equal(localToInstant('2024-07-01 12:00:00', 'Asia/Shanghai'), Date.UTC(2024, 6, 1, 4));
  assert.equal(localToInstant('2024-07-01 12:00:00', 'Europe/Berlin'), Date.UTC(2024, 6, 1, 10));
  assert.equal(localToInstant('2024-12-01 12:00:00', 'Europe/Berlin'), Date.UTC(2024, 11, 1, 11));
  // Skipped by the change to summer time at 02:00.
  assert.equal(localToInstant('2024-03-31 02:30:00', 'Europe/Berlin'), Date.UTC(2024, 2, 31, 1, 30));
  // Twice, after the change to winter time at 03:00.
  assert.equal(localToInstant('2024-10-27 02:30:00', 'Europe/Berlin'), Date.UTC(2024, 9, 27, 0, 30));
  assert.equal(localToInstant('2024-10-27 02:30:00', 'Europe/Berlin', 'last'), Date.UTC(2024, 9, 27, 1, 30));
  assert.equal(localToInstant('2024-10-27 03:30:00', 'Europe/Berlin', 'last'), Date.UTC(2024, 9, 27, 2, 30));
  assert.equal(localToInstant('2024-03-31 02:30:00', 'Europe/Berlin', 'last'), Date.UTC(2024, 2, 31, 1, 30));
  assert.equal(startOfDay(Date.UTC(2024, 6, 1, 20), 'Asia/Shanghai'), Date.UTC(2024, 6, 1, 16));
});
