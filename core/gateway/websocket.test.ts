import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { pino } from 'pino';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { socketMessage, type WireSocket } from '../plugin/contract.ts';
import type { Registry } from '../plugin/registry.ts';
import { until } from '../store/fixture.ts';
import { barePeer } from './bare-peer.fixture.ts';
import { MAX_WIRE_CLIENTS, WireGateway } from './websocket.ts';

const MIB = 1024 * 1024;

/** A socket whose peer reads nothing: no frame is ever reported as sent. */
class DeadSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  closed: number | undefined;

  send(frame: Buffer): void {
    this.bufferedAmount += frame.length;
  }

  ping(): void {}

  close(code: number): void {
    this.closed = code;
    this.terminate();
  }

  terminate(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.bufferedAmount = 0;
    this.emit('close');
  }
}

/** A gateway whose message 1 is understood, and subscribes. */
function gateway(checkMs?: number) {
  const subscribed: WireSocket[] = [];
  const definition = socketMessage({
    id: 1,
    name: 'subscribe',
    request: z.object({}),
    handle: (_, socket) => void subscribed.push(socket),
  });
  const registry = { socketMessages: new Map([[1, { owner: 'test', definition }]]) } as unknown as Registry;
  const wire = new WireGateway(() => registry, pino({ level: 'silent' }), checkMs);
  const connect = (source: string) => {
    const socket = new DeadSocket();
    wire.accept(socket as unknown as WebSocket, source);
    socket.emit('message', Buffer.from('{"msg_id":1}'), false);
    return socket;
  };
  return { wire, subscribed, connect };
}

test('what all clients together leave unread is bounded, however many they are', async (t) => {
  const { wire, subscribed, connect } = gateway();
  t.after(() => wire.closeAll());
  for (let n = 0; n < 40; n += 1) {
    connect('10.0.0.1');
    await until('the subscription', () => subscribed.length === n + 1);
  }
  let dropped = 0;
  for (let push = 0; push < 40; push += 1) {
    const frame = { picture: 'x'.repeat(MIB) };
    for (const socket of subscribed) if (!socket.send(frame)) dropped += 1;
  }
  // All may get the frame at hand; each the first one, which is under way.
  assert.ok(wire.backlog <= 128 * MIB + 2 * 40 * MIB, `${wire.backlog / MIB} MiB`);
  assert.equal(wire.dropped, dropped);
  assert.ok(dropped > 1000);
});

test('one address gets half of the places, and who says nothing valid sixteen', async (t) => {
  const { wire, subscribed, connect } = gateway();
  t.after(() => wire.closeAll());
  const silent = Array.from({ length: 17 }, () => {
    const socket = new DeadSocket();
    wire.accept(socket as unknown as WebSocket, '10.0.0.9');
    return socket;
  });
  assert.deepEqual(silent.map(({ closed }) => closed).filter((code) => code === 1013).length, 1);
  for (let n = 0; n < MAX_WIRE_CLIENTS / 2; n += 1) {
    connect('10.0.0.1');
    await until('the subscription', () => subscribed.length === n + 1);
  }
  assert.equal(connect('10.0.0.1').closed, 1013);
  assert.equal(connect('10.0.0.2').closed, undefined);
});

test('clients that read nothing are cut, and counted', async (t) => {
  const { wire, connect } = gateway(10);
  t.after(() => wire.closeAll());
  const socket = connect('10.0.0.1');
  await until('it to be cut', () => socket.readyState === 3);
  assert.equal(wire.cut, 1);
  assert.equal(wire.clients, 0);
});

test('a client that was refused and then sends what is no frame costs nothing but its connection', async (t) => {
  const { wire } = gateway();
  t.after(() => wire.closeAll());
  for (let n = 0; n < 16; n += 1) wire.accept(new DeadSocket() as unknown as WebSocket, '127.0.0.1');
  const { socket, peer } = await barePeer(t);
  wire.accept(socket, '127.0.0.1');
  assert.equal(socket.readyState, socket.CLOSING);
  // Reserved bits are set: an error that nobody heard would end this process.
  peer.end(Buffer.from([0xf1, 0x80, 0, 0, 0, 0]));
  await until('the end', () => socket.readyState === socket.CLOSED);
});
