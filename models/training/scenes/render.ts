import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeClip } from '../render/clip.ts';
import type { ClipTruth, FrameTruth } from '../render/types.ts';
import { drawWorld } from '../render/world.ts';
import { writeBadges } from './badges.ts';
import { frameCount, type Scene, worldAt } from './scene.ts';
import { SCENES, sceneOf } from './scenes.ts';
import { castTruth, frameTruth, truthText } from './truth.ts';

const USAGE = `node --import tsx models/training/scenes/render.ts [scene…] --out <folder> [--seed 1] [--workers 2]

Renders the scenes into clips: <scene>.mp4, its truth <scene>.json, and index.json over all clips of the folder; and,
where no scene is named, the pictures of the staff into people/.
Scenes: ${SCENES.map(({ name }) => name).join(', ')}`;

/** One clip of an index. */
export interface ClipEntry {
  name: string;
  title: { en: string; zh: string };
  seconds: number;
  fps: number;
  width: number;
  height: number;
  /** Of the clip, hexadecimal. */
  sha256: string;
  bytes: number;
}

/**
 * Draws a scene into `<folder>/<name>.mp4` and writes its truth beside it. `tell` hears how many frames are done.
 *
 * @returns The truth, and the bytes of its file.
 */
export async function renderScene(
  scene: Scene,
  seed: number,
  folder: string,
  tell: (frames: number) => void = () => {},
): Promise<{ truth: ClipTruth; bytes: number }> {
  const stage = scene.stage(seed);
  const frames: FrameTruth[] = [];
  function* pictures(): Generator<{ width: number; height: number; data: Uint8ClampedArray }> {
    for (let frame = 0; frame < frameCount(scene); frame += 1) {
      const drawn = drawWorld(worldAt(scene, stage, frame / scene.fps), { withTruth: true, frame });
      frames.push(frameTruth(frame, drawn.objects, stage.camera));
      tell(frame + 1);
      yield drawn;
    }
  }
  await writeClip(join(folder, `${scene.name}.mp4`), pictures(), { fps: scene.fps, kbps: scene.kbps });
  const truth: ClipTruth = { ...castTruth(scene, stage, seed), frames };
  const text = truthText(truth);
  await writeFile(join(folder, `${scene.name}.json`), text);
  return { truth, bytes: Buffer.byteLength(text) };
}

/** Lists the clips that lie in the folder, in the order of `SCENES`. */
export async function indexOf(folder: string): Promise<ClipEntry[]> {
  const entries: ClipEntry[] = [];
  for (const scene of SCENES) {
    const path = join(folder, `${scene.name}.mp4`);
    const found = await stat(path).catch(() => undefined);
    if (!found) continue;
    const sha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    const { width, height } = scene.stage(1).camera;
    const { name, title, seconds, fps } = scene;
    entries.push({ name, title, seconds, fps, width, height, sha256, bytes: found.size });
  }
  return entries;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string', default: '2' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || !values.out) {
    console.log(USAGE);
    if (!values.help) process.exitCode = 2;
    return;
  }
  const [seed, workers] = [Number(values.seed), Number(values.workers)];
  if (!Number.isSafeInteger(seed)) throw new RangeError(`--seed ${values.seed} is not a whole number`);
  if (!(workers >= 1 && workers <= 64)) throw new RangeError(`--workers ${values.workers} is not 1 to 64`);
  const scenes = positionals.length > 0 ? positionals.map(sceneOf) : [...SCENES];
  await mkdir(values.out, { recursive: true });
  if (workers > 1 && scenes.length > 1) await share(scenes, workers, seed, values.out);
  else for (const scene of scenes) await renderAloud(scene, seed, values.out);
  await writeFile(join(values.out, 'index.json'), `${JSON.stringify(await indexOf(values.out), null, 2)}\n`);
  if (positionals.length === 0) await writeBadges(join(values.out, 'people'));
}

async function renderAloud(scene: Scene, seed: number, folder: string): Promise<void> {
  const started = performance.now();
  const all = frameCount(scene);
  const { truth, bytes } = await renderScene(scene, seed, folder, (frames) => {
    if (frames % 100 === 0) console.log(`${scene.name}: ${frames} of ${all} frames`);
  });
  const clip = await stat(join(folder, `${scene.name}.mp4`));
  const size = `${Math.round(clip.size / 1000)} kB, truth ${Math.round(bytes / 1000)} kB`;
  const spent = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${scene.name}: ${size}, ${truth.events.length} events, ${spent} s`);
}

/** Each worker is a process of its own that takes the next scene when it is done with one. */
async function share(scenes: readonly Scene[], workers: number, seed: number, folder: string): Promise<void> {
  const waiting = [...scenes];
  const failed: string[] = [];
  const work = async (): Promise<void> => {
    for (let scene = waiting.shift(); scene; scene = waiting.shift()) {
      const args = [...process.execArgv, import.meta.filename, scene.name, '--out', folder, '--seed', String(seed)];
      const child = spawn(process.execPath, [...args, '--workers', '1'], { stdio: 'inherit' });
      const code = await new Promise((resolve, reject) => {
        child.on('error', reject);
        child.on('exit', resolve);
      });
      if (code !== 0) failed.push(scene.name);
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, scenes.length) }, work));
  if (failed.length > 0) throw new Error(`not rendered: ${failed.join(', ')}`);
}

if (process.argv[1] === import.meta.filename) await main();
