import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../tests/kit/wait.ts';
import { CODE, ContractError } from '../gateway/errors.ts';
import { StoreBusyError } from '../store/errors.ts';
import type { Call } from './contract.ts';
import { hostWith } from './fixture.ts';
import { event } from './keys.ts';
import { takeStray } from './strays.ts';

/** What happens when a plugin fails while it runs. Strays of real timers and promises: strays.test.ts. */

const anything = `{ safeParse: (v) => ({ success: true, data: v }) }`;

/** A message that answers with an error made in the plugin's own code: its stack names the plugin. */
const errorMaker = (id: number) => ({
  manifest: { messages: [[id, id]] },
  code: `let lives = 0;
    export default { setup: () => { lives += 1; const life = lives; return {
      messages: [{ id: ${id}, name: 'x', access: 'session', request: ${anything}, handle: () => ({ error: new Error('late'), life }) }],
    }; } };`,
});

type Hosted = Awaited<ReturnType<typeof hostWith>>;

/** Lets a plugin made by `errorMaker` fail as if one of its timers had thrown. */
async function fault({ host }: Hosted, id: number): Promise<boolean> {
  const made = (await host.registry.messages.get(id)?.definition.handle({}, {} as Call)) as { error: Error };
  return takeStray(made.error);
}

test('a plugin that fails again and again is tried a few times, then given up; an essential one is not', async (t) => {
  const essential = errorMaker(9001);
  const all = await hostWith(
    t,
    {
      faulty: errorMaker(9000),
      needed: { ...essential, manifest: { ...essential.manifest, essential: true } },
      steady: { code: 'export default { setup: () => ({}) };' },
    },
    { patience: { pauses: [1, 1], steady: 60_000 } },
  );
  await all.host.start();
  const running = async (id: string, restarts: number) => {
    const report = await all.state(id);
    return report?.state === 'RUNNING' && report.restarts === restarts;
  };
  for (const [id, message, times] of [
    ['faulty', 9000, 2],
    ['needed', 9001, 4],
  ] as const) {
    for (let i = 1; i <= times; i += 1) {
      assert.equal(await fault(all, message), true);
      await until(`${id} to be back`, () => running(id, i));
    }
  }
  assert.equal(await fault(all, 9000), true);
  await until('faulty to be given up', async () => (await all.state('faulty'))?.state === 'FAILED');
  assert.match((await all.state('faulty'))?.reason ?? '', /^late \(given up after 3 tries\)$/);
  assert.equal((await all.state('faulty'))?.errors, 3);
  assert.equal((await all.state('steady'))?.restarts, 0);
  const shown = await all.metrics.metrics();
  assert.match(shown, /gatehouse_core_plugin_restarts\{plugin="faulty"\} 2/);
  assert.match(shown, /gatehouse_core_plugin_errors\{plugin="faulty",kind="stray"\} 3/);
  assert.match(shown, /gatehouse_core_plugin_running\{plugin="faulty"\} 0/);
  assert.match(shown, /gatehouse_core_plugin_running\{plugin="steady"\} 1/);
});

test('a plugin that has run steadily gets its tries back', async (t) => {
  const all = await hostWith(t, { faulty: errorMaker(9000) }, { patience: { pauses: [1], steady: 1 } });
  await all.host.start();
  for (let i = 1; i <= 4; i += 1) {
    assert.equal(await fault(all, 9000), true);
    await until('it to be back', async () => (await all.state('faulty'))?.restarts === i);
    await until('it to run', async () => (await all.state('faulty'))?.state === 'RUNNING');
    // Its steady time is a millisecond.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

test('many errors at once are one fault, told once; a full store and errors of others are none', async (t) => {
  const all = await hostWith(t, { faulty: errorMaker(9000) }, { patience: { pauses: [300], steady: 60_000 } });
  await all.host.start();
  for (let i = 0; i < 50; i += 1) await fault(all, 9000).catch(() => {});
  await until('it to be down', async () => (await all.state('faulty'))?.state === 'RETRYING');
  await until('it to be back', async () => (await all.state('faulty'))?.state === 'RUNNING');
  assert.equal((await all.state('faulty'))?.restarts, 1);
  const errors = all.recentLog.newest(100).filter(({ level }) => level === 'error').length;
  assert.ok(errors <= 2, `${errors} lines`);
  assert.equal(takeStray(new StoreBusyError('too much')), false, 'a busy store is nobody’s fault');
  assert.equal(takeStray(new Error('of a test')), false);
});

test('who needs the service waits and comes back with it; who only may use it is left alone', async (t) => {
  const lives = (id: string, more: string) => `
    globalThis.lives ??= {};
    export default { ${more.startsWith('use') ? more : ''} setup: ({ use }) => {
      globalThis.lives['${id}'] = (globalThis.lives['${id}'] ?? 0) + 1;
      ${more.startsWith('use') ? '' : more}
      return HOLDS;
    } };`;
  const maker = errorMaker(9000);
  const all = await hostWith(
    t,
    {
      'a-maker': {
        manifest: { ...maker.manifest, provides: ['thing@1'] },
        code: maker.code.replace(
          'messages:',
          `services: [{ capability: { id: 'thing@1' }, implementation: { life } }], messages:`,
        ),
      },
      'b-needs': {
        manifest: { requires: ['thing@1'] },
        code: lives('b', `use: { thing: { id: 'thing@1' } },`).replace('HOLDS', '{}'),
      },
      'c-looks': {
        manifest: { optional: ['thing@1'] },
        code: lives('c', `use: { thing: { optional: { id: 'thing@1' } } },`).replace(
          'HOLDS',
          `(() => { const held = use.thing; return { health: () => ({ state: 'ok', detail: String(held?.life) }) }; })()`,
        ),
      },
      'd-asks-later': {
        manifest: { optional: ['thing@1'] },
        code: lives('d', `use: { thing: { optional: { id: 'thing@1' } } },`).replace(
          'HOLDS',
          `{ health: () => ({ state: 'ok', detail: String(use.thing?.life) }) }`,
        ),
      },
    },
    { patience: { pauses: [300], steady: 60_000 } },
  );
  const count = (globalThis as unknown as { lives: Record<string, number> }).lives;
  assert.equal(count, undefined);
  await all.host.start();
  const { lives: seen } = globalThis as unknown as { lives: Record<string, number> };
  const detail = async (id: string) => (await all.state(id))?.health?.detail;
  assert.deepEqual(seen, { b: 1, c: 1, d: 1 });
  assert.equal(await detail('c-looks'), '1');
  assert.equal(await fault(all, 9000), true);
  await until('the maker to be down', async () => (await all.state('a-maker'))?.state === 'RETRYING');
  await until('who looks at it to run without', async () => (await detail('c-looks')) === 'undefined');
  assert.equal((await all.state('b-needs'))?.state, 'PENDING');
  assert.match((await all.state('b-needs'))?.reason ?? '', /waits for thing@1/);
  assert.equal(await detail('d-asks-later'), 'undefined');
  await until('all to be back', async () => (await detail('c-looks')) === '2');
  await until('who needs it to be back', async () => (await all.state('b-needs'))?.state === 'RUNNING');
  assert.equal(await detail('d-asks-later'), '2');
  assert.deepEqual(seen, { b: 2, c: 3, d: 1 });
});

test('errors of requests, listeners and health checks are counted, refusals are not', async (t) => {
  const asked = event<number>('test.asked@1');
  const all = await hostWith(t, {
    clumsy: {
      manifest: { messages: [[9000, 9001]] },
      code: `import { ContractError } from '${import.meta.resolve('../gateway/errors.ts')}';
        const message = (id, handle) => ({ id, name: 'x', access: 'session', request: ${anything}, handle });
        export default { setup: () => ({
          messages: [message(9000, async () => { throw new Error('bug'); }), message(9001, () => { throw new ContractError(-105); })],
          on: [{ event: { id: 'test.asked@1' }, handle: () => { throw new Error('bug'); } }],
          health: () => { throw new Error('bug'); },
        }) };`,
    },
  });
  await all.host.start();
  const call = async (id: number) => all.host.registry.messages.get(id)?.definition.handle({}, {} as Call);
  await assert.rejects(call(9000), /bug/);
  await assert.rejects(call(9001), (error) => error instanceof ContractError && error.code === CODE.noSuchData);
  all.bus.emit(asked, 1);
  assert.equal((await all.state('clumsy'))?.state, 'DEGRADED');
  const shown = await all.metrics.metrics();
  for (const [kind, times] of Object.entries({ request: 1, event: 1, health: 1, stray: 0 })) {
    assert.match(shown, new RegExp(`plugin_errors\\{plugin="clumsy",kind="${kind}"\\} ${times}\\n`));
  }
});

test('a call that holds the event loop is named with its plugin', async (t) => {
  const all = await hostWith(t, {
    slow: {
      manifest: { messages: [[9000, 9000]] },
      code: `export default { setup: () => ({
        messages: [{ id: 9000, name: 'x', access: 'session', request: ${anything}, handle: () => {
          const end = performance.now() + 300;
          while (performance.now() < end);
        } }],
      }) };`,
    },
  });
  await all.host.start();
  const before = (await all.state('slow'))?.holds ?? 0;
  all.host.registry.messages.get(9000)?.definition.handle({}, {} as Call);
  assert.equal((await all.state('slow'))?.holds, before + 1);
  const [line] = all.recentLog.newest(10).filter(({ message }) => message.includes('held the event loop'));
  assert.match(line?.message ?? '', /^plugin slow held the event loop for \d\.\d s: message 9000$/);
  assert.equal(line?.module, 'slow');
});

test('a plugin that does not take its settings is set up anew with them', async (t) => {
  const all = await hostWith(t, {
    stubborn: {
      code: `import { z } from '${import.meta.resolve('zod')}';
        export default { config: z.object({ n: z.number().default(1) }), setup: (ctx) => {
          const n = ctx.config.n;
          return { reconfigure: () => { throw new Error('no'); }, health: () => ({ state: 'ok', detail: String(n) }) };
        } };`,
    },
  });
  await all.host.start();
  await all.host.setPluginConfig('stubborn', { n: 2 });
  const report = await all.state('stubborn');
  assert.equal(report?.state, 'RUNNING');
  assert.equal(report?.health?.detail, '2');
});
