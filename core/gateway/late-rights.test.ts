import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { admin } from '../../tests/kit/plugin.ts';
import { type Call, type Caller, message, route } from '../plugin/contract.ts';
import { CODE } from './errors.ts';
import { gateway } from './fixture.ts';

/** A gateway whose caller becomes another one while a body is under way; `acted` has who reached a handler. */
function withLateBody(then: Caller | undefined) {
  let now: Caller | undefined = admin;
  const acted: (Caller | undefined)[] = [];
  const access = { area: 'people', action: 'change' } as const;
  const handle = (_: unknown, { caller }: Call) => void acted.push(caller);
  const body = z.object({ name: z.string() });
  const box = gateway(
    [message({ id: 9001, name: 'change', access, request: z.object({}), handle })],
    [route({ method: 'POST', path: '/people', summary: 'adds', access, body, handle })],
    () => now,
    () => {
      now = then;
    },
  );
  return { ...box, acted, again: () => (now = admin) };
}

test('whoever lost the session while a body was under way does nothing with it', async () => {
  const { send, post, again, acted, written } = withLateBody(undefined);
  assert.equal((await send(9001)).code, CODE.notLoggedIn);
  again();
  // The rights come before the parameters, here too.
  for (const body of [{ name: 'Ada' }, { wrong: 1 }]) {
    assert.equal((await post('/people', body)).status, 401);
    again();
  }
  assert.deepEqual(acted, []);
  assert.ok(written.every(({ userName, result }) => userName === 'admin' && result !== 0));
});

test('whoever has other rights by the end of a body acts with those', async () => {
  const viewer = withLateBody({ ...admin, role: 'viewer' });
  assert.equal((await viewer.send(9001)).code, CODE.notAllowed);
  viewer.again();
  assert.equal((await viewer.post('/people', { name: 'Ada' })).status, 403);
  assert.deepEqual(viewer.acted, []);
  const blind = { ...admin, imageRight: false };
  const box = withLateBody(blind);
  assert.equal((await box.send(9001)).code, 0);
  box.again();
  assert.equal((await box.post('/people', { name: 'Ada' })).status, 200);
  assert.deepEqual(box.acted, [blind, blind]);
});
