import type { RgbPicture } from '../../models/adapters/types.ts';

/**
 * A decoder of BMP files, which libvips has none for. It believes nothing a file says: every size is checked against
 * the bytes there are before a pixel is made.
 */

/** The file is damaged, or of a kind nobody writes any more. */
export class BmpError extends Error {
  override readonly name = 'BmpError';
}

export interface BmpHeader {
  width: number;
  height: number;
  /** The first row is the upper one; usually it is the lowest. */
  topDown: boolean;
  bits: number;
  compression: 'none' | 'rle4' | 'rle8';
  /** Where the pixels begin. */
  offset: number;
  /** Red, green, blue of each colour, for pictures of up to 8 bits. */
  palette: Uint8Array;
  /** Bits of red, green, blue and alpha in a pixel of 16 or 32 bits; an alpha of 0 says there is none. */
  masks: [number, number, number, number];
}

const FILE_HEADER = 14;
/** OS/2 1, Windows 3, with masks, with alpha, 4 and 5. */
const HEADER_SIZES = [12, 40, 52, 56, 108, 124];
const [RGB, RLE8, RLE4, BITFIELDS, ALPHA_BITFIELDS] = [0, 1, 2, 3, 6];
const BITS = [1, 4, 8, 16, 24, 32];

/** @throws BmpError */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  const view = viewOf(bytes);
  const need = (length: number) => {
    if (bytes.length < length) throw new BmpError('the file ends in its header');
  };
  need(FILE_HEADER + 4);
  if (bytes[0] !== 0x42 || bytes[1] !== 0x4d) throw new BmpError('this is no BMP file');
  const size = view.getUint32(FILE_HEADER, true);
  if (!HEADER_SIZES.includes(size)) throw new BmpError(`a header of ${size} bytes is not known`);
  need(FILE_HEADER + size);
  const old = size === 12;
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
  const tall = old ? view.getUint16(20, true) : view.getInt32(22, true);
  const planes = view.getUint16(old ? 22 : 26, true);
  const bits = view.getUint16(old ? 24 : 28, true);
  const code = old ? RGB : view.getUint32(30, true);
  if (width <= 0 || tall === 0 || planes !== 1) throw new BmpError('the header makes no sense');
  if (!BITS.includes(bits)) throw new BmpError(`pixels of ${bits} bits are not known`);
  const compression = compressionOf(code, bits);
  const topDown = tall < 0;
  if (topDown && compression !== 'none') throw new BmpError('a compressed picture begins with its lowest row');

  let end = FILE_HEADER + size;
  let masks: BmpHeader['masks'] = bits === 16 ? [0x7c00, 0x03e0, 0x001f, 0] : [0xff0000, 0xff00, 0xff, 0];
  if (code === BITFIELDS || code === ALPHA_BITFIELDS) {
    const at = FILE_HEADER + 40;
    const alpha = size >= 56 || code === ALPHA_BITFIELDS;
    if (size === 40) end += alpha ? 16 : 12;
    need(end);
    const mask = (i: number) => view.getUint32(at + 4 * i, true);
    masks = [mask(0), mask(1), mask(2), alpha ? mask(3) : 0];
    if (!masks.every((one, i) => isMask(one) || (i === 3 && one === 0))) throw new BmpError('its masks make no sense');
  }

  const offset = view.getUint32(10, true);
  const colours = old || bits > 8 ? 0 : view.getUint32(46, true);
  const palette = bits > 8 ? new Uint8Array() : readPalette(bytes, end, old ? 3 : 4, colours || 1 << bits, bits);
  if (offset < end + (bits > 8 ? 0 : (palette.length / 3) * (old ? 3 : 4)) || offset > bytes.length) {
    throw new BmpError('its pixels do not begin where they can');
  }
  const height = Math.abs(tall);
  if (compression === 'none' && bytes.length - offset < rowBytes(width, bits) * height) {
    throw new BmpError('the file ends before its picture');
  }
  return { width, height, topDown, bits, compression, offset, palette, masks };
}

/**
 * The picture; what is transparent is mixed with white. The size of the header should be checked before.
 * @throws BmpError
 */
export function decodeBmp(bytes: Uint8Array, header: BmpHeader): RgbPicture {
  const { width, height, bits, compression } = header;
  const data = new Uint8Array(width * height * 3);
  if (compression !== 'none') unpack(bytes, header, data);
  else if (bits <= 8) readIndexed(bytes, header, data);
  else if (bits === 24) readTriples(bytes, header, data);
  else readMasked(bytes, header, data);
  return { width, height, data };
}

function compressionOf(code: number, bits: number): BmpHeader['compression'] {
  if (code === RGB) return 'none';
  if (code === RLE8 && bits === 8) return 'rle8';
  if (code === RLE4 && bits === 4) return 'rle4';
  if (code === BITFIELDS && (bits === 16 || bits === 32)) return 'none';
  if (code === ALPHA_BITFIELDS && (bits === 16 || bits === 32)) return 'none';
  throw new BmpError(`compression ${code} of ${bits} bits is not known`);
}

/** Its bits stand side by side. */
function isMask(mask: number): boolean {
  if (mask === 0) return false;
  const low = (mask & -mask) >>> 0;
  return Number.isInteger(Math.log2(mask / low + 1));
}

function readPalette(bytes: Uint8Array, from: number, step: number, count: number, bits: number): Uint8Array {
  if (count > 1 << bits || bytes.length < from + count * step) throw new BmpError('its list of colours makes no sense');
  const palette = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < 3; k++) palette[i * 3 + k] = bytes[from + i * step + 2 - k]!;
  }
  return palette;
}

function rowBytes(width: number, bits: number): number {
  return Math.ceil((width * bits) / 32) * 4;
}

/** Calls back for each row of the file with where it begins, and where it goes to in the picture. */
function eachRow({ width, height, bits, topDown, offset }: BmpHeader, row: (from: number, to: number) => void): void {
  const step = rowBytes(width, bits);
  for (let i = 0; i < height; i++) row(offset + i * step, (topDown ? i : height - 1 - i) * width * 3);
}

function readIndexed(bytes: Uint8Array, header: BmpHeader, data: Uint8Array): void {
  const { width, bits, palette } = header;
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  eachRow(header, (from, to) => {
    for (let x = 0; x < width; x++) {
      const index = (bytes[from + Math.floor(x / perByte)]! >> (8 - bits * ((x % perByte) + 1))) & mask;
      put(data, to + x * 3, palette, index);
    }
  });
}

function put(data: Uint8Array, at: number, palette: Uint8Array, index: number): void {
  if (index * 3 >= palette.length) throw new BmpError('a colour is not in its list');
  data[at] = palette[index * 3]!;
  data[at + 1] = palette[index * 3 + 1]!;
  data[at + 2] = palette[index * 3 + 2]!;
}

function readTriples(bytes: Uint8Array, header: BmpHeader, data: Uint8Array): void {
  eachRow(header, (from, to) => {
    for (let i = 0; i < header.width * 3; i += 3) {
      data[to + i] = bytes[from + i + 2]!;
      data[to + i + 1] = bytes[from + i + 1]!;
      data[to + i + 2] = bytes[from + i]!;
    }
  });
}

function readMasked(bytes: Uint8Array, header: BmpHeader, data: Uint8Array): void {
  const { width, bits, masks } = header;
  const view = viewOf(bytes);
  const step = bits / 8;
  const parts = masks.map((mask) => {
    const low = (mask & -mask) >>> 0;
    return { mask, low, most: low === 0 ? 0 : mask / low };
  });
  const pixel = (at: number) => (step === 2 ? view.getUint16(at, true) : view.getUint32(at, true));
  const value = (raw: number, i: number) => {
    const { mask, low, most } = parts[i]!;
    return ((raw & mask) >>> 0) / low / most;
  };
  const transparent = parts[3]!.most > 0 && hasAlpha(header, (at) => value(pixel(at), 3) > 0);
  eachRow(header, (from, to) => {
    for (let x = 0; x < width; x++) {
      const raw = pixel(from + x * step);
      const alpha = transparent ? value(raw, 3) : 1;
      for (let k = 0; k < 3; k++) data[to + x * 3 + k] = 255 * (value(raw, k) * alpha + 1 - alpha) + 0.5;
    }
  });
}

/** Programs that know no alpha leave 0 in all pixels: then nothing is transparent. */
function hasAlpha({ width, height, bits, offset }: BmpHeader, seen: (at: number) => boolean): boolean {
  const step = rowBytes(width, bits);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) if (seen(offset + y * step + (x * bits) / 8)) return true;
  }
  return false;
}

/** Run lengths: pairs of count and colours; a count of 0 introduces the end of a row, of the picture, a leap, or pixels. */
function unpack(bytes: Uint8Array, { width, height, compression, offset, palette }: BmpHeader, data: Uint8Array): void {
  const nibbles = compression === 'rle4';
  let at = offset;
  let x = 0;
  // Rows from below.
  let y = 0;
  const next = () => {
    const byte = bytes[at++];
    if (byte === undefined) throw new BmpError('the file ends before its picture');
    return byte;
  };
  const paint = (index: number) => {
    if (y >= height) throw new BmpError('it has more rows than it says');
    // Some programs fill rows up to whole words, as they do where nothing is compressed.
    if (x < width) put(data, ((height - 1 - y) * width + x) * 3, palette, index);
    x += 1;
  };
  const part = (byte: number, i: number) => (nibbles ? (i % 2 === 0 ? byte >> 4 : byte & 15) : byte);
  // What is passed over has the first colour.
  for (let i = 0; i < width * height; i++) put(data, i * 3, palette, 0);
  while (y < height) {
    // Some programs leave out the end of the last row, and of the picture.
    if (at >= bytes.length && y === height - 1 && x >= width) return;
    const count = next();
    const what = next();
    if (count > 0) {
      for (let i = 0; i < count; i++) paint(part(what, i));
    } else if (what === 0) {
      x = 0;
      y += 1;
    } else if (what === 1) {
      return;
    } else if (what === 2) {
      x += next();
      y += next();
      if (y >= height) throw new BmpError('it leaps out of its picture');
    } else {
      let byte = 0;
      for (let i = 0; i < what; i++) {
        if (!nibbles || i % 2 === 0) byte = next();
        paint(part(byte, i));
      }
      const read = nibbles ? Math.ceil(what / 2) : what;
      if (read % 2 === 1) next();
    }
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
