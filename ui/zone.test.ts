import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { boxZone, fromLocalInput, setZone, startOfDay, toLocalInput } from './zone.ts';

afterEach(() => setZone(undefined));

test('a wall-clock text of the box is the instant of its zone, wherever the browser stands', () => {
  setZone('Asia/Shanghai');
  assert.equal(fromLocalInput('2025-03-01T08:30'), Date.UTC(2025, 2, 1, 0, 30));
  assert.equal(toLocalInput(Date.UTC(2025, 2, 1, 0, 30)), '2025-03-01T08:30');
  setZone('America/New_York');
  assert.equal(fromLocalInput('2025-07-04T00:00'), Date.UTC(2025, 6, 4, 4));
});

test('it is right on both sides of a change of the clock', () => {
  setZone('Europe/Berlin');
  assert.equal(fromLocalInput('2025-03-30T01:59'), Date.UTC(2025, 2, 30, 0, 59));
  assert.equal(fromLocalInput('2025-03-30T03:01'), Date.UTC(2025, 2, 30, 1, 1));
  assert.equal(fromLocalInput('2025-10-26T03:01'), Date.UTC(2025, 9, 26, 2, 1));
});

test('the start of the day is midnight of the box, also across months', () => {
  setZone('Asia/Shanghai');
  const evening = Date.UTC(2025, 2, 1, 20); // 04:00 on 2 March there
  assert.equal(startOfDay(evening), Date.UTC(2025, 2, 1, 16));
  assert.equal(startOfDay(evening, 2), Date.UTC(2025, 1, 27, 16));
});

test('what is no time is undefined, and an unknown zone is none', () => {
  assert.equal(fromLocalInput(''), undefined);
  assert.equal(fromLocalInput('yesterday'), undefined);
  setZone('Mars/Olympus');
  assert.equal(boxZone(), undefined);
});
