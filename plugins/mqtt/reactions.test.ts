import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OutMessage, RefusedError } from '../../core/plugin/push-services.ts';
import { mqttEvent } from './event-schema.ts';
import { alarm, capture, match } from './fixture.ts';
import { publishing } from './reactions.ts';
import { Topics } from './topics.ts';

/** What rules publish. */

test('an event with its rule, in a topic of the rule, with names where they are allowed', async () => {
  const said: { topic: string; payload: Record<string, unknown> }[] = [];
  const settings = { names: false };
  const reaction = publishing({
    topics: new Topics('site/gatehouse', 'homeassistant'),
    settings,
    publish: async (topic, payload) =>
      void said.push({ topic, payload: JSON.parse(payload) as Record<string, unknown> }),
  });
  assert.deepEqual([reaction.id, reaction.name], ['mqtt/publish', 'site/gatehouse/rules/…']);
  const rule = { id: 7, name: 'Night watch' };
  const deliver = async (message: OutMessage) => {
    const context = { signal: AbortSignal.timeout(1_000), lane: 'live', attempt: 1, rule } as const;
    await reaction.deliver(message, async () => undefined, context);
    return said.at(-1)!;
  };
  const seen = await deliver(capture({}, { match }));
  assert.equal(seen.topic, 'site/gatehouse/rules/7');
  assert.deepEqual(seen.payload['rule'], rule);
  assert.equal(mqttEvent.parse(seen.payload).type, 'capture');
  const raised = await deliver(alarm());
  assert.equal(raised.payload['kind'], 'key-person');
  assert.doesNotMatch(JSON.stringify(said), /Ada/);
  settings.names = true;
  assert.match(JSON.stringify(await deliver(capture({}, { match }))), /Ada/);
  const test = await deliver({ ...alarm(), topic: 'test', body: {} });
  assert.deepEqual([test.topic, test.payload['type']], ['site/gatehouse/rules/test', 'test']);
  await assert.rejects(deliver({ ...alarm(), body: {} }), RefusedError);
});
