import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActionRegistry } from './actions.ts';
import { Life, Tally } from './life.ts';
import type { Reaction } from './push-services.ts';
import { ReactionRegistry } from './reactions.ts';

const reaction = (id: string, deliver: Reaction['deliver'] = async () => {}): Reaction => ({
  id,
  kind: 'mail',
  name: id,
  topics: ['alarm'],
  deliver,
});

function lifeOf(plugin: string, strayed: (error: unknown) => void = () => {}): Life {
  return new Life({ plugin, folder: `/plugins/${plugin}`, tally: new Tally(), strayed, held: () => {} });
}

const ids = (registry: ReactionRegistry) => registry.list().map(({ id }) => id);

test('what a plugin offers takes the place of what it offered before, and listeners hear of it', () => {
  const registry = new ReactionRegistry();
  let heard = 0;
  const end = registry.onChanged(() => {
    heard += 1;
  });
  const mail = registry.by('mail');
  mail.offer([reaction('mail/1'), reaction('mail/2')]);
  registry.by('mqtt').offer([reaction('mqtt/rules')]);
  mail.offer([reaction('mail/2')]);
  assert.deepEqual(ids(registry), ['mail/2', 'mqtt/rules']);
  assert.equal(registry.find('mail/1'), undefined);
  assert.equal(registry.find('nothing'), undefined);
  assert.equal(heard, 3);
  end();
  mail.offer([]);
  assert.equal(heard, 3);
});

test('an id that is none, of somebody else, or there twice is refused, and nothing changes', () => {
  const registry = new ReactionRegistry();
  const mail = registry.by('mail');
  mail.offer([reaction('mail/1')]);
  for (const some of [
    ['mail'],
    ['mail/'],
    ['mqtt/1'],
    ['mail/a b'],
    [`mail/${'x'.repeat(81)}`],
    ['mail/1', 'mail/1'],
  ]) {
    assert.throws(() => mail.offer(some.map((id) => reaction(id))), /reaction/, String(some));
  }
  assert.deepEqual(ids(registry), ['mail/1']);
});

test('a reaction works in the name of the plugin that offers it, and goes with it', async () => {
  const registry = new ReactionRegistry();
  const life = lifeOf('mail');
  const rules = lifeOf('rules');
  const who: (string | undefined)[] = [];
  rules.run('setup', () => registry.onChanged(() => void who.push(Life.current?.plugin)));
  const mail = life.run('start', () => registry.by('mail'));
  // Whoever sets it off: a commit, a request.
  mail.offer([reaction('mail/1', async () => void who.push(Life.current?.plugin))]);
  const given = [] as unknown as Parameters<Reaction['deliver']>;
  await rules.run('delivery', () => registry.find('mail/1')!.deliver(...given));
  assert.deepEqual(who, ['rules', 'mail']);
  life.end();
  assert.deepEqual(ids(registry), []);
  mail.offer([reaction('mail/1')]);
  assert.deepEqual(ids(registry), [], 'a forgotten timer offers nothing');
  lifeOf('mail').run('start', () => registry.by('mail').offer([reaction('mail/2')]));
  assert.deepEqual(ids(registry), ['mail/2']);
  // Who listened is told no more once its plugin has ended.
  const heard = who.length;
  rules.end();
  registry.by('mail');
  assert.deepEqual(ids(registry), []);
  assert.equal(who.length, heard);
});

test('listeners of actions are called in the name of who listens', () => {
  const registry = new ActionRegistry();
  const who: (string | undefined)[] = [];
  lifeOf('rules').run('start', () => registry.onChanged(() => void who.push(Life.current?.plugin)));
  lifeOf('doors').run('start', () => registry.register({ id: 'doors-1', name: 'Door', run: async () => {} }));
  assert.deepEqual(who, ['rules']);
});

test('an action is run in the name of the plugin that has it, and goes with it', async () => {
  const registry = new ActionRegistry();
  const who: (string | undefined)[] = [];
  const doors = lifeOf('doors');
  const run = async () => void who.push(Life.current?.plugin);
  doors.run('start', () => registry.register({ id: 'doors-1', name: 'Door', run }));
  await lifeOf('rules').run('delivery', () => registry.list()[0]?.run());
  assert.deepEqual(who, ['doors']);
  doors.end();
  assert.deepEqual(registry.list(), []);
});

test('a listener that throws harms neither who set it off nor the others, and its plugin answers for it', () => {
  const registry = new ActionRegistry();
  const strayed: unknown[] = [];
  let heard = 0;
  const fault = new Error('its own fault');
  lifeOf('mqtt', (error) => void strayed.push(error)).run('start', () =>
    registry.onChanged(() => {
      throw fault;
    }),
  );
  lifeOf('rules').run('start', () => registry.onChanged(() => void (heard += 1)));
  registry.register({ id: 'doors-1', name: 'Door', run: async () => {} });
  assert.deepEqual([strayed, heard], [[fault], 1]);
});
