import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../tests/kit/wait.ts';
import { CODE, ContractError } from '../gateway/errors.ts';
import { hostWith } from './fixture.ts';

/** Plugins switched on and off, and what may stay of one that is off: nothing. */

const maker = {
  manifest: { messages: [[9000, 9000]], provides: ['thing@1'] },
  code: `export default {
    ui: { pages: [{ id: 'maker', slot: 'records', title: 'x', module: 'x.ts', access: 'session' }] },
    setup: (ctx) => {
      globalThis.lateRegistrations = [
        () => ctx.metrics.gauge('late', 'x', () => 1),
        () => ctx.metrics.counter('late_total', 'x'),
        () => ctx.retain({ name: 'late', removeOlderThan: () => 0, removeOldest: () => 0 }),
      ];
      ctx.metrics.gauge('things', 'Things', () => 1);
      ctx.metrics.counter('made_total', 'Things made').inc();
      ctx.retain({ name: 'things', removeOlderThan: () => 0, removeOldest: () => 0 });
      return {
        services: [{ capability: { id: 'thing@1' }, implementation: {} }],
        messages: [{ id: 9000, name: 'x', access: 'session', request: {}, handle: () => 1 }],
        routes: [{ method: 'GET', path: '/', summary: 'x', access: 'session', handle: () => 1 }],
        socketMessages: [],
        topics: [{ id: 'maker.x', access: 'session', params: {}, open: () => () => {} }],
        stages: [{ id: 'maker-x', module: 'file:///x.ts', in: [], out: [], tasks: [] }],
        on: [{ event: { id: 'test.asked@1' }, handle: () => {} }],
      };
    },
  };`,
};
const needy = (service: string, ...provides: string[]) => ({
  manifest: { requires: [service], provides },
  code: `export default { setup: () => ({ services: ${JSON.stringify(
    provides.map((id) => ({ capability: { id }, implementation: {} })),
  )} }) };`,
});
const plugins = {
  maker,
  needy: needy('thing@1', 'other@1'),
  'needs-needy': needy('other@1'),
  alone: { code: 'export default { setup: () => ({}) };' },
  'must-run': { manifest: { essential: true }, code: 'export default { setup: () => ({}) };' },
};

/** What of plugin "maker" is known to the rest of the box. */
async function traces({ host, bus, metrics, retention }: Awaited<ReturnType<typeof hostWith>>): Promise<string[]> {
  const { registry } = host;
  const maps: Record<string, { size: number }> = { ...registry };
  return [
    ...Object.entries(maps)
      .filter(([name, map]) => (name === 'routes' || name === 'folders' ? registry[name].has('maker') : map.size > 0))
      .map(([name]) => name),
    ...(bus.count('maker') > 0 ? ['bus'] : []),
    ...((await metrics.metrics()).includes('gatehouse_maker_') ? ['metrics'] : []),
    ...(retention.rules().length > 0 ? ['retention'] : []),
  ].sort();
}

test('a plugin that is switched off leaves nothing behind and stays off; switched on, all is there again', async (t) => {
  const first = await hostWith(t, plugins);
  await first.host.start();
  const whole = await traces(first);
  assert.deepEqual(whole, ['bus', 'folders', 'messages', 'metrics', 'retention', 'routes', 'stages', 'topics', 'ui']);
  await first.host.setEnabled('maker', false, true);
  assert.deepEqual(await traces(first), []);
  const late = (globalThis as unknown as { lateRegistrations: (() => void)[] }).lateRegistrations;
  assert.equal(late.length, 3);
  for (const register of late) assert.throws(register, /has been stopped meanwhile/);
  assert.deepEqual(await traces(first), []);
  const states = async (of: typeof first) =>
    Object.fromEntries((await of.host.reports()).map(({ id, state }) => [id, state]));
  const off = {
    maker: 'DISABLED',
    needy: 'DISABLED',
    'needs-needy': 'DISABLED',
    alone: 'RUNNING',
    'must-run': 'RUNNING',
  };
  assert.deepEqual(await states(first), off);
  await first.end();

  const second = await hostWith(t, plugins, { data: first.data });
  await second.host.start();
  assert.deepEqual(await states(second), off);
  assert.deepEqual(await traces(second), []);
  await second.host.setEnabled('needs-needy', true);
  assert.equal((await second.state('needs-needy'))?.state, 'PENDING');
  assert.match(
    (await second.state('needs-needy'))?.reason ?? '',
    /waits for other@1 of "needy", which is switched off/,
  );
  await second.host.setEnabled('maker', true);
  assert.deepEqual(await traces(second), whole);
  await second.host.setEnabled('needy', true);
  assert.deepEqual(new Set(Object.values(await states(second))), new Set(['RUNNING']));
});

test('who is needed, essential or unknown is not switched off, and the answer says why', async (t) => {
  const all = await hostWith(t, plugins);
  await all.host.start();
  const refusal = async (id: string) => {
    try {
      await all.host.setEnabled(id, false);
    } catch (error) {
      assert.ok(error instanceof ContractError, String(error));
      return error;
    }
    throw new Error('was not refused');
  };
  assert.deepEqual((await refusal('maker')).data, { neededBy: ['needy', 'needs-needy'] });
  assert.match((await refusal('maker')).message, /"maker" is needed by needy, needs-needy/);
  assert.match((await refusal('must-run')).message, /"must-run" cannot be switched off: the box needs it/);
  assert.equal((await refusal('nobody')).code, CODE.noSuchData);
  assert.equal((await all.state('maker'))?.state, 'RUNNING');
  assert.deepEqual((await all.state('maker'))?.neededBy, ['needy', 'needs-needy']);
  await all.host.setEnabled('needs-needy', false);
  assert.deepEqual((await all.state('maker'))?.neededBy, ['needy']);
  await all.host.setEnabled('alone', false);
  await all.host.setEnabled('alone', false);
  assert.equal((await all.state('alone'))?.enabled, false);
});

test('switching at once from two sides ends as the last one wished, set up once', async (t) => {
  const all = await hostWith(t, plugins);
  await all.host.start();
  await Promise.all([true, false, true, false, true].map((on) => all.host.setEnabled('maker', on, true)));
  assert.equal((await all.state('maker'))?.state, 'RUNNING');
  assert.equal(all.bus.count('maker'), 1);
});

/** Keeps a file for download. */
const offering = {
  code: `export default { setup: ({ id, store }) => ({ services: [], start: async () => {
    const path = 'tmp/' + id + '.zip';
    if (store.blobs.find(path)) return;
    const staged = await store.blobs.stage({ path, bytes: Buffer.from(id), owner: id });
    await store.write((tx) => tx.addBlob(staged), { staged: [staged] });
  } }) };`,
};

test('files for download go with the plugin that would let them go, and stay over a start', async (t) => {
  const both = { first: offering, second: offering };
  const { host, store, data, end } = await hostWith(t, both);
  const paths = (of: typeof store) => of.blobs.downloads().map(({ path }) => path);
  await host.start();
  assert.deepEqual(paths(store), ['tmp/first.zip', 'tmp/second.zip']);
  await host.setEnabled('first', false);
  assert.deepEqual(paths(store), ['tmp/second.zip']);
  assert.equal(store.blobs.find('tmp/first.zip'), undefined);
  await end();

  const again = await hostWith(t, both, { data });
  await again.host.start();
  assert.deepEqual(paths(again.store), ['tmp/second.zip'], 'a start takes none from who runs');
  await again.end();

  const without = await hostWith(t, { first: offering }, { data });
  await without.host.start();
  assert.deepEqual(paths(without.store), [], 'nor does one stay whose plugin is no longer there');
});

test('the downloads of a plugin that fails are not kept until it is back', async (t) => {
  const { host, data, end } = await hostWith(t, { first: offering });
  await host.start();
  await end();
  const failing = { code: `export default { setup: () => { throw new Error('broken'); } };` };
  const again = await hostWith(t, { first: failing }, { data, patience: { pauses: [60_000], steady: 60_000 } });
  assert.equal(again.store.blobs.downloads().length, 1);
  await again.host.start();
  assert.equal((await again.state('first'))?.state, 'RETRYING');
  assert.deepEqual(again.store.blobs.downloads(), []);
});

test('downloads that could not be removed at once are removed later', async (t) => {
  const { host, store } = await hostWith(t, { first: offering }, { patience: { pauses: [20], steady: 60_000 } });
  await host.start();
  const { write } = store;
  let writes = 0;
  const busyOnce: typeof write = (...job) => {
    writes += 1;
    return writes === 1 ? Promise.reject(new Error('too much waits to be written')) : write(...job);
  };
  Object.assign(store, { write: busyOnce });
  await host.setEnabled('first', false);
  await until('the file to be gone', () => store.blobs.downloads().length === 0);
  assert.equal(writes, 2);
});
