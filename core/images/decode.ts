import sharp, { type Sharp } from 'sharp';
import type { RgbPicture } from '../../models/adapters/types.ts';
import { PictureError } from '../plugin/face-services.ts';
import { type BmpHeader, decodeBmp, readBmpHeader } from './bmp.ts';
import { formatOf, type PictureFormat } from './format.ts';
import { EXAMINED_SIDE, PICTURE_LIMITS } from './limits.ts';

/**
 * Decoding of pictures nobody has looked at yet, in the image worker. What a picture is, its first bytes say, never a
 * name. Of the decoders in libvips only three may run, whatever the bytes are.
 */

/** Where something is seen through, it is white. */
const PAPER = '#ffffff';

sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadTiffBuffer'],
});
// Nothing comes a second time, and one picture must not take all processors.
sharp.cache(false);
sharp.concurrency(1);

/**
 * Decodes a JPEG, PNG, BMP or TIFF: upright, in the colours of screens, what is transparent on white, scaled down to
 * at most 1920 pixels. Sizes are read from the header before anything is decoded.
 * @throws PictureError `format` or `dimensions`
 */
export async function decodePicture(bytes: Uint8Array): Promise<RgbPicture> {
  const format = formatOf(bytes);
  try {
    return format === 'bmp' ? await fromBmp(bytes) : await fromOther(bytes, format);
  } catch (error) {
    if (error instanceof PictureError) throw error;
    throw new PictureError('format', `the ${format.toUpperCase()} picture is damaged`);
  }
}

/** The picture as JPEG, without anything but its pixels. */
export async function toJpeg({ width, height, data }: RgbPicture): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
}

async function fromBmp(bytes: Uint8Array): Promise<RgbPicture> {
  const header: BmpHeader = readBmpHeader(bytes);
  checkSize(header);
  const { width, height, data } = decodeBmp(bytes, header);
  if (Math.max(width, height) <= EXAMINED_SIDE) return { width, height, data };
  return rawOf(fitted(sharp(data, { raw: { width, height, channels: 3 } })));
}

async function fromOther(bytes: Uint8Array, format: Exclude<PictureFormat, 'bmp'>): Promise<RgbPicture> {
  // `error`: a picture that is cut off is damaged, one with an odd note beside it is not.
  const options = { failOn: 'error', limitInputPixels: PICTURE_LIMITS.pixels } as const;
  // Sizes are judged here, so that one that is too large is not taken for one that is damaged; libpng has limits, too.
  if (format === 'png') checkSize(pngSize(bytes));
  const header = await sharp(bytes, { ...options, limitInputPixels: false }).metadata();
  if (header.format !== format) throw new PictureError('format', 'the picture is not what its first bytes say');
  checkSize(header);
  if ((header.pages ?? 1) > 1 || (format === 'png' && isAnimatedPng(bytes))) {
    throw new PictureError('format', 'the file holds more than one picture');
  }
  const upright = sharp(bytes, options).autoOrient();
  return rawOf(fitted(upright).flatten({ background: PAPER }).toColourspace('srgb'));
}

function fitted(picture: Sharp): Sharp {
  return picture.resize({ width: EXAMINED_SIDE, height: EXAMINED_SIDE, fit: 'inside', withoutEnlargement: true });
}

async function rawOf(picture: Sharp): Promise<RgbPicture> {
  const { data, info } = await picture.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`${info.channels} channels`);
  return { width: info.width, height: info.height, data };
}

function checkSize({ width, height }: { width: number; height: number }): void {
  const { pixels, longest, shortest } = PICTURE_LIMITS;
  const [less, more] = width < height ? [width, height] : [height, width];
  // Written so that a size that is no number is refused too.
  if (!(less >= shortest)) throw new PictureError('dimensions', `the picture is smaller than ${shortest} pixels`);
  if (more > longest || width * height > pixels) {
    const most = `${longest} pixels and ${pixels / 1e6} megapixels`;
    throw new PictureError('dimensions', `the picture is larger than ${most}`);
  }
}

/** The size in the first chunk of a PNG, which must be its header. @throws RangeError for one that ends before */
function pngSize(bytes: Uint8Array): { width: number; height: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { width: view.getUint32(16, false), height: view.getUint32(20, false) };
}

/** Whether a PNG says before its pixels that others follow. */
function isAnimatedPng(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 8 <= bytes.length; ) {
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (kind === 'acTL') return true;
    if (kind === 'IDAT') return false;
    at += 12 + view.getUint32(at, false);
  }
  return false;
}
