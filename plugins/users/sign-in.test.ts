import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE } from '../../core/gateway/errors.ts';
import { cheap, PASSWORD, startUsers, type UsersBox } from './fixture.ts';
import { PasswordHasher } from './password-hash.ts';

const WRONG = 'Wrong-word-1';

/** One failed login by message 257. */
function fail(box: UsersBox, name = 'admin', source = '10.0.0.66', more: object = {}) {
  return box.send(257, { user_name: name, user_pwd: WRONG, ...more }, { source });
}

test('257 answers the bare session id, in the header too; 258 ends the session', async (t) => {
  const box = await startUsers(t);
  const answer = await box.send(257, { user_name: 'admin', user_pwd: PASSWORD });
  assert.equal(answer.code, CODE.ok);
  const sessionId = answer.data as string;
  assert.equal(typeof sessionId, 'string');
  assert.equal(box.headers.get('sessionid'), sessionId);
  assert.equal((await box.send(270, {}, { sessionId })).code, CODE.ok);
  assert.deepEqual(await box.send(258, {}, { sessionId }), { code: CODE.ok, msg: '', data: '' });
  assert.equal((await box.send(270, {}, { sessionId })).code, CODE.notLoggedIn);
  assert.equal((await box.send(258, {}, { sessionId })).code, CODE.notLoggedIn);
  assert.deepEqual(
    box.operations.map(({ userName, role, item, result, source }) => [userName, role, item, result, source]),
    [
      ['admin', 'super-admin', '257 log in', 0, '10.0.0.1'],
      ['admin', 'super-admin', '258 log out', 0, '10.0.0.1'],
    ],
  );
});

test('a failed 257 says how many tries are left, the same for a name that does not exist', async (t) => {
  const box = await startUsers(t);
  const known = [await fail(box), await fail(box), await fail(box)];
  const unknown = [await fail(box, 'nobody'), await fail(box, 'nobody'), await fail(box, 'nobody')];
  assert.deepEqual(known, unknown);
  assert.deepEqual(known[0], {
    code: CODE.wrongUserOrPassword,
    msg: 'wrong user name or password; 4 tries are left',
    data: { session_id: '', retry_times: 4, mod_passwd_flag: 0 },
  });
  assert.equal(known[2]?.msg, 'wrong user name or password; 2 tries are left, with a captcha (verify_code)');
});

test('a name that does not exist costs a hash like one that does', async (t) => {
  const hasher = cheap();
  const checked: boolean[] = [];
  const verify = hasher.verify.bind(hasher);
  hasher.verify = (password, hash) => {
    checked.push(hash !== undefined);
    return verify(password, hash);
  };
  const box = await startUsers(t, hasher);
  await fail(box);
  await fail(box, 'nobody');
  assert.deepEqual(checked, [true, false]);
});

test('the time of a refusal does not tell whether the account exists', async () => {
  const hasher = new PasswordHasher({ cost: { n: 4096, r: 8, p: 1 } });
  const hash = await hasher.hash(PASSWORD);
  const time = async (stored: string | undefined) => {
    const times: number[] = [];
    for (let i = 0; i < 15; i++) {
      const began = performance.now();
      await hasher.verify(WRONG, stored);
      times.push(performance.now() - began);
    }
    return times.sort((a, b) => a - b)[2] ?? 0;
  };
  const [known, unknown] = [await time(hash), await time(undefined)];
  assert.ok(unknown > known / 3 && unknown < known * 3, `${known} ms against ${unknown} ms`);
});

test('after three failures a captcha of the same source is needed, once', async (t) => {
  const box = await startUsers(t);
  for (let i = 0; i < 3; i++) await fail(box);
  const source = '10.0.0.66';
  const right = { user_name: 'admin', user_pwd: PASSWORD };
  const without = await box.send(257, right, { source });
  assert.equal(without.code, CODE.wrongUserOrPassword);
  assert.match(without.msg, /^a captcha is needed; 1 try is left/);
  const captcha = await box.send(1322, {}, { source });
  assert.match(captcha.data as string, /^\d{4}$/);
  const login = await box.send(257, { ...right, verify_code: Number(captcha.data) }, { source });
  // A number loses the zeros in front: then it is another captcha, and the fifth failure.
  if ((captcha.data as string).startsWith('0')) assert.equal(login.code, CODE.wrongUserOrPassword);
  else assert.equal(login.code, CODE.ok);
});

test('a captcha given to another source does not help', async (t) => {
  const box = await startUsers(t);
  for (let i = 0; i < 3; i++) await fail(box);
  const elsewhere = await box.send(1322, {}, { source: '10.0.0.2' });
  const answer = await box.send(
    257,
    { user_name: 'admin', user_pwd: PASSWORD, verify_code: elsewhere.data },
    { source: '10.0.0.66' },
  );
  assert.match(answer.msg, /^wrong captcha/);
});

test('five failures lock for five minutes: even the right password is refused, elsewhere it is not', async (t) => {
  const box = await startUsers(t);
  for (let i = 0; i < 4; i++) await fail(box);
  const fifth = await fail(box);
  assert.match(fifth.msg, /locked for 300 more seconds/);
  assert.deepEqual(fifth.data, { session_id: '', retry_times: 0, mod_passwd_flag: 0 });
  box.now += 60_000;
  const right = { user_name: 'admin', user_pwd: PASSWORD };
  const locked = await box.send(257, right, { source: '10.0.0.66' });
  assert.equal(locked.code, CODE.wrongUserOrPassword);
  assert.match(locked.msg, /locked for 240 more seconds/);
  await box.logIn('admin', PASSWORD, '10.0.0.1');
  box.now += 240_000;
  await box.logIn('admin', PASSWORD, '10.0.0.66');
});

test('tries that arrive at once do not get past the lock', async (t) => {
  const box = await startUsers(t);
  const answers = await Promise.all(Array.from({ length: 20 }, () => fail(box)));
  const checked = answers.filter(({ msg }) => msg.startsWith('wrong user name'));
  assert.equal(checked.length, 3, 'the captcha comes after three');
  assert.equal(answers.filter(({ msg }) => /locked/.test(msg)).length, 16);
});

test('many right logins at once from one source all succeed', async (t) => {
  const box = await startUsers(t);
  const ids = await Promise.all(Array.from({ length: 30 }, () => box.logIn()));
  assert.equal(new Set(ids).size, 30);
});

test('a flood of logins is refused clearly and leaves room for other sources', async (t) => {
  const box = await startUsers(t, new PasswordHasher({ cost: { n: 4096, r: 8, p: 1 } }));
  const flood = Array.from({ length: 300 }, (_, i) =>
    box.send(257, { user_name: `name${i}`, user_pwd: WRONG }, { source: '10.0.0.66' }),
  );
  const meanwhile = box.logIn();
  const answers = await Promise.all(flood);
  const refused = answers.filter(({ code }) => code === CODE.unknownError);
  assert.ok(refused.length >= 300 - 32, `${refused.length} refused`);
  assert.match(refused[0]?.msg ?? '', /try again in a moment/);
  assert.equal(typeof (await meanwhile), 'string');
});

test('failed logins reach the operation log without the password, locked ones do not flood it', async (t) => {
  const box = await startUsers(t);
  const long = 'x'.repeat(150);
  await fail(box, long);
  assert.equal(box.operations[0]?.userName, 'x'.repeat(49));
  for (let i = 0; i < 50; i++) await fail(box);
  const failures = box.operations.filter(({ userName }) => userName === 'admin');
  assert.equal(failures.length, 5);
  assert.ok(failures.every(({ result, source }) => result === CODE.wrongUserOrPassword && source === '10.0.0.66'));
  assert.match(failures[4]?.detail ?? '', /failure 5 of 5/);
  assert.doesNotMatch(JSON.stringify(box.operations), new RegExp(WRONG));
});

test('a login moves an old hash to the cost of today and ends no session', async (t) => {
  const box = await startUsers(t, cheap(2));
  const before = await box.logIn();
  await box.setUp(undefined, cheap(4));
  await box.start();
  await box.logIn();
  const [row] = box.store.read.all<{ password_hash: string }>('SELECT password_hash FROM users');
  assert.match(row?.password_hash ?? '', /^scrypt\$n=4,/);
  assert.equal((await box.send(270, {}, { sessionId: before })).code, CODE.ok);
  await box.logIn();
});

test('REST: login sets the cookie, refusals carry what the page needs, logout takes the cookie away', async (t) => {
  const box = await startUsers(t);
  const login = await box.rest('POST', '/login', { name: 'admin', password: PASSWORD });
  assert.deepEqual(login.data, {
    user: { id: 1, name: 'admin', role: 'super-admin', imageRight: true, mustChangePassword: false },
  });
  const sessionId = box.cookies[0] ?? '';
  assert.deepEqual(
    (await box.rest('GET', '/me', undefined, { sessionId })).data,
    (login.data as { user: unknown }).user,
  );
  assert.equal((await box.rest('POST', '/logout', undefined, { sessionId })).code, CODE.ok);
  assert.equal(box.cookies[1], null);
  assert.equal((await box.rest('GET', '/me', undefined, { sessionId })).code, CODE.notLoggedIn);

  for (let i = 0; i < 3; i++) await box.rest('POST', '/login', { name: 'admin', password: WRONG });
  const third = await box.rest('POST', '/login', { name: 'admin', password: WRONG, captcha: '' });
  assert.equal(third.code, CODE.wrongUserOrPassword);
  assert.deepEqual(third.data, { retryTimes: 1, captchaNeeded: true, lockedSeconds: 0 });
  const fifth = await box.rest('POST', '/login', { name: 'admin', password: WRONG });
  assert.deepEqual(fifth.data, { retryTimes: 0, captchaNeeded: true, lockedSeconds: 300 });
  const picture = (await box.rest('GET', '/captcha.svg')).data as Response;
  assert.equal(picture.headers.get('content-type'), 'image/svg+xml');
  assert.equal(picture.headers.get('cache-control'), 'no-store');
});

test('271 checks a password, counts failures towards the lock and takes both spellings', async (t) => {
  const box = await startUsers(t);
  const sessionId = await box.logIn();
  assert.deepEqual((await box.send(271, { userpasswd: PASSWORD }, { sessionId })).data, {
    result: 0,
    username: 'admin',
  });
  const wrong = await box.send(271, { user_name: 'admin', user_pwd: WRONG }, { sessionId });
  assert.equal(wrong.code, CODE.wrongUserOrPassword);
  assert.deepEqual(wrong.data, { result: 1, username: 'admin', retry_times: 4 });
  for (let i = 0; i < 4; i++) await box.send(271, { userpasswd: '123456' }, { sessionId });
  assert.match((await box.send(271, { userpasswd: PASSWORD }, { sessionId })).msg, /locked/);
  assert.match((await box.send(257, { user_name: 'admin', user_pwd: PASSWORD })).msg, /locked/);
});

test('input that is not text is refused as a wrong parameter', async (t) => {
  const box = await startUsers(t);
  for (const parameters of [
    {},
    { user_name: 'admin' },
    { user_name: ['admin'], user_pwd: PASSWORD },
    { user_name: 'a', user_pwd: {} },
  ]) {
    assert.equal((await box.send(257, parameters)).code, CODE.wrongParameter);
  }
  assert.equal(box.operations.length, 0);
});
