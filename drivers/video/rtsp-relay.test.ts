import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { until } from '../../tests/kit/wait.ts';
import { openRelay } from './rtsp-relay.ts';

/** A camera that gives the next of these answers to each request, and closes after one that says so. */
async function camera(t: TestContext, answers: string[]): Promise<{ port: number; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      requests.push(String(data));
      const answer = answers.shift() ?? '';
      socket.write(answer);
      if (answer.includes('Connection: close')) socket.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, requests };
}

/** Sends one request through a relay to the camera; what came back, once it holds a whole answer. */
async function ask(t: TestContext, port: number, line: string, more = ''): Promise<string> {
  const location = `rtsp://127.0.0.1:${port}/live?a=b`;
  const relay = await openRelay({ host: '127.0.0.1', port, location, user: 'me', password: 'secret' });
  t.after(() => relay.close());
  const socket = connect(Number(/:(\d+)\//.exec(relay.url)?.[1]), '127.0.0.1');
  t.after(() => socket.destroy());
  let said = '';
  socket.on('data', (data) => {
    said += data;
  });
  socket.write(`${line.replace('URL', relay.url)} RTSP/1.0\r\nCSeq: 7\r\nAuthorization: none\r\n${more}\r\n`);
  await until('an answer', () => said.endsWith('\r\n\r\n'));
  return said;
}

const refusal = 'RTSP/1.0 401 No\r\nCSeq: 7\r\nWWW-Authenticate: Basic realm="x"\r\n';
const signed = `Authorization: Basic ${Buffer.from('me:secret').toString('base64')}`;

for (const closing of ['', 'Connection: close\r\n']) {
  test(`a refusal ${closing ? 'that hangs up ' : ''}is answered with the password`, async (t) => {
    const { port, requests } = await camera(t, [`${refusal}${closing}\r\n`, 'RTSP/1.0 200 OK\r\nCSeq: 7\r\n\r\n']);
    assert.equal(await ask(t, port, 'PLAY URL/track1'), 'RTSP/1.0 200 OK\r\nCSeq: 7\r\n\r\n');
    const line = `PLAY rtsp://127.0.0.1:${port}/live?a=b/track1 RTSP/1.0\r\nCSeq: 7\r\n`;
    assert.deepEqual(requests, [`${line}\r\n`, `${line}${signed}\r\n\r\n`]);
  });
}

test('a password that is refused is not tried again', async (t) => {
  const { port, requests } = await camera(t, [`${refusal}\r\n`, `${refusal}\r\n`]);
  assert.equal(await ask(t, port, 'DESCRIBE URL'), `${refusal}\r\n`);
  assert.equal(requests.length, 2);
});

test('over UDP the camera is named as the other end, unless the answer names one', async (t) => {
  const head = 'RTSP/1.0 200 OK\r\nCSeq: 7\r\nTransport: RTP/AVP;client_port=1-2';
  for (const [given, passed] of [
    ['', ';source=127.0.0.1'],
    [';source=10.0.0.9', ';source=10.0.0.9'],
  ]) {
    const { port } = await camera(t, [`${head}${given}\r\nSession: 1\r\n\r\n`]);
    assert.equal(await ask(t, port, 'SETUP URL'), `${head}${passed}\r\nSession: 1\r\n\r\n`);
  }
});

test('what is no RTSP ends the connection', async (t) => {
  const { port } = await camera(t, ['x'.repeat(40_000)]);
  const relay = await openRelay({ host: '127.0.0.1', port, location: `rtsp://127.0.0.1:${port}/` });
  t.after(() => relay.close());
  const socket = connect(Number(/:(\d+)\//.exec(relay.url)?.[1]), '127.0.0.1');
  socket.on('error', () => {});
  socket.resume().write('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n');
  await once(socket, 'close');
});
