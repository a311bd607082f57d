import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orderPlugins } from './graph.ts';
import { type FoundPlugin, inRange } from './manifest.ts';

function plugin(id: string, more: Partial<NonNullable<FoundPlugin['manifest']>> = {}): FoundPlugin {
  return {
    id,
    folder: `/plugins/${id}`,
    manifest: {
      id,
      version: '1.0.0',
      core: '^0.1.0',
      description: '',
      run: 'inline',
      messages: [],
      requires: [],
      optional: [],
      provides: [],
      essential: false,
      permissions: [],
      ...more,
    },
  };
}

const ids = (found: FoundPlugin[]) => found.map((one) => one.id);

test('a plugin comes after those whose services it uses', () => {
  const { order, refused } = orderPlugins(
    [
      plugin('captures', { requires: ['cameras@1', 'vision@1'] }),
      plugin('push', { requires: ['captures@1'] }),
      plugin('cameras', { provides: ['cameras@1'], optional: ['names@1'] }),
      plugin('names', { provides: ['names@1'] }),
      plugin('store', { provides: ['captures@1'], requires: ['cameras@1'] }),
    ],
    ['vision@1'],
  );
  assert.equal(refused.size, 0);
  const at = (id: string) => ids(order).indexOf(id);
  assert.ok(at('cameras') < at('captures') && at('cameras') < at('store') && at('store') < at('push'));
  assert.ok(at('names') < at('cameras'), 'an optional service comes first where it can');
});

test('what cannot be wired is left out with its reason, the rest runs', () => {
  const { order, refused } = orderPlugins(
    [
      plugin('a', { requires: ['b@1'], provides: ['a@1'] }),
      plugin('b', { requires: ['a@1'], provides: ['b@1'] }),
      plugin('c', { requires: ['nowhere@1'] }),
      plugin('d', { requires: ['e@1'] }),
      plugin('e', { requires: ['nowhere@1'], provides: ['e@1'] }),
      plugin('f', { provides: ['f@1'], messages: [[100, 110]] }),
      plugin('g', { provides: ['f@1'] }),
      plugin('h', { messages: [[110, 120]] }),
      { id: 'i', folder: '/plugins/i', fault: 'plugin.json cannot be read' },
      plugin('z'),
    ],
    [],
  );
  assert.deepEqual(ids(order), ['f', 'z']);
  assert.match(refused.get('a') ?? '', /circle/);
  assert.match(refused.get('b') ?? '', /circle/);
  assert.match(refused.get('c') ?? '', /nowhere@1, which no plugin offers/);
  assert.match(refused.get('d') ?? '', /"e": needs nowhere@1/);
  assert.match(refused.get('g') ?? '', /"f" offers already/);
  assert.match(refused.get('h') ?? '', /overlaps that of "f"/);
  assert.match(refused.get('i') ?? '', /cannot be read/);
});

test('optional services never make a circle', () => {
  const { order, refused } = orderPlugins(
    [plugin('a', { optional: ['b@1'], provides: ['a@1'] }), plugin('b', { requires: ['a@1'], provides: ['b@1'] })],
    [],
  );
  assert.equal(refused.size, 0);
  assert.deepEqual(ids(order), ['a', 'b']);
});

test('ranges of core versions', () => {
  assert.ok(inRange('^0.1.0', '0.1.5'));
  assert.ok(!inRange('^0.1.0', '0.2.0'));
  assert.ok(!inRange('^0.1.6', '0.1.5'));
  assert.ok(inRange('^1.2.0', '1.9.0'));
  assert.ok(!inRange('^1.2.0', '2.0.0'));
});
