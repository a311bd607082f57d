import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Camera } from '../render/camera.ts';
import { makeIdentity } from '../render/identity.ts';
import { random } from '../render/random.ts';
import type { Actor, Box, Person } from '../render/types.ts';
import { makePerson, type Wishes } from '../render/wardrobe.ts';
import { Area } from './body-area.ts';

const SETUP = { width: 240, height: 320, above: 1.6, tilt: 0.14, view: 0.7 };
const LIGHT = { level: 1, warmth: 0, from: 0.5, hardness: 0.5 };
const CROP = { width: 96, height: 144 };
const PLACE = { x: 0, y: 0, z: 4.5 };

function somebody(wishes: Partial<Wishes>): Actor {
  const plain = { umbrella: undefined, hat: undefined, mask: undefined, uniform: 'st_common_clothing' } as const;
  const person = makePerson(makeIdentity('area'), random('area'), { ...plain, height: 1.7, ...wishes });
  return { id: 'a', person, position: PLACE, heading: 0, pose: 'stand', phase: 0, headYaw: 0, headPitch: 0 };
}

/** Where somebody who stands there is seen. */
function whole(): Box {
  const camera = new Camera(SETUP);
  const [foot, crown] = [camera.project(PLACE), camera.project({ ...PLACE, y: 1.75 })];
  return [foot.x - 40, crown.y, foot.x + 40, foot.y + 6];
}

function recoloured(person: Person): Person {
  return { ...person, clothes: { ...person.clothes, bag: { ...person.clothes.bag!, colour: 'yellow' } } };
}

const bagged = (type: 'backpack' | 'trolley', heading = 0): Actor => ({
  ...somebody({ bag: { type, colour: 'blue' } }),
  heading,
});

function pixelsOfBag(actor: Actor, box: Box, others: Actor[] = []): number {
  return new Area(SETUP, actor, [actor, ...others], LIGHT, box, CROP).of(recoloured(actor.person));
}

test('what somebody carries is seen by its pixels in the crop, not by being there', () => {
  const [front, back] = [bagged('backpack'), bagged('backpack', Math.PI)].map((actor) => pixelsOfBag(actor, whole()));
  assert.ok(back! > 3 * front!, `a backpack from behind ${back}, from the front ${front}`);
  const [x1, y1, x2, y2] = whole();
  const trolley = bagged('trolley');
  assert.ok(pixelsOfBag(trolley, [x1 - 60, y1, x2 + 60, y2]) > 100);
  const middle = (x1 + x2) / 2;
  assert.equal(pixelsOfBag(trolley, [middle - 8, y1, middle + 8, (y1 + y2) / 2]), 0, 'outside the crop');
});

test('somebody nearer hides it', () => {
  const actor = bagged('backpack', Math.PI);
  const nearer: Actor = { ...somebody({ girth: 1.3 }), id: 'b', position: { ...PLACE, z: 3.6 } };
  const farther: Actor = { ...nearer, position: { ...PLACE, z: 6 } };
  const alone = pixelsOfBag(actor, whole());
  assert.ok(pixelsOfBag(actor, whole(), [nearer]) < alone / 3);
  assert.equal(pixelsOfBag(actor, whole(), [farther]), alone);
});

test('a small picture shows no more by being drawn larger', () => {
  const [x1, y1, x2, y2] = whole();
  const actor = bagged('backpack', Math.PI);
  const half = { ...SETUP, width: SETUP.width / 4, height: SETUP.height / 4 };
  const small = new Area(half, actor, [actor], LIGHT, [x1 / 4, y1 / 4, x2 / 4, y2 / 4], CROP);
  assert.equal(small.scale, 1);
  assert.ok(small.of(recoloured(actor.person)) < pixelsOfBag(actor, whole()) / 2);
});
