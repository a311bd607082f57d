import assert from 'node:assert/strict';
import { test } from 'node:test';
import { i420Layout, type VideoFrame } from '../../drivers/video/frame.ts';
import type { InstalledModel } from '../../models/install.ts';
import type { DescriberInstance, Shot, WholeDescription } from './describer.ts';
import { Describing, type DescribingEvents } from './describing.ts';
import type { CaptureKind, CaptureObservation } from './keys.ts';

const layout = i420Layout(64, 48);
const full = {
  width: 64,
  height: 48,
  data: new Uint8Array(layout.size).fill(128),
  layout,
  colorimetry: { matrix: 'bt601', range: 'full' },
} as const;
const FRAME: VideoFrame = { pts: 0, time: 0, width: 64, height: 48, pictures: new Map(), full };

const capture = (trackId: number, kind: CaptureKind = 'face'): CaptureObservation => ({
  kind,
  channel: 3,
  trackId,
  time: 0,
  quality: 50,
  score: 0.9,
  box: [10, 10, 30, 30],
  frameWidth: 64,
  frameHeight: 48,
  boxInCrop: [0, 0, 20, 20],
  crop: new Uint8Array(),
  frame: new Uint8Array(),
});

type Describe = DescriberInstance['describe'];

/** @param card what the cards of all models say beyond their ids */
function street(
  describers: Record<string, Describe>,
  kinds: CaptureKind[] = ['face'],
  card: Partial<InstalledModel> = {},
  aliveFrom?: number,
) {
  const events: string[] = [];
  const descriptions: WholeDescription[] = [];
  let number = 0;
  /** At the core. */
  const room = { left: Number.POSITIVE_INFINITY };
  const running = Object.entries(describers).map(([id, describe]) => ({
    planned: {
      id,
      module: '',
      kinds,
      cut: {},
      options: {},
      model: { id: `model-of-${id}`, ...card } as InstalledModel,
    },
    instance: { describe },
  }));
  const told: DescribingEvents = {
    mayAwait: () => room.left > 0,
    captured: ({ trackId }, awaits) => events.push(`captured ${trackId}${awaits === undefined ? '' : ` as ${awaits}`}`),
    left: async () => void events.push('left'),
    described: (of, description) => {
      events.push(`described ${of}`);
      descriptions.push(description);
    },
    failed: (id, error) => events.push(`${id} failed: ${error.message}`),
    doing: (id) => events.push(id),
  };
  const describing = new Describing(running, () => (number += 1), told, aliveFrom);
  const add = (trackId: number, kind: CaptureKind = 'face') => {
    const { box } = capture(trackId, kind);
    describing.add(capture(trackId, kind), describing.shot(FRAME, { kind, box }));
  };
  return { describing, events, descriptions, add, room };
}

test('a describer is shown as much of the frame as the card of its model asks for', async () => {
  const sizes: number[][] = [];
  const look: Describe = ({ picture, box }) => {
    sizes.push([picture.width / (box[2] - box[0]), picture.height / (box[3] - box[1])]);
    return {};
  };
  for (const card of [{}, { crop: { times: 1.5, shape: 'box', beyond: 'move' } as const }]) {
    const { describing, add } = street({ look }, ['face'], card);
    add(1);
    await describing.turn();
  }
  assert.deepEqual(sizes, [
    [1, 1],
    [1.5, 1.5],
  ]);
});

test('where models are averaged, each of them stands behind what is said', async () => {
  const others = [{ id: 'wide' }, { id: 'near' }] as InstalledModel[];
  const { describing, descriptions, add } = street({ alive: () => ({ aliveType: 2 }) }, ['face'], { others });
  add(1);
  await describing.turn();
  assert.deepEqual(descriptions[0]?.describedBy, ['model-of-alive', 'wide', 'near']);
});

test('a look is described behind the captures, is told to who asked, and is dropped where enough wait', async () => {
  const { describing, events, add } = street({ age: () => ({ attributes: { st_age: 'st_adult' } }) });
  const shot = describing.shot(FRAME, { kind: 'face', box: [10, 10, 30, 30] })!;
  const told: (WholeDescription['attributes'] | undefined)[] = [];
  const look = () => describing.look(shot, ({ attributes }) => told.push(attributes));
  add(7);
  assert.deepEqual([look(), look(), look(), look()], [true, true, true, false]);
  assert.equal(describing.waiting, 4);
  await describing.turn();
  assert.deepEqual(
    events.filter((event) => event.startsWith('described')),
    ['described 1'],
  );
  assert.deepEqual(
    told,
    Array.from({ length: 3 }, () => ({ st_age: 'st_adult' })),
  );
});

test('describers are told from when on the camera takes a face for alive', async () => {
  const told: (number | undefined)[] = [];
  const look: Describe = ({ aliveFrom }) => {
    told.push(aliveFrom);
    return {};
  };
  for (const aliveFrom of [undefined, 70]) {
    const { describing, add } = street({ look }, ['face'], {}, aliveFrom);
    add(1);
    describing.look(describing.shot(FRAME, { kind: 'face', box: [10, 10, 30, 30] })!, () => {});
    await describing.turn();
  }
  assert.deepEqual(told, [undefined, undefined, 70, 70]);
});

test('a capture leaves before anybody looks at it, and what all say of it follows', async () => {
  const shots: Shot[] = [];
  const { describing, events, descriptions, add } = street({
    age: (shot) => {
      shots.push(shot);
      return { attributes: { st_age: 'st_adult', gender_code: 'male' } };
    },
    late: async () => ({ attributes: { gender_code: 'female' }, aliveType: 2, status: 'smoking' }),
    silent: () => ({}),
  });
  add(7);
  assert.deepEqual(events, ['captured 7 as 1']);
  assert.equal(describing.waiting, 1);
  await describing.turn();
  assert.deepEqual(events.slice(1), ['left', 'age', 'late', 'silent', 'described 1']);
  assert.deepEqual(descriptions, [
    {
      attributes: { st_age: 'st_adult', gender_code: 'female' },
      aliveType: 2,
      status: 'smoking',
      describedBy: ['model-of-age', 'model-of-late'],
    },
  ]);
  assert.deepEqual([shots[0]?.box, shots[0]?.picture.width], [[0, 0, 20, 20], 20]);
  assert.equal(describing.waiting, 0);
});

test('one that throws, or says what is no description, leaves its part out and tells why until it succeeds', async () => {
  let broken = true;
  const wild = { attributes: { 'no name': 'x' } };
  const { describing, events, descriptions, add } = street({
    throwing: () => {
      if (broken) throw new Error('it cannot see');
      return { attributes: { st_hat: 'st_hat' } };
    },
    wild: () => (broken ? wild : {}),
    sound: () => ({ attributes: { st_bag: 'st_bag' } }),
  });
  add(1);
  await describing.turn();
  assert.deepEqual(descriptions[0], { attributes: { st_bag: 'st_bag' }, describedBy: ['model-of-sound'] });
  assert.ok(events.includes('throwing failed: it cannot see'));
  const later = performance.now() + 300_000;
  const failing = () => describing.loads(later).map((load) => load.failing !== undefined);
  assert.deepEqual(failing(), [true, true, false]);
  assert.equal(describing.loads(later)[0]?.failing, 'it cannot see');
  broken = false;
  add(2);
  await describing.turn();
  assert.deepEqual(descriptions[1]?.attributes, { st_hat: 'st_hat', st_bag: 'st_bag' });
  assert.deepEqual(failing(), [false, false, false]);
});

test('attributes without end, of any type, and a wrong liveness do not get on', async () => {
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`name${i}`, 'x']));
  const wrong = [
    { attributes: many },
    { attributes: { a: 'x'.repeat(101) } },
    { attributes: { a: 1 } },
    { aliveType: 3 },
  ];
  const { describing, descriptions, add } = street(
    Object.fromEntries(wrong.map((one, i) => [`wrong-${i}`, () => one as never])),
  );
  add(1);
  await describing.turn();
  assert.deepEqual(descriptions, [{ attributes: {}, describedBy: [] }]);
  assert.equal(describing.loads(performance.now()).filter(({ failing }) => failing).length, 4);
});

const axis = (numbers: number, length = 1) => Array.from({ length: numbers }, (_, i) => (i === 1 ? length : 0));

test('one with whom there would be more attributes than a record takes is left out and named; the others stand', async () => {
  const say = (from: number) => () => ({
    attributes: Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`a${from + n}`, 'yes'])),
  });
  const { describing, descriptions, events, add } = street({ first: say(0), second: say(40), again: say(0) });
  add(1);
  await describing.turn();
  assert.equal(Object.keys(descriptions[0]?.attributes ?? {}).length, 40);
  assert.deepEqual(descriptions[0]?.describedBy, ['model-of-first', 'model-of-again']);
  assert.deepEqual(
    events.filter((event) => event.includes('failed')),
    ['second failed: with other describers more than 64 attributes or 16 models'],
  );
});

test('a face as numbers comes with the model that made them, of length 1, and tells nothing of its looks', async () => {
  const { describing, descriptions, add } = street({
    numbers: () => ({ embedding: Float32Array.from(axis(128, -7)) }),
    talkative: () => ({ attributes: { st_age: 'st_adult' } }),
  });
  add(1);
  await describing.turn();
  const [{ embedding, ...looks } = { embedding: undefined }] = descriptions;
  assert.deepEqual(looks, { attributes: { st_age: 'st_adult' }, describedBy: ['model-of-talkative'] });
  assert.equal(embedding?.model, 'model-of-numbers');
  assert.ok(Array.isArray(embedding.vector), 'a typed array would cross to the core as an object');
  assert.deepEqual([embedding.vector.length, embedding.vector[0], embedding.vector[1]], [128, 0, -1]);
});

test('numbers that are no face are refused, without telling them', async () => {
  const spoilt = (at: number, value: unknown) => {
    const list: unknown[] = axis(64);
    list[at] = value;
    return list;
  };
  const holes = axis(64);
  delete holes[5];
  const wrong: unknown[] = [
    axis(31),
    axis(1025),
    axis(64, 0),
    axis(64, 1e200),
    spoilt(3, Number.NaN),
    spoilt(3, Number.POSITIVE_INFINITY),
    spoilt(3, '0.123456'),
    spoilt(3, null),
    holes,
    new Float64Array(64).fill(1),
    { length: 64 },
    'abc',
  ];
  const { describing, descriptions, events, add } = street(
    Object.fromEntries(wrong.map((embedding, i) => [`wrong-${i}`, () => ({ embedding }) as never])),
  );
  add(1);
  await describing.turn();
  assert.deepEqual(descriptions, [{ attributes: {}, describedBy: [] }]);
  const told = events.filter((event) => event.includes('failed'));
  assert.equal(told.length, wrong.length);
  assert.ok(
    told.every((event) => event.includes('embedding') && event.length < 300),
    told.join('\n'),
  );
  assert.ok(!told.join().includes('0.123456'));
});

test('an embedding without a model is refused: nobody could compare it', async () => {
  const events: string[] = [];
  const planned = { id: 'nameless', module: '', kinds: ['face' as const], cut: {}, options: {} };
  const describing = new Describing([{ planned, instance: { describe: () => ({ embedding: axis(64) }) } }], () => 1, {
    mayAwait: () => true,
    captured: () => {},
    left: async () => {},
    described: (_, { embedding }) => events.push(String(embedding)),
    failed: (id, error) => events.push(`${id}: ${error.message}`),
    doing: () => {},
  });
  describing.add(capture(1), describing.shot(FRAME, { kind: 'face', box: [10, 10, 30, 30] }));
  await describing.turn();
  assert.deepEqual(events, ['nameless: an embedding without a model means nothing', 'undefined']);
});

test('captures nobody looks at, and those past the limit, go at once without a description', async () => {
  const { describing, events, add } = street({ slow: () => ({}) });
  add(1, 'body');
  assert.deepEqual(events, ['captured 1']);
  describing.add(capture(2), undefined);
  assert.equal(events.at(-1), 'captured 2');
  for (let i = 0; i < 40; i += 1) add(100 + i);
  assert.equal(describing.waiting, 32);
  assert.equal(events.filter((event) => event.includes(' as ')).length, 32);
  assert.equal(events.at(-1), 'captured 139');
  const turns: number[] = [];
  while (describing.waiting > 0) {
    await describing.turn();
    turns.push(describing.waiting);
  }
  assert.deepEqual(turns, [24, 16, 8, 0]);
  assert.equal(events.filter((event) => event.startsWith('described')).length, 32);
});

test('a subject that cannot be cut out is captured all the same', () => {
  const { describing, events } = street({ any: () => ({}) });
  const shot = describing.shot(FRAME, { kind: 'face', box: [500, 500, 510, 510] });
  assert.equal(shot, undefined);
  describing.add(capture(1), shot);
  assert.match(events[0] ?? '', /any failed: the box lies outside the frame/);
  assert.equal(events[1], 'captured 1');
});

test('what a describer costs is told by the capture', async () => {
  const { describing, add } = street({
    spinning: () => {
      for (const until = performance.now() + 6; performance.now() < until; );
      return {};
    },
  });
  for (const id of [1, 2, 3]) add(id);
  await describing.turn();
  const [load] = describing.loads(performance.now());
  assert.ok(load && load.ms >= 6 && load.ms < 500, `${load?.ms} ms`);
  assert.ok(load.share > 0);
  assert.equal(load.per, 'capture');
});

test('a plate is told where it is in the frame, with the models that found and read it', async () => {
  const jpeg = new Uint8Array([1]);
  const further = { 'plate-detection': { id: 'finder' } as InstalledModel };
  const planned = { id: 'plates', module: '', kinds: ['vehicle' as const], cut: { size: 10 }, options: {}, further };
  const model = { id: 'reader' } as InstalledModel;
  const told: WholeDescription[] = [];
  // The shot shows a box of 20 x 20 pixels of the frame in 10 x 10.
  const plate = { text: 'AB12', score: 0.8, box: [2, 6, 6, 8] as [number, number, number, number], jpeg };
  const describing = new Describing(
    [{ planned: { ...planned, model }, instance: { describe: () => ({ plate }) } }],
    () => 1,
    {
      mayAwait: () => true,
      captured: () => {},
      left: async () => {},
      described: (_, description) => told.push(description),
      failed: (_, error) => assert.fail(error),
      doing: () => {},
    },
  );
  describing.add(capture(1, 'vehicle'), describing.shot(FRAME, { kind: 'vehicle', box: [10, 10, 30, 30] }));
  await describing.turn();
  assert.deepEqual(told[0]?.plate, { ...plate, box: [14, 22, 22, 26] });
  assert.deepEqual(told[0]?.describedBy, ['reader', 'finder']);
});

test('where the core holds back as many as it can, captures leave as they are; so do all when the worker ends', async () => {
  const { describing, events, add, room } = street({ one: () => ({ attributes: { hat: 'none' } }) });
  add(1);
  room.left = 0;
  add(2);
  assert.deepEqual(events, ['captured 1 as 1', 'captured 2']);
  room.left = 9;
  describing.giveUp();
  add(3);
  await describing.turn();
  assert.deepEqual(events.slice(2), ['captured 3'], 'nobody waits for a describer any more');
  assert.equal(describing.waiting, 0);
});
