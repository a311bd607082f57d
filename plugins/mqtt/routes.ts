import { z } from 'zod';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { type RouteDefinition, route } from '../../core/plugin/contract.ts';
import type { DestinationReport } from '../../core/plugin/push-services.ts';
import { eventJsonSchema } from './event-schema.ts';
import type { Link } from './link.ts';
import type { Settings } from './settings.ts';

/** `/p/mqtt`: what the page shows. */

export const stateView = z.object({
  state: z.enum(['off', 'connecting', 'connected', 'waiting', 'stopped']),
  since: z.number().optional().describe('ms since 1970 UTC'),
  broker: z.string().describe('host and port; empty: none is set up'),
  lastError: z.string().optional(),
  published: z.int().describe('messages the broker has acknowledged since the box started'),
  prefix: z.string(),
  homeAssistant: z.boolean(),
  waiting: z.int().describe('events that wait for the broker'),
  dead: z.int().describe('events that were given up'),
  delivered: z.int(),
  commands: z.object({
    run: z.int(),
    failed: z.int(),
    refused: z.int(),
    malformed: z.int(),
    dropped: z.int(),
  }),
});

export type StateView = z.output<typeof stateView>;

const NO_COMMANDS = { run: 0, failed: 0, refused: 0, malformed: 0, dropped: 0 };

export interface RouteParts {
  link(): Link | undefined;
  settings: Settings;
  reports(): DestinationReport[];
}

export function routes({ link, settings, reports }: RouteParts): RouteDefinition[] {
  return [
    route({
      method: 'GET',
      path: '/state',
      summary: 'The connection to the broker, and what went over it',
      access: { area: 'devices', action: 'see' },
      response: stateView,
      handle: (): StateView => {
        const one = link();
        const report = reports().find(({ id }) => id === 'mqtt/main');
        return {
          ...(one ? one.state : { state: 'off' as const }),
          broker: settings.url === '' ? '' : new URL(settings.url).host,
          published: one?.broker.published ?? 0,
          prefix: settings.prefix,
          homeAssistant: settings.homeAssistant,
          waiting: report?.waiting ?? 0,
          dead: report?.dead ?? 0,
          delivered: report?.delivered ?? 0,
          commands: { ...(one?.commands.counts ?? NO_COMMANDS) },
        };
      },
    }),
    route({
      method: 'POST',
      path: '/discovery',
      summary: 'Publish the descriptions for Home Assistant, and every state, once more',
      access: { area: 'devices', action: 'change' },
      handle: () => {
        const one = link();
        if (one?.broker.state.state !== 'connected') {
          throw new ContractError(CODE.noSuchData, 'there is no connection to a broker');
        }
        one.discoverAgain();
        return {};
      },
    }),
    route({
      method: 'GET',
      path: '/events.schema.json',
      summary: 'JSON schema of the events',
      access: 'session',
      handle: () => eventJsonSchema(),
    }),
  ];
}
