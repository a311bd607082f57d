import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { message, route } from '../plugin/contract.ts';
import { gateway } from './fixture.ts';

test('what only reads stands in the operation log where it says so', async () => {
  const access = { area: 'people', action: 'see' } as const;
  const reading = { access, request: z.object({}) };
  const { send, get, written } = gateway(
    [
      message({ ...reading, id: 9001, name: 'look', handle: () => 'seen' }),
      message({ ...reading, id: 9002, name: 'export', logged: true, handle: (_, call) => call.remark('3 people') }),
    ],
    [
      route({ method: 'GET', path: '/seen', summary: 'looks', access, handle: () => ({}) }),
      route({ method: 'GET', path: '/export', summary: 'exports', access, logged: true, handle: () => ({}) }),
    ],
  );
  for (const id of [9001, 9002]) assert.equal((await send(id)).code, 0);
  for (const path of ['/seen', '/export']) assert.equal((await get(path)).status, 200);
  assert.deepEqual(
    written.map(({ userName, module, item, detail, source, result }) => {
      return [userName, module, item, detail, source, result];
    }),
    [
      ['admin', 'doors', '9002 export', '3 people', '192.0.2.7', 0],
      ['admin', 'doors', 'GET /export', '', '192.0.2.7', 0],
    ],
  );
});
