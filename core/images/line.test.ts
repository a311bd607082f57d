import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GivenUp } from './given-up.ts';
import { type Lane, Line } from './line.ts';

const job = (lane: Lane, name: string, bytes = 10) => ({ lane, name, bytes });

test('what somebody waits for goes before what is done in bulk; each lane keeps its order', () => {
  const line = new Line<ReturnType<typeof job>>({ count: 10, bytes: 1_000 });
  for (const one of [job('batch', 'a'), job('prompt', 'b'), job('batch', 'c'), job('prompt', 'd')]) {
    assert.ok(line.add(one));
  }
  const first = line.next()!;
  assert.equal(first.name, 'b');
  line.putBack(first);
  assert.equal(line.length, 4);
  assert.deepEqual([line.next()?.name, line.next()?.name, line.next()?.name], ['b', 'd', 'a']);
  const late = job('prompt', 'e');
  line.add(late);
  line.remove(late);
  assert.deepEqual(
    line.takeAll().map(({ name }) => name),
    ['c'],
  );
  assert.equal(line.next(), undefined);
});

test('nothing overtakes what is not wanted now', () => {
  const line = new Line<ReturnType<typeof job>>({ count: 10, bytes: 1_000 });
  for (const one of [job('batch', 'a'), job('batch', 'b')]) line.add(one);
  assert.equal(
    line.next(({ name }) => name !== 'a'),
    undefined,
  );
  line.add(job('prompt', 'c'));
  assert.equal(line.next(({ name }) => name !== 'a')?.name, 'c');
  assert.deepEqual([line.next()?.name, line.next()?.name], ['a', 'b']);
});

test('each lane is full by count and by bytes; the other is not', () => {
  const line = new Line<ReturnType<typeof job>>({ count: 2, bytes: 100 });
  assert.ok(line.add(job('batch', 'a', 60)));
  assert.ok(!line.add(job('batch', 'b', 50)));
  assert.ok(line.add(job('batch', 'c', 40)));
  assert.ok(!line.add(job('batch', 'd', 0)));
  assert.ok(line.add(job('prompt', 'larger than the whole lane', 200)));
  assert.ok(!line.add(job('prompt', 'e', 1)));
});

test('pictures that were given up are known by their bytes, for a while, and not without end', () => {
  const given = new GivenUp(1_000);
  const [one, other] = [Buffer.from('one'), Buffer.from('two')];
  given.add(one, 0);
  assert.ok(given.has(Buffer.from('one'), 999));
  assert.ok(!given.has(other, 0));
  assert.ok(!given.has(one, 1_000));
  for (let i = 0; i < 100; i++) given.add(Buffer.from(`picture ${i}`), 0);
  assert.ok(!given.has(one, 0));
  assert.ok(given.has(Buffer.from('picture 99'), 0));
});
