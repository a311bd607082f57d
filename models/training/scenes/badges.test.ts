import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BADGES, badgeOf, drawBadge } from './badges.ts';
import { people } from './staff.ts';

test('the list beside the clips is that of the staff, with the same faces as in the scenes', () => {
  const file = new URL('../../../plugins/demo-site/scenes/people/people.json', import.meta.url);
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), BADGES.map(badgeOf));
  const badges = BADGES.map(badgeOf);
  assert.equal(new Set(badges.map(({ picture }) => picture)).size, badges.length);
  assert.deepEqual(
    badges.filter(({ list }) => list === 'watch').map(({ identity }) => identity),
    [people.arthur.face.id],
  );
  assert.ok(!badges.some(({ identity }) => identity === people.hana.face.id));
});

test('a badge is the same picture each time, and that of somebody else another', () => {
  const one = drawBadge(people.yue);
  assert.ok(one.length > 8_000 && one.length < 20_000, `${one.length} bytes`);
  assert.ok(one.equals(drawBadge(people.yue)));
  assert.ok(!one.equals(drawBadge(people.marco)));
});
