import assert from 'node:assert/strict';
import type { Role } from '../../core/gateway/authorization.ts';
import { authorize, checkInput } from '../../core/gateway/dispatch.ts';
import type { Call, Caller, RouteDefinition } from '../../core/plugin/contract.ts';
import type { TestPlugin } from './fixture.ts';

/** `/p/portraits`, answered as the gateway would have it answered. */

export function caller(role: Role, imageRight = true): Caller {
  return { role, imageRight, mustChangePassword: false, userId: 1, userName: role, sessionId: 's' };
}

export const ADMIN = caller('sub-admin');
export const VIEWER = caller('viewer');

interface Asked {
  body?: object;
  query?: object;
  as?: Caller;
}

export async function ask<T>(box: TestPlugin, method: string, path: string, { body, query, as = ADMIN }: Asked = {}) {
  const { route, params } = find(box.parts.routes!, method, path);
  const call = {
    caller: as,
    source: '127.0.0.1',
    transport: 'rest',
    files: new Map(),
    remark: (text: string) => box.remarks.push(text),
    setHeader: () => {},
    setSessionCookie: () => {},
  } satisfies Call;
  authorize(route.access, as);
  const answer = await route.handle(
    {
      params: route.params && checkInput(route.params, params),
      query: route.query && checkInput(route.query, query ?? {}),
      body: route.body && checkInput(route.body, body ?? {}),
    } as never,
    call,
  );
  // What the documentation promises is what is given, and nothing else.
  assert.deepEqual(route.response!.parse(answer), answer);
  return answer as T;
}

function find(routes: RouteDefinition[], method: string, path: string) {
  for (const route of routes) {
    const pattern = new RegExp(`^${route.path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
    const found = route.method === method && pattern.exec(path);
    if (found) return { route, params: { ...found.groups } };
  }
  throw new Error(`no route ${method} ${path}`);
}

export const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
