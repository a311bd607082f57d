import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BmpError, decodeBmp, readBmpHeader } from './bmp.ts';

/** Files are written here byte by byte; the expected pixels are those that were meant, row by row from above. */

type Rgb = [number, number, number];
const [RED, GREEN, BLUE, WHITE]: Rgb[] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
];

interface Parts {
  width: number;
  height: number;
  bits: number;
  compression?: number;
  palette?: Rgb[];
  masks?: number[];
  headerSize?: number;
  pixels: number[];
}

function bmp({
  width,
  height,
  bits,
  compression = 0,
  palette = [],
  masks = [],
  headerSize = 40,
  pixels,
}: Parts): Buffer {
  const header = Buffer.alloc(headerSize);
  header.writeUInt32LE(headerSize, 0);
  header.writeInt32LE(width, 4);
  header.writeInt32LE(height, 8);
  header.writeUInt16LE(1, 12);
  header.writeUInt16LE(bits, 14);
  header.writeUInt32LE(compression, 16);
  header.writeUInt32LE(palette.length, 32);
  const behind = Buffer.alloc(headerSize === 40 ? masks.length * 4 : 0);
  const place = headerSize === 40 ? behind : header;
  for (const [i, mask] of masks.entries()) place.writeUInt32LE(mask, (headerSize === 40 ? 0 : 40) + i * 4);
  const colours = Buffer.from(palette.flatMap(([r, g, b]) => [b, g, r, 0]));
  const file = Buffer.alloc(14);
  file.write('BM');
  file.writeUInt32LE(14 + headerSize + behind.length + colours.length, 10);
  return Buffer.concat([file, header, behind, colours, Buffer.from(pixels)]);
}

function pixelsOf(bytes: Uint8Array): Rgb[] {
  const { width, height, data } = decodeBmp(bytes, readBmpHeader(bytes));
  assert.equal(data.length, width * height * 3);
  return Array.from({ length: width * height }, (_, i) => [...data.subarray(i * 3, i * 3 + 3)] as Rgb);
}

const bgr = (...colours: Rgb[]) => colours.flatMap(([r, g, b]) => [b, g, r]);
const palette = [RED, GREEN, BLUE, WHITE] as Rgb[];

test('24 bits, from below and from above; rows are filled up to whole words', () => {
  const rows = [...bgr(BLUE!, WHITE!), 0, 0, ...bgr(RED!, GREEN!), 0, 0];
  const wanted = [RED, GREEN, BLUE, WHITE];
  assert.deepEqual(pixelsOf(bmp({ width: 2, height: 2, bits: 24, pixels: rows })), wanted);
  const turned = [...rows.slice(8), ...rows.slice(0, 8)];
  assert.deepEqual(pixelsOf(bmp({ width: 2, height: -2, bits: 24, pixels: turned })), wanted);
});

test('lists of colours with 1, 4 and 8 bits', () => {
  const one = bmp({ width: 3, height: 1, bits: 1, palette: [RED!, BLUE!], pixels: [0b01000000, 0, 0, 0] });
  assert.deepEqual(pixelsOf(one), [RED, BLUE, RED]);
  const four = bmp({ width: 3, height: 1, bits: 4, palette, pixels: [0x01, 0x30, 0, 0] });
  assert.deepEqual(pixelsOf(four), [RED, GREEN, WHITE]);
  const eight = bmp({ width: 3, height: 1, bits: 8, palette, pixels: [2, 0, 3, 0] });
  assert.deepEqual(pixelsOf(eight), [BLUE, RED, WHITE]);
  const unknown = bmp({ width: 3, height: 1, bits: 8, palette, pixels: [2, 0, 4, 0] });
  assert.throws(() => pixelsOf(unknown), /a colour is not in its list/);
});

test('the short header of OS/2, whose colours have three bytes', () => {
  const header = Buffer.from([12, 0, 0, 0, 2, 0, 1, 0, 1, 0, 1, 0]);
  const file = Buffer.alloc(14);
  file.write('BM');
  file.writeUInt32LE(14 + 12 + 6, 10);
  const bytes = Buffer.concat([file, header, Buffer.from(bgr(RED!, BLUE!)), Buffer.from([0b01000000, 0, 0, 0])]);
  assert.deepEqual(pixelsOf(bytes), [RED, BLUE]);
});

test('16 and 32 bits, with the usual masks and with others', () => {
  const usual = bmp({ width: 2, height: 1, bits: 16, pixels: [0x00, 0x7c, 0x1f, 0x00] });
  assert.deepEqual(pixelsOf(usual), [RED, BLUE]);
  const masks = [0xf800, 0x07e0, 0x001f];
  const other = bmp({ width: 2, height: 1, bits: 16, compression: 3, masks, pixels: [0xe0, 0x07, 0xff, 0xff] });
  assert.deepEqual(pixelsOf(other), [GREEN, WHITE]);
  const wide = bmp({ width: 1, height: 1, bits: 32, pixels: [255, 0, 0, 7] });
  assert.deepEqual(pixelsOf(wide), [BLUE]);
  const turned = [0xff000000, 0xff0000, 0xff00];
  const shifted = bmp({ width: 1, height: 1, bits: 32, compression: 3, masks: turned, pixels: [9, 0, 0, 255] });
  assert.deepEqual(pixelsOf(shifted), [RED]);
});

test('what is transparent is white; where all pixels are, nothing is', () => {
  const masks = [0xff0000, 0xff00, 0xff, 0xff000000];
  const parts = { width: 2, height: 1, bits: 32, compression: 3, masks, headerSize: 108 };
  assert.deepEqual(pixelsOf(bmp({ ...parts, pixels: [0, 0, 255, 255, 0, 0, 255, 0] })), [RED, WHITE]);
  assert.deepEqual(pixelsOf(bmp({ ...parts, pixels: [0, 0, 255, 0, 0, 0, 255, 0] })), [RED, RED]);
  const [half] = pixelsOf(bmp({ ...parts, width: 1, pixels: [0, 0, 255, 51] }));
  assert.deepEqual(half, [255, 204, 204]);
});

test('run lengths: runs, pixels one by one, leaps and early ends', () => {
  const runs = [2, 1, 1, 2, 0, 0, 0, 3, 3, 2, 1, 0, 0, 1];
  const eight = bmp({ width: 3, height: 2, bits: 8, compression: 1, palette, pixels: runs });
  assert.deepEqual(pixelsOf(eight), [WHITE, BLUE, GREEN, GREEN, GREEN, BLUE]);
  // A leap of one to the right and one up; what is passed over has the first colour.
  const leap = bmp({ width: 3, height: 2, bits: 8, compression: 1, palette, pixels: [1, 3, 0, 2, 1, 1, 1, 1, 0, 1] });
  assert.deepEqual(pixelsOf(leap), [RED, RED, GREEN, WHITE, RED, RED]);
  const four = [3, 0x13, 0, 0, 0, 3, 0x21, 0x30, 0, 1];
  const nibbles = bmp({ width: 3, height: 2, bits: 4, compression: 2, palette, pixels: four });
  assert.deepEqual(pixelsOf(nibbles), [BLUE, GREEN, WHITE, GREEN, WHITE, GREEN]);
  // Rows filled up beyond the width, and no end.
  const long = bmp({ width: 3, height: 1, bits: 8, compression: 1, palette, pixels: [4, 2] });
  assert.deepEqual(pixelsOf(long), [BLUE, BLUE, BLUE]);
});

test('a file that says what cannot be is refused, and none is read beyond its end', () => {
  const good = { width: 3, height: 2, bits: 8, palette, pixels: [2, 0, 3, 0, 1, 1, 1, 0] };
  const whole = bmp(good);
  assert.equal(pixelsOf(whole).length, 6);
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => pixelsOf(whole.subarray(0, length)), BmpError, `${length} bytes`);
  }
  const changed = (at: number, value: number) => {
    const bytes = Buffer.from(whole);
    bytes.writeInt32LE(value, at);
    return bytes;
  };
  for (const [at, value] of [
    [10, 0],
    [10, 54],
    [10, 1_000_000],
    [14, 41],
    [18, 0],
    [18, -3],
    [18, 2 ** 31 - 1],
    [22, 0],
    [22, -(2 ** 31)],
    [26, 2 | (8 << 16)],
    [28, 7],
    [30, 1],
    [30, 4],
    [46, 257],
    [46, -1],
  ] as const) {
    assert.throws(() => pixelsOf(changed(at, value)), BmpError, `${value} at ${at}`);
  }
  for (const masks of [
    [0xf800, 0, 0x1f],
    [0xf900, 0x7e0, 0x1f],
  ]) {
    const bytes = bmp({ width: 1, height: 1, bits: 16, compression: 3, masks, pixels: [0, 0, 0, 0] });
    assert.throws(() => pixelsOf(bytes), /masks/);
  }
  for (const pixels of [[2], [0, 200, 1], [1, 1, 0, 2, 0, 9, 1, 1], [1, 9]]) {
    const bytes = bmp({ ...good, compression: 1, pixels });
    assert.throws(() => pixelsOf(bytes), BmpError, `${pixels}`);
  }
  assert.throws(() => pixelsOf(bmp({ ...good, height: -2, compression: 1 })), /lowest row/);
});
