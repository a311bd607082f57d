import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE } from '../../core/gateway/errors.ts';
import { codeOf } from '../../core/store/errors.ts';
import { tableDrift } from '../../core/store/table-drift.ts';
import { bareBox, PASSWORD, startUsers } from './fixture.ts';
import { passwordFault } from './password-rule.ts';
import * as tables from './tables.ts';

interface Listed {
  id: number;
  name: string;
  role: string;
  imageRight: boolean;
  isAuthed: boolean;
  mustChangePassword: boolean;
  lastLoginAt: number | null;
  lockedUntil: number | null;
  oneTimePassword?: string;
}

test('the tables are those of the migrations', async (t) => {
  const box = await bareBox(t);
  assert.deepEqual(tableDrift(box.store, tables), []);
});

test('first start: the given password counts, and nothing is printed', async (t) => {
  const box = await bareBox(t);
  await box.setUp(PASSWORD);
  assert.deepEqual(box.printed, []);
  assert.equal((await box.rest('POST', '/login', { name: 'admin', password: PASSWORD })).code, CODE.ok);
  await box.setUp('Another-one-2');
  assert.equal((await box.rest('POST', '/login', { name: 'admin', password: 'Another-one-2' })).code, -113);
});

test('first start without a password: one is printed once and must be changed before anything else', async (t) => {
  const box = await bareBox(t);
  await box.setUp();
  assert.equal(box.printed.length, 1);
  const password = /one-time password: (\S+)/.exec(box.printed[0] ?? '')?.[1] ?? '';
  assert.equal(passwordFault(password), undefined);
  await box.setUp();
  assert.equal(box.printed.length, 1);
  const sessionId = await box.logIn('admin', password);
  assert.equal((await box.send(270, {}, { sessionId })).code, CODE.notAllowed);
  assert.equal((await box.rest('GET', '/users', undefined, { sessionId })).code, CODE.notAllowed);
  const changed = await box.rest('PUT', '/me/password', { current: password, next: PASSWORD }, { sessionId });
  assert.deepEqual(changed.data, {
    id: 1,
    name: 'admin',
    role: 'super-admin',
    imageRight: true,
    mustChangePassword: false,
  });
  assert.equal((await box.send(270, {}, { sessionId })).code, CODE.ok);
});

test('first start: a password that breaks the rule stops with a clear message, and no account is made', async (t) => {
  const box = await bareBox(t);
  await assert.rejects(box.setUp('short'), /GATEHOUSE_ADMIN_PASSWORD cannot be used: the password must have 8 to 31/);
  assert.deepEqual(box.store.read.all('SELECT * FROM users'), []);
});

test('accounts are made, changed and deleted by the super admin alone', async (t) => {
  const box = await startUsers(t);
  const admin = await box.logIn();
  const member = await box.member('guard', 'viewer', admin);
  for (const [method, path, body] of [
    ['GET', '/users', undefined],
    ['POST', '/users', { name: 'x', role: 'viewer' }],
    ['PATCH', '/users/1', { isAuthed: false }],
    ['DELETE', '/users/1', undefined],
  ] as const) {
    assert.equal(
      (await box.rest(method, path, body, { sessionId: member })).code,
      CODE.notAllowed,
      `${method} ${path}`,
    );
    assert.equal((await box.rest(method, path, body)).code, CODE.notLoggedIn, `${method} ${path}`);
  }
  const listed = (await box.rest('GET', '/users', undefined, { sessionId: admin })).data as {
    users: Listed[];
    max: number;
    roles: string[];
    rights: Record<string, Record<string, string>>;
  };
  assert.equal(listed.max, 32);
  assert.equal(listed.roles.length, 6);
  assert.deepEqual(Object.keys(listed.rights), listed.roles);
  assert.deepEqual(listed.rights['device-admin'], { devices: 'change' });
  assert.deepEqual(
    listed.users.map(({ name, role, lastLoginAt }) => [name, role, lastLoginAt]),
    [
      ['admin', 'super-admin', box.now],
      ['guard', 'viewer', box.now],
    ],
  );
  assert.doesNotMatch(JSON.stringify(listed), /scrypt/);
});

test('without a password an account gets a one-time password, which is not kept in clear', async (t) => {
  const box = await startUsers(t);
  const sessionId = await box.logIn();
  const made = (await box.rest('POST', '/users', { name: 'guard', role: 'device-admin' }, { sessionId }))
    .data as Listed;
  const password = made.oneTimePassword ?? '';
  assert.equal(passwordFault(password), undefined);
  assert.equal(made.mustChangePassword, true);
  assert.doesNotMatch(JSON.stringify(box.store.read.all('SELECT * FROM users')), new RegExp(password));
  assert.doesNotMatch(JSON.stringify(box.operations), new RegExp(password));
  await box.logIn('guard', password);
  const reset = await box.rest('PATCH', `/users/${made.id}`, { resetPassword: true }, { sessionId });
  const next = (reset.data as Listed).oneTimePassword ?? '';
  assert.notEqual(next, password);
  await assert.rejects(box.logIn('guard', password), /-113/);
  await box.logIn('guard', next);
});

test('refusals of account changes', async (t) => {
  const box = await startUsers(t);
  const sessionId = await box.logIn();
  const post = (body: object) => box.rest('POST', '/users', body, { sessionId });
  const patch = (id: number, body: object) => box.rest('PATCH', `/users/${id}`, body, { sessionId });
  const made = (await post({ name: 'guard', role: 'viewer', password: PASSWORD })).data as Listed;

  assert.equal((await post({ name: 'guard', role: 'viewer' })).code, CODE.userExists);
  assert.equal((await post({ name: 'GUARD', role: 'viewer' })).code, CODE.userExists);
  assert.equal((await post({ name: 'b', role: 'king' })).code, CODE.noSuchRole);
  assert.equal((await post({ name: 'b', role: 'super-admin' })).code, CODE.wrongParameter);
  assert.equal((await post({ name: 'b', role: 'viewer', password: 'newpassword' })).code, CODE.passwordTooWeak);
  assert.equal((await post({ name: 'a b', role: 'viewer' })).code, CODE.wrongParameter);
  assert.equal((await post({ name: 'x'.repeat(50), role: 'viewer' })).code, CODE.wrongParameter);

  assert.equal((await patch(99, { isAuthed: false })).code, CODE.noSuchUser);
  assert.equal((await patch(made.id, { role: 'super-admin' })).code, CODE.wrongParameter);
  assert.equal((await patch(made.id, { role: 'king' })).code, CODE.noSuchRole);
  assert.equal((await patch(made.id, { password: 'weak' })).code, CODE.passwordTooWeak);
  assert.equal((await patch(made.id, { password: PASSWORD, resetPassword: true })).code, CODE.wrongParameter);
  assert.equal((await patch(1, { role: 'viewer' })).code, CODE.wrongParameter);
  assert.equal((await patch(1, { password: 'Another-one-2' })).code, CODE.wrongParameter);
  assert.equal((await patch(1, { role: 'super-admin' })).code, CODE.ok);

  assert.equal((await box.rest('DELETE', '/users/1', undefined, { sessionId })).code, CODE.cannotDeleteOneself);
  assert.equal((await box.rest('DELETE', '/users/99', undefined, { sessionId })).code, CODE.noSuchUser);
});

test('the database itself holds one super admin and no name twice', async (t) => {
  const box = await startUsers(t);
  const insert = (name: string, role: string) =>
    box.store.write((tx) =>
      tx.run(
        `INSERT INTO users (name, role, password_hash, password_version, must_change_password, is_authed, image_right,
         created_at) VALUES ('${name}', '${role}', '', 1, 0, 1, 0, 0)`,
      ),
    );
  const unique = (error: unknown) => codeOf(error) === 'SQLITE_CONSTRAINT_UNIQUE';
  await assert.rejects(insert('second', 'super-admin'), unique);
  await assert.rejects(insert('ADMIN', 'viewer'), unique);
});

test('a box holds 32 users', async (t) => {
  const box = await startUsers(t);
  const sessionId = await box.logIn();
  const post = (i: number) =>
    box.rest('POST', '/users', { name: `user${i}`, role: 'viewer', password: PASSWORD }, { sessionId });
  // At once: each sees room while its password is hashed.
  const answers = await Promise.all(Array.from({ length: 35 }, (_, i) => post(i)));
  assert.equal(answers.filter(({ code }) => code === CODE.ok).length, 31);
  assert.equal(answers.filter(({ code }) => code === CODE.tooManyUsers).length, 4);
});

test('a password change ends the other sessions and keeps this one', async (t) => {
  const box = await startUsers(t);
  const [kept, other] = [await box.logIn(), await box.logIn()];
  const put = (current: string, next: string) =>
    box.rest('PUT', '/me/password', { current, next }, { sessionId: kept });
  const wrong = await put('Wrong-word-1', 'Another-one-2');
  assert.equal(wrong.code, CODE.currentPasswordWrong);
  assert.deepEqual(wrong.data, { retryTimes: 4, captchaNeeded: false, lockedSeconds: 0 });
  assert.equal((await put(PASSWORD, 'newpassword')).code, CODE.passwordTooWeak);
  assert.equal((await put(PASSWORD, PASSWORD)).code, CODE.passwordTooWeak);
  assert.equal((await put(PASSWORD, 'Another-one-2')).code, CODE.ok);
  assert.equal((await box.send(270, {}, { sessionId: kept })).code, CODE.ok);
  assert.equal((await box.send(270, {}, { sessionId: other })).code, CODE.notLoggedIn);
  assert.deepEqual(box.changes, [{ userId: 1, change: 'password' }]);
  await assert.rejects(box.logIn('admin', PASSWORD), /-113/);
  await box.logIn('admin', 'Another-one-2');
  const act = box.operations.find(({ detail }) => detail === 'new password');
  assert.equal(act?.item, 'PUT /me/password');
  assert.doesNotMatch(JSON.stringify(box.operations), /Another-one-2|Gate-house-1/);
});

test("an administrator's reset stands, also in the middle of a change by the user", async (t) => {
  const box = await startUsers(t);
  const admin = await box.logIn();
  const member = await box.member('guard', 'viewer', admin);
  const [own, reset] = await Promise.all([
    box.rest('PUT', '/me/password', { current: PASSWORD, next: 'Another-one-2' }, { sessionId: member }),
    box.rest('PATCH', '/users/2', { resetPassword: true }, { sessionId: admin }),
  ]);
  assert.deepEqual([own.code, reset.code], [CODE.currentPasswordWrong, CODE.ok]);
  await assert.rejects(box.logIn('guard', 'Another-one-2'), /-113/);
  await box.logIn('guard', (reset.data as { oneTimePassword: string }).oneTimePassword);
});

test('guessing the current password locks like guessing at the login', async (t) => {
  const box = await startUsers(t);
  const sessionId = await box.logIn();
  const put = (current: string) => box.rest('PUT', '/me/password', { current, next: 'Another-one-2' }, { sessionId });
  for (let i = 0; i < 5; i++) await put('Wrong-word-1');
  const locked = await put(PASSWORD);
  assert.equal(locked.code, CODE.currentPasswordWrong);
  assert.deepEqual(locked.data, { retryTimes: 0, captchaNeeded: true, lockedSeconds: 300 });
});

test('deleting an account ends its sessions, and its number is not given again', async (t) => {
  const box = await startUsers(t);
  const admin = await box.logIn();
  const member = await box.member('guard', 'viewer', admin);
  assert.equal((await box.rest('DELETE', '/users/2', undefined, { sessionId: admin })).code, CODE.ok);
  assert.equal((await box.send(270, {}, { sessionId: member })).code, CODE.notLoggedIn);
  assert.equal(box.accounts.find(2), undefined);
  assert.deepEqual(box.changes, [
    { userId: 2, change: 'made' },
    { userId: 2, change: 'removed', userName: 'guard' },
  ]);
  const again = await box.rest('POST', '/users', { name: 'guard', role: 'viewer' }, { sessionId: admin });
  assert.equal((again.data as Listed).id, 3);
});

test('a lock shows in the list, and a reset opens it', async (t) => {
  const box = await startUsers(t);
  const sessionId = await box.logIn();
  await box.member('guard', 'viewer', sessionId);
  for (let i = 0; i < 5; i++) await box.send(257, { user_name: 'guard', user_pwd: 'x' }, { source: '10.0.0.66' });
  const until = async () => {
    const { users } = (await box.rest('GET', '/users', undefined, { sessionId })).data as { users: Listed[] };
    return users.find(({ name }) => name === 'guard')?.lockedUntil;
  };
  assert.equal(await until(), box.now + 5 * 60_000);
  await box.rest('PATCH', '/users/2', { resetPassword: true }, { sessionId });
  assert.equal(await until(), null);
});

test('changes reach the operation log by name, refused ones too', async (t) => {
  const box = await startUsers(t);
  const sessionId = await box.logIn();
  await box.member('guard', 'viewer', sessionId);
  await box.rest('PATCH', '/users/2', { role: 'device-admin', imageRight: true, isAuthed: false }, { sessionId });
  await box.rest('PATCH', '/users/2', { role: 'king' }, { sessionId });
  await box.rest('DELETE', '/users/2', undefined, { sessionId });
  const told = box.operations.filter(({ item }) => item.includes('/users'));
  assert.deepEqual(
    told.map(({ detail, result }) => [detail, result]),
    [
      ['"guard" made as viewer, may view images', 0],
      ['"guard": role device-admin, may view images, no longer authorised', 0],
      ['', CODE.noSuchRole],
      ['"guard" deleted, was device-admin', 0],
    ],
  );
});

test('whoever is told of accounts is told in the job that changes one: neither comes without the other', async (t) => {
  const box = await startUsers(t);
  const sessionId = await box.logIn();
  await box.rest('POST', '/users', { name: 'eve', role: 'viewer' }, { sessionId });
  await box.rest('PATCH', '/users/2', { role: 'sub-admin', password: PASSWORD }, { sessionId });
  await box.rest('PATCH', '/users/2', {}, { sessionId });
  await box.rest('PUT', '/me/password', { current: PASSWORD, next: 'Gate-house-2' }, { sessionId });
  await box.rest('DELETE', '/users/2', undefined, { sessionId });
  assert.deepEqual(box.told, [
    { userId: 2, userName: 'eve', change: 'made' },
    { userId: 2, userName: 'eve', change: 'password' },
    { userId: 2, userName: 'eve', change: 'rights' },
    { userId: 1, userName: 'admin', change: 'password' },
    { userId: 2, userName: 'eve', change: 'removed' },
  ]);
  box.outboxFault = new Error('the outbox is broken');
  const made = await box.rest('POST', '/users', { name: 'mallory', role: 'viewer' }, { sessionId });
  assert.equal(made.code, CODE.internalError);
  assert.deepEqual(box.store.read.select({ name: tables.users.name }).from(tables.users).all(), [{ name: 'admin' }]);
});
