import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AREAS, decide, ROLES } from '../../../core/gateway/authorization.ts';
import { ROLE_AREAS } from './role-table.ts';

test('the table people read says what the box decides', () => {
  assert.deepEqual(Object.keys(ROLE_AREAS).sort(), [...ROLES].sort());
  for (const role of ROLES) {
    const principal = { role, imageRight: false, mustChangePassword: false };
    for (const area of AREAS) {
      const may = (action: 'see' | 'change') => decide({ area, action }, principal) === 'allowed';
      const expected = may('change') ? 'change' : may('see') ? 'see' : undefined;
      assert.equal(ROLE_AREAS[role][area], expected, `${role}, ${area}`);
    }
  }
});
