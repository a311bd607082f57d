import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { captureRecorded } from '../../../core/plugin/capture-services.ts';
import { definePlugin, message, on, route } from '../../../core/plugin/contract.ts';

/** What can go wrong after the call that set it off has been answered. */
const FAULTS: Record<string, () => void> = {
  timer: () =>
    void setTimeout(() => {
      throw new Error('timer');
    }, 1),
  interval: () =>
    void setInterval(() => {
      throw new Error('interval');
    }, 1),
  rejection: () => void pause(1).then(() => Promise.reject(new Error('rejection'))),
  emitter: () => void setTimeout(() => new EventEmitter().emit('error', new Error('emitter')), 1),
  // A port nobody listens on, and nobody listens to the error either.
  socket: () => void connect(1, '127.0.0.1'),
  callback: () =>
    readFile(import.meta.filename, () => {
      throw new Error('callback');
    }),
};
export const FAULT_NAMES = Object.keys(FAULTS);

/** Fails as it is asked to, and in every listener. It has something of everything, so that a leak would show. */
export default definePlugin({
  setup: (ctx) => {
    ctx.metrics.gauge('lives', 'One', () => 1);
    ctx.metrics.counter('asked_total', 'Faults asked for').inc();
    ctx.retain({ name: 'faulty', removeOlderThan: () => 0, removeOldest: () => 0 });
    let timer: NodeJS.Timeout | undefined;
    return {
      messages: [
        message({
          id: 9800,
          name: 'fail',
          access: 'session',
          request: z.object({}),
          handle: async () => {
            throw new Error('handler');
          },
        }),
      ],
      routes: [
        route({
          method: 'POST',
          path: '/faults/:name',
          summary: 'Fails a moment later',
          access: 'session',
          params: z.object({ name: z.enum(FAULT_NAMES) }),
          handle: ({ params }) => {
            FAULTS[params.name]?.();
            return {};
          },
        }),
      ],
      on: [
        on(captureRecorded, () => {
          throw new Error('listener');
        }),
      ],
      start: () => {
        timer = setInterval(() => {}, 1_000);
      },
      stop: () => clearInterval(timer),
    };
  },
});
