import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { PictureError, type PictureFault } from '../plugin/face-services.ts';
import { decodePicture, toJpeg } from './decode.ts';
import { plain } from './fixture.ts';

const [WIDTH, HEIGHT] = [64, 48];
const COLOUR = [192, 128, 64];
const COLOURED = '#c08040';

/** Red above, blue below, so that a turned picture can be told. */
function flag() {
  const data = Buffer.alloc(WIDTH * HEIGHT * 3);
  for (let i = 0; i < data.length; i += 3) data[i + (i < data.length / 2 ? 0 : 2)] = 255;
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
}

function refused(fault: PictureFault) {
  return (error: unknown) => {
    assert.ok(error instanceof PictureError, String(error));
    assert.equal(error.fault, fault, error.message);
    return true;
  };
}

function near(actual: readonly number[], expected: readonly number[], allowed: number, what: string): void {
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(actual[i]! - value) <= allowed, `${what}: ${actual} where ${expected} is expected`);
  }
}

const base = () => plain(WIDTH, HEIGHT, COLOURED);
const GREY = [142, 142, 142];
/** What stands for each kind of picture, the colour it has, and how far from it decoding may lie. */
const KINDS: Record<string, [Promise<Buffer>, number[]?, number?]> = {
  JPEG: [base().jpeg().toBuffer()],
  'progressive JPEG': [base().jpeg({ progressive: true }).toBuffer()],
  'grey JPEG': [base().greyscale().jpeg().toBuffer(), GREY],
  'CMYK JPEG': [base().toColourspace('cmyk').jpeg().toBuffer(), COLOUR, 25],
  PNG: [base().png().toBuffer()],
  'interlaced PNG': [base().png({ progressive: true }).toBuffer()],
  'palette PNG': [base().png({ palette: true }).toBuffer()],
  '16-bit PNG': [base().toColourspace('rgb16').png().toBuffer()],
  'grey PNG': [base().greyscale().toColourspace('b-w').png().toBuffer(), GREY],
  '16-bit grey PNG': [base().greyscale().toColourspace('grey16').png().toBuffer(), GREY],
  'half transparent PNG': [
    sharp({ create: { width: WIDTH, height: HEIGHT, channels: 4, background: { r: 200, g: 0, b: 0, alpha: 0.5 } } })
      .png()
      .toBuffer(),
    [227, 127, 127],
  ],
  TIFF: [base().tiff({ compression: 'none' }).toBuffer()],
  'LZW TIFF': [base().tiff({ compression: 'lzw', predictor: 'horizontal' }).toBuffer()],
  'deflate TIFF': [base().tiff({ compression: 'deflate' }).toBuffer()],
  'JPEG TIFF': [base().tiff({ compression: 'jpeg' }).toBuffer()],
  'tiled TIFF': [base().tiff({ compression: 'lzw', tile: true }).toBuffer()],
  'CMYK TIFF': [base().toColourspace('cmyk').tiff().toBuffer(), COLOUR, 25],
  BMP: [Promise.resolve(bmpOf(WIDTH, HEIGHT))],
  'phone JPEG with a gain map': [withGainMap(base()), [159, 105, 53], 6],
};

for (const [kind, [made, colour = COLOUR, allowed = 4]] of Object.entries(KINDS)) {
  test(`${kind} is decoded to packed RGB in the colours of screens`, async () => {
    const { width, height, data } = await decodePicture(await made);
    assert.deepEqual([width, height, data.length], [WIDTH, HEIGHT, WIDTH * HEIGHT * 3]);
    near([...data.subarray(0, 3)], colour, allowed, kind);
    near([...data.subarray(-3)], colour, allowed, kind);
  });
}

test('a picture is turned upright as its EXIF orientation says', async () => {
  const corner = async (bytes: Uint8Array) => {
    const { width, height, data } = await decodePicture(bytes);
    const at = (x: number, y: number) => (data[(y * width + x) * 3]! > 128 ? 'red' : 'blue');
    return [width, height, at(2, 2), at(width - 3, 2), at(2, height - 3), at(width - 3, height - 3)];
  };
  for (const [orientation, ...wanted] of [
    [1, 64, 48, 'red', 'red', 'blue', 'blue'],
    [2, 64, 48, 'red', 'red', 'blue', 'blue'],
    [3, 64, 48, 'blue', 'blue', 'red', 'red'],
    [4, 64, 48, 'blue', 'blue', 'red', 'red'],
    [5, 48, 64, 'red', 'blue', 'red', 'blue'],
    [6, 48, 64, 'blue', 'red', 'blue', 'red'],
    [7, 48, 64, 'blue', 'red', 'blue', 'red'],
    [8, 48, 64, 'red', 'blue', 'red', 'blue'],
  ] as const) {
    const turned = flag().withMetadata({ orientation });
    assert.deepEqual(await corner(await turned.jpeg().toBuffer()), wanted, `JPEG, orientation ${orientation}`);
  }
  const tiff = await flag().withMetadata({ orientation: 6 }).tiff().toBuffer();
  assert.deepEqual(await corner(tiff), [48, 64, 'blue', 'red', 'blue', 'red']);
});

test('a large picture is scaled down to 1920 pixels, whatever it is', async () => {
  for (const bytes of [
    await plain(2400, 1200).jpeg().toBuffer(),
    await plain(1200, 2400).withMetadata({ orientation: 6 }).png().toBuffer(),
    bmpOf(2400, 1200),
  ]) {
    const { width, height, data } = await decodePicture(bytes);
    assert.deepEqual([width, height], [1920, 960]);
    near([...data.subarray(0, 3)], COLOUR, 4, 'colour');
  }
});

test('other formats are refused, whatever decoders there are', async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64"/></svg>';
  const pages = [await base().png().toBuffer(), await flag().png().toBuffer()];
  const several = (to: 'gif' | 'webp' | 'tiff') =>
    sharp(pages, { join: { animated: true } })
      [to]()
      .toBuffer();
  for (const [what, bytes] of Object.entries({
    nothing: new Uint8Array(),
    text: Buffer.from('hello'),
    html: Buffer.from('<!doctype html><script>alert(1)</script>'),
    svg: Buffer.from(svg),
    pdf: Buffer.from('%PDF-1.7\n'),
    gif: await base().gif().toBuffer(),
    webp: await base().webp().toBuffer(),
    'animated gif': await several('gif'),
    'animated webp': await several('webp'),
    'tiff of two pages': await several('tiff'),
    'animated png': animatedPng(pages[0]!),
    'one byte of a jpeg': Buffer.from([0xff]),
    'beginning of a jpeg': Buffer.from([0xff, 0xd8, 0xff]),
    'beginning of a png': pages[0]!.subarray(0, 8),
    'beginning of a tiff': Buffer.from('II*\0'),
    'beginning of a bmp': Buffer.from('BM'),
  })) {
    await assert.rejects(decodePicture(bytes), refused('format'), what);
  }
  // The decoders themselves are gone, not only the way to them.
  await assert.rejects(sharp(await base().gif().toBuffer()).metadata());
  await assert.rejects(sharp(Buffer.from(svg)).metadata());
});

test('a picture that is cut off, or broken inside, is refused', async () => {
  const data = Buffer.from(Array.from({ length: 160 * 120 * 3 }, (_, i) => (i * i * 7919) >> 5));
  const noise = sharp(data, { raw: { width: 160, height: 120, channels: 3 } });
  const kinds = {
    jpeg: await noise.clone().jpeg().toBuffer(),
    png: await noise.clone().png().toBuffer(),
    tiff: await noise.clone().tiff({ compression: 'lzw' }).toBuffer(),
    bmp: bmpOf(160, 120),
  };
  for (const [kind, bytes] of Object.entries(kinds)) {
    await decodePicture(bytes);
    for (const part of [0.1, 0.5, 0.9]) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * part));
      await assert.rejects(decodePicture(cut), refused('format'), `${kind} cut off at ${part}`);
    }
  }
  const broken = Buffer.from(kinds.png);
  broken.fill(0xaa, broken.length >> 1, (broken.length >> 1) + 200);
  await assert.rejects(decodePicture(broken), refused('format'));
});

test('sizes are judged by the header, before anything is decoded', async () => {
  for (const [width, height] of [
    [10_000, 10_000],
    [100_000, 40],
    [12_001, 100],
    [2 ** 31 - 1, 2 ** 31 - 1],
    [7_000, 6_000],
    [31, 400],
    [400, 31],
    [1, 1],
  ] as const) {
    // With no pixels at all behind the header, decoding could only fail as damaged.
    await assert.rejects(decodePicture(pngHeader(width, height)), refused('dimensions'), `PNG ${width} x ${height}`);
    const jpeg = jpegHeader(width, height);
    if (jpeg) await assert.rejects(decodePicture(jpeg), refused('dimensions'), `JPEG ${width} x ${height}`);
  }
  await assert.rejects(decodePicture(bmpOf(31, 31)), refused('dimensions'));
  await assert.rejects(decodePicture(packedBmp(12_000, 12_000)), refused('dimensions'));
  const least = await decodePicture(await plain(32, 32).png().toBuffer());
  assert.deepEqual([least.width, least.height], [32, 32]);
});

test('what is appended to a picture, or noted in it, does not come out again', async () => {
  const secret = 'PK\x03\x04 a program, or where somebody lives';
  const noted = await base()
    .withExif({ IFD0: { ImageDescription: secret } })
    .jpeg()
    .toBuffer();
  const polyglot = Buffer.concat([noted, Buffer.from(secret)]);
  assert.ok(polyglot.includes('somebody'));
  const jpeg = Buffer.from(await toJpeg(await decodePicture(polyglot)));
  assert.ok(!jpeg.includes('somebody') && !jpeg.includes('PK'));
  const { exif, icc, xmp, format, width } = await sharp(jpeg).metadata();
  assert.deepEqual([exif, icc, xmp, format, width], [undefined, undefined, undefined, 'jpeg', WIDTH]);
});

/** As phones write them: a picture for usual screens, and behind it what brighter ones add. */
function withGainMap(picture: Sharp): Promise<Buffer> {
  return (picture as unknown as { withGainMap(): Sharp }).withGainMap().jpeg().toBuffer();
}

function bmpOf(width: number, height: number): Buffer {
  const step = Math.ceil((width * 3) / 4) * 4;
  const pixels = Buffer.alloc(step * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) pixels.set([64, 128, 192], y * step + x * 3);
  }
  return Buffer.concat([bmpHeader(width, height, 24, 0, 54), pixels]);
}

/** A picture of any size in a few bytes. */
function packedBmp(width: number, height: number): Buffer {
  return Buffer.concat([bmpHeader(width, height, 8, 1, 54 + 1024), Buffer.alloc(1024), Buffer.from([0, 1])]);
}

function bmpHeader(width: number, height: number, bits: number, compression: number, offset: number): Buffer {
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeUInt32LE(offset, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(bits, 28);
  header.writeUInt32LE(compression, 30);
  return header;
}

function chunk(kind: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(kind), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc(body));
  return Buffer.concat([length, body, check]);
}

/** The checksum of PNG chunks. */
function crc(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let i = 0; i < 8; i++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ 0xffffffff) >>> 0;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function pngHeader(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(8))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A PNG that says it has two frames. */
function animatedPng(png: Buffer): Buffer {
  const headerEnd = 8 + 25;
  const control = chunk('acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]));
  return Buffer.concat([png.subarray(0, headerEnd), control, png.subarray(headerEnd)]);
}

/** A JPEG that ends after its frame header; undefined for sizes it cannot write down. */
function jpegHeader(width: number, height: number): Buffer | undefined {
  if (width > 0xffff || height > 0xffff) return undefined;
  const size = Buffer.alloc(4);
  size.writeUInt16BE(height, 0);
  size.writeUInt16BE(width, 2);
  const frame = [8, ...size, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0];
  const scan = [3, 1, 0, 2, 0, 3, 0, 0, 63, 0];
  return Buffer.from([0xff, 0xd8, 0xff, 0xc0, 0, frame.length + 2, ...frame, 0xff, 0xda, 0, scan.length + 2, ...scan]);
}
