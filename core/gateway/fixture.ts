import { Hono } from 'hono';
import { pino } from 'pino';
import { admin } from '../../tests/kit/plugin.ts';
import { systemClock } from '../clock.ts';
import { Bus } from '../events/bus.ts';
import type { Caller, MessageDefinition, RouteDefinition } from '../plugin/contract.ts';
import { type Operation, operationPerformed } from '../plugin/services.ts';
import { answerMessage, type MessageTools } from './messages.ts';
import type { GatewayContext } from './request.ts';
import { RestGateway } from './rest.ts';

/**
 * Answers messages and routes of a plugin as the gateway does, and gathers what the operation log is told.
 * @param find who is signed in at this moment
 * @param bodyCame happens while a body is under way
 */
export function gateway(
  messages: MessageDefinition[],
  routes: RouteDefinition[],
  find: () => Caller | undefined = () => admin,
  bodyCame = () => {},
) {
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
    sessions: { find },
    bodies: {
      read: async (c: GatewayContext) => {
        const bytes = new Uint8Array(await c.req.arrayBuffer());
        bodyCame();
        return bytes;
      },
    },
  } as unknown as MessageTools;
  const rest = new RestGateway(tools);
  const app = new Hono()
    .post('/api/json', (c) => answerMessage(c as unknown as GatewayContext, 'json', tools))
    .all('/p/*', (c) => rest.answer(c as unknown as GatewayContext));
  const headers = { sessionid: 's', 'content-type': 'application/json' };
  const incoming = { headers, socket: { remoteAddress: '192.0.2.7' } };
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await app.request(path, init, { incoming });
    return { status: answer.status, ...((await answer.json()) as { code?: number }) };
  };
  return {
    written,
    send: (id: number) => ask('/api/json', { method: 'POST', body: JSON.stringify({ msg_id: id }) }),
    get: (path: string) => ask(`/p/doors${path}`),
    post: (path: string, body: object) => ask(`/p/doors${path}`, { method: 'POST', body: JSON.stringify(body) }),
  };
}
