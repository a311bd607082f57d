import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import mqtt from 'mqtt';
import { freePort } from '../../tests/kit/box.ts';
import { until } from '../../tests/kit/wait.ts';
import { capture, SERIAL, startPlugin } from './fixture.ts';
import { mosquittoMissing, observe, startBroker } from './mosquitto.fixture.ts';

const run = promisify(execFile);

/** A broker that takes one publication at a time, and answers as the test wants; by hand, since no real one does. */
async function scriptedBroker(
  t: TestContext,
  manner: { granted?: number; acknowledged?(topic: string): Promise<void> | undefined },
): Promise<{ url: string; topics: string[] }> {
  const topics: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    const send = (type: number, ...body: number[]) => socket.write(Buffer.from([type, body.length, ...body]));
    let five = true;
    onPackets(socket, (type, body) => {
      if (type === 1) {
        five = body[6] === 5;
        // At most one publication under way.
        send(0x20, ...(five ? [0, 0, 3, 0x21, 0, 1] : [0, 0]));
      } else if (type === 8) {
        const codes = filtersOf(body.subarray(five ? 3 : 2)).map(() => manner.granted ?? 0);
        send(0x90, body[0]!, body[1]!, ...(five ? [0] : []), ...codes);
      } else if (type === 3) {
        const end = 2 + body.readUInt16BE(0);
        const topic = body.toString('utf8', 2, end);
        topics.push(topic);
        void Promise.resolve(manner.acknowledged?.(topic)).then(() => send(0x40, body[end]!, body[end + 1]!));
      }
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { url: `mqtt://127.0.0.1:${(server.address() as { port: number }).port}`, topics };
}

/** Packets of MQTT as they come: kind, and what follows the length. */
function onPackets(socket: Socket, told: (type: number, body: Buffer) => void): void {
  let got = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    got = Buffer.concat([got, chunk]);
    for (;;) {
      let [length, at] = [0, 1];
      while (at < got.length && got[at]! > 127) length += (got[at]! & 127) * 128 ** (at++ - 1);
      if (at >= got.length) return;
      length += got[at]! * 128 ** (at - 1);
      if (got.length < at + 1 + length) return;
      const [type, body] = [got[0]! >> 4, got.subarray(at + 1, at + 1 + length)];
      got = got.subarray(at + 1 + length);
      told(type, body);
    }
  });
}

function filtersOf(body: Buffer): string[] {
  const filters: string[] = [];
  for (let at = 0; at < body.length; at += 3 + body.readUInt16BE(at))
    filters.push(body.toString('utf8', at + 2, at + 2 + body.readUInt16BE(at)));
  return filters;
}

/** An authority, and certificates it signed for a broker and a box. */
async function certificates(folder: string) {
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Test CA');
  const subjects = { broker: 'subjectAltName=IP:127.0.0.1', box: 'subjectAltName=DNS:box' };
  for (const [name, alternative] of Object.entries(subjects)) {
    const request = ['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`];
    await openssl('req', ...key, ...request, '-addext', alternative);
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-copy_extensions', 'copy'];
    await openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.pem`);
  }
  const text = (name: string) => readFile(join(folder, name), 'utf8');
  return { ca: await text('ca.pem'), certificate: await text('box.pem'), key: await text('box.key') };
}

test('TLS with a certificate of the box; without it, or with a stranger’s broker, it says why not', async (t) => {
  if (mosquittoMissing(t)) return;
  const plain = await startBroker(t);
  const { ca, certificate, key } = await certificates(plain.folder);
  const port = await freePort();
  await plain.stop();
  const files = ['cafile ca.pem', 'certfile broker.pem', 'keyfile broker.key'].map((line) => {
    const [name, file] = line.split(' ') as [string, string];
    return `${name} ${join(plain.folder, file)}`;
  });
  const lines = [`listener ${port} 127.0.0.1`, ...files, 'require_certificate true'];
  const configuration = join(plain.folder, 'mosquitto.conf');
  await writeFile(configuration, `${await readFile(configuration, 'utf8')}${lines.join('\n')}\n`);
  await plain.start();
  const observer = await observe(t, plain);

  const url = `mqtts://127.0.0.1:${port}`;
  // A form with fields of one line takes the line breaks away.
  const flat = { ca: ca.replaceAll('\n', ' '), certificate: certificate.replaceAll('\n', ''), key };
  const box = await startPlugin(t, { url, ...flat });
  await until('the connection', () => box.state().state === 'connected');
  await box.put(capture());
  await until('an event', () => observer.of('gatehouse/events').length === 1);

  const fault = async (settings: object) => {
    await box.restart(settings);
    return until('a fault', () => box.state().lastError);
  };
  assert.match(await fault({ url, ca }), /wants a certificate|closed the connection/);
  assert.match(await fault({ url, certificate, key }), /signed by nobody known/);
  assert.match(await fault({ url: `mqtts://127.0.0.1:${plain.port}`, ca }), /\w/);
  const held = JSON.stringify([box.state(), box.log, await box.parts.health!()]);
  assert.ok(!held.includes('PRIVATE KEY'), 'no key in state, log or health');
});

test('a wrong password stands in the health of the plugin, and the right one mends it', async (t) => {
  if (mosquittoMissing(t)) return;
  const broker = await startBroker(t, { user: { name: 'gate', password: 'right-1' } });
  const url = `mqtt://127.0.0.1:${broker.port}`;
  for (const protocol of ['5', '3.1.1']) {
    const box = await startPlugin(t, { url, protocol, user: 'gate', password: 'wrong-1' });
    await until('the refusal', () => box.state().lastError);
    const health = await box.parts.health!();
    assert.equal(health.state, 'degraded');
    assert.match(
      health.detail!,
      /^no connection to 127\.0\.0\.1:\d+: the broker (refused user and password|does not allow)/,
    );
    await box.put(capture());
    await box.restart({ url, protocol, user: 'gate', password: 'right-1' });
    await until('the connection', () => box.state().state === 'connected');
    await until('what waited', () => box.state().delivered === 1);
    assert.ok(!box.log.join('').includes('wrong-1'));
    await box.parts.stop?.();
  }
});

test('over a WebSocket', async (t) => {
  if (mosquittoMissing(t)) return;
  const port = await freePort();
  const broker = await startBroker(t, {
    lines: ['allow_anonymous true', `listener ${port} 127.0.0.1`, 'protocol websockets'],
  });
  const observer = await observe(t, broker);
  const box = await startPlugin(t, { url: `ws://127.0.0.1:${port}/mqtt` });
  await until('the connection', () => box.state().state === 'connected');
  await box.put(capture());
  await until('an event', () => observer.of('gatehouse/events').length === 1);
});

test('the broker keeps the session of the events, and none of the commands', async (t) => {
  if (mosquittoMissing(t)) return;
  // As EMQX does unasked: then only a session that has ended keeps no commands.
  const broker = await startBroker(t, { lines: ['queue_qos0_messages true'] });
  const observer = await observe(t, broker);
  const url = `mqtt://127.0.0.1:${broker.port}`;
  /** What is there for a client that comes back, without a word of what it listens to. */
  const kept = async (clientId: string, version: 4 | 5) => {
    const client = mqtt.connect(url, {
      clientId,
      clean: false,
      protocolVersion: version,
      ...(version === 5 ? { properties: { sessionExpiryInterval: 60 } } : {}),
    });
    t.after(() => client.end(true));
    const heard: string[] = [];
    client.on('message', (topic) => void heard.push(topic));
    const { sessionPresent } = await new Promise<{ sessionPresent: boolean }>((told) => client.once('connect', told));
    if (sessionPresent) await until('what waited', () => heard.length > 0);
    return { sessionPresent, heard };
  };
  for (const [protocol, version] of [
    ['5', 5],
    ['3.1.1', 4],
  ] as const) {
    const box = await startPlugin(t, { url, protocol, commandActions: true });
    await until('the connection', () => box.state().state === 'connected');
    await box.parts.stop?.();
    await observer.say('homeassistant/status', 'online');
    await observer.say('gatehouse/actions/doors-1/run', 'PRESS');
    assert.deepEqual(await kept(`gatehouse_${SERIAL}`, version), {
      sessionPresent: true,
      heard: ['homeassistant/status'],
    });
    assert.deepEqual(await kept(`gatehouse_${SERIAL}_commands`, version), { sessionPresent: false, heard: [] });
  }
});

test('addresses that nothing is sent to, and brokers that are none', async (t) => {
  const port = await freePort();
  const box = await startPlugin(t, { url: `mqtt://127.0.0.1:${port}` }, false);
  await until('the refusal', () => /loopback address/.test(box.state().lastError ?? ''));
  for (const [url, why] of [
    [`mqtt://localhost:${port}`, /loopback address/],
    [`ws://localhost:${port}`, /loopback address/],
    ['mqtt://169.254.169.254', /link-local address/],
    ['mqtts://[fe80::1]', /link-local address/],
  ] as const) {
    await box.restart({ url });
    await until(url, () => why.test(box.state().lastError ?? ''));
  }
  await box.restart({});
  assert.deepEqual([box.state().state, (await box.parts.health!()).state], ['off', 'ok']);
});

test('a broker that lets the box listen to nothing is told everything all the same', async (t) => {
  const broker = await scriptedBroker(t, { granted: 0x80 });
  const box = await startPlugin(t, { url: broker.url, protocol: '3.1.1' });
  await until('the connection', () => box.state().state === 'connected');
  await box.put(capture());
  await until('an event', () => broker.topics.includes('gatehouse/events'));
  await until('it to have arrived', () => box.state().delivered === 1);
  assert.match(box.state().lastError ?? '', /does not let the box listen/);
  assert.equal((await box.parts.health!()).state, 'degraded');
});

test('what waits for room with the broker is not sent any more when its person is erased', async (t) => {
  let release = () => {};
  const held = new Promise<void>((done) => {
    release = done;
  });
  const isEvent = (topic: string) => topic === 'gatehouse/events';
  const broker = await scriptedBroker(t, { acknowledged: (topic) => (isEvent(topic) ? held : undefined) });
  const box = await startPlugin(t, { url: broker.url, homeAssistant: false });
  await until('the connection', () => box.state().state === 'connected');
  await box.put(capture());
  await until('the first', () => broker.topics.some(isEvent));
  await box.put(capture({ shows: ['4/ada'] }));
  await box.outbox.erase(['4/ada']);
  release();
  await box.put(capture());
  await until('the last', () => box.state().delivered === 2);
  assert.equal(broker.topics.filter(isEvent).length, 2);
});

test('a broker that speaks nonsense, or more than anybody asked for, is left', async (t) => {
  const sockets = new Set<Socket>();
  let manner: (socket: Socket) => void = (socket) => void socket.write('HTTP/1.1 400 Bad\r\n\r\n');
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    manner(socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as { port: number };
  const url = `mqtt://127.0.0.1:${port}`;
  const box = await startPlugin(t, { url, protocol: '3.1.1' });
  await until('a fault', () => box.state().lastError);
  // CONNACK, then a PUBLISH of 256 MB of which half a megabyte comes.
  manner = (socket) => {
    socket.write(Buffer.from([0x20, 2, 0, 0]));
    socket.write(Buffer.concat([Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 97]), Buffer.alloc(512 * 1024)]));
  };
  await box.restart({ url, protocol: '3.1.1' });
  await until('it to be left', () => /more than the box listens to/.test(box.state().lastError ?? ''));
});
