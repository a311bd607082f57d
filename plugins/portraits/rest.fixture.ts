import assert from 'node:assert/strict';
import type { Role } from '../../core/gateway/authorization.ts';
import { authorize } from '../../core/gateway/dispatch.ts';
import type { Caller } from '../../core/plugin/contract.ts';
import { admin, callBy, callRoute, routeOf } from '../../tests/kit/plugin.ts';
import type { TestPlugin } from './fixture.ts';

/** `/p/portraits`, answered as the gateway would have it answered. */

export const caller = (role: Role, imageRight = true): Caller => ({ ...admin, userName: role, role, imageRight });

export const ADMIN = caller('sub-admin');
export const VIEWER = caller('viewer');

interface Asked {
  body?: object;
  query?: object;
  as?: Caller;
}

export async function ask<T>(box: TestPlugin, method: string, path: string, { as = ADMIN, ...input }: Asked = {}) {
  const { route } = routeOf(box.parts, method, path);
  authorize(route.access, as);
  const answer = await callRoute<T>(box.parts, method, path, input, callBy(as, box.remarks));
  // What the documentation promises, and nothing else.
  assert.deepEqual(route.response!.parse(answer), answer);
  return answer;
}

export const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
