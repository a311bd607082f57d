import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCanvas } from '@napi-rs/canvas';
import { makeIdentity } from './identity.ts';
import { Cover, clip, drawLayer, type Frame } from './layer.ts';
import { placeCamera } from './place.ts';
import { random } from './random.ts';
import { type Actor, type Box, PLACES, VEHICLE_CLASSES, type World } from './types.ts';
import { makePerson } from './wardrobe.ts';
import { drawWorld } from './world.ts';

const EMPTY: World = {
  camera: placeCamera('lobby', 320, 180),
  place: { kind: 'lobby', seed: 1 },
  light: { level: 0.9, warmth: 0.2, from: 0.5, hardness: 0.4 },
  wear: { noise: 3, blur: 0.6, vignette: 0.3, jpeg: 70 },
  actors: [],
  vehicles: [],
  things: [],
};

function actor(id: string, x: number, z: number): Actor {
  const person = makePerson(makeIdentity(7), random(`person/${id}`));
  // Nothing in the hands that could hide a neighbour.
  const { bag: _bag, umbrella: _umbrella, ...clothes } = person.clothes;
  return {
    id,
    person: { ...person, clothes, height: 1.75 },
    position: { x, y: 0, z },
    heading: 0,
    pose: 'stand',
    phase: 0,
    headYaw: 0,
    headPitch: 0,
  };
}

test('the same world gives the same bytes and truth, another frame other noise', () => {
  const world: World = {
    ...EMPTY,
    actors: [actor('a', 0, 6)],
    vehicles: [
      { id: 'v', class: 'st_car', colour: 'red', plate: 'AB 123C', position: { x: 2, y: 0, z: 9 }, heading: 0.4 },
    ],
    things: [{ kind: 'fire', id: 'f', position: { x: -2, y: 0, z: 8 }, size: 1, phase: 0.3 }],
  };
  const [first, second] = [drawWorld(world, { withTruth: true }), drawWorld(world, { withTruth: true })];
  assert.deepEqual(Buffer.from(first.data), Buffer.from(second.data));
  assert.deepEqual(first.objects, second.objects);
  const other = drawWorld(world, { frame: 1 });
  assert.notDeepEqual(Buffer.from(other.data), Buffer.from(first.data));
  const plain = drawWorld({ ...world, actors: [] });
  assert.notDeepEqual(Buffer.from(plain.data), Buffer.from(first.data));
});

test('every place is drawn, opaque and not of one colour, also with nothing in it', () => {
  for (const kind of PLACES) {
    const world: World = { ...EMPTY, camera: placeCamera(kind, 208, 128), place: { kind, seed: 3 } };
    const { data, objects, width, height } = drawWorld(world, { withTruth: true });
    assert.equal(data.length, width * height * 4);
    assert.deepEqual(objects, []);
    const colours = new Set<number>();
    for (let n = 0; n < data.length; n += 4) {
      colours.add((data[n]! >> 4) * 256 + (data[n + 1]! >> 4) * 16 + (data[n + 2]! >> 4));
      assert.equal(data[n + 3], 255);
    }
    assert.ok(colours.size > 20, `${kind} has only ${colours.size} colours`);
  }
});

test('what a nearer thing covers is not visible', () => {
  const frame: Frame = { width: 100, height: 100, cell: 1 };
  const square = (box: Box) =>
    drawLayer(box, frame, (ctx) => ctx.fillRect(box[0], box[1], box[2] - box[0], box[3] - box[1]))!.layer.mask!;
  const [far, near] = [square([10, 10, 50, 50]), square([30, 0, 70, 60])];
  const cover = new Cover(frame);
  assert.equal(cover.visible(far, [10, 10, 50, 50]), 1);
  cover.add(near);
  assert.ok(Math.abs(cover.visible(far, [10, 10, 50, 50]) - 0.5) < 0.01);
  assert.equal(cover.visible(far, [30, 10, 50, 50]), 0);
  // A thing that is half outside the picture is half seen.
  const out = square([-20, 70, 20, 90]);
  assert.ok(Math.abs(cover.visible(out, [-20, 70, 20, 90]) - 0.5) < 0.02);
  assert.equal(clip([120, 0, 140, 10], 100, 100), undefined);
});

test('a person behind a person is seen in part, one behind a bus not at all', () => {
  const visible = (world: World, of: string, kind = 'person'): number =>
    drawWorld(world, { withTruth: true }).objects.find((object) => object.of === of && object.kind === kind)?.visible ??
    0;
  const alone: World = { ...EMPTY, actors: [actor('far', 0, 8)] };
  assert.ok(visible(alone, 'far') > 0.98);
  const half = visible({ ...alone, actors: [actor('near', 0.2, 6.5), actor('far', 0, 8)] }, 'far');
  assert.ok(half > 0.1 && half < 0.85, `${half}`);
  const bus = { id: 'b', class: 'st_big_bus', colour: 'blue', plate: 'KX4071', heading: Math.PI / 2 } as const;
  const behind: World = {
    ...alone,
    vehicles: [{ ...bus, position: { x: 0, y: 0, z: 6.5 } }],
    actors: [actor('far', 0, 9)],
  };
  assert.equal(visible(behind, 'far'), 0);
  // Farther away than the middle of the bus, yet before its flank.
  const along = { ...bus, heading: 0, position: { x: 3.2, y: 0, z: 10 } };
  assert.ok(visible({ ...alone, vehicles: [along], actors: [actor('far', 1.6, 12)] }, 'far') > 0.98);
});

test('a live face and a picture of one are told apart, each at its own place', () => {
  const world: World = {
    ...EMPTY,
    camera: { width: 640, height: 360, above: 1.6, tilt: 0, view: 0.5 },
    actors: [{ ...actor('a', 0, 4), pose: 'hold' }],
    things: [
      {
        kind: 'picture',
        id: 'p',
        on: 'paper',
        heldBy: 'a',
        shows: makeIdentity(9),
        look: { expression: 'st_calm', beard: false, glasses: 'none', eyesClosed: 0 },
        width: 0.2,
        yaw: 0.3,
        roll: 0.1,
      },
    ],
  };
  const { objects } = drawWorld(world, { withTruth: true });
  const live = objects.find(({ kind, of }) => kind === 'face' && of === 'a');
  const paper = objects.find(({ kind, of }) => kind === 'face' && of === 'p');
  assert.equal(live?.alive, true);
  assert.equal(paper?.alive, false);
  assert.ok(live.box[3] < paper!.box[1], 'the picture is held below the face');
  for (const [x, y] of paper!.landmarks!) {
    assert.ok(x > paper!.box[0] && x < paper!.box[2] && y > paper!.box[1] && y < paper!.box[3]);
  }
});

test('a vehicle shows its plate from the front and from behind, not from the side', () => {
  for (const kind of VEHICLE_CLASSES) {
    const plates = (heading: number): string[] => {
      const vehicle = {
        id: 'v',
        class: kind,
        colour: 'white',
        plate: 'AB 123C',
        position: { x: 0, y: 0, z: 14 },
        heading,
      } as const;
      const { objects } = drawWorld(
        { ...EMPTY, camera: placeCamera('gate', 640, 360), vehicles: [vehicle] },
        { withTruth: true },
      );
      assert.ok(objects.some((object) => object.kind === 'vehicle'));
      return objects.filter((object) => object.kind === 'plate').map(({ text }) => text!);
    };
    assert.deepEqual(plates(0.2), ['AB 123C'], `${kind} from the front`);
    assert.deepEqual(plates(Math.PI - 0.2), ['AB 123C'], `${kind} from behind`);
    assert.deepEqual(plates(Math.PI / 2), [], `${kind} from the side`);
  }
});

test('what stands behind or right at the camera does no harm', () => {
  const things: World['things'] = (['fire', 'smoke', 'extinguisher'] as const).flatMap((kind) =>
    [-5, 0, 0.1].map((z) => ({ kind, id: `${kind}${z}`, position: { x: 0, y: 0, z }, size: 1, phase: 0 })),
  );
  const vehicles = [-9, -1, 0, 2].map((z, n) => ({
    id: `v${n}`,
    class: VEHICLE_CLASSES[n]!,
    colour: 'red' as const,
    plate: 'AB 123C',
    position: { x: 0.5, y: 0, z },
    heading: n,
  }));
  const actors = [-4, 0, 0.15].map((z, n) => actor(`a${n}`, 0.1, z));
  const { objects } = drawWorld({ ...EMPTY, actors, vehicles, things }, { withTruth: true });
  for (const { box, visible } of objects) {
    for (const edge of box) assert.ok(Number.isFinite(edge));
    assert.ok(box[0] >= 0 && box[1] >= 0 && box[2] <= 320 && box[3] <= 180 && visible >= 0.05 && visible <= 1);
  }
  assert.equal(
    objects.some(({ of }) => of === 'a0' || of === 'v0' || of.endsWith('-5')),
    false,
  );
});

test('a canvas is not kept by its layer when nothing of it is in the picture', () => {
  let painted = false;
  const none = drawLayer([200, 0, 300, 50], { width: 100, height: 100, cell: 1 }, () => {
    painted = true;
    return createCanvas(1, 1);
  });
  assert.equal(none, undefined);
  assert.equal(painted, false);
});
