import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { pino } from 'pino';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { admin } from '../../tests/kit/plugin.ts';
import { type Subscriber, topic } from '../plugin/contract.ts';
import { Registry } from '../plugin/registry.ts';
import { LiveGateway } from './live.ts';
import type { SessionRegistry } from './sessions.ts';

const PICTURE = Buffer.alloc(100 * 1024);

/** A page's socket: its peer reads a frame whenever `read` is called. */
class SlowSocket extends EventEmitter {
  readonly OPEN = 1;
  readonly readyState = 1;
  readonly bufferedAmount = 0;
  readonly #sent: { frame: string | Buffer; done: () => void }[] = [];

  send(frame: string | Buffer, _: object, done: () => void): void {
    this.#sent.push({ frame, done });
  }

  read(): string | Buffer | undefined {
    const next = this.#sent.shift();
    next?.done();
    return next?.frame;
  }
}

function watchedPage() {
  const registry = new Registry();
  let page: Subscriber | undefined;
  const pictures = topic({
    id: 'doors.pictures',
    access: 'session',
    params: z.object({}),
    open: (_, subscriber) => {
      page = subscriber;
      return () => {};
    },
  });
  registry.topics.set('doors.pictures', { owner: 'doors', definition: pictures });
  const sessions = { onEnded: () => {}, find: () => admin } as unknown as SessionRegistry;
  const live = new LiveGateway(() => registry, sessions, pino({ level: 'silent' }));
  const socket = new SlowSocket();
  live.accept(socket as unknown as WebSocket, { sessionId: 's', caller: admin, source: '192.0.2.7' });
  socket.emit('message', JSON.stringify({ op: 'subscribe', id: 1, topic: 'doors.pictures' }), false);
  return { live, socket, picture: () => page!.send({}, PICTURE) };
}

test('a page too slow for its pictures hears all the same what has changed, and its backlog is bounded', () => {
  const { live, socket, picture } = watchedPage();
  while (picture());
  const { dropped } = live;
  live.changed('alarms', 'alarms');
  assert.equal(live.dropped, dropped);
  const texts: (string | Buffer)[] = [];
  for (let frame = socket.read(); frame; frame = socket.read()) if (typeof frame === 'string') texts.push(frame);
  assert.deepEqual(
    texts.map((text) => JSON.parse(String(text))),
    [{ op: 'changed', plugin: 'alarms', what: 'alarms' }],
  );
  for (let n = 0; n < 100_000; n += 1) live.changed('alarms', 'alarms');
  assert.ok(live.dropped > 50_000, 'one that reads nothing is not kept for');
});
