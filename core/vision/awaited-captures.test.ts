import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwaitedCaptures } from './awaited-captures.ts';
import type { CaptureObservation } from './keys.ts';

const capture = (trackId: number, bytes = 2) =>
  ({
    kind: 'face',
    channel: 3,
    trackId,
    crop: new Uint8Array(1),
    frame: new Uint8Array(bytes - 1),
  }) as Partial<CaptureObservation> as CaptureObservation;

function awaited() {
  const told: CaptureObservation[] = [];
  return { told, captures: new AwaitedCaptures((one) => told.push(one)) };
}

test('a capture goes on with its description, once', () => {
  const { told, captures } = awaited();
  captures.hold(1, capture(7), 0);
  captures.hold(2, capture(8), 0);
  assert.deepEqual(told, []);
  const description = { attributes: { st_age: 'st_old' }, aliveType: 2 as const, describedBy: ['a'] };
  captures.described(2, description);
  captures.described(2, description);
  captures.described(9, description);
  assert.deepEqual(told, [{ ...capture(8), ...description }]);
  captures.described(1, { attributes: {}, aliveType: 0, describedBy: [] });
  assert.deepEqual(told[1], capture(7));
});

test('a description that is none counts as nothing said', () => {
  const { told, captures } = awaited();
  captures.hold(1, capture(7), 0);
  captures.described(1, { attributes: { 'a b': 'c' }, describedBy: [] });
  captures.hold(2, capture(8), 0);
  captures.described(2, null as never);
  assert.deepEqual(told, [capture(7), capture(8)]);
});

test('the face as numbers goes on with its capture, when they are such', () => {
  const { told, captures } = awaited();
  const vector = Array.from({ length: 128 }, (_, i): number => (i === 7 ? 1 : 0));
  const said = { attributes: {}, describedBy: [] };
  captures.hold(1, capture(7), 0);
  captures.described(1, { ...said, embedding: { model: 'faces', vector } });
  assert.deepEqual(told, [{ ...capture(7), embedding: { model: 'faces', vector } }]);
  const wrong: unknown[] = [
    { model: 'faces', vector: vector.map((one) => one * 2) },
    { model: 'faces', vector: vector.with(3, Number.NaN) },
    { model: 'faces', vector: vector.slice(0, 16) },
    { model: '', vector },
    { vector },
    vector,
  ];
  for (const [i, embedding] of wrong.entries()) {
    captures.hold(10 + i, capture(8), 0);
    captures.described(10 + i, { ...said, embedding } as never);
    assert.deepEqual(told.at(-1), capture(8), `wrong ${i}`);
  }
});

test('none is lost: those that wait too long, are too many, or whose worker is gone go on as they are', () => {
  const { told, captures } = awaited();
  captures.hold(1, capture(1), 0);
  captures.hold(2, capture(2), 50_000);
  captures.hurry(60_000);
  assert.deepEqual(told, []);
  captures.hurry(60_001);
  assert.deepEqual(told, [capture(1)]);
  for (let number = 3; number <= 67; number += 1) captures.hold(number, capture(number), 50_000);
  assert.deepEqual(told.slice(1), [capture(2), capture(3)]);
  captures.releaseAll();
  assert.equal(told.length, 67);
  assert.deepEqual(new Set(told.map(({ trackId }) => trackId)).size, 67);
  captures.releaseAll();
  assert.equal(told.length, 67);
});

test('large pictures let the oldest go on earlier', () => {
  const { told, captures } = awaited();
  const half = 32 * 1024 * 1024;
  captures.hold(1, capture(1, half), 0);
  captures.hold(2, capture(2, half), 0);
  assert.deepEqual(told, []);
  captures.hold(3, capture(3), 0);
  assert.deepEqual(
    told.map(({ trackId }) => trackId),
    [1],
  );
  captures.described(2, { attributes: {}, describedBy: [] });
  captures.hold(4, capture(4, half), 0);
  assert.equal(told.length, 2, 'what has gone counts no more');
});

test('a plate goes on with its picture; without that, nothing was said', () => {
  const { told, captures } = awaited();
  const plate = { text: 'AB12', score: 0.9, box: [1, 2, 30, 9] as [number, number, number, number] };
  const jpeg = new Uint8Array([7]);
  for (const [number, picture] of [
    [1, jpeg],
    [2, undefined],
    [3, new Uint8Array()],
  ] as const) {
    captures.hold(number, capture(7), 0);
    captures.described(number, { describedBy: [], plate }, picture);
  }
  captures.hold(4, capture(7), 0);
  captures.described(4, { describedBy: [], plate: { ...plate, text: 'AB 12' } }, jpeg);
  assert.deepEqual(told, [{ ...capture(7), plate: { ...plate, jpeg } }, capture(7), capture(7), capture(7)]);
});
