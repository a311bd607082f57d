import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Params, Ui } from '../../../ui/contract.ts';
import { spanTimes, whereWhenOf, wholeParam } from '../../../ui/where-when.ts';
import { filterOf as filterBy, isAwaited, partsSet, queryOf } from './query.ts';
import type { Capture } from './shapes.ts';

const DAY = 86_400_000;
const NOW = 20 * DAY + 5 * 3_600_000;
/** A zone without an offset. */
const startOfDay = (ms: number, back = 0) => Math.floor(ms / DAY - back) * DAY;
const ui: Pick<Ui, 'whereWhenOf' | 'wholeParam' | 'spanTimes'> = {
  whereWhenOf,
  wholeParam,
  spanTimes: (of, now) => spanTimes(of, now, startOfDay),
};
const filterOf = (params: Params) => filterBy(params, ui);
const asked = (params: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(queryOf(filterOf(params), ui, NOW)).filter(([, value]) => value !== undefined && value !== ''),
  );

describe('the filter in the address', () => {
  test('becomes the question to the box', () => {
    assert.deepEqual(asked({}), {});
    assert.deepEqual(asked({ kind: 'face', channel: '3', quality: '70' }), {
      kind: 'face',
      channel: 3,
      minQuality: 70,
    });
    assert.deepEqual(asked({ kind: 'vehicle', plate: 'ab-1' }), { kind: 'vehicle', plate: 'ab-1' });
    assert.deepEqual(asked({ span: 'today' }), { from: 20 * DAY });
    assert.deepEqual(asked({ span: 'yesterday' }), { from: 19 * DAY, to: 20 * DAY });
    assert.deepEqual(asked({ span: 'week' }), { from: 14 * DAY });
    assert.deepEqual(asked({ span: 'hour' }), { from: NOW - 3_600_000 });
    assert.deepEqual(asked({ from: '100', to: '200' }), { from: 100, to: 200 });
  });

  test('what makes no sense in it is left out', () => {
    assert.deepEqual(asked({ kind: 'dog', channel: 'x', quality: '-1', span: 'ever', from: '1e9' }), {});
    assert.deepEqual(asked({ quality: '900' }), { minQuality: 100 });
  });

  test('its parts are counted for the button that hides it', () => {
    assert.equal(partsSet(filterOf({})), 0);
    assert.equal(partsSet(filterOf({ kind: 'face', from: '1', to: '2', quality: '0' })), 2);
    assert.equal(partsSet(filterOf({ plate: 'A' })), 1);
  });
});

test('a new capture counts only where it would be shown', () => {
  const capture = { quality: 60, time: NOW } as Capture;
  assert.equal(isAwaited(filterOf({}), capture), true);
  assert.equal(isAwaited(filterOf({ quality: '61' }), capture), false);
  assert.equal(isAwaited(filterOf({ span: 'today' }), capture), true);
  assert.equal(isAwaited(filterOf({ span: 'yesterday' }), capture), false);
  assert.equal(isAwaited(filterOf({ from: '1' }), capture), true);
  assert.equal(isAwaited(filterOf({ from: String(NOW + 1) }), capture), false);
  assert.equal(isAwaited(filterOf({ to: String(NOW) }), capture), false);
  const plate = { text: 'AB12', score: 0.9, box: [1, 2, 3, 4], path: 'p' } as Capture['plate'];
  assert.equal(isAwaited(filterOf({ plate: 'b-1' }), { ...capture, plate }), true);
  assert.equal(isAwaited(filterOf({ plate: 'b-2' }), { ...capture, plate }), false);
  assert.equal(isAwaited(filterOf({ plate: 'b' }), { ...capture, plate: null }), false);
});
