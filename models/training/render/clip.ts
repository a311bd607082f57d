import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** RGBA. */
export interface Picture {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

/** How much of the encoder's own words is kept for an error. */
const LOG_LIMIT = 2000;

/**
 * Writes H.264 (main profile, yuv420p, a key frame each second, no sound) into an MP4 that plays while it loads. The
 * same frames give the same bytes on the same encoder version: it runs in one thread and writes no time of day.
 *
 * @param path Overwritten where it exists.
 * @param frames All of one size, which must be even; each is written before the next is asked for.
 * @returns The number of frames.
 * @throws RangeError for no frames or a wrong size, Error with the encoder's words where ffmpeg is missing or fails.
 */
export async function writeClip(
  path: string,
  frames: Iterable<Picture> | AsyncIterable<Picture>,
  options: { fps: number; kbps: number },
): Promise<number> {
  const { fps, kbps } = options;
  if (!(fps > 0 && kbps > 0)) throw new RangeError('fps and kbps must be above 0');
  let encoder: Encoder | undefined;
  let [count, width, height] = [0, 0, 0];
  try {
    for await (const frame of frames) {
      if (!encoder) {
        ({ width, height } = frame);
        if (width < 2 || height < 2 || width % 2 || height % 2) throw new RangeError('width and height must be even');
        encoder = new Encoder(path, width, height, fps, kbps);
      }
      if (frame.width !== width || frame.height !== height || frame.data.length !== width * height * 4)
        throw new RangeError(`frame ${count} is not ${width} x ${height} RGBA`);
      await encoder.write(frame.data);
      count += 1;
    }
    if (!encoder) throw new RangeError('a clip needs at least one frame');
    await encoder.end();
  } catch (error) {
    encoder?.stop();
    throw error;
  }
  return count;
}

class Encoder {
  readonly #child;
  readonly #ended: Promise<void>;
  #log = '';

  constructor(path: string, width: number, height: number, fps: number, kbps: number) {
    const input = ['-f', 'rawvideo', '-pix_fmt', 'rgba', '-s', `${width}x${height}`, '-r', String(fps), '-i', 'pipe:0'];
    // Colours are told as BT.709, in which browsers read pictures of any size that say so.
    const colours = ['-vf', 'scale=out_color_matrix=bt709:out_range=tv', '-colorspace', 'bt709'];
    const tags = ['-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'];
    const rate = [
      '-b:v',
      `${kbps}k`,
      '-maxrate',
      `${kbps * 2}k`,
      '-bufsize',
      `${kbps * 2}k`,
      '-g',
      String(Math.ceil(fps)),
      '-sc_threshold',
      '0',
    ];
    const codec = [
      '-c:v',
      'libx264',
      '-profile:v',
      'main',
      '-pix_fmt',
      'yuv420p',
      '-preset',
      'medium',
      '-threads',
      '1',
    ];
    const same = ['-fflags', '+bitexact', '-flags', '+bitexact', '-map_metadata', '-1', '-filter_threads', '1'];
    const args = [
      '-hide_banner',
      '-loglevel',
      'error',
      '-y',
      ...input,
      ...colours,
      ...codec,
      ...rate,
      ...tags,
      ...same,
    ];
    this.#child = spawn('ffmpeg', [...args, '-an', '-movflags', '+faststart', '-f', 'mp4', path], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    this.#child.stderr.on('data', (text: Buffer) => {
      this.#log = (this.#log + text.toString()).slice(-LOG_LIMIT);
    });
    // A broken pipe is told by how the encoder ends.
    this.#child.stdin.on('error', () => undefined);
    this.#ended = new Promise((resolve, reject) => {
      this.#child.on('error', (error) => reject(new Error(`ffmpeg could not be started: ${error.message}`)));
      this.#child.on('close', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`ffmpeg ended with ${code}: ${this.#log.trim()}`));
      });
    });
    this.#ended.catch(() => undefined);
  }

  /** Resolves when the encoder has room for the next frame. */
  async write(data: Uint8ClampedArray): Promise<void> {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    if (!this.#child.stdin.write(bytes)) {
      const room = once(this.#child.stdin, 'drain').catch(() => this.#ended);
      await Promise.race([room, this.#ended]);
    }
  }

  async end(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}
