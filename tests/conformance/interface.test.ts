import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { type JsonSchema, jsonSchema } from '../../core/gateway/json-schema.ts';
import { aliased, given, int, intOf, list, oneOf, text } from '../../core/gateway/lenient.ts';
import { withVariants } from '../../core/gateway/variants.ts';
import { addRequest, modifyRequest } from '../../plugins/cameras/requests.ts';

/** What the interface says of itself. The fields of 513 and 515 are written from the manual, not from the program. */

test('required fields, lists of values and limits are shown', () => {
  const schema = z.object({
    flag: intOf([0, 1]),
    one: intOf([1]),
    maybe: given(intOf([1, 2, 3])),
    word: oneOf(['tcp', 'udp']),
    many: list({ min: 1 }).pipe(z.array(z.enum(['0', '1']))),
    name: text({ min: 1, max: 20 }),
    count: int({ min: 1 }),
    any: z.int(),
  });
  assert.deepEqual(jsonSchema(aliased({ flag: ['switch'] }, schema)), {
    type: 'object',
    properties: {
      flag: { type: 'integer', enum: [0, 1] },
      one: { type: 'integer', const: 1 },
      maybe: { type: 'integer', enum: [1, 2, 3] },
      word: { type: 'string', enum: ['tcp', 'udp'] },
      many: { type: 'array', minItems: 1, maxItems: 100, items: { type: 'string', enum: ['0', '1'] } },
      name: { type: 'string', minLength: 1, maxLength: 20 },
      count: { type: 'integer', minimum: 1 },
      any: { type: 'integer' },
    },
    required: ['flag', 'one', 'word', 'many', 'name', 'count', 'any'],
  });
});

test('a request of several forms shows each with the fields that choose it', () => {
  const common = z.looseObject({ id: z.int() });
  const a = z.object({ length: z.int() });
  const b = z.object({ weight: given(z.int()) });
  const chosen = withVariants(common.clone(), [
    { title: 'a', when: { kind: 'a' }, fields: a },
    { title: 'b', when: { kind: 'b' }, fields: b },
  ]);
  assert.deepEqual(jsonSchema(chosen), {
    oneOf: [
      {
        title: 'a',
        type: 'object',
        properties: { id: { type: 'integer' }, kind: { type: 'string', const: 'a' }, length: { type: 'integer' } },
        required: ['id', 'kind', 'length'],
      },
      {
        title: 'b',
        type: 'object',
        properties: { id: { type: 'integer' }, kind: { type: 'string', const: 'b' }, weight: { type: 'integer' } },
        required: ['id', 'kind'],
      },
    ],
  });
  const stored = withVariants(common.clone(), [{ title: 'a', when: {}, fields: a }]);
  assert.deepEqual(Object.keys(jsonSchema(stored)), ['anyOf'], 'no field tells them apart');
});

const STREAM = ['camera_mode', 'protocol', 'camera_name', 'threshold', 'snap_mode'];
const SIGN_IN = ['ip', 'port', 'camera_user', 'camera_pwd'];
const REQUIRED: Record<string, string[]> = {
  rtsp: [...STREAM, 'url'],
  onvif: [...STREAM, ...SIGN_IN],
  gb28181: [...STREAM, 'ip', 'port', 'server_sip_id', 'camera_sip_id'],
  vcn: [...STREAM, 'camera_sip_id', 'trd_login_user', 'trd_login_pwd', 'trd_login_url', 'trd_fetch_stream_url'],
  image: ['camera_mode', 'camera_name', 'threshold', ...SIGN_IN],
};
/** Without msg_id; 513 takes `channel` beside the fields of the manual, and the manual lists a mode it cannot change. */
const FIELD_COUNTS = { rtsp: 46, onvif: 49, gb28181: 49, vcn: 49, image: 13 };

test('513 shows the five kinds of cameras with what each needs', () => {
  const forms = jsonSchema(addRequest)['oneOf'] as JsonSchema[];
  const shown = Object.fromEntries(forms.map((form) => [String(form['title']), form.required?.toSorted()]));
  assert.deepEqual(
    shown,
    Object.fromEntries(Object.entries(REQUIRED).map(([name, fields]) => [name, fields.toSorted()])),
  );
  for (const form of forms) {
    const { camera_mode, protocol, snap_mode, variant } = form.properties ?? {};
    assert.equal(variant, undefined, 'what the program calls it inside is nobody’s business');
    assert.equal(camera_mode?.['const'], form['title'] === 'image' ? 'IMAGE' : 'VIDEO');
    assert.equal(protocol?.['const'], form['title'] === 'image' ? undefined : form['title']);
    if (form['title'] !== 'image') assert.deepEqual(snap_mode?.['enum'], [1, 2, 3]);
    const count = Object.keys(form.properties ?? {}).filter((name) => name !== 'channel').length;
    assert.equal(count, FIELD_COUNTS[form['title'] as keyof typeof FIELD_COUNTS], String(form['title']));
  }
});

test('515 shows what may be changed in each kind of camera, and needs nothing but the channel', () => {
  const forms = jsonSchema(modifyRequest)['anyOf'] as JsonSchema[];
  assert.deepEqual(
    forms.map((form) => form['title']),
    Object.keys(REQUIRED),
  );
  for (const form of forms) {
    assert.deepEqual(form.required, ['channel']);
    const changeable = (REQUIRED[String(form['title'])] ?? []).filter((name) => !/^(camera_mode|protocol)$/.test(name));
    for (const name of changeable) assert.ok(form.properties?.[name], `${form['title']}: ${name}`);
  }
});
