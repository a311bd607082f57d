import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RefusedError } from '../../core/plugin/push-services.ts';
import { tableDrift } from '../../core/store/table-drift.ts';
import { until } from '../../tests/kit/wait.ts';
import { alarm, capture, NOW, person, startRules, testReaction } from './fixture.ts';
import type { RulesView } from './shapes.ts';
import * as tables from './tables.ts';

const MINUTE = 60_000;
const FACES = { what: ['capture/face'] };
const ids = (got: { message: { id: string } }[]) => got.map(({ message }) => message.id);

test('the tables are those of the migration', async (t) => {
  const box = await startRules(t);
  assert.deepEqual(tableDrift(box.store, tables), []);
});

test('a rule fires once for each of its steps, with its name, and keeps quiet after that', async (t) => {
  const box = await startRules(t);
  const [ann, desk] = [testReaction('mail/1'), testReaction('mail/2')];
  box.offer(ann, desk);
  const rule = await box.add({
    name: ' Key persons ',
    when: { ...FACES, groups: ['key'] },
    steps: ['mail/1', 'mail/2'],
  });
  assert.equal(rule.name, 'Key persons');
  const first = capture({ match: person });
  await box.put(first, capture());
  await box.put(
    capture({ match: person, time: NOW + MINUTE }),
    capture({ match: person, time: NOW + MINUTE, channel: 4 }),
  );
  await box.put(capture({ match: person, time: NOW + 6 * MINUTE }));
  assert.deepEqual([ann.got.length, desk.got.length], [3, 3]);
  assert.deepEqual(ann.got[0], { message: first, rule: { id: rule.id, name: 'Key persons' } });
  assert.deepEqual(ids(ann.got), ids(desk.got));
  const [view] = (await box.call<RulesView>('GET', '/rules')).rules;
  assert.deepEqual(
    [view?.lastFired, view?.steps.map(({ name, offered, delivered }) => [name, offered, delivered])],
    [
      NOW + 6 * MINUTE,
      [
        ['To mail/1', true, 3],
        ['To mail/2', true, 3],
      ],
    ],
  );
});

test('deliveries name no address and no account', async (t) => {
  const box = await startRules(t);
  const [ann, desk] = [testReaction('mail/1', { name: 'ann@site.example' }), testReaction('mail/2', { kind: 'push' })];
  box.offer(ann, desk);
  await box.add({ name: 'Night', when: FACES, steps: ['mail/1', 'mail/2'] });
  await box.put(capture());
  assert.deepEqual(
    box.outbox.reports().map(({ name }) => name),
    ['Night → mail/1', 'Night → To mail/2'],
  );
});

test('it keeps quiet over a restart as well', async (t) => {
  const box = await startRules(t);
  const ann = testReaction('mail/1');
  box.offer(ann);
  await box.add({ when: FACES, steps: ['mail/1'] });
  await box.put(capture());
  await box.restart();
  await box.put(capture({ time: NOW + 4 * MINUTE }));
  assert.equal(ann.got.length, 1);
  await box.put(capture({ time: NOW + 5 * MINUTE }));
  assert.equal(ann.got.length, 2);
});

test('what could not be stored, so that nobody was told, does not keep it quiet', async (t) => {
  const box = await startRules(t);
  const ann = testReaction('mail/1');
  box.offer(ann);
  const { id } = await box.add({ when: { ...FACES, quietMinutes: 1440 }, steps: ['mail/1'] });
  const failed = box.store.write((tx) => {
    box.outbox.add(tx, capture());
    throw new Error('the disk is full');
  });
  await assert.rejects(failed);
  assert.equal((await box.call<RulesView>('GET', '/rules')).rules[0]?.lastFired, null);
  await box.clock.pass(11_000);
  const next = capture({ time: NOW + MINUTE });
  await box.put(next, capture({ time: NOW + 2 * MINUTE }));
  assert.deepEqual(ids(ann.got), [next.id]);
  assert.equal(box.report(id, 'mail/1')?.delivered, 1);
});

test('when it fired is noted later where the disk does not take it', async (t) => {
  const box = await startRules(t);
  const ann = testReaction('mail/1');
  box.offer(ann);
  await box.add({ when: FACES, steps: ['mail/1'] });
  await box.store.write((tx) =>
    tx.run("CREATE TRIGGER full BEFORE INSERT ON rules_firings BEGIN SELECT RAISE(ABORT, 'full'); END"),
  );
  await box.put(capture());
  await until('it could not be noted', () => box.warnings.length === 1);
  await box.store.write((tx) => tx.run('DROP TRIGGER full'));
  await box.restart();
  await box.put(capture({ time: NOW + MINUTE }));
  assert.equal(ann.got.length, 1);
});

test('hours over midnight are those of the zone of the box', async (t) => {
  const box = await startRules(t);
  const ann = testReaction('mail/1');
  box.offer(ann);
  await box.add({ when: { ...FACES, days: [6], from: '18:00', to: '06:00', quietMinutes: 0 }, steps: ['mail/1'] });
  const hours = [-3, 0, 5, 9.9, 10];
  // 17:00, 20:00, 01:00, 05:54 and 06:00.
  const messages = hours.map((hour) => capture({ time: NOW + hour * 60 * MINUTE }));
  await box.put(...messages);
  assert.deepEqual(
    ids(ann.got),
    messages.slice(1, 4).map(({ id }) => id),
  );
});

test('a receiver that is away misses nothing and holds up no other step', async (t) => {
  const box = await startRules(t);
  const [ann, desk] = [testReaction('mail/1'), testReaction('mail/2')];
  box.offer(ann, desk);
  const { id } = await box.add({ when: { ...FACES, quietMinutes: 0 }, steps: ['mail/1', 'mail/2'] });
  ann.manner = () => {
    throw new Error('nobody there');
  };
  const messages = [capture(), capture(), capture()];
  await box.put(...messages);
  assert.equal(desk.got.length, 3);
  assert.equal(box.report(id, 'mail/1')?.waiting, 3);
  const [view] = (await box.call<RulesView>('GET', '/rules')).rules;
  assert.deepEqual([view?.steps[0]?.waiting, view?.steps[0]?.lastError], [3, 'nobody there']);
  // Back, and its plugin says so: what waits goes at once, and to nobody twice.
  ann.manner = () => {};
  box.offer(ann, desk);
  await box.quiet();
  assert.deepEqual(
    ids(ann.got),
    messages.map((one) => one.id),
  );
  assert.equal(desk.got.length, 3);
});

test('what waits outlasts a restart', async (t) => {
  const box = await startRules(t);
  const ann = testReaction('mail/1');
  box.offer(ann);
  await box.add({ when: FACES, steps: ['mail/1'] });
  ann.manner = () => {
    throw new Error('nobody there');
  };
  const message = capture();
  await box.put(message);
  // Its plugin comes later than the rules.
  box.offer();
  await box.restart();
  await box.clock.pass(10_000);
  assert.equal(ann.got.length, 0);
  ann.manner = () => {};
  box.offer(ann);
  await box.quiet();
  assert.deepEqual(ids(ann.got), [message.id]);
});

test('a plugin that is set up anew misses nothing; one that stays away is not waited for, and the rule says so', async (t) => {
  const box = await startRules(t);
  const [ann, desk] = [testReaction('mail/1'), testReaction('mail/2')];
  box.offer(ann, desk);
  const { id } = await box.add({ when: { ...FACES, quietMinutes: 0 }, steps: ['mail/1', 'mail/2'] });
  box.offer(desk);
  await box.quiet();
  const message = capture();
  await box.put(message);
  assert.equal(desk.got.length, 1);
  box.offer(ann, desk);
  await box.quiet();
  assert.deepEqual(ids(ann.got), [message.id]);

  box.offer(desk);
  await box.quiet();
  await box.clock.pass(11 * MINUTE);
  await box.put(capture());
  assert.equal(desk.got.length, 2);
  assert.equal(box.report(id, 'mail/1')?.waiting, 0);
  const [view] = (await box.call<RulesView>('GET', '/rules')).rules;
  assert.deepEqual([view?.steps[0]?.offered, view?.steps[0]?.name], [false, 'To mail/1']);
  // It stays in the rule that has it, and comes into no other.
  const fields = { name: 'Rule', when: FACES, steps: ['mail/1', 'mail/2'] };
  await box.call('PUT', `/rules/${id}`, fields);
  await assert.rejects(box.add(fields), /there is no "mail\/1" to be done/);
});

test('a step has words for some things only', async (t) => {
  const box = await startRules(t);
  const [push, mail] = [testReaction('mail/1', { topics: ['capture'] }), testReaction('mail/2')];
  box.offer(push, mail);
  await box.add({ when: { what: ['capture/face', 'alarm'], quietMinutes: 0 }, steps: ['mail/1', 'mail/2'] });
  // It does not keep the only one that takes it quiet, either.
  const only = await box.add({ when: { what: ['capture/face', 'alarm'] }, steps: ['mail/1'] });
  await box.put(alarm(), capture());
  assert.deepEqual(push.got.map(({ message, rule }) => `${rule.id} ${message.topic}`).sort(), [
    '1 capture',
    `${only.id} capture`,
  ]);
  assert.deepEqual(
    mail.got.map(({ message }) => message.topic),
    ['alarm', 'capture'],
  );
});

test('somebody who is erased is told of no more, and no name stays behind', async (t) => {
  const box = await startRules(t);
  const ann = testReaction('mail/1');
  box.offer(ann);
  const { id } = await box.add({ when: { ...FACES, quietMinutes: 0 }, steps: ['mail/1'] });
  ann.manner = () => {
    throw new Error('nobody there');
  };
  const stranger = capture();
  await box.put(capture({ match: person }), stranger);
  assert.equal(await box.outbox.erase(['4/img-1']), 1);
  ann.manner = () => {};
  box.offer(ann);
  await box.quiet();
  assert.deepEqual(ids(ann.got), [stranger.id]);
  assert.equal(box.report(id, 'mail/1')?.waiting, 0);
  const tables_ = box.store.read.all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'");
  for (const { name } of tables_)
    assert.doesNotMatch(JSON.stringify(box.store.read.all(`SELECT * FROM "${name}"`)), /Ada/);
});

test('a step is tried at once, with a message that says it is a test', async (t) => {
  const box = await startRules(t);
  const [ann, push] = [testReaction('mail/1'), testReaction('mail/2', { topics: ['capture'] })];
  let runs = 0;
  box.actions.register({ id: 'relay-1', name: 'Gate', run: async () => void (runs += 1) });
  box.offer(ann, push);
  const attempt = (reaction: string) => box.call('POST', '/try', { reaction });
  assert.deepEqual(await attempt('mail/1'), { ok: true });
  assert.deepEqual([ann.got[0]?.message.topic, ann.got[0]?.rule.id], ['test', 0]);
  ann.manner = () => {
    throw new RefusedError('no such mailbox');
  };
  assert.deepEqual(await attempt('mail/1'), { ok: false, message: 'no such mailbox' });
  assert.deepEqual(await attempt('action/relay-1'), { ok: true });
  assert.deepEqual([runs, box.operations[0]?.detail], [1, 'relay-1; a test']);
  await assert.rejects(attempt('mail/2'), /cannot be tried/);
  await assert.rejects(attempt('mail/9'), /switched off, or gone/);
  assert.deepEqual(box.remarks, ['a test of mail/1', 'a test of mail/1: no such mailbox', 'a test of action/relay-1']);
});

test('one that never answers a test is not waited for longer than it may take', async (t) => {
  const box = await startRules(t);
  // The time limit alone keeps no process going.
  const going = setInterval(() => {}, 1_000);
  t.after(() => clearInterval(going));
  box.offer(testReaction('mail/1', { deadline: 50, deliver: () => new Promise(() => {}) }));
  assert.deepEqual(await box.call('POST', '/try', { reaction: 'mail/1' }), {
    ok: false,
    message: 'there was no answer in time',
  });
});
