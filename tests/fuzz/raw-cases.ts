import type { RawCase } from './case.ts';
import type { Random } from './random.ts';

/** Requests that are wrong as HTTP: framing of bodies, lines, headers, what comes before and behind them. */

const HEALTH = 'GET /healthz HTTP/1.1\r\nhost: a\r\n';
const POST = 'POST /api/json HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n';
const BODY = '{"msg_id":"1301"}';
/** A request hidden in the body of another: answered, it would be one answer too many. */
const HIDDEN = 'GET /healthz?hidden HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';
const LAST = 'connection: close\r\n\r\n';

type Draft = Omit<RawCase, 'kind' | 'pieces'> & { text: string | Buffer };

/** Every parser must agree that this is wrong: whatever were answered but a refusal would be read by some otherwise. */
function refused(title: string, text: string | Buffer): Draft {
  return { title, text, halfClose: true, answers: [0, 1], refused: true };
}

/** It may be taken or refused, but it is one request. */
function one(title: string, text: string | Buffer): Draft {
  return { title, text, halfClose: true, answers: [0, 1], refused: false };
}

/** So many right requests, each to be answered. */
function right(title: string, text: string | Buffer, answers: number): Draft {
  return { title, text, halfClose: false, answers: [answers, answers], refused: false };
}

const SIZES = [
  'zz',
  '',
  '-1',
  '0x5',
  '+5',
  ' 5',
  '5 5',
  'fffffffffffffffff',
  '10000000000000005',
  '5\u0000',
  '5\n',
  '5,5',
  'G',
];
const TWO_LENGTHS: [string, string][] = [
  ['content-length: 5', 'content-length: 6'],
  ['content-length: 0', `content-length: ${HIDDEN.length}`],
  [`content-length: ${HIDDEN.length}`, 'transfer-encoding: chunked'],
  ['transfer-encoding: chunked', 'content-length: 4'],
  ['content-length: 5, 5', 'x: y'],
  ['content-length: +5', 'x: y'],
  ['content-length: 0x5', 'x: y'],
  ['content-length: 5 5', 'x: y'],
  ['content-length: 1e1', 'x: y'],
  ['content-length: 18446744073709551617', 'x: y'],
];
const CODINGS = ['chunked, identity', 'xchunked', 'identity, x', 'gzip', 'chunked\u000b', '"chunked"'];

function framing(random: Random): Draft {
  switch (random.int(0, 6)) {
    case 0: {
      const [first, second] = random.pick(TWO_LENGTHS);
      return refused('two lengths', `${POST}${first}\r\n${second}\r\n\r\n0\r\n\r\n${HIDDEN}`);
    }
    case 1: {
      const size = random.pick(SIZES);
      return refused(
        'a chunk of no size',
        `${POST}transfer-encoding: chunked\r\n\r\n${size}\r\nabcde\r\n0\r\n\r\n${HIDDEN}`,
      );
    }
    case 2:
      return refused(
        'a chunk longer than it says',
        `${POST}transfer-encoding: chunked\r\n\r\n5\r\nabcdefgh\r\n0\r\n\r\n${HIDDEN}`,
      );
    case 3: {
      const cut = `${POST}transfer-encoding: chunked\r\n\r\n${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
      return one('chunks that end early', cut.slice(0, random.int(POST.length, cut.length - 1)));
    }
    case 4: {
      const coding = random.pick(CODINGS);
      return refused('a coding nobody knows', `${POST}transfer-encoding: ${coding}\r\n\r\n0\r\n\r\n${HIDDEN}`);
    }
    case 5: {
      const trailer = random.pick([
        'x: y',
        'content-length: 5',
        'host: b',
        'sessionid: x',
        `t: ${'t'.repeat(20_000)}`,
        'bad',
      ]);
      const chunk = `${BODY.length.toString(16)}\r\n${BODY}\r\n`;
      return one('trailers', `${POST}transfer-encoding: chunked\r\n${LAST}${chunk}0\r\n${trailer}\r\n\r\n`);
    }
    default: {
      const extension = random.pick([';a=b', ';a="b"', ';', ';\u0000', `;${'x'.repeat(20_000)}`, ';a="\r\n"']);
      const size = BODY.length.toString(16);
      return one(
        'a chunk extension',
        `${POST}transfer-encoding: chunked\r\n${LAST}${size}${extension}\r\n${BODY}\r\n0\r\n\r\n`,
      );
    }
  }
}

const LINES = [
  'GET  /healthz HTTP/1.1',
  'GET /healthz HTTP/1.2',
  'GET /healthz HTTP/9.9',
  'GET /healthz HTTP/1',
  'GET /healthz HTTX/1.1',
  'GET /healthz',
  'GET /healthz HTTP/1.1 x',
  'GET\t/healthz\tHTTP/1.1',
  'GET /health\u0000z HTTP/1.1',
  'GET /health\u00e4z HTTP/1.1',
  'GET /a b HTTP/1.1',
  ' GET /healthz HTTP/1.1',
  'G\u0000T /healthz HTTP/1.1',
  'DESCRIBE rtsp://127.0.0.1/x RTSP/1.0',
  'CONNECT 127.0.0.1:80 HTTP/1.1',
  'GET http://127.0.0.1/healthz HTTP/1.1',
  'SOURCE / ICE/1.0',
];
const HEADER_LINES = [
  'no colon',
  ': no name',
  'x : y',
  'x\ty: z',
  ' folded: y',
  'x: a\r\n b',
  'transfer-encoding: chunked\r\n , identity',
  'x: a\u0000b',
  'x: a\rb',
  'x: a\nset-cookie: b',
  '\u0000: x',
  'x\u00e4: y',
  'host: b',
  'content-length : 5',
  'transfer-encoding : chunked',
];

function lines(random: Random): Draft {
  switch (random.int(0, 6)) {
    case 0:
      return one('an odd request line', `${random.pick(LINES)}\r\nhost: a\r\n${LAST}`);
    case 1:
      return one('an odd header', `${HEALTH}${random.pick(HEADER_LINES)}\r\n${LAST}`);
    case 2:
      return one('lines that end in LF', `${HEALTH}${LAST}`.replaceAll('\r\n', random.pick(['\n', '\r', '\n\r'])));
    case 3:
      return one('no host', `GET /healthz HTTP/1.1\r\n${LAST}`);
    case 4: {
      const length = random.pick([8_000, 16_000, 17_000, 200_000]);
      const long = 'a'.repeat(length);
      const text = random.pick([`GET /${long} HTTP/1.1\r\nhost: a\r\n${LAST}`, `${HEALTH}x: ${long}\r\n${LAST}`, long]);
      return one('a long head', text);
    }
    case 5:
      return one('many headers', `${HEALTH}${'a: b\r\n'.repeat(random.pick([1_000, 2_100, 3_000]))}${LAST}`);
    default:
      return one('a head that ends early', `${HEALTH}x: y\r\n${LAST}`.slice(0, random.int(1, HEALTH.length)));
  }
}

const STRANGERS = [
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1'),
  Buffer.from('16030100c8010000c40303', 'hex'),
  Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'),
  Buffer.from('\0\0\0\0'),
  Buffer.from('\r\n\r\n\r\n'),
  Buffer.from('EHLO a\r\n'),
  Buffer.from('*1\r\n$4\r\nPING\r\n'),
];

function others(random: Random): Draft {
  switch (random.int(0, 5)) {
    case 0:
      return one('another protocol', Buffer.concat([random.pick(STRANGERS), random.bytes(random.pick([0, 40, 3000]))]));
    case 1:
      return one('bytes', random.bytes(random.pick([1, 20, 2000])));
    case 2:
      return one('an old version', `GET /healthz HTTP/1.0\r\n${random.pick(['', 'connection: keep-alive\r\n'])}\r\n`);
    case 3: {
      const upgrade = random.pick(['websocket', 'h2c', 'websocket, h2c', 'TLS/1.0', '']);
      const head = `${random.pick([HEALTH, POST, 'GET /live HTTP/1.1\r\nhost: a\r\n', 'GET /ws HTTP/1.1\r\nhost: a\r\n'])}`;
      return one(
        'an upgrade',
        `${head}connection: Upgrade\r\nupgrade: ${upgrade}\r\nhttp2-settings: AAMAAABk\r\n\r\n${BODY}`,
      );
    }
    case 4: {
      // Bytes of a right request changed here and there.
      const bytes = Buffer.from(`${POST}content-length: ${BODY.length}\r\n${LAST}${BODY}`, 'latin1');
      for (let n = random.int(1, 4); n > 0; n -= 1) bytes[random.int(0, bytes.length - 1)] = random.int(0, 255);
      // A changed length may leave the end of the body behind it, where it is a request that is refused.
      return { ...one('changed bytes', bytes), answers: [0, 2] };
    }
    default: {
      const text = `${HEALTH}\r\n${HEALTH}\r\n${random.pick(LINES)}\r\nhost: a\r\n${LAST}`;
      return { ...one('wrong behind right', text), answers: [0, 3] };
    }
  }
}

function whole(random: Random): Draft {
  switch (random.int(0, 3)) {
    case 0: {
      const many = random.int(2, 40);
      return right('requests in a row', `${`${HEALTH}\r\n`.repeat(many - 1)}${HEALTH}${LAST}`, many);
    }
    case 1: {
      const body = BODY + ' '.repeat(random.int(0, 200));
      const chunks: string[] = [];
      for (let at = 0; at < body.length; ) {
        const size = random.int(1, 30);
        const piece = body.slice(at, at + size);
        chunks.push(`${piece.length.toString(16)}\r\n${piece}\r\n`);
        at += size;
      }
      return right('many small chunks', `${POST}transfer-encoding: chunked\r\n${LAST}${chunks.join('')}0\r\n\r\n`, 1);
    }
    case 2:
      return right(
        'a body that waits for 100',
        `${POST}expect: 100-continue\r\ncontent-length: ${BODY.length}\r\n${LAST}${BODY}`,
        1,
      );
    default:
      return right('blank lines before', `\r\n\r\n${HEALTH}${LAST}`, 1);
  }
}

export function rawHttp(random: Random): RawCase {
  const make = { framing, lines, others, whole }[random.weighted({ framing: 4, lines: 3, others: 3, whole: 2 })];
  const { text, ...draft } = make(random);
  const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
  return { kind: 'raw', ...draft, pieces: pieces(bytes, random) };
}

/** The bytes in one go, or cut at any place: what a parser holds between two reads is held wrongly first. */
function pieces(bytes: Buffer, random: Random): Buffer[] {
  if (random.chance(0.6) || bytes.length < 2) return [bytes];
  if (random.chance(0.1) && bytes.length < 400) return [...bytes].map((byte) => Buffer.from([byte]));
  const cuts = Array.from({ length: random.int(1, 4) }, () => random.int(0, bytes.length)).sort((a, b) => a - b);
  return [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index] ?? bytes.length));
}
