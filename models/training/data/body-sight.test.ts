import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyBox } from '../../adapters/crops.ts';
import { bodyAttributes } from '../render/body-attributes.ts';
import { Camera } from '../render/camera.ts';
import { makeIdentity } from '../render/identity.ts';
import { random } from '../render/random.ts';
import type { Actor, World } from '../render/types.ts';
import { makePerson, type Wishes } from '../render/wardrobe.ts';
import { drawWorld } from '../render/world.ts';
import { BODY_CROP } from './bodies.ts';
import { Area } from './body-area.ts';
import { hideUnseen } from './body-sight.ts';

const CAMERA = { width: 320, height: 420, above: 1.6, tilt: 0.14, view: 0.7 };
const LIGHT = { level: 1, warmth: 0, from: 0.5, hardness: 0.5 };
const BACK = Math.PI;

/** What a picture of somebody in plain clothes tells of them. */
function told(wishes: Partial<Wishes>, actor: Partial<Actor> = {}, measured = true) {
  const plain = {
    umbrella: undefined,
    hat: undefined,
    mask: undefined,
    bag: undefined,
    uniform: 'st_common_clothing',
  } as const;
  const coat = { style: 'jacket', colour: 'red', sleeves: 'long_sleeve', pattern: 'st_pure' } as const;
  const person = makePerson(makeIdentity('sight'), random('sight'), { ...plain, height: 1.7, coat, ...wishes });
  const stands: Actor = {
    ...{ id: 'a', person, position: { x: 0, y: 0, z: 4.5 }, heading: 0 },
    ...{ pose: 'stand', phase: 0, headYaw: 0, headPitch: 0 },
    ...actor,
  };
  const world: World = {
    ...{ camera: CAMERA, light: LIGHT, wear: { noise: 0, blur: 0, vignette: 0 }, place: { kind: 'lobby', seed: 1 } },
    ...{ actors: [stands], vehicles: [], things: [] },
  };
  const { objects } = drawWorld(world, { withTruth: true, within: true });
  const seen = objects.find(({ kind }) => kind === 'person')!;
  const area = new Area(CAMERA, stands, [stands], LIGHT, bodyBox(seen.box), BODY_CROP);
  const values = { ...bodyAttributes(person, stands.pose), st_pedestrian_angle: seen.angle, status: seen.status };
  const camera = new Camera(CAMERA);
  return hideUnseen(values, { camera, actor: stands, actors: [stands], objects, area, measured });
}

test('from the front clothes, glasses and orientation are told; from behind no glasses and no cut of a jacket', () => {
  const look = { glasses: 'sunglasses' } as const;
  const [front, back] = [told(look), told(look, { heading: BACK })];
  assert.deepEqual(
    [front['coat_style'], front['coat_color'], front['glasses_style_type'], front['st_pedestrian_angle']],
    ['jacket', 'red', 'sunglasses', 'st_front'],
  );
  assert.deepEqual(
    [back['coat_style'], back['coat_color'], back['glasses_style_type'], back['st_pedestrian_angle']],
    [undefined, 'red', undefined, 'st_back'],
  );
});

test('a bag is told where it is seen: a backpack from behind, a small one of the coat behind the coat not', () => {
  const bag = { type: 'backpack', colour: 'blue' } as const;
  assert.equal(told({ bag }, { heading: BACK })['bag_color'], 'blue');
  const pack = { type: 'waist_pack', colour: 'red' } as const;
  assert.equal(told({ bag: pack }, { heading: BACK })['bag_color'], undefined);
  assert.equal(
    told({ bag: pack }, { heading: BACK }, false)['bag_color'],
    'red',
    'held for seen where none are counted',
  );
});

test('of cloth of two colours none is asked, of those who lie no shapes', () => {
  const joint = { style: 'jacket', colour: 'red', sleeves: 'long_sleeve', pattern: 'st_joint' } as const;
  assert.equal(told({ coat: joint })['coat_color'], undefined);
  const lying = told({}, { pose: 'fall', phase: 1 });
  assert.deepEqual(
    [lying['status'], lying['coat_style'], lying['st_age'], lying['st_pedestrian_angle'], lying['coat_color']],
    ['fallen', undefined, undefined, undefined, 'red'],
  );
});
