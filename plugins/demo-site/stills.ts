import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { signalChild } from '../../drivers/video/signal.ts';
import type { Scene } from './scenes.ts';

const WIDTH = 480;
const MAKE_MS = 20_000;

/**
 * One still picture of each scene, made when somebody first wants to see it and kept in the plugin's folder. They are
 * made one after another, in a process of their own.
 */
export class Stills {
  readonly #folder: () => Promise<string>;
  readonly #made = new Map<string, Promise<Uint8Array | undefined>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(folder: () => Promise<string>) {
    this.#folder = folder;
  }

  /** JPEG, or undefined where none can be made; whoever asks again has it tried again. Does not reject. */
  get(scene: Scene): Promise<Uint8Array | undefined> {
    const known = this.#made.get(scene.sha256);
    if (known) return known;
    const making = this.#last
      .then(() => this.#read(scene))
      .catch(() => {
        this.#made.delete(scene.sha256);
        return undefined;
      });
    this.#last = making;
    this.#made.set(scene.sha256, making);
    return making;
  }

  async #read(scene: Scene): Promise<Uint8Array> {
    const folder = join(await this.#folder(), 'stills');
    const file = join(folder, `${scene.sha256}.jpg`);
    const kept = await readFile(file).catch(() => undefined);
    if (kept) return kept;
    const work = join(folder, 'making');
    // A crash may have left some there.
    await rm(work, { recursive: true, force: true });
    await mkdir(work, { recursive: true });
    try {
      await decodeKeyPictures(scene, work);
      const names = (await readdir(work)).sort();
      // Scenes begin quietly: the middle shows more of what happens.
      const middle = names[Math.floor(names.length / 2)];
      if (middle === undefined) throw new Error('no picture could be read');
      await rename(join(work, middle), file);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
    return readFile(file);
  }
}

/** Writes every picture that can be decoded alone as a small JPEG: a tenth of the work of decoding all. */
function decodeKeyPictures({ file, width, height }: Scene, folder: string): Promise<void> {
  const size = `width=${WIDTH},height=${Math.round((WIDTH * height) / width / 2) * 2},pixel-aspect-ratio=1/1`;
  const words = [
    ...['-q', 'filesrc', `location=${file}`, '!', 'qtdemux', '!', 'h264parse'],
    ...['!', 'identity', 'drop-buffer-flags=delta-unit', '!', 'decodebin', '!', 'videoconvert', '!', 'videoscale'],
    ...['!', `video/x-raw,${size}`, '!', 'jpegenc', 'quality=82', '!', 'multifilesink'],
    `location=${join(folder, '%05d.jpg')}`,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn('gst-launch-1.0', words, { stdio: 'ignore' });
    const timer = setTimeout(() => signalChild(child, 'SIGKILL'), MAKE_MS);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      if (code === 0) resolve();
      else reject(new Error(`gst-launch-1.0 ended with ${code}`));
    });
  });
}
