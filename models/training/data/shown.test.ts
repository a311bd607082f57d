import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeIdentity, neutralLook } from '../render/identity.ts';
import type { FaceLook } from '../render/types.ts';
import { PARTS, partsShown } from './shown.ts';

const AHEAD = { yaw: 0, pitch: 0, roll: 0 };
const somebody = makeIdentity('shown/1');
const wearing = (worn: Partial<FaceLook>) => partsShown(somebody, { ...neutralLook(somebody), ...worn }, AHEAD);

test('parts of a face are hidden by what is worn over them', () => {
  assert.equal(wearing({}), PARTS);
  assert.equal(wearing({ glasses: 'clear' }), PARTS, 'glasses one can look through hide nothing');
  assert.equal(wearing({ mask: { worn: 'full', colour: 'blue' } }), 3);
  assert.equal(
    wearing({ mask: { worn: 'mouth', colour: 'white' } }),
    PARTS,
    'one pulled down to the chin hides nothing',
  );
  assert.ok(wearing({ mask: { worn: 'full', colour: 'blue' }, glasses: 'sunglasses' }) <= 1);
});

test('and by what is before it, on whichever side', () => {
  const hidden = (from: number) =>
    partsShown(somebody, neutralLook(somebody), AHEAD, (ctx, { x, y, radius }) => {
      ctx.fillStyle = '#00ff00';
      ctx.fillRect(x + from * radius, y - 2 * radius, radius * 2, radius * 4);
    });
  assert.equal(hidden(-1), 0);
  assert.equal(hidden(1.1), PARTS);
  assert.ok(hidden(0.12) < PARTS && hidden(0.12) > 1, `${hidden(0.12)} with half of it hidden`);
});

test('a bowed head hides its eyes under a cap that would show them otherwise', () => {
  const cap: FaceLook = { ...neutralLook(somebody), hat: { style: 'cap', colour: 'red' } };
  const shown = (pitch: number) => partsShown(somebody, cap, { ...AHEAD, pitch });
  assert.ok(shown(0) >= 4, `${shown(0)}`);
  assert.ok(shown(-0.8) <= 2, `${shown(-0.8)}`);
});
