import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { ADMIN_PASSWORD, startBox, type TestBox } from '../kit/box.ts';
import { until } from '../kit/wait.ts';
import { WireClient } from '../kit/wire-client.ts';

/** One raw request, for what fetch hides: status, headers and text. */
function raw(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Uint8Array } = {},
): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; text: string }> {
  return new Promise((done, failed) => {
    const make = url.startsWith('https') ? httpsRequest : httpRequest;
    const request = make(
      url,
      {
        method: options.method ?? 'GET',
        headers: options.headers ?? {},
        rejectUnauthorized: false,
        agent: false,
      } as object,
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          done({ status: response.statusCode ?? 0, headers: response.headers, text: String(Buffer.concat(chunks)) }),
        );
      },
    );
    request.on('error', failed);
    if (options.body !== undefined) request.write(options.body);
    request.end();
  });
}

const code = (text: string) => (JSON.parse(text) as { code: number }).code;

describe('a box over HTTP', () => {
  let box: TestBox;
  before(async () => {
    box = await startBox();
    await box.login();
  });
  after(() => box?.stop());

  test('health and metrics are open, details are not', async () => {
    const open = await raw(`${box.url}/healthz`);
    assert.equal(open.status, 200);
    assert.deepEqual(Object.keys(JSON.parse(open.text) as object), ['status']);
    const own = await raw(`${box.url}/healthz`, { headers: { sessionid: box.sessionId } });
    const { plugins } = JSON.parse(own.text) as { plugins: { id: string; state: string }[] };
    assert.deepEqual(
      plugins.filter((plugin) => plugin.state !== 'RUNNING'),
      [],
    );
    const metrics = await raw(`${box.url}/metrics`);
    assert.equal(metrics.status, 200);
    assert.match(metrics.text, /^gatehouse_core_websocket_clients 0$/m);
    assert.match(metrics.text, /^gatehouse_process_resident_memory_bytes \d/m);
  });

  test('an existing client: login, version, databases, key, subscription, pong', async () => {
    const login = await raw(`${box.url}/api/json`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ msg_id: 257, user_name: 'admin', user_pwd: ADMIN_PASSWORD }),
    });
    const { data: sessionId } = JSON.parse(login.text) as { data: string };
    assert.equal(typeof sessionId, 'string');
    assert.equal(login.headers['sessionid'], sessionId);
    const version = await box.call<Record<string, string>>('1281', {}, sessionId);
    assert.equal(version.code, 0);
    for (const field of [
      'device_id',
      'serial_id',
      'display_version',
      'display_web_version',
      'version',
      'web_version',
    ]) {
      assert.equal(typeof version.data[field], 'string', field);
    }
    assert.deepEqual((await box.call('1028', {}, sessionId)).data, []);
    const key = (await box.call<{ key: string }>('1286', {}, sessionId)).data.key;
    for (const path of ['/ws', '/ws/']) {
      const client = await WireClient.connect(box.url, path);
      assert.deepEqual(await client.subscribe(key), { code: 0, msg: '' });
      client.socket.ping();
      await until('a pong', () => client.pongs > 0);
      client.close();
    }
    const stranger = await WireClient.connect(box.url);
    const refusal = await stranger.subscribe('00000000-0000-0000-0000-000000000000');
    assert.notEqual(refusal['code'], 0);
    assert.equal('data' in refusal, false);
    stranger.close();
    assert.equal((await box.call('258', {}, sessionId)).code, 0);
    assert.equal((await box.call('1281', {}, sessionId)).code, -141);
  });

  test('bad requests are answered with a code, and the box goes on', async () => {
    const post = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
      raw(`${box.url}/api/json`, { method: 'POST', body, headers: { sessionid: box.sessionId, ...headers } });
    for (const [body, expected] of [
      ['{"msg_id":"516"', -3596],
      ['', -3596],
      ['[]', -3596],
      ['{"msg_id":"516","msg_id":"514"}', -3596],
      ['{"msg_id":"99999"}', -3599],
      ['{"msg_id":"abc"}', -3599],
      ['{}', -3599],
      ['{"msg_id":"514","channel":"eleven"}', -3596],
      ['{"msg_id":"514","channel":33}', -3596],
      ['{"msg_id":"514","channel":11}', -109],
    ] as const) {
      const { status, text } = await post(body);
      assert.equal(status, 200, body);
      assert.equal(code(text), expected, body);
    }
    const large = await raw(`${box.url}/api/json`, { method: 'POST', body: 'x'.repeat(300_000) });
    assert.equal(code(large.text), -3596);
    const announced = await raw(`${box.url}/api/json`, {
      method: 'POST',
      headers: { 'content-length': String(10 ** 9), expect: 'x' },
    }).catch(() => undefined);
    assert.ok(announced === undefined || announced.status === 417 || code(announced.text) === -3596);
    assert.equal((await box.call(1281)).code, 0);
  });

  test('no path leads out of the stored files', async () => {
    await writeFile(join(box.dataFolder, 'record', 'secret.jpg'), 'x').catch(() => {});
    for (const path of [
      '/ws/../gatehouse.db',
      '/ws/..%2fgatehouse.db',
      '/ws/record/..%5c..%5csecret.key',
      '/ws/record/../secret.key',
      '/ws/%2e%2e/secret.key',
      '/ws//etc/passwd',
      '/ws/record/secret.jpg',
      '/ws/%00',
      '/ws/%ff',
      '/ui/../package.json',
      '/ui/..%2fpackage.json',
      '/ui/vendor/preact/../../package.json',
      '/p/users/ui/../tables.ts',
      '/p/users/ui/..%2ftables.ts',
      '/p/../core/main.ts',
    ]) {
      const { status } = await raw(box.url + path, { headers: { sessionid: box.sessionId } });
      assert.ok(status === 404 || status === 400, `${path}: ${status}`);
    }
    const { status } = await raw(`${box.url}/ws/record/channel1/face/1_1.jpg`);
    assert.equal(status, 401);
  });

  test('a page of another site can do nothing with the cookie', async () => {
    const login = await raw(`${box.url}/p/users/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'admin', password: ADMIN_PASSWORD }),
    });
    assert.equal(login.status, 200, login.text);
    const cookie = String(login.headers['set-cookie']);
    assert.match(cookie, /HttpOnly/i);
    assert.match(cookie, /SameSite=Strict/i);
    const own = cookie.split(';')[0] ?? '';
    const host = new URL(box.url).host;
    const me = (origin?: string) =>
      raw(`${box.url}/p/users/me`, { headers: { cookie: own, ...(origin ? { origin } : {}) } });
    assert.equal((await me()).status, 200);
    assert.equal((await me(`http://${host}`)).status, 200);
    assert.equal((await me('http://evil.example')).status, 401);
    const opens = (origin: string) =>
      new Promise<boolean>((done) => {
        const socket = new WebSocket(`ws://${host}/live`, { headers: { cookie: own, origin } });
        socket.on('open', () => done(true));
        socket.on('error', () => done(false));
      });
    assert.equal(await opens(`http://${host}`), true);
    assert.equal(await opens('http://evil.example'), false);
  });

  test('the health page tells the days that are set, not the usual ones', async () => {
    const rules = async () =>
      (await box.rest<{ retention: { rules: { name: string; days: number }[] } }>('GET', '/p/system/overview')).body
        .retention.rules;
    assert.ok((await rules()).some(({ name, days }) => name === 'captures' && days === 30));
    const path = '/p/system/plugins/captures/config';
    const { values } = (await box.rest<{ values: object }>('GET', path)).body;
    assert.equal((await box.rest('PUT', path, { ...values, keepDays: 7 })).status, 200);
    const now = await rules();
    assert.deepEqual(
      now.filter(({ name }) => name === 'captures'),
      [{ name: 'captures', days: 7 }],
    );
  });

  test('REST refuses what is not JSON', async () => {
    const { status } = await raw(`${box.url}/p/users/login`, { method: 'POST', body: 'name=admin&password=x' });
    assert.equal(status, 400);
  });
});

test('over HTTPS: a certificate of its own, a redirect, a secure cookie', async () => {
  const box = await startBox({ environment: { GATEHOUSE_PROTOCOL: 'https' } });
  try {
    assert.match(box.output, /Certificate SHA-256: ([0-9A-F]{2}:){31}[0-9A-F]{2}/);
    assert.equal((await raw(`${box.url}/healthz`)).status, 200);
    const plain = await raw(`http://127.0.0.1:${box.ports.http}/ws/a?b=1`, { headers: { host: 'box.local:1234' } });
    assert.equal(plain.status, 308);
    assert.equal(plain.headers['location'], `https://box.local:${box.ports.https}/ws/a?b=1`);
    // A client that never begins its TLS handshake must not keep the box from stopping cleanly.
    const silent = connect(box.ports.https, '127.0.0.1');
    await once(silent, 'connect');
    silent.on('error', () => {});
    const hostile = await raw(`http://127.0.0.1:${box.ports.http}/`, { headers: { host: 'a"><script>' } });
    assert.ok(!String(hostile.headers['location']).includes('<'));
    const login = await raw(`${box.url}/p/users/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'admin', password: ADMIN_PASSWORD }),
    });
    assert.match(String(login.headers['set-cookie']), /Secure/i);
    assert.equal(await box.stop(), 0);
    assert.match(box.output, /"msg":"stopped"/);
  } finally {
    await box.stop('SIGKILL');
  }
});

test('the first start makes a password once; a session and the mode outlive a restart; stopping is clean', async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'gatehouse-first-'));
  const environment = { GATEHOUSE_ADMIN_PASSWORD: undefined };
  let box = await startBox({ dataFolder, environment });
  try {
    const password = /admin.*?password[^\n]*?:?\s+(\S{8,31})\s*$/im.exec(box.output)?.[1];
    assert.ok(password, box.output);
    await box.login('admin', password);
    assert.equal((await box.call(516)).code, -140, 'the generated password must be changed first');
    assert.equal((await box.call(1281)).code, -140);
    const weak = await box.rest<{ code: number }>('PUT', '/p/users/me/password', { current: password, next: 'short' });
    assert.equal(weak.body.code, -142);
    const next = 'Another-one-7';
    assert.equal((await box.rest('PUT', '/p/users/me/password', { current: password, next })).status, 200);
    assert.equal((await box.call(516)).code, 0);
    const { sessionId } = box;
    const began = performance.now();
    assert.equal(await box.stop(), 0);
    assert.ok(performance.now() - began < 10_000);
    for (const file of ['gatehouse.db', 'secret.key']) {
      assert.equal((await stat(join(dataFolder, file))).mode & 0o077, 0, `${file} is private`);
    }

    // The environment's protocol counted at the first start only.
    box = await startBox({ dataFolder, environment: { ...environment, GATEHOUSE_ADMIN_PASSWORD: 'Other-pass-9' } });
    box.sessionId = sessionId;
    assert.equal((await box.call(516)).code, 0, 'the session is still there');
    assert.ok(!box.output.includes(next) && !/password[^\n]*:\s+\S{8}/i.test(box.output));
    const { code: refused } = await box.call(257, { user_name: 'admin', user_pwd: 'Other-pass-9' }, '');
    assert.equal(refused, -113);
    await box.login('admin', next);
  } finally {
    await box.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
});

test('a port that is taken, and a wrong setting, are said in a sentence', async () => {
  const box = await startBox();
  try {
    await assert.rejects(
      startBox({ environment: { GATEHOUSE_HTTP_PORT: String(box.ports.http) } }),
      /port \d+ on 127\.0\.0\.1 is taken by another program/,
    );
    await assert.rejects(startBox({ environment: { GATEHOUSE_PROTOCOL: 'gopher' } }), /GATEHOUSE_PROTOCOL/);
  } finally {
    await box.stop();
  }
});
