import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { systemClock } from '../clock.ts';
import { Bus } from '../events/bus.ts';
import { type Operation, operationPerformed } from '../plugin/services.ts';
import type { Access } from './authorization.ts';
import { type CallOrigin, dispatch, type Endpoint } from './dispatch.ts';

const CHANGE: Access = { area: 'people', action: 'change' };

function callsOf(role: 'sub-admin' | 'viewer') {
  const log = pino({ level: 'silent' });
  const bus = new Bus(log);
  const written: Operation[] = [];
  bus.on(operationPerformed, 'test', (operation) => void written.push(operation));
  const origin = {
    caller: { userName: 'ann', role, imageRight: true, mustChangePassword: false },
    source: '192.0.2.7',
    transport: 'rest',
    setHeader: () => {},
    setSessionCookie: () => {},
  } as unknown as CallOrigin;
  const call = (endpoint: Partial<Endpoint>) =>
    dispatch({ owner: 'doors', item: 'PUT /door', access: CHANGE, handle: () => 'done', ...endpoint }, origin, {
      bus,
      clock: systemClock,
      log,
    });
  return { call, written };
}

test('the operation log has who changed what, also where it was refused, and nobody who only reads', () => {
  const { call, written } = callsOf('sub-admin');
  assert.equal(call({}), 'done');
  assert.equal(call({ item: 'GET /doors', reads: true }), 'done');
  assert.equal(call({ access: { area: 'people', action: 'see' } }), 'done');
  assert.deepEqual(
    written.map(({ userName, module, item, result }) => [userName, module, item, result]),
    [['ann', 'doors', 'PUT /door', 0]],
  );
  const see = { item: '1038 export', access: { area: 'people', action: 'see', images: true } as const, logged: true };
  assert.equal(call(see), 'done', 'what hands out a lot is kept as well');
  assert.deepEqual(
    written.splice(1).map(({ item, result }) => [item, result]),
    [['1038 export', 0]],
  );
  const viewer = callsOf('viewer');
  assert.throws(() => viewer.call({ handle: () => assert.fail('it was called') }), { code: -140 });
  assert.deepEqual(
    viewer.written.map(({ item, result }) => [item, result]),
    [['PUT /door', -140]],
  );
});

test('who answers late is given up after its patience', async () => {
  const { call, written } = callsOf('sub-admin');
  const late = () => new Promise((done) => setTimeout(done, 40, 'done'));
  await assert.rejects(async () => call({ patience: 5, handle: late }), { code: -3524 });
  assert.equal(await call({ patience: 60_000, handle: late }), 'done');
  assert.deepEqual(
    written.map(({ result }) => result),
    [-3524, 0],
  );
});
