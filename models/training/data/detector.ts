import { Resizer } from '../../adapters/resize.ts';
import type { Size } from '../../adapters/types.ts';
import { Camera, type CameraSetup, wrap } from '../render/camera.ts';
import { makePlate } from '../render/plate.ts';
import { type Random, random } from '../render/random.ts';
import {
  type ObjectTruth,
  type Thing,
  VEHICLE_CLASSES,
  type Vehicle,
  type VehicleColour,
  type World,
} from '../render/types.ts';
import { drawWorld } from '../render/world.ts';
import { aim, logBetween, radians, randomConditions, randomLight, randomPlace, randomWear } from './conditions.ts';
import { CROP_FILL, dropAlpha } from './crop.ts';
import { randomActor, randomCrowd, randomPicture, seenPlace, uniqueName } from './crowd.ts';
import { type Dataset, type DatasetSettings, writeDataset, writeNumbers } from './dataset.ts';
import { DETECTOR_LABELS } from './heads.ts';
import { isCommand, readOptions, word } from './options.ts';

/**
 * Whole pictures with everything the detector is to find. With `--scenes near` such as somebody is enrolled with: one face,
 * mostly large, or nobody at all.
 */

export const DETECTOR_WIDTH = 448;
export const DETECTOR_HEIGHT = 256;
/** Numbers per row of `boxes.f32`: picture, class, four of the box, visible part, ten of the landmarks. */
export const ROW = 17;

/** Boxes whose shorter side is smaller than this, in pixels, are marked to be ignored: there is nothing to learn from. */
const LEAST: Readonly<Record<(typeof DETECTOR_LABELS)[number], number>> = {
  person: 10,
  face: 6,
  helmet: 6,
  vehicle: 9,
  plate: 5,
  fire: 5,
  smoke: 7,
  extinguisher: 6,
};
/**
 * Pixels of the shorter side from which a model is asked for something, where that is more than what it learns from: a
 * face of 8 pixels here is one of 34 in a full HD picture, below what can be recognised. It is to be found all the same,
 * or nobody is followed before they are near.
 */
const ASKED: Partial<Record<(typeof DETECTOR_LABELS)[number], number>> = { face: 8 };
/** Faces are labelled up to here; from here to the next a head in profile is to be ignored. */
const MOST_YAW = radians(65);
const PROFILE_YAW = radians(100);
/** Pixels of the shorter side from which what the picture's edge cuts is to be found. */
const LEAST_CUT: Readonly<Record<ObjectTruth['kind'], number>> = {
  person: 14,
  face: 8,
  helmet: 6,
  vehicle: 24,
  plate: 7,
  phone: 0,
  cigarette: 0,
  fire: 8,
  smoke: 12,
  extinguisher: 8,
};
const FACE = DETECTOR_LABELS.indexOf('face');

const VEHICLE_COLOURS: readonly VehicleColour[] = [
  'gray',
  'white',
  'red',
  'black',
  'blue',
  'green',
  'brown',
  'yellow',
  'purple',
  'pink',
];

/** One row without its picture's number. */
type BoxRow = number[];

/** A street camera, a door camera or something between. */
function randomCamera(source: Random, width: number, height: number): CameraSetup {
  const above = source.between(1.4, 6);
  const middle = logBetween(source, 2.5, 14);
  const tilt = Math.atan2(above - source.between(0.4, 1.6), middle) + source.normal() * radians(3);
  return {
    width,
    height,
    above,
    tilt: Math.max(radians(-6), Math.min(radians(58), tilt)),
    view: radians(source.between(45, 100)),
  };
}

export function randomVehicle(source: Random, camera: CameraSetup): Vehicle {
  return {
    id: uniqueName(source, 'vehicle'),
    class: source.pick(VEHICLE_CLASSES),
    colour: source.pick(VEHICLE_COLOURS),
    plate: makePlate(source.stream('plate')),
    position: seenPlace(source, camera, 4.5, 26),
    // Towards the camera or away from it more often than across.
    heading: wrap(source.pick([0, 0, Math.PI, Math.PI / 2, -Math.PI / 2]) + source.normal() * 0.35),
  };
}

function randomThings(source: Random, camera: CameraSetup): Thing[] {
  const things: Thing[] = [];
  if (!source.chance(0.25)) return things;
  const count = source.int(1, 3);
  for (let n = 0; n < count; n += 1) {
    const kind = source.pick(['fire', 'smoke', 'extinguisher', 'extinguisher'] as const);
    const position = seenPlace(source, camera, 2.5, 14);
    if (kind === 'extinguisher') things.push({ kind, id: uniqueName(source, kind), position });
    else
      things.push({
        kind,
        id: uniqueName(source, kind),
        position,
        size: logBetween(source, 0.25, 2.6),
        phase: source.next(),
      });
    // Where there is fire, there is mostly smoke.
    if (kind === 'fire' && source.chance(0.6)) {
      const smoke = { ...position, y: position.y + source.between(0.1, 0.6), z: position.z + 0.05 };
      things.push({
        kind: 'smoke',
        id: uniqueName(source, 'smoke'),
        position: smoke,
        size: logBetween(source, 0.6, 3.2),
        phase: source.next(),
      });
    }
  }
  return things;
}

/** Everything the detector may meet. */
export function randomWorld(source: Random, width: number, height: number): World {
  const camera = randomCamera(source.stream('camera'), width, height);
  const actors = randomCrowd(source.stream('crowd'), camera);
  const outside = source.stream('vehicles');
  const vehicles = outside.chance(0.25)
    ? Array.from({ length: outside.int(1, 4) }, (_, n) => randomVehicle(outside.stream(`${n}`), camera))
    : [];
  const things = randomThings(source.stream('things'), camera);
  const pictures = source.stream('pictures');
  for (const [n, actor] of actors.entries()) {
    if (actor.pose === 'stand' && pictures.chance(0.15)) things.push(randomPicture(pictures, `f${n}`, actor.id));
  }
  return {
    camera,
    place: randomPlace(source.stream('place')),
    light: randomLight(source.stream('light')),
    wear: randomWear(source.stream('wear'), width / DETECTOR_WIDTH),
    actors,
    vehicles,
    things,
  };
}

/**
 * One row of an object in a picture of the detector's size, whose pixels are `scale` of those the truth is in.
 * @returns undefined for what the detector is not asked for.
 */
export function boxRow(
  object: ObjectTruth,
  scale: number,
  frame: { width: number; height: number },
): BoxRow | undefined {
  const label = (DETECTOR_LABELS as readonly string[]).indexOf(object.kind);
  if (label < 0) return undefined;
  const box = object.box.map((value) => value * scale);
  const [wide, high] = [box[2]! - box[0]!, box[3]! - box[1]!];
  const side = Math.min(wide, high);
  if (!(side > 0)) return undefined;
  let { visible } = object;
  // Head and shoulders at the picture's edge are to be found, a hand or a bumper that reaches in is not.
  if (touchesEdge(object.box, frame) && (side < LEAST_CUT[object.kind] || cutFace(object, wide, high))) visible = 0;
  if (object.kind === 'face' && Math.abs(object.yaw ?? 0) > MOST_YAW) visible = 0;
  // A plate seen along the vehicle cannot be read.
  if (object.kind === 'plate' && wide < high * 1.2) visible = 0;
  if (side < LEAST[DETECTOR_LABELS[label]!]) visible = 0;
  const points = object.landmarks?.flat().map((value) => value * scale) ?? Array<number>(10).fill(Number.NaN);
  return [label, ...box, visible, ...points];
}

/** A face of which the edge leaves a cheek or a forehead. */
function cutFace({ kind }: ObjectTruth, wide: number, high: number): boolean {
  return kind === 'face' && (wide < high * 0.35 || high < wide * 0.7);
}

function touchesEdge(
  [x1, y1, x2, y2]: ObjectTruth['box'],
  { width, height }: { width: number; height: number },
): boolean {
  return x1 < 1 || y1 < 1 || x2 > width - 1 || y2 > height - 1;
}

/**
 * Heads in full profile: neither a face nor none. Rows that are to be ignored, about where such heads are; of people who
 * are bent or lie nobody knows that without drawing them again, and they are rare.
 */
function profileRows(world: World, objects: readonly ObjectTruth[], scale: number): BoxRow[] {
  const camera = new Camera(world.camera);
  return world.actors.flatMap((actor) => {
    if (actor.pose === 'fall' || actor.pose === 'doze' || actor.pose === 'fight') return [];
    const yaw = Math.abs(wrap(camera.seen(actor.position, actor.heading).yaw + actor.headYaw));
    const body = objects.find(({ kind, of }) => kind === 'person' && of === actor.id);
    if (!body || yaw < MOST_YAW || yaw > PROFILE_YAW) return [];
    const head = 0.3 * camera.project({ ...actor.position, y: actor.person.height }).scale;
    const middle = (body.box[0] + body.box[2]) / 2;
    const half = Math.max(head / 2, (body.box[2] - body.box[0]) / 2.5);
    const box = [
      Math.max(0, middle - half),
      body.box[1],
      Math.min(world.camera.width, middle + half),
      Math.min(world.camera.height, body.box[1] + head),
    ];
    if (!(box[2]! > box[0]! && box[3]! > box[1]!)) return [];
    return [[FACE, ...box.map((value) => value * scale), 0, ...Array<number>(10).fill(Number.NaN)]];
  });
}

/** Shapes of pictures that people are enrolled with: upright, square, and as cameras see. */
const NEAR_SHAPES: readonly (Size & { share: number })[] = [
  { width: 204, height: 256, share: 0.3 },
  { width: 192, height: 256, share: 0.2 },
  { width: 256, height: 256, share: 0.2 },
  { width: DETECTOR_WIDTH, height: 252, share: 0.3 },
];
/** Of a head in such a picture: half of its height in parts of the picture's. */
const NEAR_HEAD = { least: 0.07, most: 0.45 };
const NOBODY = 0.12;

/** Somebody before a camera that is aimed at the face, at times with others behind; or a place without anybody. */
function nearWorld(source: Random, { width, height }: Size): World {
  const conditions = randomConditions(source);
  if (source.chance(NOBODY)) {
    const camera = randomCamera(source.stream('camera'), width, height);
    return { camera, ...conditions, actors: [], vehicles: [], things: randomThings(source.stream('things'), camera) };
  }
  const z = source.between(0.7, 2.6);
  const pose = source.pick(['stand', 'stand', 'stand', 'walk', 'hold', 'call', 'smoke'] as const);
  const turned = source.chance(0.6) ? source.normal() * 0.1 : source.normal() * 0.7;
  const one = randomActor(source.stream('one'), 'one', pose, { x: 0, y: 0, z }, turned);
  const head = one.person.height - 0.12;
  const above = Math.max(0.9, head + z * Math.tan(source.normal() * radians(8)));
  const camera = aim({
    target: { x: source.normal() * 0.05, y: head, z },
    metres: 0.12,
    pixels: height * logBetween(source, NEAR_HEAD.least, NEAR_HEAD.most),
    width,
    height,
    above,
    below: source.normal() * 0.07 * height,
  });
  const others = source.chance(0.3) ? source.int(1, 2) : 0;
  const behind = Array.from({ length: others }, (_, n) => {
    const stream = source.stream(`other ${n}`);
    const away = z + stream.between(0.8, 5);
    const position = { x: stream.between(-0.35, 0.35) * away, y: 0, z: away };
    return randomActor(stream, `other${n}`, 'stand', position, stream.between(-Math.PI, Math.PI));
  });
  return { camera, ...conditions, actors: [one, ...behind], vehicles: [], things: [] };
}

/** Sizes worlds are drawn at, before they are made as large as the detector takes them. */
const DRAWN: readonly (Size & { share: number })[] = [
  { width: DETECTOR_WIDTH, height: DETECTOR_HEIGHT, share: 0.4 },
  { width: DETECTOR_WIDTH, height: 252, share: 0.35 },
  { width: 672, height: 378, share: 0.17 },
  { width: 960, height: 540, share: 0.08 },
];

/** What is seen: everything cameras may meet, or what people are enrolled with. */
const SCENES = ['any', 'near'] as const;

interface DetectorSettings extends DatasetSettings {
  scenes: (typeof SCENES)[number];
}

function oneOf<T extends Size & { share: number }>(sizes: readonly T[], source: Random): T {
  let left = source.next();
  return sizes.find(({ share }) => (left -= share) < 0) ?? sizes[0]!;
}

export const dataset: Dataset<DetectorSettings, BoxRow[]> = {
  module: import.meta.url,
  open({ seed, scenes }) {
    const resizer = new Resizer();
    const pixels = new Uint8Array(DETECTOR_WIDTH * DETECTOR_HEIGHT * 3);
    return {
      width: DETECTOR_WIDTH,
      height: DETECTOR_HEIGHT,
      draw(index) {
        const near = scenes === 'near';
        const source = random(`detector/${near ? 'near/' : ''}${seed}/${index}`);
        const { width, height } = oneOf(near ? NEAR_SHAPES : DRAWN, source);
        const world = near ? nearWorld(source, { width, height }) : randomWorld(source, width, height);
        const drawn = drawWorld(world, { withTruth: true, within: true });
        const scale = Math.min(DETECTOR_WIDTH / drawn.width, DETECTOR_HEIGHT / drawn.height);
        // As the product does with pictures of any shape: from the upper left, what is left free is grey.
        const [wide, high] = [drawn.width, drawn.height].map((side) => Math.round(side * scale)) as [number, number];
        const picture = dropAlpha(drawn.data, drawn);
        const { data } = scale === 1 ? picture : resizer.resize(picture, wide, high);
        pixels.fill(CROP_FILL);
        for (let y = 0; y < high; y += 1)
          pixels.set(data.subarray(y * wide * 3, (y + 1) * wide * 3), y * DETECTOR_WIDTH * 3);
        const rows = drawn.objects.map((object) => boxRow(object, scale, drawn)).filter((row) => row !== undefined);
        return { pixels, row: [...rows, ...profileRows(world, drawn.objects, scale)] };
      },
    };
  },
  finish(folder, pictures, { scenes }) {
    const rows = pictures.flatMap((boxes, picture) => boxes.map((box) => [picture, ...box]));
    writeNumbers(folder, 'boxes.f32', Float32Array.from(rows.flat()));
    const boxes: Record<string, number> = {};
    for (const label of DETECTOR_LABELS) boxes[label] = 0;
    for (const row of rows) boxes[DETECTOR_LABELS[row[1]!]!]! += row[6]! >= 0.3 ? 1 : 0;
    return { scenes, labels: DETECTOR_LABELS, boxes, asked: ASKED };
  },
};

if (isCommand(import.meta.url)) {
  const { options, extras } = readOptions(process.argv.slice(2), ['scenes']);
  const scenes = word(extras, 'scenes', SCENES);
  await writeDataset(dataset, { seed: options.seed, count: options.count, scenes }, options);
}
