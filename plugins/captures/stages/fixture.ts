import sharp, { type Sharp } from 'sharp';
import type { Shot } from '../../../core/vision/describer.ts';
import type { Box, CameraPlan, CaptureObservation, Point, Track } from '../../../core/vision/keys.ts';
import { type Subject, takeShot } from '../../../core/vision/shots.ts';
import type { CameraContext, StageFrame } from '../../../core/vision/stage.ts';
import { cropI420 } from '../../../drivers/video/crop.ts';
import { type I420Frame, i420Layout, type VideoFrame } from '../../../drivers/video/frame.ts';

/** Frames, tracks and a camera for the tests of the stages. */

/** A picture from luma alone, 0..255 as in JPEG. */
export function frameFromLuma(width: number, height: number, luma: (x: number, y: number) => number): I420Frame {
  const layout = i420Layout(width, height);
  const data = new Uint8Array(layout.size).fill(128);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) data[y * layout.yStride + x] = luma(x, y);
  }
  return { width, height, data, layout, colorimetry: { matrix: 'bt601', range: 'full' } };
}

/** A photo, read by sharp after `change` was done to it. */
export async function frameFromPhoto(
  file: string,
  change: (photo: Sharp) => Sharp = (photo) => photo,
): Promise<I420Frame> {
  const { data, info } = await change(sharp(file).rotate())
    .greyscale()
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return frameFromLuma(info.width, info.height, (x, y) => data[(y * info.width + x) * info.channels]!);
}

export const WIDTH = 320;
export const HEIGHT = 240;

/** How a subject is painted. */
export interface Painted {
  box: Box;
  /** Half of the difference between its light and its dark fields; 0: flat grey. */
  contrast?: number;
  /** Soft waves in place of sharp checks. */
  blurred?: boolean;
}

/** One moment of a made stream; `at` in ms. Subjects are chequered boxes on a grey ground. */
export function videoFrame(at: number, painted: Painted[] = []): VideoFrame {
  const full = frameFromLuma(WIDTH, HEIGHT, (x, y) => {
    const one = painted.find(({ box }) => x >= box[0] && x < box[2] && y >= box[1] && y < box[3]);
    if (!one) return 100;
    const { contrast = 80, blurred = false } = one;
    if (blurred) return 128 + contrast * Math.sin(x / 12) * Math.sin(y / 12);
    return ((x >> 2) + (y >> 2)) % 2 === 0 ? 128 + contrast : 128 - contrast;
  });
  return { pts: at * 1e6, time: WALL + at, width: WIDTH, height: HEIGHT, pictures: new Map(), full };
}

/** Wall clock at the beginning of made streams, ms. */
export const WALL = 1_700_000_000_000;

/** A track seen with this box. */
export function seen(id: number, box: Box, change: Partial<Track> = {}, score = 0.9, landmarks?: Point[]): Track {
  return {
    id,
    label: 'person',
    box,
    score,
    firstTime: WALL,
    lastTime: WALL,
    observed: true,
    confirmed: true,
    detection: { label: 'person', score, box, ...(landmarks ? { landmarks } : {}) },
    ...change,
  };
}

/** A frame as a stage gets it, with the value of its one input. */
export function stageFrame(video: VideoFrame, value: unknown): StageFrame {
  return {
    video,
    get picture(): never {
      throw new Error('this stage looks at no picture');
    },
    scaleX: 1,
    scaleY: 1,
    get: <T>() => value as T,
    set: () => {},
    draw: () => {},
  };
}

export type Captured = Omit<CaptureObservation, 'channel' | 'origin'>;

/** A camera that really encodes, and keeps what is captured. */
export class TestCamera implements CameraContext {
  readonly plan: CameraPlan;
  readonly captured: Captured[] = [];
  encoded = 0;
  /** Encoding fails while this is set. */
  broken = false;

  constructor(plan: Partial<CameraPlan> = {}) {
    this.plan = {
      channel: 3,
      name: 'Gate',
      url: 'rtsp://camera/stream',
      transport: 'tcp',
      tasks: ['face', 'body'],
      snapMode: 1,
      faceSizeMin: 20,
      faceSizeMax: 1000,
      ...plan,
    };
  }

  /** What describers would be shown of each capture. */
  readonly shots: (Shot | undefined)[] = [];

  capture(observation: Captured, shot?: Shot): void {
    this.captured.push(observation);
    this.shots.push(shot);
  }

  shot(frame: VideoFrame, subject: Subject): Shot | undefined {
    return takeShot(frame, subject, [{ times: 1.5 }]);
  }

  /** Somebody looks at the live picture. */
  looking = false;
  readonly glimpses: Parameters<CameraContext['glimpse']>[0][] = [];

  watched(): boolean {
    return this.looking;
  }

  /** Too many wait for describers. */
  busy = false;

  glimpse(...[face]: Parameters<CameraContext['glimpse']>): boolean {
    if (!this.busy) this.glimpses.push(face);
    return !this.busy;
  }

  tell(): void {
    throw new Error('this stage declares no events');
  }

  encodeFrame(frame: VideoFrame): Promise<Uint8Array> {
    this.encoded += 1;
    return this.#encode(frame, [0, 0, frame.width, frame.height]);
  }

  encodeCrop(frame: VideoFrame, box: Box): Promise<Uint8Array> {
    return this.#encode(frame, box);
  }

  async #encode({ full }: VideoFrame, [left, top, right, bottom]: Box): Promise<Uint8Array> {
    if (this.broken) throw new Error('the encoder is broken');
    const { width, height, data } = cropI420(full, { x: left, y: top, width: right - left, height: bottom - top });
    return sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 95 })
      .toBuffer();
  }
}
