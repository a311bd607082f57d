import { session } from './api-cases.ts';
import type { HttpCase, SocketCase } from './case.ts';
import type { Random } from './random.ts';
import { strange, toJson } from './values.ts';
import { frame } from './wire.ts';

/** Cases below the messages: addresses, methods and headers of HTTP, and frames of the two WebSockets. */

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'CONNECT',
  'BREW',
  'get',
  '',
];

const PLACES = [
  '/',
  '/ws/',
  '/ui/',
  '/ui/vendor/preact/',
  '/p/',
  '/p/cameras/ui/',
  '/p/system/',
  '/api/json',
  '/healthz',
  '/metrics',
];

const TAILS = [
  '',
  '..',
  '../',
  '../../../../etc/passwd',
  '%2e%2e/%2e%2e/secret.key',
  '%2e%2e%2fgatehouse.db',
  '..%5c..%5csecret.key',
  '..\\..\\secret.key',
  '%252e%252e%252fsecret.key',
  '%c0%ae%c0%ae/secret.key',
  '%00',
  'app.ts%00.png',
  'index.html/',
  'package.json',
  '.env',
  '//etc/passwd',
  '%2f%2fetc%2fpasswd',
  'record/channel1/face/1_1.jpg',
  'record/../secret.key',
  'facebase/%2e%2e/secret.key',
  '%',
  '%zz',
  '%ff%fe',
  '%ed%a0%80',
  '__proto__',
  'constructor/ui/index.ts',
  'toString',
  'boot.json',
  'app.ts?import',
  'a'.repeat(3000),
  'a/'.repeat(3000),
  'a'.repeat(15_000),
  'a'.repeat(40_000),
  ';x=y',
  '?a[]=1&a[__proto__]=2',
  '#/x',
  '\u00e4',
];

const TARGETS = [
  '*',
  'http://elsewhere.example/',
  '//elsewhere.example/x',
  '/\\elsewhere.example',
  '127.0.0.1:80',
  '',
  ' ',
  'https://[::1/',
];

const HEADERS: [string, string][] = [
  ['cookie', 'gatehouse_session=; gatehouse_session=x; __proto__=1'],
  ['cookie', `gatehouse_session=${'a'.repeat(8000)}`],
  ['cookie', 'gatehouse_session=%zz%00'],
  ['cookie', ';'.repeat(5000)],
  ['origin', 'null'],
  ['origin', 'http://elsewhere.example'],
  ['origin', '//'],
  ['sessionid', '\u00ff\u00fe'],
  ['sessionid', '__proto__'],
  ['host', 'elsewhere.example'],
  ['host', ''],
  ['host', 'a b'],
  ['host', '[::1'],
  ['if-none-match', '*'],
  ['range', 'bytes=0-0,-1,99999999999999-'],
  ['accept-encoding', 'gzip, deflate, br, *;q=0'],
  ['transfer-encoding', 'chunked, identity'],
  ['content-length', '-1'],
  ['content-length', '5, 6'],
  ['expect', '100-continue'],
  ['expect', 'the unexpected'],
  ['upgrade', 'h2c'],
  ['x-forwarded-for', '127.0.0.1'],
  ['x-http-method-override', 'DELETE'],
  ['authorization', 'Bearer null'],
  ['x-big', 'b'.repeat(20_000)],
  ['bad name', 'x'],
  ['x-bad', 'a\u0000b'],
  ['x-bad', 'a\nb'],
  ['forwarded', 'for=127.0.0.1;proto=https'],
];

export function plainHttp(random: Random): HttpCase {
  const headers: [string, string][] = [];
  for (let n = random.pick([0, 0, 1, 2]); n > 0; n -= 1) headers.push(random.pick(HEADERS));
  if (random.chance(0.02)) for (let n = 0; n < 300; n += 1) headers.push([`x-${n}`, String(n)]);
  const method = random.chance(0.6) ? 'GET' : random.pick(METHODS);
  const target = random.chance(0.93) ? random.pick(PLACES) + random.pick(TAILS) : random.pick(TARGETS);
  const one: HttpCase = {
    kind: 'http',
    title: 'plain HTTP',
    session: session(random),
    method,
    target,
    headers,
    expect: 'any',
    mayNotSucceed: false,
  };
  if (random.chance(0.15)) {
    one.body = random.bytes(random.pick([0, 1, 500]));
    const claims = ['0', '5000', '67108865', '1e3', '99999999999999999999', '-5', '0x10', ''];
    one.framing = random.chance(0.5) ? { claimed: random.pick(claims) } : random.pick(['length', 'chunked'] as const);
  }
  return one;
}

const HANDSHAKE: [string, string][] = [
  ['upgrade', 'websocket'],
  ['connection', 'Upgrade'],
  ['sec-websocket-version', '13'],
  ['sec-websocket-key', 'dGhlIHNhbXBsZSBub25jZQ=='],
];

function handshake(random: Random): [string, string][] {
  const headers: [string, string][] = HANDSHAKE.map(([name, value]) => [name, value]);
  if (random.chance(0.9)) return headers;
  const spoilt = headers[random.int(0, headers.length - 1)]!;
  spoilt[1] = random.pick(['', '8', 'x', 'dGhl', 'a'.repeat(5000)]);
  if (random.chance(0.5)) headers.push(random.pick(HEADERS.filter(([name]) => !/length|encoding|expect/.test(name))));
  if (random.chance(0.3)) headers.push(['sec-websocket-extensions', 'permessage-deflate; client_max_window_bits=99']);
  if (random.chance(0.3)) headers.push(['sec-websocket-protocol', 'a, b, , a']);
  return headers;
}

function text(value: string): Buffer {
  return frame(0x1, Buffer.from(value));
}

/** Frames that are wrong as frames, whatever stands in them. */
function brokenFrames(random: Random): { frames: Buffer[]; answered: boolean } {
  const done = (...frames: Buffer[]) => ({ frames, answered: true });
  const open = (...frames: Buffer[]) => ({ frames, answered: false });
  switch (random.int(0, 12)) {
    case 0:
      return done(frame(0x2, random.bytes(random.pick([0, 1, 500]))));
    case 1:
      return done(frame(0x1, Buffer.from([0xff, 0xfe, 0xc0])));
    case 2:
      return done(frame(random.pick([0x3, 0x7, 0xb, 0xf]), Buffer.from('x')));
    case 3:
      return done(frame(0x1, Buffer.from('{"msg_id"'), { fin: false }), frame(0x0, Buffer.from(':"776"}')));
    case 4:
      return done(frame(0x1, Buffer.from('{'), { fin: false }), text('{}'));
    case 5:
      return done(frame(0x0, Buffer.from('never begun')));
    case 6:
      return done(frame(0x1, Buffer.from('{}'), { masked: false }));
    case 7:
      return done(frame(0x9, Buffer.alloc(126)));
    case 8:
      return done(frame(0x1, Buffer.alloc(random.pick([65_536, 65_537, 200_000]), 0x20)));
    case 9:
      return open(frame(0x1, Buffer.from('{}'), { length: random.pick([10_000, 60_000]) }));
    case 10:
      return done(frame(0x1, Buffer.alloc(0), { length: 2 ** 40 }));
    case 11:
      return done(
        frame(
          0x8,
          random.pick([Buffer.alloc(0), Buffer.from([3]), Buffer.from([0, 1]), Buffer.from([0x03, 0xe8, 0xff])]),
        ),
      );
    default:
      return done(
        ...Array.from({ length: random.int(2, 400) }, () => frame(0x0 | random.pick([1, 9, 10]), Buffer.from('{}'))),
      );
  }
}

/** @param key a valid key of message 1286 */
export function wireSocket(random: Random, key: string): SocketCase {
  const asked = () =>
    random.weighted({
      subscribe: 3,
      wrongKey: 2,
      other: 2,
      strange: 2,
    });
  const message = () => {
    switch (asked()) {
      case 'subscribe':
        return toJson({ msg_id: random.pick([776, '776', '778', 778]), key });
      case 'wrongKey':
        return toJson({ msg_id: '776', key: strange(random) });
      case 'other':
        return toJson({ msg_id: random.pick([1, 513, 514, 1286, '777', '__proto__', null]), key, channel: 1 });
      default:
        return toJson(strange(random));
    }
  };
  const broken = random.chance(0.35) ? brokenFrames(random) : undefined;
  const many = random.chance(0.1) ? random.int(50, 300) : random.int(1, 4);
  const frames = broken?.frames ?? Array.from({ length: many }, () => text(message().slice(0, 60_000)));
  return {
    kind: 'socket',
    title: 'frames on /ws',
    session: session(random),
    path: random.pick([
      '/ws',
      '/ws/',
      '/ws?x=1',
      '/ws',
      '/ws/',
      random.pick(['/ws/x', '/ws//', '/WS', '/', '//ws', '/ws%00']),
    ]),
    headers: handshake(random),
    frames,
    answered: broken?.answered ?? true,
  };
}

const TOPICS = [
  'cameras.frames',
  'cameras.boxes',
  'cameras.status',
  'captures.new',
  'nothing.here',
  '__proto__',
  'constructor',
  '',
];

export function liveSocket(random: Random): SocketCase {
  const message = () => {
    const id = random.chance(0.8) ? random.int(0, 100) : strange(random);
    const params = random.chance(0.6) ? { channel: random.pick([1, 2, 32, 33, '1', 0]) } : strange(random);
    const op = random.chance(0.8) ? random.pick(['subscribe', 'subscribe', 'unsubscribe']) : strange(random);
    const topic = random.chance(0.8) ? random.pick(TOPICS) : strange(random);
    return random.chance(0.9) ? toJson({ op, id, topic, params }) : toJson(strange(random));
  };
  const broken = random.chance(0.3) ? brokenFrames(random) : undefined;
  const many = random.chance(0.1) ? random.int(65, 300) : random.int(1, 5);
  return {
    kind: 'socket',
    title: 'frames on /live',
    session: session(random),
    path: random.chance(0.9) ? '/live' : random.pick(['/live/', '/live?sessionid=x', '/live/../ws', '/LIVE']),
    headers: handshake(random),
    frames: broken?.frames ?? Array.from({ length: many }, () => text(message().slice(0, 60_000))),
    answered: broken?.answered ?? true,
  };
}
