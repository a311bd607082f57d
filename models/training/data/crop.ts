import type { RgbPicture, Size } from '../../adapters/types.ts';

export { CROP_FILL } from '../../adapters/crops.ts';

/** Packed RGB of four bytes per pixel as a canvas has them; transparency is not looked at. */
export function dropAlpha(data: Uint8Array | Uint8ClampedArray, { width, height }: Size): RgbPicture {
  const pixels = width * height;
  if (data.length !== pixels * 4) throw new Error(`${data.length} bytes are no RGBA picture of ${width} x ${height}`);
  const out = new Uint8Array(pixels * 3);
  const words = new Uint32Array(data.buffer, data.byteOffset, pixels);
  for (let i = 0, to = 0; i < pixels; i++, to += 3) {
    const word = words[i]!;
    out[to] = word & 255;
    out[to + 1] = (word >> 8) & 255;
    out[to + 2] = (word >> 16) & 255;
  }
  return { width, height, data: out };
}
