import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { ContractError } from '../gateway/errors.ts';
import { keepSecrets, MASK, maskSecrets, secret } from './config.ts';

const schema = z.object({
  host: z.string().default('mail.example'),
  port: z.int().default(587),
  note: z.string().default(''),
  ca: secret().default(''),
  password: secret(['host', 'port', 'ca']).default(''),
});
const stored = { host: 'mail.example', port: 25, note: '', ca: 'PEM', password: 'real' };
const shown = { ...stored, ca: MASK, password: MASK };

test('secrets are shown as stars, and stars that come back mean what is stored', () => {
  assert.deepEqual(maskSecrets(schema, stored), shown);
  assert.deepEqual(keepSecrets(schema, { ...shown, note: 'x' }, stored), { ...stored, note: 'x' });
  assert.equal(keepSecrets(schema, { ...shown, password: 'new' }, stored)['password'], 'new');
  // What is not sent is what is usual.
  const { host: _, ...usual } = shown;
  assert.deepEqual(keepSecrets(schema, usual, stored), { port: 25, note: '', ca: 'PEM', password: 'real' });
});

test('a stored secret goes to nobody else: with another receiver it must be entered again', () => {
  for (const change of [{ host: 'evil.example' }, { port: 26 }, { port: undefined }, { ca: 'OTHER' }]) {
    assert.throws(
      () => keepSecrets(schema, { ...shown, ...change }, stored),
      (error) => error instanceof ContractError && error.field === 'password',
      JSON.stringify(change),
    );
    assert.equal(keepSecrets(schema, { ...shown, ...change, password: 'again' }, stored)['password'], 'again');
  }
  // Nothing is stored that could go astray.
  assert.equal(keepSecrets(schema, { ...shown, host: 'other' }, { ...stored, password: '' })['password'], '');
});
