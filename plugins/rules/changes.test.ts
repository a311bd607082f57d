import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eq } from 'drizzle-orm';
import { OutboxService } from '../../core/outbox/outbox.ts';
import { until } from '../../tests/kit/wait.ts';
import { capture, startRules, testReaction } from './fixture.ts';
import { MOST_RULES } from './rule.ts';
import type { RulesView, RuleView } from './shapes.ts';
import * as tables from './tables.ts';

const MINUTE = 60_000;
const FACES = { what: ['capture/face'] };
const ids = (got: { message: { id: string } }[]) => got.map(({ message }) => message.id);

/** What becomes of what waits when rules change. */

test('a rule that is removed takes what waits for it along', async (t) => {
  const box = await startRules(t);
  const ann = testReaction('mail/1');
  box.offer(ann);
  const { id } = await box.add({ when: FACES, steps: ['mail/1'] });
  const other = await box.add({ when: FACES, steps: ['mail/1'] });
  ann.manner = () => {
    throw new Error('nobody there');
  };
  await box.put(capture());
  await box.call('DELETE', `/rules/${id}`);
  assert.equal(box.report(id, 'mail/1'), undefined);
  assert.equal(box.report(other.id, 'mail/1')?.waiting, 1);
  ann.manner = () => {};
  box.offer(ann);
  await box.quiet();
  assert.deepEqual(
    ann.got.map(({ rule }) => rule.id),
    [other.id],
  );
  await box.restart();
  assert.deepEqual(
    (await box.call<RulesView>('GET', '/rules')).rules.map((one) => one.id),
    [other.id],
  );
  assert.deepEqual(box.store.read.all('SELECT rule FROM rules_firings'), [{ rule: other.id }]);
  await assert.rejects(box.call('DELETE', `/rules/${id}`), /no such rule/);
});

test('a step that is taken out and a rule that is switched off forget what waits', async (t) => {
  const box = await startRules(t);
  const [ann, desk] = [testReaction('mail/1'), testReaction('mail/2')];
  const away = () => {
    throw new Error('nobody there');
  };
  [ann.manner, desk.manner] = [away, away];
  box.offer(ann, desk);
  const fields = { name: 'Rule', when: { ...FACES, quietMinutes: 0 }, steps: ['mail/1', 'mail/2'] };
  const { id } = await box.add(fields);
  await box.put(capture());
  await box.call('PUT', `/rules/${id}`, { ...fields, steps: ['mail/2'] });
  assert.equal(box.report(id, 'mail/1'), undefined);
  assert.equal(box.report(id, 'mail/2')?.waiting, 1);
  const off = await box.call<RuleView>('PATCH', `/rules/${id}`, { enabled: false });
  assert.deepEqual([off.enabled, off.steps[0]?.waiting, off.steps[0]?.dead], [false, 0, 1]);
  [ann.manner, desk.manner] = [() => {}, () => {}];
  await box.put(capture());
  await box.call('PATCH', `/rules/${id}`, { enabled: true });
  await box.clock.pass(10 * MINUTE);
  assert.deepEqual([ann.attempts, desk.got.length], [1, 0]);
  await box.put(capture());
  assert.equal(desk.got.length, 1);
  assert.deepEqual(box.remarks, [
    `${id} "Rule": mail/1, mail/2`,
    `${id} "Rule": mail/2`,
    `${id} "Rule" off`,
    `${id} "Rule" on`,
  ]);
});

test('what a changed rule does not ask for any more is given up', async (t) => {
  const box = await startRules(t);
  const ann = testReaction('mail/1');
  box.offer(ann);
  const fields = { name: 'Rule', when: { ...FACES, quietMinutes: 0 }, steps: ['mail/1'] };
  const { id } = await box.add(fields);
  ann.manner = () => {
    throw new Error('nobody there');
  };
  const kept = capture({ channel: 4 });
  await box.put(capture(), kept);
  ann.manner = () => {};
  await box.call('PUT', `/rules/${id}`, { ...fields, when: { ...fields.when, cameras: [4] } });
  box.offer(ann);
  await box.quiet();
  assert.deepEqual(ids(ann.got), [kept.id]);
  const letter = await until('it is noted', () => box.outbox.deadLetters(`rules/${id}/mail/1`)[0]);
  assert.match(letter.reason, /rule was changed/);
});

test('what is seen while a line is opened anew is not missed', async (t) => {
  const box = await startRules(t);
  const ann = testReaction('mail/1');
  box.offer(ann);
  const fields = { name: 'Rule', when: { ...FACES, quietMinutes: 0 }, steps: ['mail/1'] };
  const { id } = await box.add(fields);
  ann.manner = () => new Promise(() => {});
  await box.put(capture());
  // The delivery under way keeps the old line from being closed for a while.
  const changed = box.call('PUT', `/rules/${id}`, { ...fields, name: 'Another name' });
  await box.quiet();
  await box.put(capture());
  assert.equal(box.report(id, 'mail/1')?.waiting, 2);
  await changed;
});

test('what cannot be forgotten now keeps no rule from working', async (t) => {
  const box = await startRules(t);
  const ann = testReaction('mail/1');
  box.offer(ann);
  const gone = await box.add({ when: FACES, steps: ['mail/1'] });
  await box.add({ when: FACES, steps: ['mail/1'] });
  await box.store.write((tx) => tx.delete(tables.rules).where(eq(tables.rules.id, gone.id)).run());
  const { remove } = OutboxService.prototype;
  OutboxService.prototype.remove = () => Promise.reject(new Error('the disk is full'));
  t.after(() => {
    OutboxService.prototype.remove = remove;
  });
  await box.restart();
  await box.put(capture());
  assert.equal(ann.got.length, 1);
});

test('what stays behind of a rule after a crash goes at the next start', async (t) => {
  const box = await startRules(t);
  const ann = testReaction('mail/1');
  box.offer(ann);
  const { id } = await box.add({ when: FACES, steps: ['mail/1'] });
  ann.manner = () => {
    throw new Error('nobody there');
  };
  await box.put(capture());
  await box.store.write((tx) => tx.delete(tables.rules).run());
  assert.equal(box.report(id, 'mail/1')?.waiting, 1);
  await box.restart();
  await until('it to be forgotten', () => box.report(id, 'mail/1') === undefined);
});

test('there may be so many rules, and nothing twice in one', async (t) => {
  const box = await startRules(t);
  box.offer(testReaction('mail/1'));
  for (let at = 0; at < MOST_RULES; at++) await box.add({ when: FACES, steps: ['mail/1'] });
  await assert.rejects(box.add({ when: FACES, steps: ['mail/1'] }), /50 rules: remove one first/);
  await assert.rejects(box.add({ when: FACES, steps: ['mail/1', 'mail/1'] }), /twice/);
  await assert.rejects(box.add({ when: FACES, steps: [] }), /steps/);
  await assert.rejects(box.add({ name: ' \n ', when: FACES, steps: ['mail/1'] }), /name/);
});
