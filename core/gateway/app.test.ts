import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { admin } from '../../tests/kit/plugin.ts';
import { createMetrics } from '../metrics.ts';
import type { Caller } from '../plugin/contract.ts';
import { Registry } from '../plugin/registry.ts';
import { type AppOptions, createApp } from './app.ts';

/** Answers of the box's own addresses to a caller. */
function asked(caller: Caller | undefined) {
  const app = createApp({
    registry: new Registry(),
    sessions: { find: () => caller },
    metrics: createMetrics(),
    log: pino({ level: 'silent' }),
    version: '1.0.0',
    health: async () => ({ status: 'ok', detail: { plugins: ['doors'] } }),
  } as unknown as AppOptions);
  const incoming = { headers: { sessionid: 's' } };
  return async (path: string) => {
    const answer = await app.request(path, {}, { incoming });
    return { status: answer.status, body: (await answer.json()) as { plugins?: string[]; paths?: object } };
  };
}

test('what runs on the box is told to whoever is signed in, and not before a password is changed that must be', async () => {
  for (const [caller, status] of [
    [admin, 200],
    [{ ...admin, mustChangePassword: true }, 403],
    [undefined, 401],
  ] as const) {
    const ask = asked(caller);
    const health = await ask('/healthz');
    assert.equal(health.status, 200);
    assert.deepEqual(health.body.plugins, status === 200 ? ['doors'] : undefined);
    const description = await ask('/openapi.json');
    assert.equal(description.status, status);
    assert.equal(description.body.paths !== undefined, status === 200);
  }
});
