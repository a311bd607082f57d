import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ADMIN_PASSWORD, startBox, type TestBox } from '../../tests/kit/box.ts';
import { until } from '../../tests/kit/wait.ts';
import { resetPassword } from './console.ts';
import { PasswordHasher } from './password-hash.ts';

/** The plugin in a box as its user starts it: what only the real gateway and the operation log can show. */

interface LogPage {
  entries: { userName: string; item: string; detail: string; source: string; result: number }[];
}

let box: TestBox;
before(async () => {
  box = await startBox();
  await box.login();
});
after(() => box?.stop());

const entries = async (query: string) =>
  (await box.rest<LogPage>('GET', `/p/operation-log/entries?${query}`)).body.entries;

test('logins and changes of accounts stand in the operation log', async () => {
  const refused = await box.rest<{ code: number; data: object }>(
    'POST',
    '/p/users/login',
    { name: 'nobody', password: 'Wrong-word-1' },
    '',
  );
  assert.equal(refused.status, 400);
  assert.deepEqual(refused.body.data, { retryTimes: 4, captchaNeeded: false, lockedSeconds: 0 });
  const made = await box.rest<{ id: number; oneTimePassword: string }>('POST', '/p/users/users', {
    name: 'guard',
    role: 'viewer',
  });
  assert.equal(made.status, 200);
  const [login] = await until('the failed login', async () => {
    const found = await entries('user=nobody');
    return found.length > 0 && found;
  });
  assert.deepEqual(
    [login?.item, login?.result, login?.source, login?.detail],
    ['POST /login', -113, '127.0.0.1', 'wrong user name or password; failure 1 of 5 before the lock'],
  );
  const [change] = await until('the new account', async () => {
    const found = await entries('text=guard');
    return found.length > 0 && found;
  });
  assert.deepEqual([change?.item, change?.result], ['POST /users', 0]);
  const csv = await box.rest<string>('GET', '/p/operation-log/export.csv');
  assert.match(csv.body, /"POST \/users","""guard"" made as viewer/);
  assert.ok(!box.output.includes(made.body.oneTimePassword), 'the log keeps no password');
});

test('the captcha is a picture anybody may ask for', async () => {
  const response = await fetch(`${box.url}/p/users/captcha.svg`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'image/svg+xml');
  assert.match(response.headers.get('cache-control') ?? '', /no-store/);
  assert.match(await response.text(), /^<svg /);
});

test('a reset from the console ends the session of the running box', async () => {
  await box.login();
  const password = await resetPassword(box.dataFolder, 'admin', new PasswordHasher(), Date.now());
  await until('the session to end', async () => (await box.call(270)).code === -141);
  assert.equal((await box.call(257, { user_name: 'admin', user_pwd: ADMIN_PASSWORD }, '')).code, -113);
  await box.login('admin', password);
  const changed = await box.rest('PUT', '/p/users/me/password', { current: password, next: ADMIN_PASSWORD });
  assert.equal(changed.status, 200);
  const [act] = await until('the reset in the operation log', async () => {
    const found = await entries('user=(console)');
    return found.length > 0 && found;
  });
  assert.equal(act?.detail, 'one-time password for "admin"');
});
