import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import { PLATE_TIMES, plateBox, stretchedPart } from '../../adapters/crops.ts';
import type { Box, RgbPicture } from '../../adapters/types.ts';
import { applyLight } from '../render/light.ts';
import {
  drawPlate,
  makePlate,
  PLATE_HEIGHT,
  PLATE_WIDTH,
  perspective,
  plateStyle,
  type Quad,
} from '../render/plate.ts';
import { type Random, random } from '../render/random.ts';
import { css, hsl, shade } from '../render/tint.ts';
import { type Point, VEHICLE_CLASSES, type World } from '../render/types.ts';
import { wearOut } from '../render/wear.ts';
import { drawWorld } from '../render/world.ts';
import { aim, logBetween, radians, randomConditions, randomLight, randomWear } from './conditions.ts';
import { dropAlpha } from './crop.ts';
import { type Dataset, type DatasetSettings, writeDataset } from './dataset.ts';
import { randomVehicle } from './detector.ts';
import { PLATE_ALPHABET } from './heads.ts';
import { isCommand, readOptions } from './options.ts';

/** Plates cut out by their box and stretched to 128 x 32, with what is written on them. */

export const PLATE_CROP = { width: 128, height: 32 } as const;

interface Seen {
  picture: RgbPicture;
  box: Box;
  text: string;
}

/** A plate on a plain piece of a vehicle, seen from anywhere it can be read from. */
function alone(source: Random): Seen {
  const text = makePlate(source.stream('text'));
  const wide = logBetween(source, 36, 200);
  const [width, height] = [Math.ceil(wide * 1.5), Math.ceil(wide * 0.8)];
  const [yaw, pitch, roll] = [
    source.normal() * radians(24),
    source.normal() * radians(14),
    source.normal() * radians(4),
  ];
  const distance = logBetween(source, 2, 14);
  const corner = (across: number, down: number): Point => {
    const [u, v] = [across * PLATE_WIDTH * 0.5, down * PLATE_HEIGHT * 0.5];
    const [x, y] = [u * Math.cos(roll) - v * Math.sin(roll), u * Math.sin(roll) + v * Math.cos(roll)];
    const depth = distance + x * Math.sin(yaw) + y * Math.sin(pitch);
    const scale = (wide / PLATE_WIDTH) * (distance / depth);
    return [width / 2 + x * Math.cos(yaw) * scale, height / 2 + y * Math.cos(pitch) * scale];
  };
  const quad: Quad = [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
  const canvas = createCanvas(width, height);
  const ctx = canvas.getContext('2d');
  drawBodywork(ctx, source.stream('body'), width, height, quad);
  drawPlate(ctx, text, quad, plateStyle(text));
  drawShade(ctx, source.stream('shade'), width, height);
  applyLight(ctx, width, height, randomLight(source.stream('light')));
  const data = wearOut(canvas, randomWear(source.stream('wear')), source.int(0, 2 ** 31 - 1));
  const xs = quad.map(([x]) => x);
  const ys = quad.map(([, y]) => y);
  return {
    picture: dropAlpha(data, { width, height }),
    box: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)],
    text,
  };
}

function drawBodywork(ctx: SKRSContext2D, source: Random, width: number, height: number, quad: Quad): void {
  const base = hsl(source.between(0, 360), source.next() ** 2 * 0.8, source.between(0.05, 0.9));
  ctx.fillStyle = css(base);
  ctx.fillRect(0, 0, width, height);
  for (let n = source.int(1, 5); n > 0; n -= 1) {
    ctx.fillStyle = css(shade(base, source.between(0.3, 1.7)), source.between(0.3, 1));
    const y = source.between(-0.2, 1) * height;
    ctx.fillRect(
      source.between(-0.3, 0.3) * width,
      y,
      source.between(0.2, 1.2) * width,
      source.between(0.02, 0.3) * height,
    );
  }
  if (source.chance(0.5)) {
    // The recess a plate sits in.
    const place = perspective(quad);
    ctx.beginPath();
    for (const [u, v] of [
      [-0.06, -0.2],
      [1.06, -0.2],
      [1.06, 1.2],
      [-0.06, 1.2],
    ] as const)
      ctx.lineTo(...place(u, v));
    ctx.closePath();
    ctx.fillStyle = css(shade(base, source.between(0.25, 0.8)));
    ctx.fill();
  }
}

/** The edge of a shadow across. */
function drawShade(ctx: SKRSContext2D, source: Random, width: number, height: number): void {
  if (!source.chance(0.3)) return;
  const dark = source.between(110, 210);
  const [a, b, side] = [source.between(0, 1) * width, source.between(0, 1) * width, source.chance(0.5) ? 0 : width];
  ctx.save();
  ctx.globalCompositeOperation = 'multiply';
  ctx.fillStyle = css([dark, dark, dark]);
  ctx.beginPath();
  ctx.moveTo(a, 0);
  ctx.lineTo(b, height);
  ctx.lineTo(side, height);
  ctx.lineTo(side, 0);
  ctx.fill();
  ctx.restore();
}

/** A plate on a vehicle in a world. */
function onVehicle(source: Random): Seen | undefined {
  const wide = logBetween(source, 36, 140);
  const away = source.chance(0.5);
  const vehicle = {
    ...randomVehicle(source.stream('vehicle'), { width: 1, height: 1, above: 1, tilt: 0, view: 1 }),
    class: source.pick(VEHICLE_CLASSES),
    position: { x: 0, y: 0, z: source.between(7, 18) },
    heading: (away ? Math.PI : 0) + source.normal() * radians(22),
  };
  const [width, height] = [Math.ceil(wide * 3.4), Math.ceil(wide * 2.6)];
  const world: World = {
    camera: aim({
      target: { x: 0, y: 0.65, z: vehicle.position.z - 2.2 },
      metres: PLATE_WIDTH,
      pixels: wide,
      width,
      height,
      above: source.between(1.2, 5),
    }),
    ...randomConditions(source),
    actors: [],
    vehicles: [vehicle],
    things: [],
  };
  const drawn = drawWorld(world, { withTruth: true, within: true });
  const plate = drawn.objects.find(({ kind }) => kind === 'plate');
  if (!plate?.text || plate.visible < 0.97 || plate.box[2] - plate.box[0] < 28) return undefined;
  return { picture: dropAlpha(drawn.data, drawn), box: plate.box, text: plate.text };
}

/** The box a plate is read in, its corners moved by an error of the detector. */
function jittered(box: Box, source: Random): Box {
  const [wide, high] = [box[2] - box[0], box[3] - box[1]];
  const [x1, y1, x2, y2] = plateBox(box);
  const error = (side: number): number => source.normal() * side * 0.025;
  return [x1 + error(wide), y1 + error(high * 2), x2 + error(wide), y2 + error(high * 2)];
}

export const dataset: Dataset<DatasetSettings, string> = {
  module: import.meta.url,
  open({ seed }) {
    return {
      ...PLATE_CROP,
      draw(index) {
        const source = random(`plates/${seed}/${index}`);
        const seen =
          (source.chance(0.3) ? onVehicle(source.stream('vehicle')) : undefined) ?? alone(source.stream('alone'));
        const box = jittered(seen.box, source.stream('jitter'));
        const { data: pixels } = stretchedPart(seen.picture, box, PLATE_CROP);
        return { pixels, row: seen.text.replaceAll(/[ -]/g, '') };
      },
    };
  },
  finish(folder, rows) {
    writeFileSync(join(folder, 'text.json'), `${JSON.stringify(rows)}\n`);
    return { alphabet: PLATE_ALPHABET, fit: 'stretch', enlarged: PLATE_TIMES };
  },
};

if (isCommand(import.meta.url)) {
  const { options } = readOptions(process.argv.slice(2));
  await writeDataset(dataset, { seed: options.seed, count: options.count }, options);
}
