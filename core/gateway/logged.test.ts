import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hono } from 'hono';
import { pino } from 'pino';
import { z } from 'zod';
import { admin } from '../../tests/kit/plugin.ts';
import { systemClock } from '../clock.ts';
import { Bus } from '../events/bus.ts';
import { type MessageDefinition, message, type RouteDefinition, route } from '../plugin/contract.ts';
import { type Operation, operationPerformed } from '../plugin/services.ts';
import { answerMessage, type MessageTools } from './messages.ts';
import type { GatewayContext } from './request.ts';
import { RestGateway } from './rest.ts';

/** Answers messages and routes of a plugin as the gateway does, and gathers what the operation log is told. */
function gateway(messages: MessageDefinition[], routes: RouteDefinition[]) {
  const log = pino({ level: 'silent' });
  const bus = new Bus(log);
  const written: Operation[] = [];
  bus.on(operationPerformed, 'test', (operation) => void written.push(operation));
  const tools = {
    bus,
    log,
    clock: systemClock,
    registry: {
      messages: new Map(messages.map((definition) => [definition.id, { owner: 'doors', definition }])),
      routes: new Map([['doors', routes]]),
    },
    sessions: { find: () => admin },
    bodies: { read: async (c: GatewayContext) => new Uint8Array(await c.req.arrayBuffer()) },
  } as unknown as MessageTools;
  const rest = new RestGateway(tools);
  const app = new Hono()
    .post('/api/json', (c) => answerMessage(c as unknown as GatewayContext, 'json', tools))
    .all('/p/*', (c) => rest.answer(c as unknown as GatewayContext));
  const incoming = { headers: { sessionid: 's' }, socket: { remoteAddress: '192.0.2.7' } };
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await app.request(path, init, { incoming });
    assert.equal(answer.status, 200);
  };
  return {
    written,
    send: (id: number) => ask('/api/json', { method: 'POST', body: JSON.stringify({ msg_id: id }) }),
    get: (path: string) => ask(`/p/doors${path}`),
  };
}

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
  for (const id of [9001, 9002]) await send(id);
  for (const path of ['/seen', '/export']) await get(path);
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
