import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE } from '../../core/gateway/errors.ts';
import { startUsers } from './fixture.ts';

test('269 and 270: authorisation, with the image right in force only while authorised', async (t) => {
  const box = await startUsers(t);
  const sessionId = await box.logIn();
  await box.member('userA', 'viewer', sessionId, { imageRight: true });
  const query = async () => (await box.send(270, { user_name: 'userA' }, { sessionId })).data;
  assert.deepEqual(await query(), { user_name: 'userA', is_authed: 1, auth_items: 1 });
  assert.equal(box.accounts.find(2)?.imageRight, true);
  const set = await box.send(269, { user_name: 'userA', is_authed: '0' }, { sessionId });
  assert.deepEqual(set, { code: 0, msg: '', data: '' });
  assert.deepEqual(await query(), { user_name: 'userA', is_authed: 0, auth_items: 0 });
  assert.equal(box.accounts.find(2)?.imageRight, false);
  assert.deepEqual((await box.send(273, { user_name: 'userA', right_item: 1 }, { sessionId })).data, {
    user_name: 'userA',
    right_item: 1,
    right_value: 1,
  });
  await box.send(269, { user_name: 'userA', is_authed: 1 }, { sessionId });
  assert.equal(box.accounts.find(2)?.imageRight, true);
  assert.deepEqual(box.changes, [
    { userId: 2, change: 'made' },
    { userId: 2, change: 'rights' },
    { userId: 2, change: 'rights' },
  ]);
});

test('272 and 273: the right to view images', async (t) => {
  const box = await startUsers(t);
  const sessionId = await box.logIn();
  const query = async () => (await box.send(273, { right_item: '1' }, { sessionId })).data;
  assert.deepEqual(await query(), { user_name: 'admin', right_item: 1, right_value: 1 });
  const set = await box.send(272, { user_name: 'admin', right_item: 1, right_value: 0 }, { sessionId });
  assert.deepEqual(set, { code: 0, msg: '', data: '' });
  assert.deepEqual(await query(), { user_name: 'admin', right_item: 1, right_value: 0 });
  assert.equal(box.accounts.find(1)?.imageRight, false);
  for (const bad of [{ right_item: 2, right_value: 1 }, { right_item: 1, right_value: 2 }, { right_item: 1 }]) {
    assert.equal((await box.send(272, { user_name: 'admin', ...bad }, { sessionId })).code, CODE.wrongParameter);
  }
});

test('absent, empty and numeric user names', async (t) => {
  const box = await startUsers(t);
  const sessionId = await box.logIn();
  await box.member('1001', 'viewer', sessionId);
  const name = async (parameters: object) =>
    ((await box.send(270, parameters, { sessionId })).data as { user_name: string }).user_name;
  assert.equal(await name({}), 'admin');
  assert.equal(await name({ user_name: '' }), 'admin');
  assert.equal(await name({ user_name: 1001 }), '1001');
  assert.equal((await box.send(270, { user_name: 'nobody' }, { sessionId })).code, CODE.noSuchUser);
  assert.equal((await box.send(269, { user_name: 'nobody', is_authed: 1 }, { sessionId })).code, CODE.noSuchUser);
});

test('others may ask about themselves only, and learn nothing of who exists', async (t) => {
  const box = await startUsers(t);
  const admin = await box.logIn();
  const sessionId = await box.member('sub', 'sub-admin', admin);
  assert.equal((await box.send(270, {}, { sessionId })).code, CODE.ok);
  assert.equal((await box.send(270, { user_name: 'sub' }, { sessionId })).code, CODE.ok);
  const about = (userName: string) => [
    box.send(270, { user_name: userName }, { sessionId }),
    box.send(271, { username: userName, userpasswd: 'Gate-house-1' }, { sessionId }),
    box.send(273, { user_name: userName, right_item: 1 }, { sessionId }),
    box.send(269, { user_name: userName, is_authed: 1 }, { sessionId }),
    box.send(272, { user_name: userName, right_item: 1, right_value: 1 }, { sessionId }),
  ];
  const existing = await Promise.all(about('admin'));
  assert.deepEqual(
    existing.map(({ code }) => code),
    Array.from({ length: 5 }, () => CODE.notAllowed),
  );
  assert.deepEqual(await Promise.all(about('nobody')), existing);
});
