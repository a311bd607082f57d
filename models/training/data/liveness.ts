import { CROP_FILL, LIVENESS_TIMES, livenessBox, squareAround } from '../../adapters/crops.ts';
import type { RgbPicture } from '../../adapters/types.ts';
import { type Random, random } from '../render/random.ts';
import type { Actor, ObjectTruth, Thing, World } from '../render/types.ts';
import { drawWorld } from '../render/world.ts';
import { aim, jittered, logBetween, radians, randomConditions } from './conditions.ts';
import { dropAlpha } from './crop.ts';
import { randomActor, randomPicture } from './crowd.ts';
import { type Dataset, type DatasetSettings, writeDataset, writeNumbers } from './dataset.ts';
import { LIVENESS_HEADS, labelsOf } from './heads.ts';
import { isCommand, readOptions } from './options.ts';

/** Faces with what is around them, 96 x 96: people who are there, and photos and screens that somebody holds up. */

export const LIVENESS_CROP = { width: 96, height: 96 } as const;
const SMALLEST = 16;
const LARGEST = 96;
/** Half the height of a head, and of a head on a picture in parts of its width: metres. */
const HEAD = 0.12;
const SHOWN_HEAD = 0.39;
const LEAST_VISIBLE = 0.6;
/** Of the boxes' sides, in parts of breadth and height. */
const BOX_ERROR = 0.03;
/** A small picture is never seen from so near that a head beside it would fill the frame. */
const MOST_PER_METRE = 1000;

interface Scene {
  actors: Actor[];
  things: Thing[];
  /** Whose face is cut out. */
  wanted: string;
  /** Metres above the ground, and half the height of the head there. */
  middle: number;
  radius: number;
}

function bounded(source: Random, degrees: number, most: number): number {
  return Math.max(radians(-most), Math.min(radians(most), source.normal() * radians(degrees)));
}

/** People in both kinds of pictures stand, hold and phone alike, so that no pose tells them apart. */
function randomScene(source: Random, alive: boolean, z: number): Scene {
  const holds = alive ? source.chance(0.15) : true;
  const beforeChest = alive || source.chance(0.45);
  const pose = holds
    ? beforeChest
      ? 'hold'
      : 'stand'
    : source.pick(['stand', 'stand', 'walk', 'phone', 'call', 'smoke', 'hold'] as const);
  const turned = bounded(source, 22, 65);
  const body = holds ? source.normal() * 0.2 : turned * source.next();
  const one = randomActor(source.stream('one'), 'one', pose, { x: 0, y: 0, z }, body);
  const actor: Actor = {
    ...one,
    headYaw: holds ? one.headYaw * 0.6 : turned - body,
    headPitch: bounded(source, 10, 28),
  };
  const things = holds ? [randomPicture(source.stream('picture'), 'shown', actor.id)] : [];
  const actors = [actor];
  if (source.chance(0.2)) {
    const place = { x: source.pick([-1, 1]) * source.between(0.3, 0.9), y: 0, z: z + source.between(-0.1, 1.5) };
    actors.push(randomActor(source.stream('other'), 'other', 'stand', place, source.normal()));
  }
  const eyes = actor.person.height - HEAD;
  if (alive) return { actors, things, wanted: actor.id, middle: eyes, radius: HEAD };
  const shown = things[0]!;
  const { width } = shown;
  return {
    actors,
    things,
    wanted: shown.id,
    middle: beforeChest ? eyes - HEAD - 0.32 : eyes,
    radius: width * SHOWN_HEAD,
  };
}

/** Room beside the middle of the picture: where a picture is held is only about known before it is drawn. */
function randomWorld(source: Random, scene: Scene, z: number): World {
  const face = logBetween(source, SMALLEST, LARGEST);
  // A face is about 1.6 half heights of its head high.
  const metre = Math.min(MOST_PER_METRE, face / 1.6 / scene.radius);
  const side = Math.min(900, Math.ceil(metre * (1.6 * scene.radius * 2.6 + 0.2)));
  const camera = aim({
    target: { x: 0, y: scene.middle, z },
    metres: 1,
    pixels: metre,
    width: side,
    height: side,
    above: Math.max(0.9, Math.min(4.5, scene.middle + z * Math.tan(source.normal() * radians(9)))),
  });
  return {
    camera,
    ...randomConditions(source),
    actors: scene.actors,
    vehicles: [],
    things: scene.things,
  };
}

/** Some faces are at the edge of a frame: what of the crop lies outside is grey. Alike for both kinds. */
function cutAtEdge(pixels: Uint8Array, source: Random): void {
  if (!source.chance(0.08)) return;
  const { width, height } = LIVENESS_CROP;
  const side = source.int(0, 2);
  const depth = Math.round(source.between(0.04, 0.27) * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const out = side === 0 ? x < depth : side === 1 ? x >= width - depth : y >= height - depth;
      if (out) pixels.fill(CROP_FILL, (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  }
}

function drawOne(source: Random, alive: boolean): { picture: RgbPicture; face: ObjectTruth } | undefined {
  const z = logBetween(source, 1.2, 9);
  const scene = randomScene(source.stream('scene'), alive, z);
  const drawn = drawWorld(randomWorld(source.stream('world'), scene, z), { withTruth: true, within: true });
  const face = drawn.objects.find(({ kind, of }) => kind === 'face' && of === scene.wanted);
  if (!face || face.visible < LEAST_VISIBLE) return undefined;
  const [x1, y1, x2, y2] = livenessBox(face.box);
  // Where a face is in its picture must not tell what it is, so the picture holds all around both kinds.
  const inside = x1 >= -1 && y1 >= -1 && x2 <= drawn.width + 1 && y2 <= drawn.height + 1;
  if (!inside || Math.min(face.box[2] - face.box[0], face.box[3] - face.box[1]) < 8) return undefined;
  return { picture: dropAlpha(drawn.data, drawn), face };
}

export const dataset: Dataset<DatasetSettings, number[]> = {
  module: import.meta.url,
  open({ seed }) {
    return {
      ...LIVENESS_CROP,
      draw(index) {
        const source = random(`liveness/${seed}/${index}`);
        const alive = source.chance(0.5);
        for (let attempt = 0; attempt < 30; attempt += 1) {
          const stream = source.stream(`attempt ${attempt}`);
          const one = drawOne(stream, alive);
          if (!one) continue;
          const box = jittered(one.face.box, stream.stream('jitter'), BOX_ERROR);
          const { data: pixels } = squareAround(one.picture, box, LIVENESS_CROP);
          cutAtEdge(pixels, stream.stream('edge'));
          return { pixels, row: labelsOf(LIVENESS_HEADS, { alive: alive ? 'alive' : 'spoof' }) };
        }
        throw new Error(`face ${index} (${alive ? 'alive' : 'spoof'}) could not be drawn in thirty attempts`);
      },
    };
  },
  finish(folder, rows) {
    writeNumbers(folder, 'labels.i16', Int16Array.from(rows.flat()));
    return { heads: LIVENESS_HEADS, fit: 'stretch', enlarged: LIVENESS_TIMES };
  },
};

if (isCommand(import.meta.url)) {
  const { options } = readOptions(process.argv.slice(2));
  await writeDataset(dataset, { seed: options.seed, count: options.count }, options);
}
