import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { CODE } from '../../core/gateway/errors.ts';
import { runtime } from '../../tests/kit/runtime.ts';
import { until } from '../../tests/kit/wait.ts';
import { listUsers, resetPassword } from './console.ts';
import { cheap, PASSWORD, startUsers } from './fixture.ts';

const root = join(import.meta.dirname, '../..');
const execute = promisify(execFile);
const { command, run } = runtime();
const cli = (folder: string, ...args: string[]) =>
  execute(command, [...run, 'plugins/users/cli.ts', ...args], {
    cwd: root,
    env: { ...process.env, GATEHOUSE_DATA_DIR: folder },
  });

test('a reset beside the running box counts at the next login, ends sessions, opens locks and is logged', async (t) => {
  const box = await startUsers(t);
  const sessionId = await box.logIn();
  for (let i = 0; i < 5; i++) await box.send(257, { user_name: 'admin', user_pwd: 'x' }, { source: '10.0.0.66' });
  const password = await resetPassword(box.folder, 'admin', cheap(), box.now);
  const answer = await box.send(257, { user_name: 'admin', user_pwd: password }, { source: '10.0.0.1' });
  assert.equal(answer.code, CODE.ok, answer.msg);
  await box.logIn('admin', password, '10.0.0.66');
  assert.equal((await box.send(258, {}, { sessionId })).code, CODE.notLoggedIn);
  assert.equal(box.accounts.find(1)?.mustChangePassword, true);
  assert.deepEqual(box.changes, [{ userId: 1, change: 'password' }]);
  const [act, ...more] = box.operations.filter(({ source }) => source === 'console');
  assert.equal(act?.detail, 'one-time password for "admin"');
  assert.deepEqual(more, []);
  await box.store.write(() => {});
  assert.deepEqual(box.store.read.all('SELECT * FROM users_console_acts'), []);
  assert.deepEqual(box.told, [{ userId: 1, userName: 'admin', change: 'password' }]);
});

test('the running box notices by itself', async (t) => {
  const box = await startUsers(t);
  await box.start();
  let ended = false;
  box.sessions.onEnded(() => {
    ended = true;
  });
  await box.logIn();
  await resetPassword(box.folder, 'admin', cheap(), box.now);
  await until('the session to end', () => ended);
  assert.equal(box.accounts.find(1)?.mustChangePassword, true);
});

test('a reset while the box is off ends the sessions it comes back with', async (t) => {
  const box = await startUsers(t);
  const sessionId = await box.logIn();
  await resetPassword(box.folder, 'admin', cheap(), box.now);
  await box.setUp();
  await box.start();
  assert.equal((await box.send(258, {}, { sessionId })).code, CODE.notLoggedIn);
  await assert.rejects(box.logIn('admin', PASSWORD), /-113/);
  assert.equal(box.operations.filter(({ source }) => source === 'console').length, 1);
});

test('the command: list, reset, and what it says when it cannot', async (t) => {
  const box = await startUsers(t);
  const { stdout: list } = await cli(box.folder, 'list');
  assert.match(list, /^admin {2}super-admin {2}last login never\n$/);
  const { stdout } = await cli(box.folder, 'reset', 'admin');
  const password = /One-time password of "admin": (\S+)\n/.exec(stdout)?.[1] ?? '';
  const login = await box.send(257, { user_name: 'admin', user_pwd: password });
  assert.equal(login.code, CODE.ok, login.msg);
  await assert.rejects(cli(box.folder, 'reset', 'nobody'), /there is no user "nobody"/);
  await assert.rejects(cli(box.folder), /npm run users -- reset <name>/);
});

test('a folder that is no data folder is named', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-users-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  assert.throws(() => listUsers(folder), /GATEHOUSE_DATA_DIR/);
});
