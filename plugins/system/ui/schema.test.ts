import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { configSchema, secret } from '../../../core/plugin/config.ts';
import type { I18n } from '../../../ui/contract.ts';
import { type ConfigField, type ConfigSchema, fieldsOf, fromForm, problemOf, toForm } from './schema.ts';

/** The real way from a plugin's zod schema to the form: through the core's JSON schema. */
const schema = configSchema(
  z.object({
    host: z.string().max(60),
    port: z.int().min(1).max(65_535).default(8080),
    ratio: z.number().min(0.5).optional(),
    mode: z.enum(['all', 'none']).default('all'),
    on: z.boolean().default(true),
    token: secret().default(''),
    topics: z.array(z.string()).default([]),
    tasks: z.array(z.enum(['face', 'body'])).default(['face']),
    limit: z.number().nullable().default(null),
    extra: z.record(z.string(), z.number()).default({}),
    code: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .default('AA'),
  }),
) as ConfigSchema;

const fields = new Map(fieldsOf(schema, {}).map((field) => [field.name, field]));
const field = (name: string): ConfigField => {
  const found = fields.get(name);
  assert.ok(found, name);
  return found;
};
/** Says the key, so that a test sees which text would be shown. */
const i18n = { t: (key: string) => key } as I18n;

test('each kind of setting gets its field', () => {
  assert.deepEqual(
    [...fields].map(([name, { kind }]) => `${name} ${kind}`),
    [
      'host text',
      'port number',
      'ratio number',
      'mode choice',
      'on switch',
      'token secret',
      'topics list',
      'tasks choices',
      'limit number',
      'extra json',
      'code text',
    ],
  );
  assert.equal(field('host').required, true);
  assert.equal(field('port').required, false);
  assert.deepEqual([field('port').min, field('port').max, field('port').whole], [1, 65_535, true]);
  assert.deepEqual(field('tasks').options, ['face', 'body']);
});

test('a value that the box would refuse is told beside its field', () => {
  assert.equal(problemOf(field('host'), '', i18n), 'settings.missing');
  assert.equal(problemOf(field('host'), 'x'.repeat(61), i18n), 'settings.tooLong');
  assert.equal(problemOf(field('port'), 70_000, i18n), 'settings.between');
  assert.equal(problemOf(field('port'), 1.5, i18n), 'settings.notWhole');
  assert.equal(problemOf(field('ratio'), 0.1, i18n), 'settings.atLeast');
  assert.equal(problemOf(field('extra'), '{"a":', i18n), 'settings.noJson');
  assert.equal(problemOf(field('code'), 'abc', i18n), 'settings.notRight');
  assert.equal(problemOf(field('code'), 'AB', i18n), undefined);
  assert.equal(problemOf(field('port'), undefined, i18n), undefined);
});

test('values come back from the form as they went in', () => {
  const values = { host: 'a', port: 9, on: false, topics: ['x', 'y'], tasks: ['body'], extra: { a: 1 }, mode: 'none' };
  for (const [name, value] of Object.entries(values)) {
    assert.deepEqual(fromForm(field(name), toForm(field(name), value)), value, name);
  }
  assert.deepEqual(fromForm(field('topics'), ' a \n\n b'), ['a', 'b']);
  assert.equal(fromForm(field('extra'), ''), undefined);
});
