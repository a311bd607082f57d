import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { WebSocket } from 'ws';
import { until } from '../../tests/kit/wait.ts';
import { barePeer } from './bare-peer.fixture.ts';
import { MOST_SILENT, Outlet } from './outlet.ts';

const FRAME = Buffer.alloc(512 * 1024, 'x');
const LIMIT = 4 * FRAME.length;

/** A box's side with its outlet, and the bare socket of a peer that answers nothing by itself. */
async function pair(t: TestContext): Promise<{ socket: WebSocket; outlet: Outlet; peer: Socket }> {
  const { socket, peer } = await barePeer(t);
  return { socket, outlet: new Outlet(socket), peer };
}

const send = (outlet: Outlet) => outlet.send(FRAME, { binary: true, limit: LIMIT });

/** Sends until a frame is dropped. */
async function fillUp(outlet: Outlet): Promise<void> {
  await until('a drop', () => !send(outlet));
}

test('a peer that neither reads nor answers is cut after three silent looks; its backlog is bounded', async (t) => {
  const { socket, outlet, peer } = await pair(t);
  peer.pause();
  await fillUp(outlet);
  assert.ok(outlet.backlog <= LIMIT + 2 * FRAME.length, `${outlet.backlog} bytes`);
  for (let look = 0; look < MOST_SILENT; look += 1) assert.equal(outlet.check(), true);
  assert.equal(outlet.check(), false);
  await until('the end', () => socket.readyState === socket.CLOSED);
  assert.equal(send(outlet), false);
});

test('a slow peer lives as long as its backlog gets shorter, although its answers wait behind it', async (t) => {
  const { outlet, peer } = await pair(t);
  peer.pause();
  await fillUp(outlet);
  for (let look = 0; look < MOST_SILENT + 2; look += 1) {
    const before = outlet.backlog;
    peer.resume();
    await until('a frame to be read', () => outlet.backlog < before);
    peer.pause();
    await fillUp(outlet);
    assert.equal(outlet.check(), true, `look ${look}`);
  }
});

test('one that answers pings lives with nothing to read; one that is gone does not, though the kernel takes its frames', async (t) => {
  const living = await pair(t);
  living.peer.on('data', (chunk: Buffer) => {
    // A ping of the box, and the masked pong for it.
    if (chunk.includes(Buffer.from([0x89, 0]))) living.peer.write(Buffer.from([0x8a, 0x80, 0, 0, 0, 0]));
  });
  const gone = await pair(t);
  for (let look = 0; look < MOST_SILENT; look += 1) {
    const pong = once(living.socket, 'pong');
    assert.equal(living.outlet.check(), true);
    await pong;
    assert.equal(gone.outlet.send('small', { binary: false, limit: LIMIT }), true);
    assert.equal(gone.outlet.check(), true);
  }
  assert.equal(living.outlet.check(), true);
  assert.equal(gone.outlet.check(), false);
});
