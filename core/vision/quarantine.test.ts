import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blamedBy, Quarantine, readStuck, stuckText } from './quarantine.ts';

const MINUTE = 60_000;

test('what the worker notes is read back; anything else says nothing', () => {
  const withModels = 'read-plates~demo-reader~demo-finder';
  for (const stuck of [{ stage: 'detect-faces' }, { stage: 'detect-faces', channel: 31 }, { stage: withModels }]) {
    assert.deepEqual(readStuck(stuckText(stuck)), stuck);
  }
  for (const text of [undefined, '', 'two words', 'stage of channel x']) assert.equal(readStuck(text), undefined);
});

test('the second time within an hour a stage rests for its camera, and no other', () => {
  const quarantine = new Quarantine();
  const stuck = { stage: 'slow', channel: 3 };
  assert.equal(quarantine.strike(stuck, 'silent', 0), false);
  assert.equal(quarantine.reason('slow', 3, 1), undefined);
  assert.equal(quarantine.strike(stuck, 'silent', 70 * MINUTE), false, 'the first is forgotten by then');
  assert.equal(quarantine.strike({ stage: 'slow', channel: 4 }, 'silent', 71 * MINUTE), false);
  assert.equal(quarantine.strike(stuck, 'silent for 15 s', 72 * MINUTE), true);
  assert.match(quarantine.reason('slow', 3, 73 * MINUTE) ?? '', /left out for 15 minutes.*silent for 15 s/);
  assert.equal(quarantine.reason('slow', 4, 73 * MINUTE), undefined);
  assert.equal(quarantine.reason('other', 3, 73 * MINUTE), undefined);
  assert.equal(quarantine.nextEnd(73 * MINUTE), 87 * MINUTE);
  assert.equal(quarantine.reason('slow', 3, 87 * MINUTE), undefined);
  assert.equal(quarantine.nextEnd(87 * MINUTE), undefined);
  assert.equal(quarantine.strike(stuck, 'silent', 88 * MINUTE), true, 'it had its chance: once more is enough');
});

test('a stage that hangs while it is made rests for every camera, until others are installed', () => {
  const quarantine = new Quarantine();
  for (const now of [1, 2]) quarantine.strike({ stage: 'slow' }, 'silent', now);
  assert.ok(quarantine.reason('slow', 1, 3));
  assert.ok(quarantine.reason('slow', 2, 3));
  quarantine.clear();
  assert.equal(quarantine.reason('slow', 1, 3), undefined);
});

test('a crash is counted apart from hanging, and the third is one too many', () => {
  const quarantine = new Quarantine();
  assert.deepEqual(blamedBy({ stuckIn: 'slow of channel 3' }), { stage: 'slow', channel: 3 });
  assert.equal(blamedBy({}), undefined);
  const crashed = blamedBy({ crashedIn: 'slow of channel 3' });
  assert.deepEqual(crashed, { stage: 'slow', channel: 3, crashed: true });
  assert.equal(quarantine.strike({ stage: 'slow', channel: 3 }, 'silent', 1), false);
  assert.equal(quarantine.strike(crashed!, 'SIGSEGV', 2), false);
  assert.equal(quarantine.strike(crashed!, 'SIGSEGV', 3), false);
  assert.equal(quarantine.reason('slow', 3, 4), undefined);
  assert.equal(quarantine.strike(crashed!, 'killed by SIGSEGV', 4), true);
  assert.match(quarantine.reason('slow', 3, 5) ?? '', /worker crashed in it \(killed by SIGSEGV\)/);
  assert.equal(quarantine.reason('slow', 4, 5), undefined);
});
