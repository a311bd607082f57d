import type { CameraCase } from './case.ts';
import type { Random } from './random.ts';

/** Cameras that answer DESCRIBE with what no camera should. */

const STATUS_LINES = [
  'RTSP/1.0 200 OK',
  'RTSP/1.0 200 OK',
  'RTSP/1.0 200 OK',
  'RTSP/1.0 200',
  'RTSP/2.0 200 OK',
  'HTTP/1.1 200 OK',
  'RTSP/1.0 000 ',
  'RTSP/1.0 99999 OK',
  'RTSP/1.0 302 Moved',
  'RTSP/1.0 404 \u001b[31mNot here\u0007',
  'RTSP/1.0 454 Session Not Found',
  `RTSP/1.0 500 ${'a'.repeat(9000)}`,
  'rtsp/1.0 200 ok',
  '',
];

const HEADER_LINES = [
  'CSeq: 1',
  'CSeq: -1',
  'Content-Type: application/sdp',
  'Content-Type: text/html; charset=\u0000',
  'Content-Base: rtsp://elsewhere.example/',
  'Location: rtsp://127.0.0.1:1/again',
  'Location: file:///etc/passwd',
  'Connection: close',
  'no colon',
  ': no name',
  '__proto__: x',
  'constructor: y',
  `X-Long: ${'b'.repeat(12_000)}`,
  'X-Folded: a\r\n b',
  'Transfer-Encoding: chunked',
];

const CHALLENGES = [
  'Digest realm="cam", nonce="abc", algorithm=MD5',
  'Digest realm="cam", nonce="abc", algorithm=SHA-256, qop="auth,auth-int"',
  'Digest realm="cam", nonce="abc", stale=true',
  'Digest realm="cam", nonce=""',
  'Digest realm="cam\\", nonce="abc", opaque="x',
  'Digest realm="cam", nonce="abc", algorithm=SHA-512-256',
  'Digest realm="cam", nonce="abc", algorithm=MD5-sess, qop=auth',
  `Digest ${'a="b",'.repeat(2000)}`,
  `Digest realm="${'r'.repeat(14_000)}", nonce="n"`,
  `Digest realm="cam", nonce="a\u0000b\u00ff", opaque="\u0007"`,
  'Basic realm="cam"',
  'Basic',
  'Negotiate abc',
  '',
  '=,=,=',
];

const LENGTHS = ['0', '5', '100000', '65537', '-1', '1e3', '99999999999', '', ' 12', '12, 12', '0x10'];

const SDP_LINES = [
  'v=0',
  'o=- 0 0 IN IP4 127.0.0.1',
  's=x',
  't=0 0',
  'm=video 0 RTP/AVP 96',
  'm=video 0 RTP/AVP 96 97 98',
  'm=video 0 RTP/AVP 26',
  'm=video 99999999999999999999 RTP/AVP 999',
  'm=video',
  'm=audio 0 RTP/AVP 0',
  `m=video 0 RTP/AVP${' 96'.repeat(5000)}`,
  'a=rtpmap:96 H264/90000',
  'a=rtpmap:97 H265/90000',
  'a=rtpmap:96 JPEG/0',
  'a=rtpmap:96 H264',
  'a=rtpmap:4294967296 H264/1',
  'a=rtpmap: ',
  `a=rtpmap:96 ${'X'.repeat(5000)}/1`,
  'a=framerate:25',
  'a=framerate:1e308',
  'a=framerate:-1',
  'a=framerate:NaN',
  'a=framesize:96 99999-99999',
  'a=x-dimensions:0,0',
  'a=fmtp:96 sprop-parameter-sets=Z0LAH,aM4=;packetization-mode=1',
  'a=control:rtsp://elsewhere.example/',
  'a=control:../../..',
  'a=__proto__:x',
  `a=${'n'.repeat(3000)}:v`,
  'c=IN IP4 224.2.36.42/127',
  '\u0000\u0001',
  '\u00ff\u00fe=\u00ff',
  '=',
  '',
];

function sdp(random: Random): Buffer {
  if (random.chance(0.05)) return random.bytes(random.pick([1, 100, 3000]));
  const lines = Array.from({ length: random.int(0, 14) }, () => random.pick(SDP_LINES));
  if (random.chance(0.05)) lines.push(...new Array<string>(2500).fill('a=x-attribute:value'));
  return Buffer.from(lines.join(random.pick(['\r\n', '\r\n', '\n', '\r'])), random.pick(['utf8', 'latin1']));
}

/** Pictures as they come between the answers: a dollar sign, a channel and a length. */
function media(random: Random): Buffer {
  const payload = random.bytes(random.pick([0, 12, 200, 1400]));
  const length = random.chance(0.8) ? payload.length : random.pick([0, 1, 65_535]);
  return Buffer.concat([Buffer.from([0x24, random.int(0, 3), length >> 8, length & 255]), payload]);
}

const SOUND_SDP = [
  'v=0',
  'o=- 0 0 IN IP4 127.0.0.1',
  's=x',
  't=0 0',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  'a=control:track1',
];

/** A right answer but for a line or two: it comes further than the first check. */
function nearlySound(random: Random): Buffer {
  const lines = [...SOUND_SDP];
  for (let n = random.int(0, 2); n > 0; n -= 1) {
    lines.splice(random.int(0, lines.length), random.int(0, 1), random.pick(SDP_LINES));
  }
  const body = Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1');
  const headers = ['RTSP/1.0 200 OK', 'CSeq: 1', 'Content-Type: application/sdp', `Content-Length: ${body.length}`];
  if (random.chance(0.5)) headers.push(random.pick(HEADER_LINES));
  return Buffer.concat([Buffer.from(`${headers.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

function answer(random: Random): Buffer {
  if (random.chance(0.4)) return nearlySound(random);
  if (random.chance(0.1)) return Buffer.concat([media(random), answer(random), media(random)]);
  if (random.chance(0.08)) return random.bytes(random.pick([1, 50, 5000, 100_000]));
  const body = sdp(random);
  const headers = Array.from({ length: random.int(0, 4) }, () => random.pick(HEADER_LINES));
  if (random.chance(0.05)) headers.push(...Array.from({ length: 400 }, (_, n) => `X-${n}: ${n}`));
  let status = random.pick(STATUS_LINES);
  if (random.chance(0.3)) {
    status = 'RTSP/1.0 401 Unauthorized';
    for (let n = random.int(0, 3); n > 0; n -= 1) headers.push(`WWW-Authenticate: ${random.pick(CHALLENGES)}`);
  }
  const length = random.chance(0.75) ? String(body.length) : random.pick(LENGTHS);
  if (random.chance(0.9)) headers.push(`Content-Length: ${length}`);
  const end = random.chance(0.95) ? '\r\n\r\n' : '\n\n';
  return Buffer.concat([Buffer.from([status, ...headers].join('\r\n') + end, 'latin1'), body]);
}

const PATHS = ['/stream', '/', '/a?b=c&d=%00', '/%0d%0aX-Injected:%201', '/\u00e4', `/${'p'.repeat(1500)}`];

export function hostileCamera(random: Random, asks: CameraCase['asks']): CameraCase {
  const answers = Array.from({ length: random.int(1, 4) }, () => {
    const bytes = answer(random);
    if (random.chance(0.8)) return [bytes];
    const cut = random.int(0, bytes.length);
    return [bytes.subarray(0, cut), bytes.subarray(cut)];
  });
  // A header or body that comes byte by byte keeps the connection busy but never ends.
  const drips = random.chance(0.05);
  return {
    kind: 'camera',
    title: `a hostile camera for the ${asks}`,
    asks,
    signedIn: random.chance(0.6),
    path: random.pick(PATHS),
    answers: drips
      ? [[...(answers[0]![0] ?? Buffer.alloc(0)).subarray(0, 200)].map((byte) => Buffer.from([byte]))]
      : answers,
    pauseMs: drips ? 20 : 1,
    afterwards: random.weighted({ wait: 5, close: 3, reset: 1, endless: 1 }),
  };
}
