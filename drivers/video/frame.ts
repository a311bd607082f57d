/** A scaled picture that a source makes of every frame: it fits inside the box, keeps its shape, has no borders. */
export interface PictureSpec {
  id: string;
  /** Largest width in pixels; smaller streams are scaled up to it. */
  width: number;
  height: number;
}

/** Packed 8-bit RGB, rows top to bottom without padding: `data.length === width * height * 3`. */
export interface RgbPicture {
  width: number;
  height: number;
  data: Uint8Array;
}

/** Where the three planes of an I420 picture lie; strides are in bytes. */
export interface I420Layout {
  yStride: number;
  /** Stride of the U plane and of the V plane. */
  chromaStride: number;
  uOffset: number;
  vOffset: number;
  /** Length of the whole picture in bytes. */
  size: number;
}

/** How the numbers of a YUV picture turn into colours. */
export interface Colorimetry {
  matrix: 'bt601' | 'bt709' | 'bt2020';
  /** `limited`: luma 16..235 as in most H.264 video; `full`: 0..255 as in JPEG. */
  range: 'limited' | 'full';
}

/** A picture as it was decoded: a plane of luma, and U and V at half the width and height, rounded up. */
export interface I420Frame {
  width: number;
  height: number;
  data: Uint8Array;
  layout: I420Layout;
  colorimetry: Colorimetry;
}

/** One moment of a stream. All pictures and the full frame show the same moment. */
export interface VideoFrame {
  /** Time in the stream, nanoseconds; grows from frame to frame, also over a reconnect or a loop. */
  pts: number;
  /** Wall clock at arrival, milliseconds since 1970. */
  time: number;
  /** Native size of the stream in pixels. */
  width: number;
  height: number;
  /** By the id of their PictureSpec. */
  pictures: Map<string, RgbPicture>;
  full: I420Frame;
}

const roundUp2 = (n: number): number => (n + 1) & ~1;
const roundUp4 = (n: number): number => (n + 3) & ~3;

/** The layout in which GStreamer holds an I420 picture: strides are multiples of four, heights are made even. */
export function i420Layout(width: number, height: number): I420Layout {
  const yStride = roundUp4(width);
  const chromaStride = roundUp4(roundUp2(width) / 2);
  const uOffset = yStride * roundUp2(height);
  const planeSize = (chromaStride * roundUp2(height)) / 2;
  return { yStride, chromaStride, uOffset, vOffset: uOffset + planeSize, size: uOffset + 2 * planeSize };
}

/** Largest size with the shape of `native` that fits inside `box`; at least one pixel. */
export function fitInside(
  native: { width: number; height: number },
  box: { width: number; height: number },
): { width: number; height: number } {
  const scale = Math.min(box.width / native.width, box.height / native.height);
  return {
    width: Math.max(1, Math.min(box.width, Math.round(native.width * scale))),
    height: Math.max(1, Math.min(box.height, Math.round(native.height * scale))),
  };
}

/**
 * Removes the padding that GStreamer puts after the rows of an RGB picture whose row length is no multiple of
 * four. Returns the same bytes where there is none; throws RangeError where the length fits neither.
 */
export function packRgb(data: Uint8Array, width: number, height: number): Uint8Array {
  const row = width * 3;
  const stride = roundUp4(row);
  if (data.length !== stride * height) {
    throw new RangeError(`an RGB picture of ${width}x${height} has ${data.length} bytes`);
  }
  if (stride === row) return data;
  const packed = new Uint8Array(row * height);
  for (let y = 0; y < height; y += 1) packed.set(data.subarray(y * stride, y * stride + row), y * row);
  return packed;
}
