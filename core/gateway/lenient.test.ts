import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { aliased, given, int, intOf, list, localTime, oneOf, paging, text } from './lenient.ts';

const rejects = (schema: z.ZodType, value: unknown) => assert.equal(schema.safeParse(value).success, false);

test('whole numbers come as numbers or text', () => {
  const channel = int({ min: 1, max: 32 });
  assert.equal(channel.parse(5), 5);
  assert.equal(channel.parse(' 5 '), 5);
  for (const wrong of ['', 'five', '5.5', 5.5, 0, 33, null, [], {}, true, '0x5', '1e1', Number.NaN]) {
    rejects(channel, wrong);
  }
});

test('text also comes as a number and is one spelling', () => {
  assert.equal(text().parse(17), '17');
  assert.equal(text().parse('e\u0301'), '\u00e9');
  rejects(text({ max: 3 }), 'four');
  rejects(text(), ['a']);
});

test('names of a list are compared without case and answered as listed', () => {
  const mode = oneOf(['VIDEO', 'IMAGE']);
  assert.equal(mode.parse('video'), 'VIDEO');
  assert.equal(mode.parse(' Image '), 'IMAGE');
  rejects(mode, 'audio');
  assert.equal(intOf([1, 2, 3]).parse('2'), 2);
  rejects(intOf([1, 2, 3]), 4);
});

test('an empty text is "not given" where something is optional', () => {
  assert.equal(given(int()).parse(''), undefined);
  assert.equal(given(int()).parse(undefined), undefined);
  assert.equal(given(int()).parse('7'), 7);
  assert.equal(z.object({ a: given(text()) }).parse({}).a, undefined);
});

test('comma lists lose blanks and empty parts', () => {
  assert.deepEqual(list().parse(' a, b ,,c '), ['a', 'b', 'c']);
  assert.deepEqual(list().parse(''), []);
  assert.deepEqual(list().parse(4), ['4']);
  rejects(list({ max: 2 }), '1,2,3');
  rejects(list({ min: 1 }), '');
  assert.deepEqual(list().parse(['a', 5]), ['a', '5']);
  for (const part of [{ toString: 1, valueOf: 1 }, ['a'], null, true, 'a\0']) rejects(list(), [part]);
  rejects(text(), 'a\0b');
});

test('other spellings of a name are taken where the name itself is absent', () => {
  const schema = aliased({ user_name: ['username'] }, z.object({ user_name: text() }));
  assert.equal(schema.parse({ username: 'a' }).user_name, 'a');
  assert.equal(schema.parse({ user_name: 'a', username: 'b' }).user_name, 'a');
});

test('times must exist', () => {
  assert.equal(localTime().parse('2024-02-29 23:59:59'), '2024-02-29 23:59:59');
  for (const wrong of ['2023-02-29 00:00:00', '2024-13-01 00:00:00', '2024-01-01', '2024-01-01 24:00:00', 1]) {
    rejects(localTime(), wrong);
  }
});

test('pages start at 1 and hold 10 by default', () => {
  const page = z.object(paging());
  assert.deepEqual(page.parse({}), { start_no: 1, qry_len: 10 });
  assert.deepEqual(page.parse({ start_no: '3', qry_len: 50 }), { start_no: 3, qry_len: 50 });
  rejects(page, { qry_len: 51 });
  rejects(page, { start_no: 0 });
});
