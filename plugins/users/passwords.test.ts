import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PasswordHasher } from './password-hash.ts';
import { oneTimePassword, passwordFault, USER_NAME } from './password-rule.ts';

test('the password rule of the contract', () => {
  for (const good of ['Gate-house-1', 'abcdEF12', 'ABCD123!', 'abcd123!', `Aa1${'x'.repeat(28)}`, 'Pässwort1']) {
    assert.equal(passwordFault(good), undefined, good);
  }
  assert.match(passwordFault('Aa1!xyz') ?? '', /8 to 31 characters, this one has 7/);
  assert.match(passwordFault(`Aa1${'x'.repeat(29)}`) ?? '', /8 to 31 characters, this one has 32/);
  for (const weak of ['newpassword', 'newpassword1', 'NEWPASSWORD1', '12345678!', 'abcdefgh']) {
    assert.match(passwordFault(weak) ?? '', /three of/, weak);
  }
  assert.match(passwordFault('Gate\nhouse-1') ?? '', /control characters/);
});

test('user names', () => {
  for (const good of ['admin', 'a', 'user.A@site-1_x', 'x'.repeat(49)]) assert.match(good, USER_NAME);
  for (const bad of ['', 'x'.repeat(50), 'a b', 'ädmin', 'admin\n', 'a/b', 'a"b']) assert.doesNotMatch(bad, USER_NAME);
});

test('one-time passwords follow the rule and differ', () => {
  const made = Array.from({ length: 200 }, oneTimePassword);
  assert.equal(new Set(made).size, made.length);
  for (const password of made) {
    assert.equal(passwordFault(password), undefined);
    assert.doesNotMatch(password, /[0O1Il]/);
  }
});

test('a hash names its cost, is salted, and opens to its password only', async () => {
  const hasher = new PasswordHasher({ cost: { n: 1024, r: 8, p: 1 } });
  const hash = await hasher.hash('Gate-house-1');
  assert.match(hash, /^scrypt\$n=1024,r=8,p=1\$/);
  assert.notEqual(hash, await hasher.hash('Gate-house-1'));
  assert.equal(await hasher.verify('Gate-house-1', hash), true);
  assert.equal(await hasher.verify('Gate-house-2', hash), false);
  assert.equal(await hasher.verify('', hash), false);
  assert.equal(await hasher.verify('Gate-house-1', undefined), false);
});

test('the usual cost is the one the interface was promised: n 32768, r 8, p 1', async () => {
  const hasher = new PasswordHasher();
  const hash = await hasher.hash('Gate-house-1');
  assert.match(hash, /^scrypt\$n=32768,r=8,p=1\$/);
  assert.equal(await hasher.verify('Gate-house-1', hash), true);
});

test('hashes of another cost are understood and called outdated', async () => {
  const old = await new PasswordHasher({ cost: { n: 2, r: 1, p: 1 } }).hash('Gate-house-1');
  const hasher = new PasswordHasher({ cost: { n: 4, r: 1, p: 1 } });
  assert.equal(await hasher.verify('Gate-house-1', old), true);
  assert.equal(hasher.outdated(old), true);
  assert.equal(hasher.outdated(await hasher.hash('Gate-house-1')), false);
});

test('a damaged hash is an error, never a match and never a huge one', async () => {
  const hasher = new PasswordHasher({ cost: { n: 2, r: 1, p: 1 } });
  const salt = 'A'.repeat(22);
  const key = 'A'.repeat(43);
  for (const damaged of ['', 'x', `scrypt$n=9999999,r=8,p=1$${salt}$${key}`, `scrypt$n=2,r=999,p=1$${salt}$${key}`]) {
    await assert.rejects(hasher.verify('Gate-house-1', damaged), /damaged/);
  }
});

test('only so many hashes run and wait at once; the rest is refused', async () => {
  const hasher = new PasswordHasher({ cost: { n: 16384, r: 8, p: 1 }, parallel: 2, waiting: 3 });
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => hasher.hash('Gate-house-1')));
  const refused = results.filter((one) => one.status === 'rejected');
  assert.equal(refused.length, 3);
  for (const one of refused) assert.match(String(one.reason), /try again in a moment/);
  assert.equal(hasher.waiting, 0);
  assert.ok(await hasher.hash('and on it goes'));
});
