import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { z } from 'zod';
import { admin } from '../../tests/kit/plugin.ts';
import { systemClock } from '../clock.ts';
import { Bus } from '../events/bus.ts';
import { type MessageDefinition, message } from '../plugin/contract.ts';
import { type Operation, operationPerformed } from '../plugin/services.ts';
import { answerMessage, type MessageTools } from './messages.ts';
import type { GatewayContext } from './request.ts';

/** Sends messages as JSON to what answers them, and gives what the operation log was told. */
async function loggedOf(definitions: MessageDefinition[], ids: number[]): Promise<Operation[]> {
  const log = pino({ level: 'silent' });
  const bus = new Bus(log);
  const written: Operation[] = [];
  bus.on(operationPerformed, 'test', (operation) => void written.push(operation));
  for (const id of ids) {
    const tools = {
      bus,
      log,
      clock: systemClock,
      registry: { messages: new Map(definitions.map((one) => [one.id, { owner: 'doors', definition: one }])) },
      sessions: { find: () => admin },
      bodies: { read: async () => new TextEncoder().encode(JSON.stringify({ msg_id: id })) },
    } as unknown as MessageTools;
    const incoming = { headers: { sessionid: 's' }, socket: { remoteAddress: '192.0.2.7' } };
    const c = { env: { incoming }, json: (answer: object) => Response.json(answer) } as unknown as GatewayContext;
    const answer = await answerMessage(c, 'json', tools);
    assert.equal(((await answer.json()) as { code: number }).code, 0);
  }
  return written;
}

test('a message that only reads stands in the operation log where it says so', async () => {
  const reading = { access: { area: 'people', action: 'see' } as const, request: z.object({}) };
  const definitions = [
    message({ ...reading, id: 9001, name: 'look', handle: () => 'seen' }),
    message({
      ...reading,
      id: 9002,
      name: 'export',
      logged: true,
      handle: (_, call) => {
        call.remark('3 people');
      },
    }),
  ];
  assert.deepEqual(
    (await loggedOf(definitions, [9001, 9002])).map(({ userName, module, item, detail, source, result }) => {
      return [userName, module, item, detail, source, result];
    }),
    [['admin', 'doors', '9002 export', '3 people', '192.0.2.7', 0]],
  );
});
