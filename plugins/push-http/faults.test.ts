import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { ContractError } from '../../core/gateway/errors.ts';
import { RefusedError } from '../../core/plugin/push-services.ts';
import { until } from '../../tests/kit/wait.ts';
import { startPushBox } from './fixture.ts';
import { Form } from './form.ts';
import { rawReceiver, receiver, selfSigned } from './receivers.fixture.ts';
import { Sender } from './sender.ts';
import type { ShownCertificate, TestResult } from './shapes.ts';
import type { Trust } from './trust.ts';

/** Receivers that refuse, hang, break, lie; and those that are not who they should be. */

const LENIENT = { allowLoopback: true };
const form = (bytes = 10) => new Form().text('key', 'k').file('snap', 'snap.jpg', 'image/jpeg', new Uint8Array(bytes));

async function send(url: string, options: { trust?: Trust; ms?: number; bytes?: number } = {}): Promise<number> {
  const sender = new Sender(new URL(url), options.trust ?? { kind: 'system' }, LENIENT);
  try {
    return await sender.send(form(options.bytes), AbortSignal.timeout(options.ms ?? 5_000));
  } finally {
    sender.close();
  }
}

test('what an answer means', async (t) => {
  let status = 200;
  const one = await receiver(t, (response) => {
    response.writeHead(status, { location: 'http://169.254.169.254/' });
    response.end('x');
  });
  for (status of [200, 201, 204]) assert.equal(await send(one.url), status);
  for (status of [400, 411, 413, 414, 415, 422, 431]) await assert.rejects(send(one.url), RefusedError, String(status));
  // A key may be put right, and a proxy get its receiver back.
  for (status of [401, 403, 404, 405, 408, 410, 425, 429, 500, 502, 503]) {
    await assert.rejects(
      send(one.url),
      (error) => !(error instanceof RefusedError) && /answered \d+/.test(String(error)),
    );
  }
  const before = one.heard.length;
  for (status of [301, 302, 307, 308]) await assert.rejects(send(one.url), /redirects are not followed/);
  assert.equal(one.heard.length, before + 4, 'nobody followed');
});

test('a receiver that hangs, closes, or speaks something else is tried again, and none is waited for for ever', async (t) => {
  const hangs = await rawReceiver(t, () => {});
  await assert.rejects(send(hangs.url, { ms: 200 }), /did not answer in time/);
  const closes = await rawReceiver(t, (socket) => socket.once('data', () => socket.destroy()));
  await assert.rejects(send(closes.url, { bytes: 4_000_000 }), /closed the connection/);
  const closesAtOnce = await rawReceiver(t, (socket) => socket.destroy());
  await assert.rejects(send(closesAtOnce.url), /closed the connection/);
  const garbage = await rawReceiver(t, (socket) =>
    socket.once('data', () => socket.write('\x16\x03\x01 hello\r\n\r\n')),
  );
  await assert.rejects(send(garbage.url), /does not speak HTTP/);
  const heads = await rawReceiver(t, (socket) =>
    socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1_000_000)}\r\n`)),
  );
  await assert.rejects(send(heads.url), /does not speak HTTP/);
  await assert.rejects(send('http://127.0.0.1:9/'), /nobody listens/);
  for (const failed of [hangs, closes, garbage]) assert.equal(failed.connections, 1, 'one attempt each');
});

test('an answer without end, and one of any size, is cut; its status counts', async (t) => {
  let written = 0;
  const huge = await rawReceiver(t, (socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const more = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536))) written += 65_536;
      };
      socket.on('drain', more);
      more();
    });
  });
  assert.equal(await send(huge.url), 200);
  assert.ok(written < 16_000_000, `${written} bytes were taken`);
  const endless = await rawReceiver(t, (socket) => {
    socket.once('data', () => socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 10\r\n\r\n12'));
  });
  assert.equal(await send(endless.url), 202);
});

test('connections stay open, and one the receiver closed meanwhile costs nothing', async (t) => {
  const one = await receiver(t, (response, _, request) => {
    response.end(() => {
      // Without telling: the next push finds the connection closed.
      if (one.heard.length === 3) setImmediate(() => request.socket.destroy());
    });
  });
  const sender = new Sender(new URL(one.url), { kind: 'system' }, LENIENT);
  t.after(() => sender.close());
  for (let i = 0; i < 6; i += 1) assert.equal(await sender.send(form(), AbortSignal.timeout(5_000)), 200);
  assert.equal(one.connections, 2);
});

test('a receiver that came back closed every connection that had stayed open: the next push finds a new one', async (t) => {
  const waiting: (() => void)[] = [];
  let connections = 0;
  const one = await rawReceiver(t, (socket) => {
    connections += 1;
    const fresh = connections > 3;
    socket.once('data', () => {
      const answer = () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
        // What comes next by it is answered with a reset, as by a machine that knows nothing of it.
        if (!fresh) socket.once('data', () => socket.resetAndDestroy());
      };
      if (fresh) answer();
      else if (waiting.push(answer) === 3) for (const go of waiting.splice(0)) go();
    });
  });
  const sender = new Sender(new URL(one.url), { kind: 'system' }, LENIENT);
  t.after(() => sender.close());
  const push = () => sender.send(form(), AbortSignal.timeout(10_000));
  assert.deepEqual(await Promise.all([push(), push(), push()]), [200, 200, 200]);
  assert.equal(await push(), 200);
  assert.equal(connections, 4);
});

test('an encrypted receiver is believed only by an authority or by its pinned certificate, before anything is sent', async (t) => {
  const [own, other] = [selfSigned('receiver.example'), selfSigned('other.example')];
  const one = await receiver(t, undefined, own);
  await assert.rejects(send(one.url), /signed by nobody the box knows/);
  const fingerprint = new X509Certificate(own.cert).fingerprint256;
  const foreign = new X509Certificate(other.cert).fingerprint256;
  await assert.rejects(send(one.url, { trust: { kind: 'pinned', fingerprint: foreign } }), /another certificate/);
  assert.equal(one.heard.length, 0, 'nothing was told to a stranger');
  assert.equal(await send(one.url, { trust: { kind: 'pinned', fingerprint } }), 200);
  assert.equal(one.heard.length, 1);
  const plain = await receiver(t);
  await assert.rejects(send(plain.url.replace('http:', 'https:'), { trust: { kind: 'pinned', fingerprint } }));
});

test('a person sees the certificate and confirms it', async (t) => {
  const box = await startPushBox(t);
  const own = selfSigned('receiver.example');
  const one = await receiver(t, undefined, own);
  const shown = await box.call<ShownCertificate>('POST', '/certificate', { url: one.url });
  assert.equal(shown.fingerprint, new X509Certificate(own.cert).fingerprint256);
  assert.deepEqual([shown.subject, shown.issuer, shown.trusted], ['receiver.example', 'receiver.example', false]);
  assert.ok(shown.validTo > shown.validFrom && shown.reason !== '');
  const pinned = { url: one.url, trust: 'pinned' };
  await assert.rejects(box.call('POST', '/targets', pinned), { field: 'fingerprint' });
  await assert.rejects(box.call('POST', '/targets', { ...pinned, fingerprint: 'ab' }), ContractError);
  await assert.rejects(box.call('POST', '/targets', { ...pinned, url: 'http://a.invalid/' }), { field: 'trust' });
  const fingerprint = shown.fingerprint.replaceAll(':', '').toLowerCase();
  await box.call('POST', '/targets', { ...pinned, fingerprint });
  await until('a heartbeat', () => one.heard.length === 1);
  const { ok, message } = await box.call<TestResult>('POST', '/test', { url: one.url });
  assert.equal(ok, false);
  assert.match(message, /signed by nobody/);
  await assert.rejects(box.call('POST', '/certificate', { url: (await receiver(t)).url }), ContractError);
});

test('the box itself is no receiver unless that is allowed, by whatever name', async (t) => {
  const one = await receiver(t);
  const box = await startPushBox(t, { allowLoopback: false });
  const { port } = new URL(one.url);
  await assert.rejects(box.call('POST', '/test', { url: one.url }), ContractError);
  await assert.rejects(box.call('POST', '/certificate', { url: `https://127.0.0.1:${port}/` }), ContractError);
  const { ok, message } = await box.call<TestResult>('POST', '/test', { url: `http://localhost:${port}/` });
  assert.equal(ok, false);
  assert.match(message, /loopback/);
  await box.call('POST', '/targets', { url: `http://localhost:${port}/` });
  await until('a heartbeat that failed', async () => (await box.targets())[0]!.heartbeat?.ok === false);
  assert.equal(one.connections, 0);
});

test('a receiver whose address is not allowed any more says so, and the others go on', async (t) => {
  const box = await startPushBox(t);
  const one = await receiver(t);
  await box.call('POST', '/targets', { url: one.url });
  await box.call('POST', '/targets', { url: 'http://192.0.2.1/' });
  await until('a heartbeat', () => one.heard.length === 1);
  assert.deepEqual(await box.parts.health!(), { state: 'ok' });
  box.outgoing.allowLoopback = false;
  await box.restart();
  const [forbidden, other] = await box.targets();
  assert.match(forbidden!.lastError ?? '', /loopback/);
  assert.equal(other!.lastError, null);
  assert.equal((await box.parts.health!()).state, 'degraded');
  await box.call('PATCH', `/targets/${forbidden!.id}`, { enabled: false, url: 'http://192.0.2.2/' });
  assert.deepEqual(await box.parts.health!(), { state: 'ok' });
  assert.equal(one.heard.length, 1);
});

test('a push that fails waits for the next one, one that is refused does not', async (t) => {
  const box = await startPushBox(t);
  const answers = [500, 404, 200, 413, 200];
  const one = await receiver(t, (response, { id }) => {
    response.statusCode = id === '775' ? 200 : (answers.shift() ?? 200);
    response.end();
  });
  await box.call('POST', '/targets', { url: one.url });
  box.push({ id: 'a' });
  box.push({ id: 'b' });
  box.push({ id: 'c' });
  await until('the end', async () => (await box.targets())[0]!.waiting === 0);
  const got = one.heard.filter(({ id }) => id === '774').map(({ body }) => /"snap_id":"(.)"/.exec(body)![1]);
  assert.deepEqual(got, ['a', 'a', 'a', 'b', 'c']);
  const [target] = await box.targets();
  assert.deepEqual([target!.delivered, target!.dead, target!.lastError], [2, 1, 'the receiver answered 413']);
});

test('a receiver that refuses everything, heartbeats as well, costs nothing: what waits is sent when it is itself again', async (t) => {
  const box = await startPushBox(t);
  let status = 400;
  const one = await receiver(t, (response) => {
    response.statusCode = status;
    response.end('400 The plain HTTP request was sent to HTTPS port');
  });
  await box.call('POST', '/targets', { url: one.url });
  for (const id of ['a', 'b', 'c']) box.push({ id });
  await until('several tries', () => one.heard.filter(({ id }) => id === '774').length >= 3);
  const [target] = await box.targets();
  assert.deepEqual([target!.waiting, target!.dead], [3, 0]);
  status = 200;
  await until('all to arrive', async () => (await box.targets())[0]!.delivered === 3);
});

test('a receiver that takes heartbeats and refuses every capture says so, until one arrives', async (t) => {
  const box = await startPushBox(t);
  let status = 413;
  const one = await receiver(t, (response, { id }) => {
    response.statusCode = id === '775' ? 200 : status;
    response.end();
  });
  await box.call('POST', '/targets', { url: one.url });
  for (const id of ['a', 'b']) box.push({ id });
  await until('both refused', async () => (await box.targets())[0]!.dead === 2);
  const [target] = await box.targets();
  assert.equal(target!.refused, 2);
  status = 200;
  box.push({ id: 'c' });
  await until('one to arrive', async () => (await box.targets())[0]!.delivered === 1);
  assert.equal((await box.targets())[0]!.refused, 0);
});
