import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBox, type TestBox } from '../kit/box.ts';
import { everyRole, ROLES } from './people.ts';

/**
 * Every role against every message and route of a running box. The expectations are written from the manual's table
 * of roles; nothing of the program's own table is read here.
 *
 * Columns: super admin, sub-admin, general admin, device admin, visitor admin, viewer, nobody.
 */
const ROLE_NAMES = [...ROLES, 'nobody'];

const RIGHTS = {
  public: 'y y y y y y y',
  anybody: 'y y y y y y -',
  accounts: 'y - - - - - -',
  seePeople: 'y y y - - y -',
  changePeople: 'y y - - - - -',
  seeDevices: 'y y y y - y -',
  changeDevices: 'y y y y - - -',
  seeRecords: 'y y y - - y -',
  changeRecords: 'y y y - - - -',
} as const;
type Right = keyof typeof RIGHTS;

const MESSAGES: [number, Right][] = [
  [1322, 'public'],
  [1281, 'anybody'],
  [1301, 'anybody'],
  [269, 'accounts'],
  [272, 'accounts'],
  [1028, 'seePeople'],
  [1034, 'seePeople'],
  [1025, 'changePeople'],
  [1026, 'changePeople'],
  [1027, 'changePeople'],
  [1032, 'seePeople'],
  [1035, 'seePeople'],
  [1029, 'changePeople'],
  [1030, 'changePeople'],
  [1031, 'changePeople'],
  [1033, 'changePeople'],
  [1044, 'changePeople'],
  [1051, 'changePeople'],
  [1052, 'changePeople'],
  [1067, 'changePeople'],
  [1038, 'seePeople'],
  [1041, 'seePeople'],
  [769, 'seePeople'],
  [771, 'seePeople'],
  [772, 'seePeople'],
  [779, 'seePeople'],
  [780, 'seePeople'],
  [781, 'seePeople'],
  [782, 'seePeople'],
  [516, 'seeDevices'],
  [513, 'changeDevices'],
  [515, 'changeDevices'],
  [514, 'changeDevices'],
  [1036, 'seeRecords'],
  [1037, 'seeRecords'],
  [1039, 'seeRecords'],
  [1040, 'seeRecords'],
  [1042, 'seeRecords'],
  [1043, 'seeRecords'],
  [1046, 'seeRecords'],
  [1050, 'seeRecords'],
  [2129, 'changeRecords'],
  [1045, 'changeRecords'],
  [1286, 'seeRecords'],
  [1299, 'seePeople'],
  [1298, 'changePeople'],
  [1361, 'seePeople'],
  [1360, 'changePeople'],
];

const ROUTES: [string, string, Right][] = [
  ['GET', '/p/users/captcha.svg', 'public'],
  ['GET', '/p/users/me', 'anybody'],
  ['GET', '/p/users/users', 'accounts'],
  ['POST', '/p/users/users', 'accounts'],
  ['PATCH', '/p/users/users/999', 'accounts'],
  ['DELETE', '/p/users/users/999', 'accounts'],
  ['GET', '/p/operation-log/entries', 'accounts'],
  ['GET', '/p/operation-log/export.csv', 'accounts'],
  ['GET', '/p/cameras/cameras', 'seeDevices'],
  ['POST', '/p/cameras/cameras', 'changeDevices'],
  ['PATCH', '/p/cameras/cameras/9', 'changeDevices'],
  ['DELETE', '/p/cameras/cameras/9', 'changeDevices'],
  ['POST', '/p/cameras/probe', 'changeDevices'],
  ['GET', '/p/cameras/cameras/9/snapshot.jpg', 'seeRecords'],
  ['GET', '/p/captures/captures', 'seeRecords'],
  ['GET', '/p/captures/captures/none', 'seeRecords'],
  ['POST', '/p/captures/captures/delete', 'changeRecords'],
  ['POST', '/p/captures/captures/delete-all', 'changeRecords'],
  ['GET', '/p/captures/summary', 'seeRecords'],
  ['GET', '/p/alarms/alarms', 'seeRecords'],
  ['GET', '/p/alarms/alarms/9', 'seeRecords'],
  ['GET', '/p/alarms/summary', 'seeRecords'],
  ['GET', '/p/alarms/export.csv', 'seeRecords'],
  ['POST', '/p/alarms/acknowledge', 'changeRecords'],
  ['POST', '/p/alarms/acknowledge-all', 'changeRecords'],
  ['GET', '/p/push-ws/subscribers', 'seeDevices'],
  ['GET', '/p/mail/overview', 'changePeople'],
  ['POST', '/p/mail/recipients', 'changePeople'],
  ['PUT', '/p/mail/recipients/9', 'changePeople'],
  ['DELETE', '/p/mail/recipients/9', 'changePeople'],
  ['POST', '/p/mail/test', 'changePeople'],
  ['GET', '/p/rules/rules', 'changePeople'],
  ['GET', '/p/rules/choices', 'changePeople'],
  ['POST', '/p/rules/rules', 'changePeople'],
  ['PUT', '/p/rules/rules/9', 'changePeople'],
  ['PATCH', '/p/rules/rules/9', 'changePeople'],
  ['DELETE', '/p/rules/rules/9', 'changePeople'],
  ['POST', '/p/rules/preview', 'changePeople'],
  ['POST', '/p/rules/try', 'changePeople'],
  ['GET', '/p/web-push/overview', 'seeRecords'],
  ['POST', '/p/web-push/browsers', 'seeRecords'],
  ['PUT', '/p/web-push/browsers/9', 'seeRecords'],
  ['DELETE', '/p/web-push/browsers/9', 'seeRecords'],
  ['POST', '/p/web-push/browsers/9/test', 'seeRecords'],
  ['GET', '/p/push-http/targets', 'seePeople'],
  ['POST', '/p/push-http/targets', 'changePeople'],
  ['PATCH', '/p/push-http/targets/999', 'changePeople'],
  ['DELETE', '/p/push-http/targets/999', 'changePeople'],
  ['POST', '/p/push-http/targets/999/retry', 'changePeople'],
  ['POST', '/p/push-http/test', 'changePeople'],
  ['POST', '/p/push-http/certificate', 'changePeople'],
  ['PATCH', '/p/push-http/images', 'changePeople'],
  ['GET', '/p/system/overview', 'anybody'],
  ['GET', '/p/system/log', 'accounts'],
  ['GET', '/p/system/plugins/device/config', 'seePeople'],
  ['PUT', '/p/system/plugins/nothing/config', 'changePeople'],
  ['GET', '/p/device', 'anybody'],
];

let box: TestBox;
const sessions: string[] = [];

before(async () => {
  box = await startBox();
  await box.login();
  sessions.push(...Object.values(await everyRole(box)), '');
});

after(() => box?.stop());

function expected(right: Right, role: number): boolean {
  return RIGHTS[right].split(' ')[role] === 'y';
}

test('messages, by JSON and by form', async () => {
  for (const [id, right] of MESSAGES) {
    for (const [role, name] of ROLE_NAMES.entries()) {
      const { code } = await box.call(id, {}, sessions[role] ?? '');
      const refusal = name === 'nobody' ? -141 : -140;
      if (expected(right, role)) assert.ok(code !== -140 && code !== -141, `${name} may call ${id}, got ${code}`);
      else assert.equal(code, refusal, `${name} must not call ${id}`);
      const form = new FormData();
      form.set('msg_id', String(id));
      const session = sessions[role];
      const response = await fetch(`${box.url}/api/form`, {
        method: 'POST',
        body: form,
        ...(session ? { headers: { sessionid: session } } : {}),
      });
      const again = ((await response.json()) as { code: number }).code;
      assert.equal(again === -140 || again === -141, !expected(right, role), `${name}, form, ${id}: ${again}`);
    }
  }
});

test('REST routes', async () => {
  for (const [method, path, right] of ROUTES) {
    for (const [role, name] of ROLE_NAMES.entries()) {
      const body = method === 'GET' || method === 'DELETE' ? undefined : {};
      const { status } = await box.rest(method, path, body, sessions[role] ?? '');
      const refusal = name === 'nobody' ? 401 : 403;
      if (expected(right, role)) assert.ok(status !== 401 && status !== 403, `${name} ${method} ${path}: ${status}`);
      else assert.equal(status, refusal, `${name} must not ${method} ${path}`);
    }
  }
});

test('a role sees only its own pages', async () => {
  const pages = async (role: number) => {
    const { body } = await box.rest<{ pages: { id: string }[] }>('GET', '/ui/boot.json', undefined, sessions[role]);
    return body.pages.map((page) => page.id);
  };
  assert.ok((await pages(0)).includes('users'));
  assert.ok(!(await pages(1)).includes('users'));
  assert.deepEqual(await pages(6), []);
  const device = await pages(3);
  assert.ok(device.includes('cameras') && !device.includes('records') && !device.includes('users'));
});

test('the image right is needed for pictures, on every way to them', async () => {
  const viewer = ROLE_NAMES.indexOf('viewer');
  await box.call(272, { user_name: 'viewer', right_item: 1, right_value: 0 });
  const { code, data } = await box.call<{ right_value: number }>(273, { user_name: 'viewer', right_item: 1 });
  assert.equal(code, 0);
  assert.equal(data.right_value, 0);
  const { status } = await box.rest('GET', '/p/cameras/cameras/9/snapshot.jpg', undefined, sessions[viewer]);
  assert.equal(status, 403);
  await box.call(272, { user_name: 'viewer', right_item: 1, right_value: 1 });
});
