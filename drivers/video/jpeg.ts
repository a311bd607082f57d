import sharp from 'sharp';
import { cropI420 } from './crop.ts';
import { type Colorimetry, type I420Frame, i420Layout, type RgbPicture } from './frame.ts';
import { addonLoads, type GstAppSink, type GstAppSrc, Pipeline } from './gst.ts';

export { type CropBox, type CropOptions, cropI420 } from './crop.ts';

/** Encodes an RGB picture, such as a crop, as JPEG; quality 1..100. */
export function encodeRgb(picture: RgbPicture, quality = 85): Promise<Buffer> {
  const { width, height, data } = picture;
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
}

export interface JpegEncoderOptions {
  /** Pipelines kept, one for each size of frame; beyond them the one unused for longest changes its size. */
  pipelines?: number;
  /** For one picture, from its turn on, in milliseconds. */
  timeoutMs?: number;
  /** Pictures that may wait; each keeps its frame in memory. */
  maxWaiting?: number;
  /** Encode with GStreamer's addon; by default where it can be loaded, and otherwise in plain code and sharp. */
  addon?: boolean;
}

/**
 * Encodes full-resolution frames as JPEG with GStreamer, off the event loop: 4 to 12 ms for 1080p, by its colours.
 * Without the addon the event loop turns the colours, which takes it some tens of milliseconds for 1080p.
 * Colours come out as JPEG readers expect them (BT.601, full range), whatever those of the stream are.
 */
export class JpegEncoder {
  readonly #slots: EncoderSlot[] = [];
  readonly #options: Required<JpegEncoderOptions>;
  #waiting = 0;
  #closed = false;

  constructor(options: JpegEncoderOptions = {}) {
    this.#options = { pipelines: 4, timeoutMs: 2000, maxWaiting: 16, addon: options.addon ?? addonLoads(), ...options };
  }

  /**
   * Quality 1..100. Rejects where too many pictures wait already, where the frame cannot be encoded in time, and
   * after `close`.
   */
  async encode(frame: I420Frame, quality = 85): Promise<Buffer> {
    if (this.#closed) throw new Error('the JPEG encoder is closed');
    if (this.#waiting >= this.#options.maxWaiting) throw new Error('too many pictures wait for the JPEG encoder');
    this.#waiting += 1;
    try {
      if (!this.#options.addon) return await encodePlainly(frame, quality);
      return await this.#slotFor(formatOf(frame)).encode(frame, quality);
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Ends all pipelines once the pictures under way are done. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#slots.map((slot) => slot.close()));
  }

  #slotFor(format: string): EncoderSlot {
    let slot = this.#slots.find((one) => one.format === format);
    if (!slot && this.#slots.length < this.#options.pipelines) slot = new EncoderSlot(this.#options.timeoutMs);
    // The slots stand in the order of their last use.
    slot ??= this.#slots[0]!;
    const place = this.#slots.indexOf(slot);
    if (place >= 0) this.#slots.splice(place, 1);
    this.#slots.push(slot);
    slot.format = format;
    return slot;
  }
}

function encodePlainly(frame: I420Frame, quality: number): Promise<Buffer> {
  const { width, height } = frame;
  return encodeRgb(cropI420(frame, { x: 0, y: 0, width, height }), Math.min(100, Math.max(1, Math.round(quality))));
}

const encoderLaunch =
  'appsrc name=in format=time ! videoconvert ! capsfilter name=colours ! videobalance name=range ' +
  '! jpegenc name=encoder ! appsink name=out sync=false async=false enable-last-sample=false max-buffers=1';

/** One pipeline, which encodes one picture after another. */
class EncoderSlot {
  /** Format of the picture that was last put in line. */
  format = '';
  readonly #timeoutMs: number;
  #pipeline: Pipeline | undefined;
  #setTo = '';
  #line: Promise<unknown> = Promise.resolve();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  encode(frame: I420Frame, quality: number): Promise<Buffer> {
    const result = this.#line.then(() => this.#encode(frame, quality));
    this.#line = result.catch(() => {});
    return result;
  }

  async close(): Promise<void> {
    await this.#line;
    await this.#end();
  }

  async #encode(frame: I420Frame, quality: number): Promise<Buffer> {
    const format = formatOf(frame);
    if (!this.#pipeline) {
      this.#pipeline = Pipeline.acquire(encoderLaunch);
      this.#setTo = '';
    }
    const pipeline = this.#pipeline;
    if (format !== this.#setTo) {
      setFormat(pipeline, frame, format);
      if (this.#setTo === '') pipeline.play();
      this.#setTo = format;
    }
    pipeline.element('encoder')['quality'] = Math.min(100, Math.max(1, Math.round(quality)));
    try {
      return await this.#pass(pipeline, gstreamerBytes(frame));
    } catch (error) {
      await this.#end();
      throw error;
    }
  }

  #pass(pipeline: Pipeline, bytes: Uint8Array): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`the picture was not encoded within ${this.#timeoutMs / 1000} s`)),
        this.#timeoutMs,
      );
      pipeline.pull(pipeline.element<GstAppSink>('out'), (data) => {
        clearTimeout(timer);
        if (data) resolve(data);
        else reject(new Error('the picture could not be encoded'));
      });
      pipeline.element<GstAppSrc>('in').push(bytes);
    });
  }

  async #end(): Promise<void> {
    const pipeline = this.#pipeline;
    this.#pipeline = undefined;
    await pipeline?.stop();
  }
}

/** How GStreamer writes a colorimetry: its name, or `range:matrix:transfer:primaries` where only two are known. */
const limitedNames: Record<Colorimetry['matrix'], string> = { bt601: 'bt601', bt709: 'bt709', bt2020: 'bt2020' };
const fullNames: Record<Colorimetry['matrix'], string> = { bt601: '1:4:0:0', bt709: '1:3:0:0', bt2020: '1:6:0:0' };

function formatOf({ width, height, colorimetry: { matrix, range } }: I420Frame): string {
  const colours = range === 'full' ? fullNames[matrix] : limitedNames[matrix];
  return `video/x-raw,format=I420,width=${width},height=${height},framerate=0/1,pixel-aspect-ratio=1/1,colorimetry=${colours}`;
}

function setFormat(pipeline: Pipeline, frame: I420Frame, format: string): void {
  const { matrix, range } = frame.colorimetry;
  // videoconvert changes range and matrix together, but passes a picture on untouched where only the range
  // differs; then videobalance stretches it, luma 16..235 and chroma 16..240 to 0..255.
  const stretch = matrix === 'bt601' && range === 'limited';
  pipeline.element('in')['caps'] = format;
  pipeline.element('colours')['caps'] = `video/x-raw,colorimetry=${stretch ? limitedNames.bt601 : fullNames.bt601}`;
  const balance = pipeline.element('range');
  balance['contrast'] = stretch ? 255 / 219 : 1;
  balance['brightness'] = stretch ? -16 / 255 : 0;
  balance['saturation'] = stretch ? 255 / 224 : 1;
}

/** The frame's bytes in GStreamer's own layout: as they are in the usual case, or copied plane by plane. */
function gstreamerBytes(frame: I420Frame): Uint8Array {
  const { data, layout, width, height } = frame;
  const wanted = i420Layout(width, height);
  const same =
    layout.yStride === wanted.yStride &&
    layout.chromaStride === wanted.chromaStride &&
    layout.uOffset === wanted.uOffset &&
    layout.vOffset === wanted.vOffset;
  if (same && data.length === wanted.size) return data;
  const bytes = new Uint8Array(wanted.size);
  const copy = (
    from: number,
    fromStride: number,
    to: number,
    toStride: number,
    rowBytes: number,
    rows: number,
  ): void => {
    for (let y = 0; y < rows; y += 1) {
      const start = from + y * fromStride;
      bytes.set(data.subarray(start, start + rowBytes), to + y * toStride);
    }
  };
  const [chromaWidth, chromaHeight] = [(width + 1) >> 1, (height + 1) >> 1];
  copy(0, layout.yStride, 0, wanted.yStride, width, height);
  copy(layout.uOffset, layout.chromaStride, wanted.uOffset, wanted.chromaStride, chromaWidth, chromaHeight);
  copy(layout.vOffset, layout.chromaStride, wanted.vOffset, wanted.chromaStride, chromaWidth, chromaHeight);
  return bytes;
}
