import {
  fitInside,
  type I420Frame,
  i420Layout,
  type PictureSpec,
  packRgb,
  type RgbPicture,
  type VideoFrame,
} from './frame.ts';
import { type BranchCaps, parseBranchCaps, readGdpBuffer, readGdpCaps } from './gdp.ts';

/** Branch number of the full-resolution picture; scaled pictures count from 0 in the order of their specs. */
export const fullBranch = 99;

interface Parts {
  pts: number | undefined;
  pictures: Map<string, RgbPicture>;
  full?: I420Frame;
}

/** What came of a packet: a frame, or the knowledge that pictures of other sizes have to be asked for. */
export interface Assembled {
  frame?: Omit<VideoFrame, 'pts' | 'time'> & { pts: number | undefined };
  /** The stream's native size is new: pictures of these sizes, in the order of the specs, fit it. */
  resize?: { width: number; height: number }[];
}

/**
 * Puts together frames from the packets of a pipeline's branches. The branches hand on each frame in turn, so the
 * parts of a frame arrive next to one another; parts whose frame is never completed are let go.
 */
export class FrameAssembler {
  readonly #specs: PictureSpec[];
  readonly #stretches: boolean;
  readonly #captions = new Map<number, { packet: Buffer; caps: BranchCaps }>();
  #parts: Parts = { pts: undefined, pictures: new Map() };
  /** Parts that fitted no frame, for want of caps or of the right length. */
  malformed = 0;

  /**
   * With `stretches` a picture that came in another size is brought to the right one here, for pipelines that
   * cannot be asked for it; they are wrong by a row or a column.
   */
  constructor(specs: PictureSpec[], { stretches = false } = {}) {
    this.#specs = specs;
    this.#stretches = stretches;
  }

  /** Takes one packet with the stream headers that came with it: its branch's own caps are among them. */
  push(packet: Buffer, streamHeaders: unknown): Assembled {
    const buffer = readGdpBuffer(packet);
    if (!buffer) return {};
    const caps = this.#capsOf(streamHeaders);
    if (!caps) {
      this.malformed += 1;
      return {};
    }
    const spec = this.#specs[caps.branch];
    const seen = spec ? this.#parts.pictures.has(spec.id) : this.#parts.full !== undefined;
    if (buffer.pts !== this.#parts.pts || seen) this.#parts = { pts: buffer.pts, pictures: new Map() };
    try {
      if (spec) this.#parts.pictures.set(spec.id, rgbPicture(buffer.payload, caps));
      else this.#parts.full = i420Frame(buffer.payload, caps);
    } catch {
      this.malformed += 1;
    }
    return this.#complete();
  }

  #complete(): Assembled {
    const { pts, pictures, full } = this.#parts;
    if (!full || pictures.size < this.#specs.length) return {};
    this.#parts = { pts: undefined, pictures: new Map() };
    const wanted = this.#specs.map((spec) => fitInside(full, spec));
    for (const [index, { id }] of this.#specs.entries()) {
      const [picture, size] = [pictures.get(id)!, wanted[index]!];
      if (picture.width === size.width && picture.height === size.height) continue;
      if (!this.#stretches) return { resize: wanted };
      pictures.set(id, stretched(picture, size));
    }
    return { frame: { pts, width: full.width, height: full.height, pictures, full } };
  }

  /** Finds the caps packet among the stream headers; the same bytes are parsed once. */
  #capsOf(streamHeaders: unknown): BranchCaps | undefined {
    for (const header of Array.isArray(streamHeaders) ? streamHeaders : [streamHeaders]) {
      if (!Buffer.isBuffer(header)) continue;
      for (const caption of this.#captions.values()) if (caption.packet.equals(header)) return caption.caps;
      const text = readGdpCaps(header);
      if (text === undefined) continue;
      const caps = parseBranchCaps(text);
      if (!caps) return undefined;
      this.#captions.set(caps.branch, { packet: header, caps });
      return caps;
    }
    return undefined;
  }
}

function rgbPicture(payload: Uint8Array, caps: BranchCaps): RgbPicture {
  return { width: caps.width, height: caps.height, data: packRgb(payload, caps.width, caps.height) };
}

function i420Frame(payload: Uint8Array, caps: BranchCaps): I420Frame {
  const { width, height, colorimetry } = caps;
  const layout = i420Layout(width, height);
  if (payload.length !== layout.size)
    throw new RangeError(`an I420 picture of ${width}x${height} has ${payload.length} bytes`);
  return { width, height, data: payload, layout, colorimetry };
}

/** Takes the nearest pixel for each. */
function stretched(from: RgbPicture, { width, height }: { width: number; height: number }): RgbPicture {
  const data = new Uint8Array(width * height * 3);
  const columns = Uint32Array.from({ length: width }, (_, x) => Math.floor(((x + 0.5) * from.width) / width) * 3);
  for (let y = 0, at = 0; y < height; y += 1) {
    const row = Math.floor(((y + 0.5) * from.height) / height) * from.width * 3;
    for (let x = 0; x < width; x += 1, at += 3) {
      const start = row + columns[x]!;
      data[at] = from.data[start]!;
      data[at + 1] = from.data[start + 1]!;
      data[at + 2] = from.data[start + 2]!;
    }
  }
  return { width, height, data };
}
