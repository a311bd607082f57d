import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atStart, madeRoom, type Start, type State, started } from './state.ts';

const start = (change: Partial<Start> = {}): Start => ({
  wanted: undefined,
  firstStart: false,
  realCameras: 0,
  scenes: ['lobby'],
  now: 5,
  ...change,
});
const on: State = { mode: 'on', scenes: ['lobby'], beside: false, since: 5, erasing: false };

test('unasked, it runs from a first start without cameras on', () => {
  assert.deepEqual(atStart(undefined, start({ firstStart: true })), on);
  assert.equal(atStart(undefined, start()), undefined);
  assert.equal(atStart(undefined, start({ firstStart: true, realCameras: 1 })), undefined);
});

test('asked for, it runs at any start, and beside the cameras that are there', () => {
  assert.deepEqual(atStart(undefined, start({ wanted: true })), on);
  assert.equal(atStart(undefined, start({ wanted: true, realCameras: 2 }))?.beside, true);
  assert.equal(atStart(undefined, start({ wanted: false, firstStart: true })), undefined);
});

test('what somebody decided goes before what is configured', () => {
  for (const mode of ['aside', 'stopped', 'left', 'on'] as const) {
    const stored: State = { ...on, mode };
    for (const wanted of [true, false, undefined]) {
      assert.equal(atStart(stored, start({ wanted, firstStart: true })), stored, `${mode}, ${wanted}`);
    }
  }
});

test('the first real camera stops it, unless both are wanted', () => {
  assert.equal(madeRoom(on, [], 9), on);
  assert.deepEqual(madeRoom(on, ['Gate', 'Yard'], 9), { ...on, mode: 'aside', since: 9, asideFor: 'Gate' });
  const beside: State = { ...on, beside: true };
  assert.equal(madeRoom(beside, ['Gate'], 9), beside);
  const aside: State = { ...on, mode: 'aside' };
  assert.equal(madeRoom(aside, [], 9), aside, 'it does not come back by itself');
});

test('whoever starts it beside cameras wants both', () => {
  assert.equal(started(undefined, ['lobby'], 0, 9).beside, false);
  assert.equal(started(undefined, ['lobby'], 1, 9).beside, true);
  assert.equal(started({ ...on, mode: 'left', erasing: true }, ['gate'], 0, 9).erasing, false);
});
