import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCanvas } from '@napi-rs/canvas';
import { drawPerson, personBounds } from './body.ts';
import { bodyAngle, bodyAttributes, bodyStatus } from './body-attributes.ts';
import { Camera } from './camera.ts';
import { makeIdentity } from './identity.ts';
import { posed, stride } from './pose.ts';
import { random } from './random.ts';
import { type Actor, type Box, type Light, type Person, POSES, type PoseKind } from './types.ts';
import { makePerson, type Wishes } from './wardrobe.ts';

const LIGHT: Light = { level: 1, warmth: 0, from: 0.7, hardness: 0.5 };
const BARE: Partial<Wishes> = { bag: undefined, umbrella: undefined };
const WIDTH = 420;
const HEIGHT = 420;

function somebody(seed: string, wishes: Partial<Wishes> = {}): Person {
  return makePerson(makeIdentity(seed), random(seed), wishes);
}

function actor(person: Person, pose: PoseKind, heading: number, phase = 0.2, z = 5): Actor {
  return { id: 'one', person, position: { x: 0, y: 0, z }, heading, pose, phase, headYaw: 0, headPitch: 0 };
}

const camera = (above = 2): Camera =>
  new Camera({ width: WIDTH, height: HEIGHT, above, tilt: Math.atan2(above - 0.9, 5), view: 0.65 });

/** What is painted so that it hides what is behind; shadows on the ground are not. */
function painted(data: Uint8ClampedArray): Box {
  const box: Box = [WIDTH, HEIGHT, 0, 0];
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      if ((data[(y * WIDTH + x) * 4 + 3] ?? 0) < 140) continue;
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x + 1);
      box[3] = Math.max(box[3], y + 1);
    }
  }
  return box;
}

test('the same actor is the same picture, another one is not', () => {
  const draw = (seed: string): Buffer => {
    const canvas = createCanvas(WIDTH, HEIGHT);
    drawPerson(canvas.getContext('2d'), actor(somebody(seed), 'walk', 0.4), camera(), LIGHT);
    return canvas.data();
  };
  assert.ok(draw('a').equals(draw('a')));
  assert.ok(!draw('a').equals(draw('b')));
});

test('the box of a body is the box of what was painted', () => {
  let n = 0;
  for (const pose of ['stand', 'walk', 'run', 'fall', 'fight'] as const) {
    for (const heading of [0, 0.9, Math.PI / 2, 2.4, Math.PI, -1.2]) {
      n += 1;
      const canvas = createCanvas(WIDTH, HEIGHT);
      const context = canvas.getContext('2d');
      const phase = pose === 'fall' ? 0.45 : 0.3;
      const one = actor(somebody(`box-${n}`, BARE), pose, heading, phase, 6);
      const truth = drawPerson(context, one, camera(1.5 + (n % 4)), LIGHT);
      const box = painted(context.getImageData(0, 0, WIDTH, HEIGHT).data);
      for (const side of [0, 1, 2, 3] as const) {
        assert.ok(Math.abs(truth.box[side] - box[side]) <= 3, `${pose} at ${heading}: ${truth.box} against ${box}`);
      }
    }
  }
});

test('drawing touches nothing outside of its bounds', () => {
  let n = 0;
  for (const pose of POSES) {
    for (const heading of [0.3, 1.6, 3]) {
      n += 1;
      const canvas = createCanvas(WIDTH, HEIGHT);
      const context = canvas.getContext('2d');
      const bag = (['hand_bag', 'shoulder_bag', 'backpack', 'trolley', 'waist_pack'] as const)[n % 5]!;
      const person = somebody(`bounds-${n}`, {
        bag: { type: bag, colour: 'red' },
        umbrella: n % 2 ? { colour: 'blue' } : undefined,
      });
      const one = actor(person, pose, heading, n / 7, 6);
      const eye = camera(2.5);
      const options = { desk: n % 2 === 0 };
      drawPerson(context, one, eye, LIGHT, options);
      const [left, top, right, bottom] = personBounds(one, eye, options);
      const { data } = context.getImageData(0, 0, WIDTH, HEIGHT);
      for (let at = 3; at < data.length; at += 4) {
        if (data[at] === 0) continue;
        const x = ((at - 3) / 4) % WIDTH;
        const y = Math.floor((at - 3) / 4 / WIDTH);
        assert.ok(x >= left - 1 && x <= right && y >= top - 1 && y <= bottom, `${pose} with ${bag}: ${x},${y}`);
      }
    }
  }
});

test('nothing throws anywhere, and nobody is drawn behind the camera', () => {
  const canvas = createCanvas(160, 160);
  const context = canvas.getContext('2d');
  const eye = new Camera({ width: 160, height: 160, above: 3, tilt: 0.3, view: 1 });
  const source = random('anywhere');
  for (const [n, pose] of [...POSES, ...POSES, ...POSES].entries()) {
    const one = {
      ...actor(somebody(`any-${n}`), pose, source.between(-9, 9), source.between(-2, 3)),
      position: { x: source.between(-6, 6), y: 0, z: source.between(-3, 25) },
      headYaw: source.between(-3, 3),
      headPitch: source.between(-2, 2),
    };
    const truth = drawPerson(context, one, eye, LIGHT);
    for (const value of [...truth.box, ...truth.head.head, truth.yaw, truth.pitch, truth.roll, truth.bodyYaw]) {
      assert.ok(Number.isFinite(value));
    }
  }
  context.clearRect(0, 0, 160, 160);
  const truth = drawPerson(context, actor(somebody('behind'), 'walk', 0, 0.1, -4), eye, LIGHT);
  assert.deepEqual(truth.box, [0, 0, 0, 0]);
  assert.deepEqual(truth.head, { head: [0, 0, 0, 0] });
  assert.ok(canvas.data().every((byte) => byte === 0));
});

test('feet on the ground stay where they are while the body walks over them', () => {
  const person = somebody('walker', BARE);
  for (const [pose, share] of [
    ['walk', 0.5],
    ['run', 0.3],
  ] as const) {
    const length = stride(person, pose);
    const heel = (phase: number): number => {
      const bones = posed(person, {
        pose,
        phase,
        headYaw: 0,
        headPitch: 0,
        variant: 0,
        desk: false,
        busy: ['free', 'free'],
      });
      const leg = bones.legs[0];
      // The ball of the foot: what the foot rolls over.
      const ball = leg.ankle.z + leg.toward.z * bones.build.foot * 0.52 - leg.up.z * bones.build.ankle;
      return ball + phase * length;
    };
    const start = heel(0.14);
    for (let phase = 0.14; phase < share; phase += 0.03) {
      assert.ok(Math.abs(heel(phase) - start) < 0.02, `${pose} at ${phase}: ${heel(phase) - start}`);
    }
  }
});

test('a phone, a cigarette and a face are found where they are held', () => {
  const canvas = createCanvas(WIDTH, HEIGHT);
  const context = canvas.getContext('2d');
  for (const pose of ['phone', 'call', 'smoke'] as const) {
    const truth = drawPerson(context, actor(somebody('holds', BARE), pose, 0.4, 0.5), camera(), LIGHT);
    const box = pose === 'smoke' ? truth.cigarette : truth.phone;
    assert.ok(box);
    assert.ok(
      box[0] > truth.box[0] - 30 && box[2] < truth.box[2] + 30 && box[1] > truth.box[1] && box[3] < truth.box[3],
    );
    assert.ok(truth.head.face);
  }
});

const VALUES: Record<string, string> = {
  gender_code: 'male female',
  st_age: 'st_old st_adult st_child',
  coat_length: 'st_bareback short_sleeve long_sleeve',
  pants_length_type: 'trousers shorts st_skirt',
  st_coat_pattern: 'st_pure st_stripe st_design st_joint st_lattic',
  trousers_color: 'black white gray red yellow blue green purple',
  st_umbrella: 'st_umbrella',
  umbrella_color: 'black white gray red yellow blue green purple transparent',
  st_trousers_pattern: 'st_pure st_stripe st_design st_joint st_lattic',
  st_hat: 'st_hat',
  cap_style: 'hat_style_type_none bonnet cap bucket_hat st_hard_hat',
  cap_color: 'black white gray red yellow blue green purple',
  coat_style: 'long_coat jacket t_shirt sweater shirt dress business_suit coat_style_type_other',
  coat_color: 'black white gray red yellow blue green purple',
  hair_style: 'st_short long bald',
  hair_color: 'black white yellow',
  shoes_style: 'leather_shoes boots walking_shoes sandal',
  shoes_color: 'black white gray red yellow blue green purple',
  st_bag: 'st_bag',
  bag_type: 'hand_bag shoulder_bag backpack trolley waist_pack bag_style_type_none',
  bag_color: 'black white gray red yellow blue green purple',
  st_respirator: 'st_respirator',
  respirator_color: 'black white gray blue',
  glasses_style_type: 'glasses_style_type_none st_ordinary_glasses sunglasses',
  st_glove: 'st_glove',
  st_status_type: 'st_normal st_hold_object_in_front st_play_phone st_call st_smoke',
  st_uniform:
    'st_common_clothing st_office_uniform st_worker_uniform st_chef_uniform st_medical_uniform st_police_uniform st_firefighter_uniform st_reflective_clothing',
};

test('every value of every attribute occurs often enough, and no other', () => {
  const counts = new Map<string, number>();
  const people = 3000;
  const source = random('crowd');
  for (let n = 0; n < people; n += 1) {
    const attributes = bodyAttributes(somebody(`crowd-${n}`), source.pick(POSES));
    for (const [name, value] of Object.entries(attributes)) {
      assert.ok(VALUES[name]?.split(' ').includes(value), `${name}: ${value}`);
      counts.set(`${name}=${value}`, (counts.get(`${name}=${value}`) ?? 0) + 1);
    }
  }
  const share = (name: string, value: string): number => (counts.get(`${name}=${value}`) ?? 0) / people;
  for (const [name, values] of Object.entries(VALUES)) {
    for (const value of values.split(' ')) {
      // The colours of rare things are rare.
      const least =
        name === 'umbrella_color'
          ? 0.001
          : name === 'st_umbrella'
            ? 0.02
            : /(cap|bag|respirator)_color/.test(name)
              ? 0.015
              : 0.035;
      assert.ok(share(name, value) >= least, `${name}=${value}: ${share(name, value)}`);
    }
  }
  const uniforms = 1 - share('st_uniform', 'st_common_clothing');
  assert.ok(uniforms > 0.28 && uniforms < 0.44, `uniforms ${uniforms}`);
  assert.ok(Math.abs(share('st_bag', 'st_bag') - 0.5) < 0.07, `bags ${share('st_bag', 'st_bag')}`);
  assert.ok(Math.abs(share('st_hat', 'st_hat') - 0.35) < 0.07, `hats ${share('st_hat', 'st_hat')}`);
  assert.ok(Math.abs(share('st_glove', 'st_glove') - 0.12) < 0.05, `gloves ${share('st_glove', 'st_glove')}`);
});

test('angle and status follow from turn and pose', () => {
  assert.equal(bodyAngle(0.8), 'st_front');
  assert.equal(bodyAngle(-0.9), 'st_side');
  assert.equal(bodyAngle(2.2), 'st_side');
  assert.equal(bodyAngle(-2.3), 'st_back');
  assert.equal(bodyAngle(2 * Math.PI), 'st_front');
  assert.equal(bodyStatus('fall', 0.5), 'normal');
  assert.equal(bodyStatus('fall', 0.7), 'fallen');
  assert.equal(bodyStatus('call', 0), 'phone');
  assert.equal(bodyStatus('walk', 0.9), 'normal');
});
