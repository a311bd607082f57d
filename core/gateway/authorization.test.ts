import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Access, AREAS, decide, ROLES } from './authorization.ts';

/**
 * Written from the manual's table of roles (management features), not from the code: - none, s see only, c change.
 * Columns in the order of the manual: accounts, open platform, people + attendance + enterprise, devices, visitors,
 * the rest.
 */
const MANUAL = `
super-admin   c c c c c c
sub-admin     - - c c c c
general-admin - - s c c c
device-admin  - - - c - -
visitor-admin - - - - c -
viewer        - - s s s s
`;
const COLUMNS = ['accounts', 'platform', 'people', 'devices', 'visitors', 'records'];

const account = (role: (typeof ROLES)[number], more: object = {}) => ({
  role,
  imageRight: true,
  mustChangePassword: false,
  ...more,
});

test('every role has exactly the rights of the manual', () => {
  const rows = MANUAL.trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  assert.deepEqual(rows.map(([role]) => role).sort(), [...ROLES].sort());
  assert.deepEqual([...AREAS].sort(), [...COLUMNS].sort());
  let checked = 0;
  for (const [role, ...rights] of rows) {
    const known = ROLES.find((one) => one === role);
    assert.ok(known);
    COLUMNS.forEach((column, index) => {
      const area = AREAS.find((one) => one === column);
      assert.ok(area);
      const right = rights[index];
      const see = decide({ area, action: 'see' }, account(known));
      const change = decide({ area, action: 'change' }, account(known));
      assert.equal(see, right === '-' ? 'not-allowed' : 'allowed', `${role} sees ${column}`);
      assert.equal(change, right === 'c' ? 'allowed' : 'not-allowed', `${role} changes ${column}`);
      checked += 2;
    });
  }
  assert.equal(checked, 72);
});

test('pictures take the image right on top of the right to see', () => {
  const pictures: Access = { area: 'records', action: 'see', images: true };
  assert.equal(decide(pictures, account('viewer')), 'allowed');
  assert.equal(decide(pictures, account('viewer', { imageRight: false })), 'not-allowed');
  assert.equal(decide(pictures, account('super-admin', { imageRight: false })), 'not-allowed');
  assert.equal(decide(pictures, account('device-admin')), 'not-allowed');
});

test('nobody signed in may do only what is public', () => {
  assert.equal(decide('public', undefined), 'allowed');
  assert.equal(decide('own', undefined), 'not-logged-in');
  assert.equal(decide('session', undefined), 'not-logged-in');
  assert.equal(decide({ area: 'records', action: 'see' }, undefined), 'not-logged-in');
});

test('who must change the password may do that and nothing else', () => {
  const fresh = account('super-admin', { mustChangePassword: true });
  assert.equal(decide('own', fresh), 'allowed');
  assert.equal(decide('session', fresh), 'password-change-needed');
  assert.equal(decide({ area: 'records', action: 'see' }, fresh), 'password-change-needed');
});
