import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createCanvas, ImageData } from '@napi-rs/canvas';
import { drawWorld } from '../render/world.ts';
import { frameCount, worldAt } from './scene.ts';
import { SCENES, sceneOf } from './scenes.ts';
import { frameTruth } from './truth.ts';

/** Pixels of one picture on a sheet. */
const WIDTH = 480;
const COLUMNS = 4;
const COLOURS: Readonly<Record<string, string>> = {
  person: '#22d3ee',
  face: '#facc15',
  helmet: '#fb923c',
  vehicle: '#a3e635',
  plate: '#f472b6',
  phone: '#f472b6',
  cigarette: '#f472b6',
  fire: '#ef4444',
  smoke: '#94a3b8',
  extinguisher: '#ef4444',
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: '.' },
    every: { type: 'string', default: '2' },
    from: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    plain: { type: 'boolean', default: false },
  },
});

const names = positionals.length > 0 ? positionals : SCENES.map(({ name }) => name);
for (const name of names) await writeSheet(name);

/** A contact sheet of one scene, with its truth drawn in. */
async function writeSheet(name: string): Promise<void> {
  const scene = sceneOf(name);
  const stage = scene.stage(Number(values.seed));
  const zoom = WIDTH / stage.camera.width;
  const high = Math.round(stage.camera.height * zoom);
  const step = Math.round(Number(values.every) * scene.fps);
  const frames: number[] = [];
  for (let frame = Math.round(Number(values.from) * scene.fps); frame < frameCount(scene); frame += step)
    frames.push(frame);
  frames.splice(24);
  const sheet = createCanvas(COLUMNS * WIDTH, Math.ceil(frames.length / COLUMNS) * high);
  const pen = sheet.getContext('2d');
  for (const [place, frame] of frames.entries()) {
    const world = worldAt(scene, stage, frame / scene.fps);
    const drawn = drawWorld(world, { withTruth: true, frame });
    const canvas = createCanvas(drawn.width, drawn.height);
    const ctx = canvas.getContext('2d');
    ctx.putImageData(new ImageData(new Uint8ClampedArray(drawn.data), drawn.width, drawn.height), 0, 0);
    ctx.lineWidth = 2;
    if (!values.plain) {
      for (const zone of stage.zones) {
        ctx.strokeStyle = '#ffffff';
        ctx.beginPath();
        for (const point of zone.points) ctx.lineTo(...point);
        if (zone.kind === 'area') ctx.closePath();
        ctx.stroke();
      }
      for (const object of frameTruth(frame, drawn.objects, stage.camera).objects) {
        const [left, top, right, bottom] = object.box;
        ctx.strokeStyle = ctx.fillStyle = COLOURS[object.kind] ?? '#ffffff';
        ctx.strokeRect(left, top, right - left, bottom - top);
        for (const [x, y] of object.landmarks ?? []) ctx.fillRect(x - 1.5, y - 1.5, 3, 3);
      }
    }
    const [x, y] = [(place % COLUMNS) * WIDTH, Math.floor(place / COLUMNS) * high];
    pen.drawImage(canvas, x, y, WIDTH, high);
    pen.fillStyle = '#ffffff';
    pen.font = '16px sans-serif';
    pen.fillText(`${(frame / scene.fps).toFixed(1)} s`, x + 6, y + 18);
  }
  await writeFile(`${values.out}/${name}.png`, sheet.toBuffer('image/png'));
}
