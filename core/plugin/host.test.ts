import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../tests/kit/wait.ts';
import { CODE, type ContractError } from '../gateway/errors.ts';
import { MASK } from './config.ts';
import type { Call } from './contract.ts';
import { within } from './deadline.ts';
import { hostWith } from './fixture.ts';

const answer = (text: string) =>
  `messages: [{ id: 9001, name: 'x', access: 'session', request: { safeParse: (v) => ({ success: true, data: v }) }, handle: () => '${text}' }]`;

test('one plugin that throws is tried again, waits for nobody and nobody waits for it in vain', async (t) => {
  const {
    host: made,
    state,
    store,
  } = await hostWith(
    t,
    {
      shaky: {
        manifest: { provides: ['shaky@1'] },
        code: `let tries = 0;
        export default { setup: () => {
          tries += 1;
          if (tries === 1) throw new Error('not yet');
          return { services: [{ capability: { id: 'shaky@1' }, implementation: { tries } }] };
        } };`,
      },
      needy: {
        manifest: { requires: ['shaky@1'] },
        code: `export default { use: { it: { id: 'shaky@1' } }, setup: ({ use }) => { if (use.it.tries !== 2) throw new Error('no'); return {}; } };`,
      },
      steady: { code: 'export default { setup: () => ({}) };' },
    },
    // Long enough to look at it before it is tried again, on a busy machine, too.
    { patience: { pauses: [1_500], steady: 60_000 } },
  );
  assert.ok(store);
  await made.start();
  assert.equal((await state('shaky'))?.state, 'RETRYING');
  assert.equal((await state('shaky'))?.reason, 'not yet');
  assert.equal((await state('needy'))?.state, 'PENDING');
  assert.match((await state('needy'))?.reason ?? '', /waits for shaky@1/);
  assert.equal((await state('steady'))?.state, 'RUNNING');
  await until('both to run', async () => (await state('needy'))?.state === 'RUNNING');
  assert.equal((await state('shaky'))?.restarts, 1);
});

test('what a plugin may not do is refused with the reason, and nothing of it stays', async (t) => {
  const { host: made, state } = await hostWith(t, {
    'a-first': {
      manifest: { messages: [[9001, 9001]] },
      code: `export default { setup: () => ({ ${answer('a')} }) };`,
    },
    'b-outside': {
      manifest: { messages: [[9005, 9005]] },
      code: `export default { setup: () => ({ ${answer('b')} }) };`,
    },
    'c-unlisted': { code: `export default { use: { z: { id: 'zod@1' } }, setup: () => ({}) };` },
    'd-silent': { manifest: { provides: ['d@1'] }, code: 'export default { setup: () => ({}) };' },
    'e-broken': { code: 'export default 7;' },
    'f-topic': { code: `export default { setup: () => ({ topics: [{ id: 'other.x' }] }) };` },
  });
  await made.start();
  const reason = async (id: string) => (await state(id))?.reason ?? '';
  assert.equal((await state('a-first'))?.state, 'RUNNING');
  assert.match(await reason('b-outside'), /message 9001 lies outside/);
  assert.match(await reason('c-unlisted'), /does not list under "requires"/);
  assert.match(await reason('d-silent'), /lists d@1 under "provides"/);
  assert.match(await reason('e-broken'), /no default export/);
  assert.match(await reason('f-topic'), /must begin with "f-topic\."/);
  const found = made.registry.messages.get(9001);
  assert.equal(found?.owner, 'a-first');
  assert.equal(await found?.definition.handle({}, {} as Call), 'a');
});

test('settings are checked, kept sealed, masked, and applied without the others noticing', async (t) => {
  const {
    host: made,
    state,
    store,
  } = await hostWith(t, {
    tunable: {
      manifest: { requires: ['zod@1'] },
      code: `import { z } from '${import.meta.resolve('zod')}';
        let starts = 0;
        export default {
          config: z.object({ limit: z.number().max(10).default(3), token: z.string().default('').meta({ secret: true }) }),
          use: { zod: { id: 'zod@1' } },
          setup: (ctx) => { starts += 1; return { health: () => ({ state: 'ok', detail: starts + ':' + ctx.config.limit + ':' + ctx.config.token }) }; },
        };`,
    },
    other: { code: 'export default { setup: () => ({}) };' },
  });
  await made.start();
  assert.deepEqual(made.pluginConfig('tunable')?.values, { limit: 3, token: '' });
  await assert.rejects(
    made.setPluginConfig('tunable', { limit: 11 }),
    (error: ContractError) => error.code === CODE.wrongParameter && /limit/.test(error.message),
  );
  await made.setPluginConfig('tunable', { limit: 5, token: 'Tiger' });
  assert.equal((await state('tunable'))?.health?.detail, '2:5:Tiger');
  assert.deepEqual(made.pluginConfig('tunable')?.values, { limit: 5, token: MASK });
  await made.setPluginConfig('tunable', { limit: 6, token: MASK });
  assert.equal((await state('tunable'))?.health?.detail, '3:6:Tiger', 'a masked secret stays as it is');
  await made.changePluginConfig('tunable', { limit: 7 });
  assert.equal((await state('tunable'))?.health?.detail, '4:7:Tiger', 'what is not given stays');
  await Promise.all([
    made.changePluginConfig('tunable', { limit: null }),
    made.changePluginConfig('tunable', { token: 'Tiger2' }),
  ]);
  assert.equal(
    (await state('tunable'))?.health?.detail,
    '6:3:Tiger2',
    'two changes at once undo nothing of each other',
  );
  await assert.rejects(made.changePluginConfig('other', {}), (error: ContractError) => error.code === CODE.noSuchData);
  const rows = store.read.all<{ value: string }>(`SELECT value FROM settings WHERE key = 'plugin.tunable'`);
  assert.ok(rows.length === 1 && !rows[0]?.value.includes('Tiger'));
  assert.equal((await state('other'))?.restarts, 0);
  await assert.rejects(made.setPluginConfig('other', {}), (error: ContractError) => error.code === CODE.noSuchData);
});

test('two changes of settings at once are made one after the other; who uses the plugin starts anew with it', async (t) => {
  const { host: made, state } = await hostWith(t, {
    maker: {
      manifest: { requires: ['zod@1'], provides: ['list@1'] },
      code: `import { z } from '${import.meta.resolve('zod')}';
        export default {
          config: z.object({ limit: z.number().default(3) }),
          setup: (ctx) => { const list = []; return {
            services: [{ capability: { id: 'list@1' }, implementation: list }],
            health: () => ({ state: 'ok', detail: ctx.config.limit + ':' + list.join() }),
          }; },
        };`,
    },
    user: {
      manifest: { optional: ['list@1'] },
      code: `export default { use: { list: { optional: { id: 'list@1' } } }, setup: ({ use }) => { use.list.push('user'); return {}; } };`,
    },
  });
  await made.start();
  await Promise.all([made.setPluginConfig('maker', { limit: 4 }), made.setPluginConfig('maker', { limit: 5 })]);
  assert.equal((await state('maker'))?.state, 'RUNNING');
  assert.equal((await state('maker'))?.health?.detail, '5:user');
  assert.equal((await state('user'))?.state, 'RUNNING');
});

test('stored settings that do not fit or cannot be read are as usual, and nothing goes for its age meanwhile', async (t) => {
  const keeper = {
    manifest: { requires: ['zod@1'] },
    code: `import { z } from '${import.meta.resolve('zod')}';
      export default {
        config: z.object({ days: z.number().default(30), limit: z.number().max(10).default(3), note: z.string().default('') }),
        setup: (ctx) => {
          ctx.retain({ name: ctx.id, keepDays: () => ctx.config.days, removeOlderThan: () => 0, removeOldest: () => 0 });
          return {};
        },
      };`,
  };
  const { host: made, state, store, retention } = await hostWith(t, { unfit: keeper, unread: keeper, fine: keeper });
  await store.settings.set('plugin.unfit', { days: 365, limit: 99, note: 'kept' });
  await store.settings.set('plugin.unread', 'what no key opens');
  await store.settings.set('plugin.fine', { days: 365 });
  await made.start();
  const days = () => Object.fromEntries(retention.rules().map((rule) => [rule.name, rule.days]));
  assert.deepEqual(days(), { fine: 365, unfit: 0, unread: 0 });
  assert.deepEqual(made.pluginConfig('unfit')?.values, { days: 365, limit: 3, note: 'kept' });
  assert.deepEqual(made.pluginConfig('unread')?.values, { days: 30, limit: 3, note: '' });
  for (const [id, reason] of [
    ['unfit', /as usual: limit/],
    ['unread', /cannot be read/],
  ] as const) {
    assert.equal((await state(id))?.state, 'DEGRADED');
    assert.match((await state(id))?.health?.detail ?? '', reason);
  }
  await made.changePluginConfig('unfit', { note: 'new' });
  await made.setPluginConfig('unread', { days: 90 });
  assert.deepEqual(days(), { fine: 365, unfit: 365, unread: 90 });
  assert.deepEqual(made.pluginConfig('unfit')?.values, { days: 365, limit: 3, note: 'new' });
  assert.equal((await state('unfit'))?.state, 'RUNNING');
});

test('settings that are missing are named and can be given', async (t) => {
  const { host: made, state } = await hostWith(t, {
    strict: {
      manifest: { requires: ['zod@1'] },
      code: `import { z } from '${import.meta.resolve('zod')}';
        export default { config: z.object({ server: z.string() }), setup: () => ({}) };`,
    },
    leaky: {
      manifest: { requires: ['zod@1'] },
      code: `import { z } from '${import.meta.resolve('zod')}';
        export default { config: z.object({ mail: z.object({ pw: z.string().default('').meta({ secret: true }) }).default({ pw: '' }) }), setup: () => ({}) };`,
    },
  });
  await made.start();
  assert.match((await state('strict'))?.reason ?? '', /needs settings: server/);
  assert.deepEqual(made.pluginConfig('strict')?.values, {});
  await made.setPluginConfig('strict', { server: 'mail.local' });
  assert.equal((await state('strict'))?.state, 'RUNNING');
  assert.match((await state('leaky'))?.reason ?? '', /secret in setting "mail"/);
});

test('a step that never ends is named', async () => {
  await assert.rejects(
    within(30, 'start of "sleepy"', () => new Promise(() => {})),
    /start of "sleepy" did not end within 0\.03 s/,
  );
  assert.equal(await within(1000, 'x', () => 7), 7);
});
