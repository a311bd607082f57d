import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../tests/kit/wait.ts';
import { capture, NOW, startRules, testReaction } from './fixture.ts';
import type { RulesView } from './shapes.ts';

const MINUTE = 60_000;
const FACES = { what: ['capture/face'] };

/** Actions that rules run. */

test('actions are offered as they come, run once, and stand in the operation log', async (t) => {
  const box = await startRules(t);
  let runs = 0;
  const end = box.actions.register({ id: 'relay-1', name: 'Gate', run: async () => void (runs += 1) });
  const { id } = await box.add({ when: { ...FACES, quietMinutes: 0 }, steps: ['action/relay-1'] });
  box.clock.offset = NOW - box.clock.steady();
  await box.put(capture());
  assert.equal(runs, 1);
  const [{ userName, item, detail, result }] = box.operations as [(typeof box.operations)[0]];
  assert.deepEqual([userName, item, detail, result], ['Rules', 'action', `relay-1; rule ${id}`, 0]);
  end();
  await box.quiet();
  await box.put(capture());
  assert.equal(runs, 1);
  assert.equal((await box.call<RulesView>('GET', '/rules')).rules[0]?.steps[0]?.offered, false);
});

test('actions are not run late, nor twice: failed, they are given up, and so is what waited half a minute', async (t) => {
  const box = await startRules(t);
  let runs = 0;
  let run = async () => {};
  const gate = {
    id: 'relay-1',
    name: 'Gate',
    run: () => {
      runs += 1;
      return run();
    },
  };
  let end = box.actions.register(gate);
  const { id } = await box.add({ when: { ...FACES, quietMinutes: 0 }, steps: ['action/relay-1'] });
  const step = () => box.report(id, 'action/relay-1');
  const put = (late = 0) => box.put(capture({ time: box.clock.now() - late }));

  run = () => Promise.reject(new Error('the relay does not answer'));
  await put();
  await box.clock.pass(MINUTE);
  assert.deepEqual([runs, step()?.dead, step()?.lastError], [1, 1, 'the relay does not answer']);
  assert.match(box.operations[0]?.detail ?? '', /does not answer/);
  // It hangs: the outbox would try once more, the action does not.
  run = () => new Promise(() => {});
  await put();
  await box.clock.pass(MINUTE);
  assert.deepEqual([runs, step()?.dead], [2, 2]);
  // What was seen half a minute ago, or by a clock that was set since.
  run = async () => {};
  await put(31_000);
  await put(-31_000);
  assert.deepEqual([runs, step()?.dead], [2, 4]);
  // The relay comes back after a minute: nothing happens then.
  end();
  await box.quiet();
  await put();
  await box.clock.pass(MINUTE);
  end = box.actions.register(gate);
  await box.clock.pass(10 * MINUTE);
  assert.equal(runs, 2);
  // After a restart neither.
  end();
  await box.quiet();
  await put();
  await box.clock.pass(31_000);
  end = box.actions.register(gate);
  await box.restart();
  await box.clock.pass(MINUTE);
  assert.equal(runs, 2);
  await put();
  assert.equal(runs, 3);
});

test('an action whose end is not known is not run again: its line was opened anew, or the box started again', async (t) => {
  const box = await startRules(t);
  let runs = 0;
  const run = () => {
    runs += 1;
    return new Promise<void>(() => {});
  };
  box.actions.register({ id: 'relay-1', name: 'Gate', run });
  const fields = { name: 'Rule', when: { ...FACES, quietMinutes: 0 }, steps: ['action/relay-1'] };
  const { id } = await box.add(fields);
  const seen = () => box.put(capture({ time: box.clock.now() }));
  await seen();
  assert.equal(runs, 1);
  await box.call('PUT', `/rules/${id}`, { ...fields, name: 'Another name' });
  await until('it is given up', () => box.report(id, 'action/relay-1')?.dead === 1);
  await seen();
  assert.equal(runs, 2);
  await box.restart();
  await until('it is given up', () => box.report(id, 'action/relay-1')?.dead === 2);
  assert.equal(runs, 2);
  // It is remembered for minutes, not for ever.
  const remembered = () => box.store.read.all('SELECT message FROM rules_begun').length;
  assert.equal(remembered(), 2);
  await box.clock.pass(10 * MINUTE);
  await seen();
  assert.equal(remembered(), 1);
  // All stand in the operation log, for the door may have opened.
  assert.equal(box.operations.filter(({ detail }) => detail.startsWith('relay-1; rule')).length, 2);
});

test('what cannot be noted is not run', async (t) => {
  const box = await startRules(t);
  let runs = 0;
  box.actions.register({ id: 'relay-1', name: 'Gate', run: async () => void (runs += 1) });
  const { id } = await box.add({ when: FACES, steps: ['action/relay-1'] });
  await box.store.write((tx) =>
    tx.run("CREATE TRIGGER full BEFORE INSERT ON rules_begun BEGIN SELECT RAISE(ABORT, 'full'); END"),
  );
  await box.put(capture({ time: box.clock.now() }));
  assert.deepEqual([runs, box.report(id, 'action/relay-1')?.waiting], [0, 1]);
  await box.store.write((tx) => tx.run('DROP TRIGGER full'));
  await box.clock.pass(3_000);
  await until('it is run', () => runs === 1);
});

test('actions are not run for the demo site, unless the rule says so', async (t) => {
  const box = await startRules(t);
  let runs = 0;
  box.actions.register({ id: 'relay-1', name: 'Gate', run: async () => void (runs += 1) });
  const ann = testReaction('mail/1');
  box.offer(ann);
  const fields = { name: 'Rule', when: { ...FACES, quietMinutes: 0 }, steps: ['mail/1', 'action/relay-1'] };
  const { id } = await box.add(fields);
  const scene = () => box.put(capture({ origin: 'demo', time: box.clock.now() }));
  await scene();
  assert.deepEqual([ann.got.length, ann.got[0]?.message.origin, runs], [1, 'demo', 0]);
  await box.call('PUT', `/rules/${id}`, { ...fields, when: { ...fields.when, demo: 'acted' } });
  await scene();
  assert.deepEqual([ann.got.length, runs], [2, 1]);
  await box.call('PUT', `/rules/${id}`, { ...fields, when: { ...fields.when, demo: 'none' } });
  await scene();
  assert.deepEqual([ann.got.length, runs], [2, 1]);
});
