import { MESSAGE_DATA, REFUSAL_DATA } from './answers.ts';
import type { HttpCase, Session } from './case.ts';
import type { Catalog, MessageEntry, RouteEntry, Schema } from './catalog.ts';
import type { Random } from './random.ts';
import { Fields, hostile, ordinary, RawJson, spoiltFields, strange, TEXTS, toJson, toText, UNICODE } from './values.ts';

/** Cases for the numbered messages and the routes of plugins. */

/** Account of the viewer on the fuzzed box: no case changes it, or its rights could not be judged. */
export const VIEWER_ID = 2;

export function session(random: Random): Session {
  return random.weighted({ admin: 6, viewer: 2, none: 2 });
}

/** Whether success for this caller would be a hole. */
export function mayNotSucceed(access: string, who: Session): boolean {
  if (access === 'public' || who === 'admin') return false;
  if (who === 'none') return true;
  return access.includes(': change') || access.startsWith('accounts') || access.startsWith('platform');
}

function messageId(entry: MessageEntry, random: Random): { value: unknown; plain: boolean } {
  if (random.chance(0.9)) return { value: random.pick([entry.id, String(entry.id), ` ${entry.id} `]), plain: true };
  const value = random.pick([
    -entry.id,
    entry.id + 0.5,
    `${entry.id}.0`,
    `0x${entry.id.toString(16)}`,
    [entry.id],
    { id: entry.id },
    new RawJson(`${entry.id}e0`),
    new RawJson('1e999'),
    random.int(1, 4000),
    '99999999999',
    '',
    '__proto__',
    'constructor',
    strange(random),
  ]);
  return { value, plain: false };
}

/** What the answer must look like, where it is certain which message was sent. */
function contract({ id }: MessageEntry, certain: boolean): Pick<HttpCase, 'answer' | 'refusal'> {
  if (!certain) return {};
  const answer = MESSAGE_DATA[id];
  return { ...(answer ? { answer } : {}), refusal: REFUSAL_DATA[id] ?? { const: '' } };
}

function spoiltBytes(bytes: Buffer, random: Random): Buffer {
  switch (random.int(0, 6)) {
    case 0:
      return bytes.subarray(0, random.int(0, bytes.length));
    case 1:
      return Buffer.concat([bytes, random.bytes(8)]);
    case 2: {
      const copy = Buffer.from(bytes);
      for (let n = 0; n < 3 && copy.length > 0; n += 1) copy[random.int(0, copy.length - 1)] = random.int(0, 255);
      return copy;
    }
    case 3:
      return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]);
    case 4:
      return Buffer.from(bytes.toString('utf8'), 'utf16le');
    case 5:
      return Buffer.concat([bytes, bytes]);
    default:
      return random.bytes(random.pick([0, 1, 100, 4000]));
  }
}

const CONTENT_TYPES = [
  'application/json',
  'application/json; charset=utf-16',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'application/xml',
  '*/*',
  '',
  `application/json${';a=b'.repeat(500)}`,
];

function contentType(random: Random): [string, string][] {
  if (random.chance(0.8)) return [['content-type', 'application/json']];
  return random.chance(0.2) ? [] : [['content-type', random.pick(CONTENT_TYPES)]];
}

/** How many bytes of padding make a body too large: without a session 256 KiB is too much. */
const PADDING = [260 * 1024, 1024 * 1024];

export function jsonMessage(catalog: Catalog, random: Random): HttpCase {
  const entry = random.pick(catalog.messages);
  const who = session(random);
  const id = messageId(entry, random);
  const fields = spoiltFields(entry.request, random);
  fields.splice(random.int(0, fields.length), 0, ['msg_id', id.value]);
  if (random.chance(0.02)) fields.push(['msg_id', random.pick([514, entry.id])]);
  if (random.chance(0.01)) fields.push(['padding', 'x'.repeat(random.pick(PADDING))]);
  const whole = random.chance(0.02) ? strange(random) : new Fields(fields);
  const text = Buffer.from(toJson(whole));
  const spoilt = random.chance(0.06);
  return {
    kind: 'http',
    title: `message ${entry.id} as json`,
    session: who,
    method: 'POST',
    target: '/api/json',
    headers: contentType(random),
    body: spoilt ? spoiltBytes(text, random) : text,
    framing: random.chance(0.1) ? 'chunked' : 'length',
    expect: 'message',
    // A number that was changed may be that of another message.
    mayNotSucceed: id.plain && !spoilt && mayNotSucceed(entry.access, who),
    ...contract(entry, id.plain && !spoilt && whole instanceof Fields),
  };
}

const FILE_NAMES = [
  'photo.jpg',
  '../../../../etc/passwd',
  '..\\..\\secret.key',
  '/etc/shadow',
  'C:\\x.jpg',
  'a\u0000.jpg',
  'x'.repeat(5000),
  '\u202Egpj.exe',
  '',
  '"; filename="b',
  "utf-8''%00",
];

function part(name: string, value: Buffer, random: Random, file: boolean): Buffer {
  const head = [
    `Content-Disposition: form-data; name="${name}"${file ? `; filename="${random.pick(FILE_NAMES)}"` : ''}`,
  ];
  if (file)
    head.push(`Content-Type: ${random.pick(['image/jpeg', 'text/html', 'x', '', 'multipart/mixed; boundary=b'])}`);
  if (random.chance(0.03)) head.splice(0, 1);
  if (random.chance(0.02)) head.push(`X-Long: ${'a'.repeat(random.pick([1000, 70_000]))}`);
  if (random.chance(0.02)) head.push('Content-Transfer-Encoding: base64');
  if (random.chance(0.02)) head.unshift('no colon here');
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), value]);
}

const BOUNDARIES = ['', '-', 'a'.repeat(300), '"', 'b c', '--', '\u00e4', 'x;y'];

export function formMessage(catalog: Catalog, random: Random): HttpCase {
  const entry = random.pick(catalog.messages);
  const who = session(random);
  const id = messageId(entry, random);
  const boundary = random.chance(0.9) ? 'fuzz-boundary' : random.pick(BOUNDARIES);
  const fields: [string, unknown][] = [['msg_id', id.value], ...spoiltFields(entry.request, random)];
  const parts = fields.map(([name, value]) => part(name, Buffer.from(toText(value)), random, false));
  for (let files = random.pick([0, 0, 0, 1, 1, 2]); files > 0; files -= 1) {
    const name = random.pick(['img', 'file', 'msg_id', '__proto__', entry.name]);
    parts.push(part(name, random.bytes(random.pick([0, 1, 64, 5000])), random, true));
  }
  if (random.chance(0.02)) {
    for (let n = random.pick([500, 2001]); n > 0; n -= 1)
      parts.push(part(`p${n}`, Buffer.from('x'), random, n % 50 === 0));
  }
  const lineEnd = random.chance(0.03) ? '\n' : '\r\n';
  const open = Buffer.from(`--${boundary}${lineEnd}`);
  const close = Buffer.from(random.chance(0.03) ? '' : `--${boundary}--\r\n`);
  const body = Buffer.concat([...parts.flatMap((one) => [open, one, Buffer.from(lineEnd)]), close]);
  const spoilt = random.chance(0.06);
  const said = random.chance(0.95) ? boundary : random.pick(BOUNDARIES);
  const type = random.chance(0.95) ? `multipart/form-data; boundary=${said}` : random.pick(CONTENT_TYPES);
  return {
    kind: 'http',
    title: `message ${entry.id} as form`,
    session: who,
    method: 'POST',
    target: '/api/form',
    headers: [['content-type', type]],
    body: spoilt ? spoiltBytes(body, random) : body,
    framing: random.chance(0.1) ? 'chunked' : 'length',
    expect: 'message',
    mayNotSucceed: id.plain && !spoilt && mayNotSucceed(entry.access, who),
    ...contract(entry, id.plain && !spoilt),
  };
}

/** Percent-encoded; what is no valid UTF-16 becomes the replacement character, as in any browser. */
function percent(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) =>
      /[A-Za-z0-9_.-]/.test(String.fromCharCode(byte)) && byte < 128
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).padStart(2, '0')}`,
    )
    .join('');
}

const BAD_PERCENT = [
  '%',
  '%0',
  '%zz',
  '%ff',
  '%c0%ae',
  '%ed%a0%80',
  '%00',
  '%252e%252e',
  '..',
  '.',
  '%2e%2e%2f',
  '%5c',
];

function valueInAddress(schema: Schema, name: string, random: Random, path: boolean): string {
  if (random.chance(0.05)) return random.pick(BAD_PERCENT);
  const value = random.chance(0.6) ? ordinary(schema, random, name) : hostile(schema, random);
  const text = percent(toText(value).slice(0, 3000));
  return path && text === '' ? '%20' : text;
}

/** Who has no switch, or is not there: a plugin that a case switched off would thin out all later cases. */
const UNSWITCHABLE = ['users', 'operation-log', 'device', 'system', 'nothing', '__proto__'];

function target(entry: RouteEntry, random: Random): string {
  let path = entry.path;
  const query: string[] = [];
  for (const { name, in: where, schema, required } of entry.parameters) {
    if (where === 'path') {
      let value = valueInAddress(schema, name, random, true);
      if (entry.path.startsWith('/p/users/users/') && Number(decode(value)) === VIEWER_ID) value = '3';
      if (entry.path.startsWith('/p/system/plugins/') && random.chance(0.6)) {
        value = random.pick(['cameras', 'captures', 'device', 'operation-log', 'users', 'system']);
      }
      if (entry.path.endsWith('/enabled')) value = random.pick(UNSWITCHABLE);
      path = path.replace(`{${name}}`, () => value);
    } else if (required || random.chance(0.5)) {
      query.push(`${name}=${valueInAddress(schema, name, random, false)}`);
      if (random.chance(0.05)) query.push(`${name}=${valueInAddress(schema, name, random, false)}`);
    }
  }
  if (random.chance(0.03))
    query.push(`${percent(random.pick(['__proto__', '', ...UNICODE]))}=${percent(random.pick(TEXTS))}`);
  return query.length > 0 ? `${path}?${query.join('&')}` : path;
}

/** The path an address comes to when its dots are followed; undefined where it is none. */
export function pathOf(target: string): string | undefined {
  return URL.canParse(target, 'http://a') ? new URL(target, 'http://a').pathname : undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function restRoute(catalog: Catalog, random: Random): HttpCase {
  const entry = random.pick(catalog.routes);
  const who = session(random);
  const method = random.chance(0.95) ? entry.method : random.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
  const asked = target(entry, random);
  // Dots in a path lead to another route.
  const certain = method === entry.method && asked.split('?')[0] === pathOf(asked);
  const base: Omit<HttpCase, 'body'> = {
    kind: 'http',
    title: `${method} ${entry.path}`,
    session: who,
    method,
    target: asked,
    headers: [],
    expect: 'rest',
    mayNotSucceed: certain && mayNotSucceed(entry.access, who),
    ...(entry.answer && certain ? { answer: entry.answer } : {}),
  };
  if (random.chance(0.2)) base.headers.push(['accept-encoding', 'gzip']);
  if (!entry.body && random.chance(0.9)) return base;
  const whole = random.chance(0.04) ? strange(random) : new Fields(spoiltFields(entry.body ?? {}, random));
  const text = Buffer.from(toJson(whole));
  return {
    ...base,
    headers: [...base.headers, ...contentType(random)],
    body: random.chance(0.06) ? spoiltBytes(text, random) : text,
    framing: random.chance(0.1) ? 'chunked' : 'length',
  };
}
