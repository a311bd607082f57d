import type { Schema } from './catalog.ts';
import type { Random } from './random.ts';

/** Values for requests: such as the schema asks for, and such as nobody hopes for. */

/** JSON that `JSON.stringify` would not write: numbers beyond all range, lone surrogates, bombs. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An object as its fields in order, so that a name can stand twice and `__proto__` is a name like any other. */
export class Fields {
  readonly entries: [string, unknown][];

  constructor(entries: [string, unknown][]) {
    this.entries = entries;
  }
}

export function toJson(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (value instanceof Fields) {
    return `{${value.entries.map(([name, one]) => `${JSON.stringify(name)}:${toJson(one)}`).join(',')}}`;
  }
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  return JSON.stringify(value) ?? 'null';
}

/** As a text of a form, a query or a path. */
export function toText(value: unknown): string {
  return typeof value === 'string' ? value : toJson(value);
}

export const UNICODE = [
  '\u202Eadmin\u202C',
  'ad\u200Bmin',
  'e\u0301te\u0301',
  '\uFB01le',
  '\uD800',
  '\uDC00x',
  'x\uD83D',
  '\u0000',
  'a\u0000b',
  '\uFEFFadmin',
  '\uFFFF',
  '\u{1F469}\u200D\u{1F469}\u200D\u{1F467}',
  `Z${'\u0351'.repeat(400)}`,
  '\u2028',
  '\r\nset-cookie: a=b',
  '\u001B[2J',
  'ＡＤＭＩＮ',
  'ı',
  'ß',
];

export const TEXTS = [
  '',
  ' ',
  'null',
  'undefined',
  'NaN',
  'Infinity',
  '-0',
  '1e3',
  '0x10',
  '٣',
  '1,2,3',
  ',',
  ',,,,',
  'true',
  '[]',
  '{}',
  '[object Object]',
  "' OR 1=1 --",
  '"; DROP TABLE users; --',
  '%',
  '%00',
  '%25%32%65',
  '../../../etc/passwd',
  '..\\..\\secret.key',
  '/etc/passwd',
  'C:\\windows',
  'file:///etc/passwd',
  'file:../secret.key',
  'exec:id',
  'rtsp://127.0.0.1:1/',
  'rtsp://[::1]:1/',
  'rtsp://u:p@@127.0.0.1:1//',
  'rtsp://127.0.0.1:99999/',
  'rtsp:// /',
  'http://127.0.0.1:1/?a=rtsp://x',
  '=cmd|calc',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '2024-02-30 25:61:61',
  '0000-00-00 00:00:00',
  '9999-12-31 23:59:59',
  '1969-12-31 23:59:59',
  '1916-05-01 00:00:00',
];

const NUMBERS = [
  0,
  -1,
  1,
  0.1,
  -0.5,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  8.64e15,
  8.64e15 + 1,
  -8.64e15,
  1e308,
  5e-324,
];
const RAW_NUMBERS = [
  '1e999',
  '-1e999',
  '-0',
  `1${'0'.repeat(400)}`,
  `0.${'1'.repeat(5000)}`,
  '1E+2',
  '9007199254740993',
];

function nested(open: string, close: string, depth: number): RawJson {
  return new RawJson(`${open.repeat(depth)}1${close.repeat(depth)}`);
}

/** A value that has nothing to do with what is asked for. */
export function strange(random: Random): unknown {
  switch (random.int(0, 11)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
      return random.pick(NUMBERS);
    case 3:
      return new RawJson(random.pick(RAW_NUMBERS));
    case 4:
      return random.pick(TEXTS);
    case 5:
      return random.pick(UNICODE);
    case 6:
      return new RawJson(random.pick(['"\\ud800"', '"\\udfff\\ud800"', '"\\u0000"', '"\\ud83d\\u0041"']));
    case 7:
      return random
        .pick(['x', 'ä', '\u{1F600}', '0', ','])
        .repeat(random.pick([99, 100, 101, 1000, 1001, 2000, 40_000]));
    case 8:
      return random.pick([
        nested('[', ']', random.pick([50, 2000, 100_000])),
        nested('{"a":', '}', random.pick([50, 2000, 100_000])),
        nested('{"__proto__":', '}', 20),
      ]);
    case 9:
      return random.pick([[], [[]], {}, [null], [{}], ['1', 2, null], new Array(5000).fill(0), [[], [[]]]]);
    case 10:
      return new RawJson(
        random.pick([
          '{"__proto__":{"role":"super-admin"}}',
          '{"constructor":{"prototype":{"role":"super-admin"}}}',
          '{"toString":1,"valueOf":1,"toJSON":1}',
          '{"length":1e9}',
          '{"then":1}',
          '[{"__proto__":[]}]',
        ]),
      );
    default:
      return random.pick(TEXTS).repeat(random.int(1, 3));
  }
}

/** Values that fields of these names take, so that a case comes further than the first check. */
const KNOWN: [RegExp, (random: Random) => unknown][] = [
  [/^url$/, (r) => `rtsp://user:secret@127.0.0.1:1/stream${r.int(1, 9)}`],
  [/^channel$/, (r) => r.int(1, 9)],
  [/_area$/, (r) => r.pick(['10*10,200*10,200*200', '0*0,1*0,1*1,0*1', ''])],
  [/_line$/, () => '10*10,200*200'],
  [/roi$/, (r) => r.pick([[0, 0, 100, 100], '0,0,100,100'])],
  [/^(ip|host)$/, () => '127.0.0.1'],
  [/time$/, (r) => `20${r.int(10, 40)}-0${r.int(1, 9)}-1${r.int(0, 9)} 1${r.int(0, 9)}:00:00`],
  [/^user_?name$|^name$/, (r) => r.pick(['admin', 'viewer', `user${r.int(1, 40)}`])],
  [/^camera_?name$/, (r) => `camera ${r.int(1, 40)}`],
  [/^role$/, (r) => r.pick(['viewer', 'sub-admin', 'device-admin', 'super-admin'])],
  [/user_pwd|^password$/, (r) => r.pick(['Gate-house-1', 'Long-enough-7', 'short'])],
  [/^(snap_?mode|lib_type|over_boundary_direction)$/, (r) => r.int(1, 3)],
  [/^is_|_switch$|_value$|_item$/, (r) => r.int(0, 1)],
  [/lib_?ids$/i, (r) => r.pick(['1,2', [1, '2'], ''])],
  [/^task_?type/, (r) => r.pick(['face', 'face,body', 'all', 'vehicle'])],
  [/^(camera_mode)$/, (r) => r.pick(['VIDEO', 'IMAGE'])],
  [/^protocol$/, (r) => r.pick(['rtsp', 'onvif', 'gb28181', 'vcn'])],
];

/** Fields that are needed in some kind of request, whatever the schema of all kinds together says. */
const MOSTLY_GIVEN = /^(url|camera_?name|name|snap_?mode|threshold)$/;

function ordinaryText({ minLength = 0, maxLength = 20, pattern }: Schema, random: Random): string {
  if (pattern?.includes('\\d{4}')) return '2026-01-02 03:04:05';
  if (pattern?.includes('\\d')) return String(random.int(0, 999_999));
  const length = Math.max(minLength, random.int(Math.min(1, maxLength), Math.min(maxLength, 20)));
  return Array.from({ length }, () => random.pick([...'abcdefgh0123456789'])).join('');
}

/** A value such as the schema asks for; a field's name may say more than its schema. */
export function ordinary(schema: Schema, random: Random, name = ''): unknown {
  const known = KNOWN.find(([pattern]) => pattern.test(name));
  if (known && random.chance(0.8)) return known[1](random);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return ordinary(random.pick(choices), random, name);
  if ('const' in schema) return schema.const;
  if (schema.enum) return random.pick(schema.enum);
  switch (schema.type) {
    case 'integer':
    case 'number': {
      const { minimum = 0, maximum = 100 } = schema;
      const least = minimum < -1e9 ? 0 : minimum;
      return random.int(least, Math.min(maximum, least + (random.chance(0.8) ? 30 : 2 ** 31)));
    }
    case 'boolean':
      return random.chance(0.5);
    case 'null':
      return null;
    case 'array': {
      if (schema.prefixItems) return schema.prefixItems.map((item) => ordinary(item, random));
      const { minItems = 0, maxItems = 4, items = {} } = schema;
      const length = random.int(minItems, Math.max(minItems, Math.min(maxItems, 4)));
      return Array.from({ length }, () => ordinary(items, random));
    }
    case 'object':
      return new Fields(ordinaryFields(schema, random));
    default:
      return schema.type === 'string' ? ordinaryText(schema, random) : random.pick(['a', 1, true, {}]);
  }
}

/** Fields of an object: all that are required or mostly given, and of the others few, half or all. */
export function ordinaryFields(schema: Schema, random: Random): [string, unknown][] {
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return ordinaryFields(random.pick(choices), random);
  const share = random.pick([0, 0.05, 0.5, 1]);
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]): [string, unknown][] => {
    const usual = MOSTLY_GIVEN.test(name) && random.chance(0.9);
    const given = usual || schema.required?.includes(name) || random.chance(share);
    return given ? [[name, ordinary(property, random, name)]] : [];
  });
}

/** A value just at, or just beyond, a limit of the schema. */
function atTheLimit(schema: Schema, random: Random): unknown {
  if (schema.type === 'integer' || schema.type === 'number') {
    const limit = random.pick([schema.minimum ?? 0, schema.maximum ?? 0]);
    const value = limit + random.pick([-1, 0, 1, 0.5]);
    return random.chance(0.3) ? ` ${value} ` : random.chance(0.3) ? String(value) : value;
  }
  if (schema.type === 'array') {
    const length = (schema.maxItems ?? 100) + random.pick([0, 1]);
    return Array.from({ length: Math.min(length, 1000) }, () => ordinary(schema.items ?? {}, random));
  }
  if (schema.type === 'string') {
    const length = random.pick([schema.minLength ?? 0, schema.maxLength ?? 100]) + random.pick([-1, 0, 1]);
    return random.pick(['a', 'é', 'e\u0301', '\u{1F600}', '\u200F', ' ', '"']).repeat(Math.max(0, length));
  }
  return strange(random);
}

/** A value for a field that is wrong in one way, or at least unusual. */
export function hostile(schema: Schema, random: Random): unknown {
  if (schema.type === 'array' && random.chance(0.4)) {
    return [...(ordinary(schema, random) as unknown[]), strange(random)];
  }
  if (schema.type === 'object' && random.chance(0.4)) return new Fields(spoiltFields(schema, random));
  return random.chance(0.4) ? atTheLimit(schema, random) : strange(random);
}

const STRANGE_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '',
  '\u0000',
  'msg_id',
  'x'.repeat(5000),
  'key',
];

/** Fields such as the schema asks for, then spoilt in at most two places. */
export function spoiltFields(schema: Schema, random: Random): [string, unknown][] {
  const fields = ordinaryFields(schema, random);
  const properties = schema.properties ?? random.pick(schema.oneOf ?? schema.anyOf ?? [{}]).properties ?? {};
  for (let times = random.int(0, 2); times > 0; times -= 1) {
    const at = fields.length === 0 ? -1 : random.int(0, fields.length - 1);
    const field = fields[at];
    switch (random.weighted({ change: 6, remove: 1, repeat: 1, add: 2, many: 0.2 })) {
      case 'change':
        if (field) field[1] = hostile(properties[field[0]] ?? {}, random);
        break;
      case 'remove':
        if (field) fields.splice(at, 1);
        break;
      case 'repeat':
        if (field) fields.push([field[0], strange(random)]);
        break;
      case 'many':
        for (let n = 0; n < 3000; n += 1) fields.push([`f${n}`, n]);
        break;
      default:
        fields.push([random.pick(STRANGE_NAMES), strange(random)]);
    }
  }
  return fields;
}
