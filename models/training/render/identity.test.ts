import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faceAttributes } from './face-attributes.ts';
import { ageGroup, lookAlike, makeIdentity, neutralLook, randomLook, SHAPE_NUMBERS } from './identity.ts';
import { random } from './random.ts';

const PEOPLE = Array.from({ length: 600 }, (_, n) => makeIdentity(n));

test('a seed gives one person, another seed another', () => {
  assert.deepEqual(makeIdentity('a'), makeIdentity('a'));
  assert.equal(new Set(PEOPLE.map((person) => person.id)).size, PEOPLE.length);
  assert.equal(new Set(PEOPLE.map((person) => JSON.stringify(person.shape))).size, PEOPLE.length);
  for (const { age, skin } of PEOPLE) assert.ok(age >= 4 && age <= 85 && skin >= 0 && skin <= 1);
});

test('age groups begin at 16 and at 62 years', () => {
  assert.deepEqual([4, 15, 16, 61, 62, 85].map(ageGroup), [
    'st_child',
    'st_child',
    'st_adult',
    'st_adult',
    'st_old',
    'st_old',
  ]);
});

test('every number of a face lies anywhere in its range', () => {
  for (const name of SHAPE_NUMBERS) {
    const values = PEOPLE.map(({ shape }) => shape[name]!).toSorted((a, b) => a - b);
    const [least, quarter, threeQuarters, most] = [0, 150, 450, 599].map((at) => values[at]!);
    assert.ok(least! >= -1.4 && least! < -1.3 && most! <= 1.4 && most! > 1.3, `${name}: ${least} to ${most}`);
    assert.ok(quarter! > -0.9 && quarter! < -0.5 && threeQuarters! > 0.5 && threeQuarters! < 0.9, name);
  }
});

test('a look-alike shares all but part of the shape', () => {
  for (const person of PEOPLE.slice(0, 60)) {
    const other = lookAlike(person, 1);
    assert.deepEqual(other, lookAlike(person, 1));
    assert.notEqual(other.id, person.id);
    assert.notEqual(other.id, lookAlike(person, 2).id);
    assert.deepEqual(
      [other.gender, other.age, other.skin, other.hair],
      [person.gender, person.age, person.skin, person.hair],
    );
    const steps = SHAPE_NUMBERS.map((name) => Math.abs(other.shape[name]! - person.shape[name]!)).filter(
      (step) => step > 0,
    );
    assert.ok(steps.length >= 11 && steps.length <= 14);
    for (const step of steps) assert.ok(step > 0.99 && step < 1.61, String(step));
  }
});

test('every value of every attribute has its share', () => {
  const counts = new Map<string, Map<string, number>>();
  const source = random('looks');
  for (const person of PEOPLE) {
    for (const [name, value] of Object.entries(faceAttributes(person, randomLook(person, source)))) {
      if (name === 'st_age_value') continue;
      const values = counts.get(name) ?? new Map<string, number>();
      counts.set(name, values.set(value, (values.get(value) ?? 0) + 1));
    }
  }
  const sizes = Object.fromEntries([...counts].map(([name, values]) => [name, values.size]));
  assert.deepEqual(sizes, {
    gender_code: 2,
    st_age: 3,
    mustache_style: 2,
    st_respirator: 3,
    respirator_color: 2,
    glass_style: 3,
    st_expression: 8,
    cap_style: 2,
  });
  for (const [name, values] of counts) {
    for (const [value, count] of values) assert.ok(count >= PEOPLE.length * 0.06, `${name} ${value}: ${count}`);
  }
});

test('attributes tell what the look is', () => {
  const person = { ...makeIdentity(3), age: 26, gender: 'male' as const };
  const calm = neutralLook(person);
  assert.deepEqual(faceAttributes(person, calm), {
    gender_code: 'male',
    st_age: 'st_adult',
    st_age_value: '26.000000',
    mustache_style: 'mustache_style_type_none',
    st_respirator: 'st_respirator_mouth',
    respirator_color: 'color_type_none',
    glass_style: 'glasses_style_type_none',
    st_expression: 'st_calm',
    cap_style: 'hat_style_type_none',
  });
  const dressed = faceAttributes(person, {
    expression: 'st_yawn',
    beard: true,
    glasses: 'sunglasses',
    mask: { worn: 'nose', colour: 'blue' },
    hat: { style: 'bonnet', colour: 'red' },
    eyesClosed: 1,
  });
  assert.equal(dressed.st_respirator, 'st_respirator_nose');
  assert.equal(dressed.respirator_color, 'color_type_other');
  assert.equal(dressed.mustache_style, 'whiskers');
  assert.equal(dressed.glass_style, 'sunglasses');
  assert.equal(dressed.cap_style, 'cap');
  for (const n of PEOPLE) {
    const look = randomLook(n, random(n.id));
    assert.ok(!look.beard || (n.gender === 'male' && n.age >= 19));
  }
});
