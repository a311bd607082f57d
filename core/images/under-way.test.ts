import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnderWay } from './under-way.ts';

const job = (name: string, suspect = false) => ({ name, suspect });
const names = (jobs: { name: string }[]) => jobs.map(({ name }) => name);

/** One that holds these, numbered from 1. */
function holding(...jobs: ReturnType<typeof job>[]) {
  const underWay = new UnderWay<ReturnType<typeof job>>();
  for (const [i, one] of jobs.entries()) underWay.add(i + 1, one);
  return underWay;
}

test('the worker has two pictures at most, and each is answered once', () => {
  const underWay = holding(job('a'));
  assert.ok(underWay.takes(job('b')));
  underWay.add(2, job('b'));
  assert.ok(!underWay.takes(job('c')));
  assert.equal(underWay.answered(2)?.name, 'b');
  assert.equal(underWay.answered(2), undefined);
  assert.equal(underWay.size, 1);
  assert.ok(underWay.takes(job('c')));
});

test('where the worker ends over two, neither is blamed: each has the next one for itself', () => {
  const [a, b] = [job('a'), job('b')];
  const underWay = holding(a, b);
  const { guilty, again } = underWay.ended(false);
  assert.deepEqual([names(guilty), names(again)], [[], ['a', 'b']]);
  assert.equal(underWay.size, 0);
  assert.ok(underWay.takes(a));
  underWay.add(3, a);
  assert.ok(!underWay.takes(b), 'a suspect goes beside nobody');
  assert.ok(!underWay.takes(job('c')), 'and nobody beside a suspect');
  assert.deepEqual(names(underWay.ended(false).guilty), ['a']);
  const beside = holding(job('c'));
  assert.ok(!beside.takes(b));
});

test('what the worker says hangs is blamed, and the other one is no suspect', () => {
  const [a, b] = [job('a'), job('b')];
  const underWay = holding(a, b);
  underWay.hangs(2);
  assert.equal(underWay.answered(1), a);
  assert.ok(!underWay.takes(job('c')), 'a worker that will be ended gets nothing more');
  underWay.add(3, a);
  const { guilty, again } = underWay.ended(false);
  assert.deepEqual([names(guilty), names(again), a.suspect], [['b'], ['a'], false]);
});

test('what came to its end after all is blamed for nothing, nor is what the worker does not have', () => {
  const underWay = holding(job('a'), job('b'), job('c'));
  underWay.hangs(1);
  underWay.answered(1);
  underWay.hangs(7);
  assert.deepEqual(names(underWay.ended(false).again), ['b', 'c']);
});

test('a worker that is renewed over a picture is forgiven once', () => {
  const [a, b] = [job('a'), job('b')];
  assert.deepEqual(names(holding(a, b).ended(true).again), ['a', 'b']);
  assert.deepEqual(names(holding(a).ended(true).guilty), ['a']);
});
