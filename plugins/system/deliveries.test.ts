import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../core/gateway/authorization.ts';
import { checkInput } from '../../core/gateway/dispatch.ts';
import { ContractError } from '../../core/gateway/errors.ts';
import { message, startOutbox, TestReceiver } from '../../core/outbox/fixture.ts';
import type { Call } from '../../core/plugin/contract.ts';
import type { DeadLetter, DestinationReport } from '../../core/plugin/push-services.ts';
import { until } from '../../core/store/fixture.ts';
import { deliveryRoutes } from './deliveries.ts';
import { stateOf } from './ui/deliveries.ts';

test('who looks after the box sees what waits, tries again, and gives it up', async (t) => {
  const box = await startOutbox(t);
  const receiver = new TestReceiver(box.clock);
  receiver.manner = async () => {
    throw new Error('connection refused');
  };
  const opened = box.outbox.open(receiver);
  const remarks: string[] = [];
  const ask = async <T>(method: string, path: string, input: object = {}): Promise<T> => {
    const found = deliveryRoutes(box.outbox).find((one) => one.method === method && one.path === path)!;
    const checked = {
      params: undefined,
      query: found.query && checkInput(found.query, method === 'GET' ? input : {}),
      body: found.body && checkInput(found.body, input),
    };
    const answer = await found.handle(
      checked as never,
      { remark: (text: string) => remarks.push(text) } as never as Call,
    );
    // What the documentation promises is what is given.
    if (found.response) found.response.parse(answer);
    return answer as T;
  };
  const list = async () => (await ask<{ destinations: DestinationReport[] }>('GET', '/deliveries')).destinations;
  await box.put(message(), message(), message());
  await until('it failed', () => receiver.attempts.length === 1);
  const [row] = await list();
  assert.deepEqual(
    [row?.waiting, row?.failures, row?.lastError, row?.oldest],
    [3, 1, 'connection refused', message().time],
  );
  assert.equal(stateOf(row!, box.clock.now()), 'paused');
  assert.equal(stateOf(row!, box.clock.now() + 5_000), 'failing');

  await ask('POST', '/deliveries/retry', { id: 'test/one' });
  await until('it was tried at once', () => receiver.attempts.length === 2);
  assert.deepEqual(await ask('POST', '/deliveries/forget', { id: 'test/one' }), { gone: 3 });
  const { dead } = await ask<{ dead: DeadLetter[] }>('GET', '/deliveries/dead', { id: 'test/one' });
  assert.deepEqual(
    dead.map(({ reason }) => reason),
    ['given up by hand', 'given up by hand', 'given up by hand'],
  );
  await assert.rejects(ask('POST', '/deliveries/remove', { id: 'test/one' }), ContractError, 'it is in use');
  await opened.close();
  assert.equal(stateOf((await list())[0]!, 0), 'closed');
  await assert.rejects(ask('POST', '/deliveries/retry', { id: 'test/one' }), ContractError, 'it is closed');
  await ask('POST', '/deliveries/remove', { id: 'test/one' });
  assert.deepEqual(await list(), []);
  for (const path of ['retry', 'forget', 'remove']) {
    await assert.rejects(ask('POST', `/deliveries/${path}`, { id: 'test/one' }), ContractError);
  }
  assert.deepEqual(remarks, ['test/one', 'test/one: 3 given up', 'test/one', 'test/one']);
});

test('only those who may change pushes act on deliveries', () => {
  const principal = (role: 'viewer' | 'sub-admin' | 'device-admin') =>
    ({ role, imageRight: false, mustChangePassword: false }) as const;
  for (const { method, access } of deliveryRoutes(undefined as never)) {
    assert.equal(decide(access, principal('sub-admin')), 'allowed');
    assert.equal(decide(access, principal('viewer')), method === 'GET' ? 'allowed' : 'not-allowed');
    assert.equal(decide(access, principal('device-admin')), 'not-allowed');
  }
});
