import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One picture of a dataset and what is known of it. */
export interface Sample<Row> {
  /** Packed RGB of the dataset's size; may be overwritten by the next picture. */
  pixels: Uint8Array;
  /** Anything that survives JSON. */
  row: Row;
}

/** Draws one kind of dataset. */
export interface Maker<Row> {
  width: number;
  height: number;
  /** Depends on the maker's own settings and `index` only, never on what was drawn before. */
  draw(index: number): Sample<Row>;
}

/** A kind of dataset; the module that holds it exports it as `dataset`, so that the drawing processes find it too. */
export interface Dataset<Settings extends DatasetSettings, Row> {
  /** `import.meta.url` of its module. */
  module: string;
  open(settings: Settings): Maker<Row>;
  /** Writes the files beside the pictures. @returns what `meta.json` tells beyond count, height, width and seed. */
  finish(folder: string, rows: Row[], settings: Settings): Record<string, unknown>;
}

export interface DatasetSettings {
  seed: number;
  count: number;
}

/** Pictures a process draws between two messages. */
const CHUNK = 32;
const REPORT_EVERY = 5_000;

export interface WriteOptions {
  out: string;
  workers: number;
  /** Told about every few seconds; default: one line on the error output. */
  progress?: (line: string) => void;
}

/** What the parent and a drawing process say to each other. */
export type ToWorker =
  | { say: 'open'; module: string; settings: DatasetSettings; file: string }
  | { say: 'draw'; from: number; to: number }
  | { say: 'end' };
export type FromWorker = { say: 'ready' } | { say: 'drawn'; from: number; rows: unknown[] };

/**
 * Draws a dataset into a folder with several processes: `images.u8` with the pictures one after the other, the files of
 * the dataset's kind, and last of all `meta.json`. The result is the same whatever the number of processes.
 * @throws Error when a drawing process fails; the others are ended.
 */
export async function writeDataset<Settings extends DatasetSettings, Row>(
  dataset: Dataset<Settings, Row>,
  settings: Settings,
  { out, workers, progress = (line) => process.stderr.write(`${line}\n`) }: WriteOptions,
): Promise<void> {
  mkdirSync(out, { recursive: true });
  const { width, height } = dataset.open(settings);
  const file = join(out, 'images.u8');
  const images = openSync(file, 'w');
  ftruncateSync(images, settings.count * width * height * 3);
  closeSync(images);

  const began = performance.now();
  let reported = began;
  let drawn = 0;
  const rows = await drawAll<Row>(dataset.module, settings, file, workers, (pictures) => {
    drawn += pictures;
    const now = performance.now();
    if (now - reported < REPORT_EVERY && drawn < settings.count) return;
    reported = now;
    const each = (now - began) / drawn;
    const left = Math.ceil((each * (settings.count - drawn)) / 1000);
    progress(`${drawn} of ${settings.count} pictures, ${each.toFixed(2)} ms each, ${left} s left`);
  });
  const meta = { count: settings.count, height, width, seed: settings.seed, ...dataset.finish(out, rows, settings) };
  writeFileSync(join(out, 'meta.json'), `${JSON.stringify(meta, null, 1)}\n`);
}

async function drawAll<Row>(
  module: string,
  settings: DatasetSettings,
  file: string,
  workers: number,
  onDrawn: (pictures: number) => void,
): Promise<Row[]> {
  const rows = new Array<Row>(settings.count);
  let next = 0;
  const children: ChildProcess[] = [];
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), { serialization: 'advanced' });
      children.push(child);
      const say = (message: ToWorker): void => {
        child.send(message);
      };
      child.on('message', (message: FromWorker) => {
        if (message.say === 'drawn') {
          for (const [i, row] of message.rows.entries()) rows[message.from + i] = row as Row;
          onDrawn(message.rows.length);
        }
        if (next >= settings.count) return say({ say: 'end' });
        const from = next;
        next = Math.min(settings.count, from + CHUNK);
        say({ say: 'draw', from, to: next });
      });
      child.on('error', reject);
      child.on('exit', (code, signal) => {
        if (code === 0) resolve();
        else reject(new Error(`a drawing process ended with ${signal ?? code}`));
      });
      say({ say: 'open', module, settings, file });
    });
  try {
    await Promise.all(Array.from({ length: Math.min(workers, Math.ceil(settings.count / CHUNK)) }, one));
  } finally {
    for (const child of children) child.kill();
  }
  return rows;
}

/** Writes a typed array as it lies in memory. */
export function writeNumbers(folder: string, name: string, numbers: Int16Array | Int32Array | Float32Array): void {
  writeFileSync(join(folder, name), new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
}

/** Puts pictures at their place in `images.u8`. */
export function writePixels(file: number, pixels: Uint8Array, from: number, pictureBytes: number): void {
  let done = 0;
  while (done < pixels.length) done += writeSync(file, pixels, done, pixels.length - done, from * pictureBytes + done);
}
