import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { answerChallenge, chooseChallenge } from './rtsp-auth.ts';
import { probeRtsp } from './rtsp-probe.ts';

const sdp = [
  'v=0',
  'o=- 0 0 IN IP4 127.0.0.1',
  's=Session',
  'm=audio 0 RTP/AVP 0',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  'a=framerate:12.5',
  'a=x-dimensions:1280,720',
  '',
].join('\r\n');

const described = (body = sdp): string =>
  `RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Type: application/sdp\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** A camera that answers each request by a function of the request's text. */
async function camera(
  t: TestContext,
  answer: (request: string, socket: Socket) => string | undefined,
): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const text = answer(data.toString('latin1'), socket);
      if (text !== undefined && !socket.destroyed) socket.write(text);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a description is read, in however many pieces it comes', async (t) => {
  const where = await camera(t, (request, socket) => {
    assert.match(request, /^DESCRIBE rtsp:\/\/127\.0\.0\.1:\d+\/one RTSP\/1\.0\r\nCSeq: 1\r\n/);
    assert.doesNotMatch(request, /Authorization/);
    const text = described();
    socket.setNoDelay(true);
    for (let at = 0; at < text.length; at += 40) setImmediate(() => socket.write(text.slice(at, at + 40)));
    return undefined;
  });
  assert.deepEqual(await probeRtsp(`rtsp://${where}/one`), {
    ok: true,
    codec: 'h264',
    sdp: { codec: 'h264', payloadType: 96, hasAudio: true, fps: 12.5, width: 1280, height: 720 },
  });
});

const digestParts = { realm: 'http-auth@example.org', nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v' };
for (const [algorithm, response] of [
  ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
  ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
]) {
  test(`the digest of RFC 7616, ${algorithm}`, () => {
    const challenge = chooseChallenge([
      `Digest realm="${digestParts.realm}", qop="auth, auth-int", algorithm=${algorithm}, nonce="${digestParts.nonce}", opaque="FQ"`,
    ]);
    const answer = answerChallenge(challenge!, {
      method: 'GET',
      uri: '/dir/index.html',
      user: 'Mufasa',
      password: 'Circle of Life',
      clientNonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    });
    assert.match(answer, new RegExp(`response="${response}"`));
    assert.match(answer, /opaque="FQ"/);
  });
}

test('the strongest way of signing in is chosen', () => {
  const md5 = 'Digest realm="r", nonce="n"';
  const sha = 'Digest realm="r", nonce="n", algorithm=SHA-256';
  assert.equal(chooseChallenge(['Basic realm="r"', md5, sha])?.algorithm, 'sha-256');
  assert.equal(chooseChallenge(['Basic realm="r"', md5])?.scheme, 'digest');
  assert.equal(chooseChallenge(['Basic realm="r"'])?.scheme, 'basic');
  assert.equal(chooseChallenge(['Digest realm="r", nonce="n", algorithm=SHA-512-256', 'Bearer x']), undefined);
  assert.equal(chooseChallenge(['Digest realm="r"']), undefined);
});

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

for (const [offers, signIn] of [
  [['SHA-256'], 'sha-256'],
  [['SHA-256', 'MD5'], undefined],
  [['SHA-512-256', 'SHA-256'], 'sha-256'],
  [['MD5'], undefined],
] as const) {
  test(`digest with ${offers.join(' and ')}: it is told whether SHA-256 is the only way in`, async (t) => {
    const headers = offers.map((algorithm) => `WWW-Authenticate: Digest realm="r", nonce="n", algorithm=${algorithm}`);
    const refusal = `RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n${headers.join('\r\n')}\r\n\r\n`;
    const where = await camera(t, (request) => (request.includes('Authorization') ? described() : refusal));
    const result = await probeRtsp(`rtsp://admin:s3cret@${where}/one`);
    assert.equal(result.ok && result.signIn, signIn);
  });
}

test('a digest password is accepted, on a new connection and with a fresh nonce where the camera wants that', async (t) => {
  let nonce = 'first';
  const where = await camera(t, (request, socket) => {
    const uri = /^DESCRIBE (\S+)/.exec(request)?.[1];
    const expected = md5(`${md5('admin:cam:p@ss')}:${nonce}:${md5(`DESCRIBE:${uri}`)}`);
    if (nonce === 'second' && request.includes(`response="${expected}"`)) return described();
    const stale = request.includes('Authorization') ? ', stale=true' : '';
    nonce = stale ? 'second' : 'first';
    socket.end(
      `RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nConnection: close\r\nWWW-Authenticate: Digest realm="cam", nonce="${nonce}"${stale}\r\n\r\n`,
    );
    return undefined;
  });
  assert.equal((await probeRtsp(`rtsp://admin:p%40ss@${where}/one`)).ok, true);
});

test('a basic password is accepted, a wrong one and a missing one are told apart', async (t) => {
  const right = `Basic ${Buffer.from('admin:s3cret').toString('base64')}`;
  let requests = 0;
  const where = await camera(t, (request) => {
    requests += 1;
    return request.includes(right) ? described() : 'RTSP/1.0 401 No\r\nWWW-Authenticate: Basic realm="cam"\r\n\r\n';
  });
  assert.equal((await probeRtsp(`rtsp://admin:s3cret@${where}/one`)).ok, true);
  requests = 0;
  const wrong = await probeRtsp(`rtsp://admin:wr0ng@${where}/one`);
  assert.deepEqual(wrong, { ok: false, code: 'unauthorized', message: 'the camera rejects the user name or password' });
  assert.equal(requests, 2, 'one password is tried once: cameras lock accounts');
  const none = await probeRtsp(`rtsp://${where}/one`);
  assert.equal(!none.ok && none.code, 'unauthorized');
  assert.match(none.ok ? '' : none.message, /asks for/);
});

for (const [what, answer, code] of [
  ['no such path', 'RTSP/1.0 404 Not Found\r\n\r\n', 'not-found'],
  ['a denied stream', 'RTSP/1.0 403 Forbidden\r\n\r\n', 'unauthorized'],
  ['a redirection', 'RTSP/1.0 302 Moved\r\nLocation: rtsp://10.0.0.1/\r\n\r\n', 'protocol'],
  ['a fault of the camera', 'RTSP/1.0 500 \x1b[31mBang\r\n\r\n', 'protocol'],
  ['a web server', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'protocol'],
  ['another body', 'RTSP/1.0 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi', 'protocol'],
  ['an endless head', `RTSP/1.0 200 OK\r\n${'X: y\r\n'.repeat(40_000)}`, 'protocol'],
  ['a huge body', 'RTSP/1.0 200 OK\r\nContent-Length: 900000000\r\n\r\n', 'protocol'],
  ['a negative length', 'RTSP/1.0 200 OK\r\nContent-Length: -5\r\n\r\n', 'protocol'],
  ['no video', described('v=0\r\nm=audio 0 RTP/AVP 0\r\n'), 'unsupported-codec'],
  ['another codec', described('v=0\r\nm=video 0 RTP/AVP 97\r\na=rtpmap:97 MP4V-ES/90000\r\n'), 'unsupported-codec'],
  ['silence', undefined, 'timeout'],
  ['a body that never ends', 'RTSP/1.0 200 OK\r\nContent-Length: 100\r\n\r\nv=0', 'timeout'],
] as const) {
  test(`${what} is told as ${code}`, async (t) => {
    const where = await camera(t, () => answer);
    const result = await probeRtsp(`rtsp://admin:s3cret@${where}/one`, { timeoutMs: 600 });
    assert.equal(result.ok ? 'ok' : result.code, code);
    assert.doesNotMatch(JSON.stringify(result), /s3cret|\\u001b/);
  });
}

test('MJPEG with its fixed number and H.265 are known', async (t) => {
  const jpeg = await camera(t, () => described('v=0\r\nm=video 0 RTP/AVP 26\r\n'));
  const h265 = await camera(t, () => described('v=0\r\nm=video 0 RTP/AVP 98\r\na=rtpmap:98 H265/90000\r\n'));
  const results = await Promise.all([probeRtsp(`rtsp://${jpeg}/`), probeRtsp(`rtsp://${h265}/`)]);
  assert.deepEqual(
    results.map((result) => result.ok && result.codec),
    ['mjpeg', 'h265'],
  );
});

test('a closed port, an unknown host, a bad address, an answerless hang-up and giving up', async (t) => {
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as AddressInfo;
  gone.close();
  const hangUp = await camera(t, (_, socket) => void socket.destroy());
  const silent = await camera(t, () => undefined);
  const giveUp = new AbortController();
  const attempts = [
    probeRtsp(`rtsp://u:s3cret@127.0.0.1:${port}/`),
    probeRtsp('rtsp://u:s3cret@no-such-host.invalid/'),
    probeRtsp('ftp://u:s3cret@host/'),
    probeRtsp(`rtsp://u:s3cret@${hangUp}/`),
    probeRtsp(`rtsp://u:s3cret@${silent}/`, { signal: giveUp.signal }),
  ];
  giveUp.abort();
  const results = await Promise.all(attempts);
  assert.deepEqual(
    results.map((result) => !result.ok && result.code),
    ['refused', 'resolve', 'bad-url', 'protocol', 'timeout'],
  );
  assert.doesNotMatch(JSON.stringify(results), /s3cret/);
});
