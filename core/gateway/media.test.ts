import assert from 'node:assert/strict';
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { createServer, get as httpGet } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { pino } from 'pino';
import sharp from 'sharp';
import { until } from '../../tests/kit/wait.ts';
import { openStore } from '../store/database.ts';
import { answerMedia } from './media.ts';
import type { SessionRegistry } from './sessions.ts';

const SIZE = 24 * 1024 * 1024;
const large = Buffer.alloc(
  SIZE,
  Uint8Array.from({ length: 251 }, (_, i) => i),
);

const jpegOf = (width: number, height: number) =>
  sharp({
    create: { width, height, channels: 3, background: '#c08040', noise: { type: 'gaussian', mean: 128, sigma: 30 } },
  })
    .jpeg()
    .toBuffer();

/** Media of a store with one small and one large file, for anybody who names a session. */
async function serve(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-media-'));
  const store = await openStore({ folder, log: pino({ level: 'silent' }) });
  for (const [path, bytes] of [
    ['tmp/large.zip', large],
    ['tmp/small.csv', Buffer.from('a,b')],
    ['tmp/face.jpg', await jpegOf(640, 800)],
    ['tmp/narrow.jpg', await jpegOf(100, 125)],
    ['tmp/broken.jpg', Buffer.from('no picture')],
  ] as const) {
    const staged = await store.blobs.stage({ path, bytes, owner: 'exports', area: 'records' });
    await store.write((tx) => tx.addBlob(staged));
  }
  const caller = { userId: 1, userName: 'a', role: 'viewer', imageRight: true, mustChangePassword: false };
  const sessions = { find: () => ({ ...caller, sessionId: 's' }) } as unknown as SessionRegistry;
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.get('/ws/*', (c) => answerMedia(c, store.blobs, sessions));
  const server = createServer(getRequestListener(app.fetch));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ws/tmp`;
  /** Whether the large file is held open. */
  const isOpen = async () => {
    const files = await readdir('/proc/self/fd');
    const targets = await Promise.all(files.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
    return targets.some((target) => target.startsWith(folder) && target.includes('large'));
  };
  return { url, isOpen, caller, store, headers: { sessionid: 's' } };
}

test('a large file comes whole, with its length, and as an unread answer', async (t) => {
  const { url, isOpen, headers } = await serve(t);
  const answer = await fetch(`${url}/large.zip`, { headers });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-length'), String(SIZE));
  assert.equal(answer.headers.get('content-type'), 'application/zip');
  assert.ok(large.equals(Buffer.from(await answer.arrayBuffer())));
  const head = await fetch(`${url}/large.zip`, { method: 'HEAD', headers });
  assert.deepEqual([head.status, head.headers.get('content-length')], [200, String(SIZE)]);
  const small = await fetch(`${url}/small.csv`, { headers });
  assert.equal(await small.text(), 'a,b');
  await until('the files to be closed', async () => !(await isOpen()));
});

test('a large file goes out as fast as it is read, and is let go when the reader is gone', async (t) => {
  const { url, isOpen, headers } = await serve(t);
  const before = process.memoryUsage().arrayBuffers;
  const request = httpGet(`${url}/large.zip`, { headers, agent: false });
  const response = await new Promise<import('node:http').IncomingMessage>((resolve) => request.on('response', resolve));
  // Nothing is read: what the sockets take is little of it.
  response.pause();
  await until('the file to be open', isOpen);
  assert.ok(process.memoryUsage().arrayBuffers - before < SIZE / 2, 'it is not read whole into memory');
  response.destroy();
  await until('the file to be closed', async () => !(await isOpen()));
});

test('a picture comes small where that is asked, with a tag of its own', async (t) => {
  const { url, headers } = await serve(t);
  const whole = await fetch(`${url}/face.jpg`, { headers });
  const all = await whole.arrayBuffer();
  const tags = new Set([whole.headers.get('etag')]);
  for (const width of [160, 320]) {
    const answer = await fetch(`${url}/face.jpg?width=${width}`, { headers });
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'image/jpeg']);
    assert.equal(answer.headers.get('cache-control'), 'private, no-cache');
    const bytes = Buffer.from(await answer.arrayBuffer());
    const told = await sharp(bytes).metadata();
    assert.deepEqual([told.width, told.height], [width, (width * 800) / 640]);
    assert.ok(bytes.byteLength < all.byteLength / 2);
    const tag = answer.headers.get('etag') ?? '';
    tags.add(tag);
    const again = await fetch(`${url}/face.jpg?width=${width}`, { headers: { ...headers, 'if-none-match': tag } });
    assert.equal(again.status, 304);
  }
  assert.equal(tags.size, 3);
  for (const width of ['161', '', '-1', '99999', '160px']) {
    assert.equal((await fetch(`${url}/face.jpg?width=${width}`, { headers })).status, 400, width);
  }
});

test('what cannot be scaled down comes as it is, and as many as are asked for at once', async (t) => {
  const { url, headers, store } = await serve(t);
  const sizeOf = async (name: string) => (await (await fetch(`${url}/${name}`, { headers })).arrayBuffer()).byteLength;
  for (const name of ['narrow.jpg', 'broken.jpg', 'small.csv']) {
    assert.equal(await sizeOf(`${name}?width=160`), await sizeOf(name), name);
  }
  const many = await Promise.all(Array.from({ length: 40 }, () => sizeOf('face.jpg?width=160')));
  assert.equal(new Set(many).size, 1);
  await store.write((tx) => tx.dropBlob('tmp/face.jpg'));
  assert.equal((await fetch(`${url}/face.jpg?width=160`, { headers })).status, 404, 'erased with the picture');
});

test('who may not see the picture may not see it small', async (t) => {
  const { url, headers, caller } = await serve(t);
  caller.imageRight = false;
  for (const query of ['', '?width=160', '?width=nonsense']) {
    assert.equal((await fetch(`${url}/face.jpg${query}`, { headers })).status, 403, query);
  }
});
