import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from './concurrency.ts';

test('work is let in one after the other, whatever becomes of the one before', async () => {
  const turns = new Turns(1);
  const done: string[] = [];
  let inside = 0;
  const work = (name: string, fails = false) =>
    turns.take(async () => {
      inside += 1;
      assert.equal(inside, 1, `${name} is alone`);
      for (let i = 0; i < 3; i++) await new Promise(setImmediate);
      inside -= 1;
      done.push(name);
      if (fails) throw new Error(name);
      return name;
    });
  const results = await Promise.allSettled([work('a'), work('b', true), work('c')]);
  assert.deepEqual(done, ['a', 'b', 'c']);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});
