import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Params, Ui } from '../../../ui/contract.ts';
import { spanTimes, whereWhenOf } from '../../../ui/where-when.ts';
import { filterOf as filterBy, isAwaited, partsSet, queryOf } from './query.ts';
import { merged, neighbour, placesOf } from './rows.ts';
import type { Alarm } from './shapes.ts';

const alarm = (id: number, change: Partial<Alarm> = {}) =>
  ({ id, state: 'open', kind: 'key-person', channel: 1, title: 'Lin', time: id, ...change }) as Alarm;
const startOfDay = (at: number, back = 0) => Math.floor(at / 1000) * 1000 - back * 1000;
const ui: Pick<Ui, 'whereWhenOf' | 'spanTimes'> = {
  whereWhenOf,
  spanTimes: (of, now) => spanTimes(of, now, startOfDay),
};
const filterOf = (params: Params) => filterBy(params, ui);

test('what came in stands before what was read, each once, and what was read is the later word', () => {
  const read = [alarm(5, { state: 'acknowledged' }), alarm(3)];
  const arrived = [alarm(7), alarm(6), alarm(5)].map((one, order) => ({ alarm: one, order, at: 0 }));
  const all = merged(read, arrived);
  assert.deepEqual(
    all.map(({ id, state }) => [id, state]),
    [
      [7, 'open'],
      [6, 'open'],
      [5, 'acknowledged'],
      [3, 'open'],
    ],
  );
});

test('a held list keeps its places: newer ones wait, gone ones leave an empty place', () => {
  const { places, waiting } = placesOf([alarm(9), alarm(8), alarm(5), alarm(3)], [5, 4, 3]);
  assert.deepEqual(
    places.map((place) => [place.id, place.alarm?.id]),
    [
      [5, 5],
      [4, undefined],
      [3, 3],
    ],
  );
  assert.equal(waiting, 2);
  assert.equal(neighbour(places, 5, 1), 3);
  assert.equal(neighbour(places, 3, 1), undefined);
  assert.equal(neighbour(places, 3, -1), 5);
  assert.equal(neighbour(places, 99, -1), 5);
  assert.equal(neighbour([], undefined, 1), undefined);
  assert.deepEqual(placesOf([alarm(2)], undefined), { places: [{ id: 2, alarm: alarm(2) }], waiting: 0 });
});

test('the address asks for open ones unless it says otherwise', () => {
  const asked = (params: Record<string, string>) => queryOf(filterOf(params), ui, 5500);
  assert.equal(asked({})['state'], 'open');
  assert.equal(asked({ state: 'all' })['state'], undefined);
  assert.equal(asked({ state: 'acknowledged' })['state'], 'acknowledged');
  assert.deepEqual([asked({ span: 'yesterday' })['from'], asked({ span: 'yesterday' })['to']], [4000, 5000]);
  assert.equal(asked({ from: '77', span: 'today' })['from'], 77);
  assert.equal(asked({ channel: 'x' })['channel'], undefined);
  assert.equal(partsSet(filterOf({ state: 'all' })), 0);
  assert.equal(partsSet(filterOf({ kind: 'fire', channel: '2', text: 'a', span: 'hour' })), 4);
});

test('a new alarm is shown where the filter asks for it', () => {
  const awaited = (params: Record<string, string>, change: Partial<Alarm> = {}) =>
    isAwaited(filterOf(params), alarm(100, change));
  assert.ok(awaited({}));
  assert.ok(awaited({ state: 'all', text: 'LIN', kind: 'key-person', channel: '1', span: 'today' }));
  assert.ok(!awaited({ state: 'acknowledged' }));
  assert.ok(!awaited({ kind: 'fire' }));
  assert.ok(!awaited({ channel: '2' }));
  assert.ok(!awaited({ text: 'wei' }));
  assert.ok(!awaited({ span: 'yesterday' }));
  assert.ok(!awaited({ from: '50', to: '100' }));
  assert.ok(awaited({ from: '50', to: '101' }));
});
