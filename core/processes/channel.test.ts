import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { until } from '../../tests/kit/wait.ts';
import { MessageChannel } from './channel.ts';

async function pair(): Promise<{ left: Socket; right: Socket; close(): void }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const left = connect(port, '127.0.0.1');
  const [right] = (await once(server, 'connection')) as [Socket];
  return {
    left,
    right,
    close() {
      left.destroy();
      right.destroy();
      server.close();
    },
  };
}

test('messages and their blobs arrive whole and in order, however they are cut', async () => {
  const { left, right, close } = await pair();
  const got: { message: { n: number }; blobs: Uint8Array[] }[] = [];
  new MessageChannel<object, { n: number }>(right, (message, blobs) => got.push({ message, blobs }));
  const sender = new MessageChannel<{ n: number; text: string }, object>(left, () => {});
  const big = new Uint8Array(700_000).map((_, i) => i % 251);
  for (let n = 0; n < 50; n++) sender.send({ n, text: '门'.repeat(n) }, n % 3 === 0 ? [big, Uint8Array.of(n)] : []);
  await until('50 messages', () => got.length === 50);
  got.forEach(({ message, blobs }, n) => {
    assert.equal(message.n, n);
    assert.equal(blobs.length, n % 3 === 0 ? 2 : 0);
    if (blobs[0]) assert.deepEqual(Buffer.compare(blobs[0], big), 0);
    if (blobs[1]) assert.deepEqual([...blobs[1]], [n]);
  });
  close();
});

test('what is handed over does not depend on the sender any more; waiting for it has an end', async () => {
  const { left, right, close } = await pair();
  left.on('error', () => {});
  right.on('error', () => {});
  right.pause();
  const sender = new MessageChannel<object, object>(left, () => {});
  await sender.handedOver(60_000);
  sender.send({ n: 1 }, [new Uint8Array(30_000_000)]);
  await sender.handedOver(50);
  assert.ok(sender.backlog > 0, 'nobody reads: it gave up');
  const handed = sender.handedOver(60_000);
  right.resume();
  await handed;
  assert.equal(sender.backlog, 0);
  right.pause();
  sender.send({ n: 2 }, [new Uint8Array(30_000_000)]);
  const cut = sender.handedOver(60_000);
  left.destroy();
  await cut;
  close();
});

test('a peer that sends what is no JSON is cut off, and nothing is thrown', async () => {
  const { left, right, close } = await pair();
  right.on('error', () => {});
  left.on('error', () => {});
  new MessageChannel<object, object>(right, () => {});
  left.write(Uint8Array.of(0, 0, 0, 6, 0, 0, 0, 2, 0x7b, 0x78));
  await until('the connection to be cut', () => right.destroyed);
  close();
});

test('single bytes are enough, a senseless length is not', async () => {
  const { left, right, close } = await pair();
  const got: object[] = [];
  right.on('error', () => {});
  new MessageChannel<object, object>(right, (message) => got.push(message));
  left.setNoDelay(true);
  const json = Buffer.from(JSON.stringify({ m: { hello: 1 }, b: [] }));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(4 + json.byteLength, 0);
  head.writeUInt32BE(json.byteLength, 4);
  for (const byte of Buffer.concat([head, json])) left.write(Uint8Array.of(byte));
  await until('the message', () => got.length === 1);
  assert.deepEqual(got, [{ hello: 1 }]);
  left.on('error', () => {});
  left.write(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1));
  await until('the connection to be cut', () => right.destroyed);
  close();
});
