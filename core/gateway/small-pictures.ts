/** Widths of small versions, pixels: for lists, and for cards. */
export const SMALL_WIDTHS = [160, 320] as const;
export type SmallWidth = (typeof SMALL_WIDTHS)[number];

/** Made by threads of libuv, which files and the database need as well. */
const MOST_AT_ONCE = 2;
/** Whoever comes after these gets the whole picture. */
const MOST_WAITING = 200;
/** Much more than a camera's frame. */
const MOST_PIXELS = 40_000_000;
const QUALITY = 75;

let running = 0;
const waiting: (() => void)[] = [];

/**
 * A stored JPEG scaled down to a width; the picture itself where it is no wider, where it cannot be read, or while too
 * many are being made. All of them were written by the box: nothing that a stranger sent is decoded here. Nothing is
 * kept: a small version of somebody who is erased must not outlast him, and browsers ask again by its tag.
 */
export async function smallPicture(jpeg: Uint8Array, width: SmallWidth): Promise<Uint8Array> {
  if (waiting.length >= MOST_WAITING) return jpeg;
  if (running >= MOST_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    // Loaded with the first one: a box that nobody looks at does without it.
    const { default: sharp } = await import('sharp');
    const picture = sharp(jpeg, { limitInputPixels: MOST_PIXELS });
    const { width: whole } = await picture.metadata();
    if (whole <= width) return jpeg;
    return await picture.resize({ width }).jpeg({ quality: QUALITY }).toBuffer();
  } catch {
    return jpeg;
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}
