import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startBox, type TestBox } from '../kit/box.ts';
import { until } from '../kit/wait.ts';
import { chunked, RawClient } from '../soak/hostile.ts';
import { memoryOf, metric } from '../soak/readers.ts';

/** Requests that are too large, too slow or too many, against a box that has to go on answering. */

const MIB = 1024 * 1024;
const WRONG_PARAMETER = -3596;
const BUSY = -1;

describe('hostile requests', () => {
  let box: TestBox;
  let clients: RawClient[] = [];
  before(async () => {
    box = await startBox({ environment: { GATEHOUSE_LOG_LEVEL: 'error' } });
    await box.login();
  });
  after(() => box?.stop());
  afterEach(() => endAll());

  const open = (source?: string) => {
    const client = new RawClient(box, source);
    clients.push(client);
    return client;
  };
  const endAll = () => {
    for (const client of clients) client.end();
    clients = [];
  };
  const answer = (client: RawClient, ms?: number) =>
    until('an answer', () => (client.code === undefined ? undefined : { code: client.code }), ms);

  test('bodies of 100 MB are refused in a sentence, in every form, and never held', async (t) => {
    const memory = await memoryOf(box);
    let highest = memory;
    const watch = setInterval(async () => {
      highest = Math.max(highest, await memoryOf(box).catch(() => 0));
    }, 100);
    t.after(() => clearInterval(watch));
    const session = { sessionid: box.sessionId };
    const form = { ...session, 'content-type': 'multipart/form-data; boundary=b' };
    for (const [path, headers] of [
      ['/api/json', { ...session, 'content-length': 100 * MIB }],
      ['/api/json', { ...session, 'transfer-encoding': 'chunked' }],
      ['/api/json', { 'transfer-encoding': 'chunked' }],
      ['/api/form', { ...form, 'content-length': 100 * MIB }],
      ['/api/form', { ...form, 'transfer-encoding': 'chunked' }],
    ] as const) {
      const client = open();
      client.post(path, headers);
      const poured = client.pour(100 * MIB, 'transfer-encoding' in headers ? chunked : undefined);
      assert.deepEqual(await answer(client), { code: WRONG_PARAMETER }, JSON.stringify(headers));
      // Whoever sends on is heard out for a while, but nothing of it is kept.
      await poured;
      await until('the box to hang up', () => client.closed);
    }
    // No encoding is understood, so nothing swells: 100 MB of zeros are 100 kB here, and stay so.
    const bomb = gzipSync(Buffer.alloc(100 * MIB));
    const client = open();
    client.post('/api/json', { ...session, 'content-encoding': 'gzip', 'content-length': bomb.length });
    client.say(bomb);
    assert.deepEqual(await answer(client), { code: WRONG_PARAMETER });
    assert.ok(highest - memory < 300, `${memory} MiB before, ${highest} MiB at most`);
    await until('the room to be given back', async () => (await metric(box, 'core_bodies_bytes')) === 0);
  });

  test('all bodies together have one budget: who finds no room hears that the box is busy', async () => {
    const size = 60 * MIB;
    const uploads = [1, 2, 3].map(() => {
      const client = open();
      client.post('/api/form', {
        sessionid: box.sessionId,
        'content-type': 'multipart/form-data; boundary=b',
        'content-length': size + 1,
      });
      return { client, poured: client.pour(size) };
    });
    const busy = await until('two to be refused', () => {
      const refused = uploads.filter(({ client }) => client.code !== undefined);
      return refused.length === 2 && refused;
    });
    for (const { client } of busy) assert.equal(client.code, BUSY);
    const [left] = uploads.filter((upload) => !busy.includes(upload));
    await left!.poured;
    assert.equal((await box.call(1281)).code, 0, 'small requests find room beside it');
    left!.client.say('x');
    // It arrived whole: what is wrong with it is its form.
    assert.deepEqual(await answer(left!.client), { code: WRONG_PARAMETER });
    assert.match(left!.client.heard, /not a multipart form/);
    assert.equal(await metric(box, 'core_bodies_refused'), 2);
    endAll();
    await until('the room to be given back', async () => (await metric(box, 'core_bodies_bytes')) === 0);
  });

  test('200 clients that send a byte a second are cut, and meanwhile others are answered at once', async () => {
    for (let n = 0; n < 100; n += 1) {
      open().say('POST /api/json HTTP/1.1\r\nX-Slow: ');
      open().post('/api/json', { 'content-length': 1000 });
    }
    const drip = setInterval(() => {
      for (const client of clients) client.say('T');
    }, 1_000);
    const began = performance.now();
    let slowest = 0;
    try {
      await until(
        'all of them to be cut',
        async () => {
          const asked = performance.now();
          assert.equal((await box.call(1281)).code, 0);
          slowest = Math.max(slowest, performance.now() - asked);
          return clients.every(({ closed }) => closed);
        },
        25_000,
      );
    } finally {
      clearInterval(drip);
    }
    assert.ok(slowest < 1_000, `the slowest answer took ${Math.round(slowest)} ms`);
    assert.ok(performance.now() - began > 5_000, 'they were given a chance');
    const slow = clients.filter(({ heard }) => /too slowly/.test(heard)).length;
    assert.equal(slow, 100, 'those whose head was well are told why');
    endAll();
  });

  test('one address cannot take all connections', async () => {
    for (let n = 0; n < 700; n += 1) open('127.0.0.1');
    await until('connections to be refused', async () => {
      const guest = open('127.0.0.2');
      guest.say('GET /metrics HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n');
      await until('an answer to another address', () => guest.closed && guest.heard.startsWith('HTTP/1.1 200'), 2_000);
      return /^gatehouse_core_connections_refused [1-9]/m.test(guest.heard);
    });
    const held = clients.filter(({ closed, socket }) => !closed && socket.localAddress === '127.0.0.1').length;
    assert.ok(held <= 512, `${held} connections of one address`);
    endAll();
    await until('the box to answer everybody', async () => (await box.call(1281)).code === 0);
  });
});
