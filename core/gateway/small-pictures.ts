import type Sharp from 'sharp';

/** Widths of small versions, pixels: for lists, and for cards. */
export const SMALL_WIDTHS = [160, 320] as const;
export type SmallWidth = (typeof SMALL_WIDTHS)[number];

/** Made by threads of libuv, which files and the database need as well. */
const MOST_AT_ONCE = 2;
/** Whoever comes after these, or beyond so many bytes of pictures, gets the whole picture. */
const MOST_WAITING = 200;
const MOST_WAITING_BYTES = 32 * 1024 * 1024;
/** Much more than a camera's frame. */
const MOST_PIXELS = 40_000_000;
const QUALITY = 75;
/** About what a small version takes: nothing is won by scaling a picture of fewer bytes. */
const SMALL_BYTES = 8 * 1024;

let running = 0;
let waitingBytes = 0;
const waiting: (() => void)[] = [];
let scaler: Promise<typeof Sharp> | undefined;

/**
 * A stored JPEG scaled down to a width; the picture itself where it is no wider, where it cannot be read, or while too
 * many are being made. All of them were written by the box: nothing that a stranger sent is decoded here. Nothing is
 * kept: a small version of somebody who is erased must not outlast him, and browsers ask again by its tag.
 */
export async function smallPicture(jpeg: Uint8Array, width: SmallWidth): Promise<Uint8Array> {
  // Most of what cameras cut out is small already: no thread is kept busy to find that out.
  if (jpeg.byteLength <= SMALL_BYTES || (jpegWidth(jpeg) ?? 0) <= width) return jpeg;
  if (running < MOST_AT_ONCE) running += 1;
  else if (waiting.length >= MOST_WAITING || waitingBytes + jpeg.byteLength > MOST_WAITING_BYTES) return jpeg;
  else {
    waitingBytes += jpeg.byteLength;
    await new Promise<void>((resolve) => waiting.push(resolve));
    waitingBytes -= jpeg.byteLength;
  }
  try {
    scaler ??= openScaler();
    const sharp = await scaler;
    const scaled = sharp(jpeg, { limitInputPixels: MOST_PIXELS }).resize({ width });
    return await scaled.jpeg({ quality: QUALITY }).toBuffer();
  } catch {
    return jpeg;
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

/** Loaded with the first picture: a box that nobody looks at does without it. */
async function openScaler(): Promise<typeof Sharp> {
  const { default: sharp } = await import('sharp');
  // It would hold on to what it was last asked for.
  sharp.cache(false);
  return sharp;
}

/** The width in the frame header of a JPEG; undefined where none is found. */
function jpegWidth(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Behind the first marker come segments with their length, until the pixels begin.
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint8(at + 1);
    // Start of frame of any kind; the three left out among them are tables.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return view.getUint16(at + 7);
  }
  return undefined;
}
