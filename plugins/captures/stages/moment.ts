import type { Shot } from '../../../core/vision/describer.ts';
import type { Box, CaptureKind, Detection } from '../../../core/vision/keys.ts';
import type { CameraContext } from '../../../core/vision/stage.ts';
import type { VideoFrame } from '../../../drivers/video/frame.ts';
import { cropFor } from './crop.ts';

/** What a camera offers for turning moments into pictures. */
export type Encoders = Pick<CameraContext, 'encodeFrame' | 'encodeCrop' | 'shot'>;

/** What is left of a moment when its frame has gone. */
export interface Pictures {
  /** JPEG of the subject with some surroundings. */
  crop: Uint8Array;
  /** JPEG of the whole frame. */
  frame: Uint8Array;
  /** What describers are shown; undefined where none looks at such subjects. */
  shot: Shot | undefined;
}

/**
 * A subject in one frame. It holds the decoded frame, which costs nothing to make but megabytes to keep, until it is
 * asked for its pictures.
 */
export class Moment {
  readonly kind: CaptureKind;
  readonly detection: Detection;
  /** 0..100 */
  readonly quality: number;
  /** Wall clock, ms. */
  readonly time: number;
  readonly frameWidth: number;
  readonly frameHeight: number;
  readonly boxInCrop: Box;
  readonly #crop: Box;
  #frame: VideoFrame | undefined;
  #pictures: Pictures | undefined;

  constructor(kind: CaptureKind, detection: Detection, quality: number, frame: VideoFrame) {
    this.kind = kind;
    this.detection = detection;
    this.quality = quality;
    this.time = frame.time;
    this.frameWidth = frame.width;
    this.frameHeight = frame.height;
    this.#frame = frame;
    const { crop, boxInCrop } = cropFor(kind, detection.box, frame);
    this.#crop = crop;
    this.boxInCrop = boxInCrop;
  }

  /** The frame it keeps in memory; undefined once there are pictures. */
  get frame(): VideoFrame | undefined {
    return this.#frame;
  }

  /** Takes what is needed out of the frame and lets it go. */
  async pictures(encoders: Encoders): Promise<Pictures> {
    if (this.#frame) {
      const [crop, frame] = await Promise.all([
        encoders.encodeCrop(this.#frame, this.#crop),
        encoders.encodeFrame(this.#frame),
      ]);
      const { label: _label, score: _score, ...subject } = this.detection;
      const shot = encoders.shot(this.#frame, { kind: this.kind, ...subject });
      this.#pictures = { crop, frame, shot };
      this.#frame = undefined;
    }
    return this.#pictures!;
  }
}

/** Frames one camera and kind may keep decoded: as many as this, and as many bytes, but always one. */
export const MOST_FRAMES = 3;
export const MOST_FRAME_BYTES = 24 * 1024 * 1024;

/**
 * The moments a camera keeps for its tracks. Moments of the same frame share it; when too many different frames are
 * kept, the oldest are turned into JPEGs early.
 */
export class HeldMoments {
  readonly #moments = new Set<Moment>();
  readonly #encoders: Encoders;

  constructor(encoders: Encoders) {
    this.#encoders = encoders;
  }

  get size(): number {
    return this.#moments.size;
  }

  add(moment: Moment): void {
    this.#moments.add(moment);
  }

  release(moment: Moment | undefined): void {
    if (moment) this.#moments.delete(moment);
  }

  /**
   * Encodes early until the frames kept are few enough. Moments that cannot be encoded are given up and returned
   * with the error, so that a broken encoder does not fill the memory.
   */
  async makeRoom(): Promise<{ moment: Moment; error: Error }[]> {
    const lost: { moment: Moment; error: Error }[] = [];
    for (;;) {
      const frames = this.#frames();
      const [oldest] = frames;
      let bytes = 0;
      for (const frame of frames) bytes += bytesOf(frame);
      if (!oldest || frames.size <= 1 || (frames.size <= MOST_FRAMES && bytes <= MOST_FRAME_BYTES)) return lost;
      for (const moment of [...this.#moments].filter((one) => one.frame === oldest)) {
        try {
          await moment.pictures(this.#encoders);
        } catch (error) {
          this.#moments.delete(moment);
          lost.push({ moment, error: error as Error });
        }
      }
    }
  }

  /** Different frames kept, the oldest first: moments are added in the order of time. */
  #frames(): Set<VideoFrame> {
    return new Set([...this.#moments].flatMap((moment) => moment.frame ?? []));
  }
}

function bytesOf(frame: VideoFrame): number {
  let bytes = frame.full.data.byteLength;
  for (const picture of frame.pictures.values()) bytes += picture.data.byteLength;
  return bytes;
}
