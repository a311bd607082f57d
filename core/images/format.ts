import { PictureError } from '../plugin/face-services.ts';

export type PictureFormat = 'jpeg' | 'png' | 'tiff' | 'bmp';

const MAGIC: readonly [PictureFormat, readonly number[]][] = [
  ['jpeg', [0xff, 0xd8, 0xff]],
  ['png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['tiff', [0x49, 0x49, 0x2a, 0x00]],
  ['tiff', [0x4d, 0x4d, 0x00, 0x2a]],
  ['bmp', [0x42, 0x4d]],
];

/**
 * What a picture is by its first bytes.
 * @throws PictureError `format` for anything that is not taken
 */
export function formatOf(bytes: Uint8Array): PictureFormat {
  if (bytes.length === 0) throw new PictureError('format', 'the picture is empty');
  const format = MAGIC.find(([, magic]) => magic.every((byte, i) => bytes[i] === byte))?.[0];
  if (!format) throw new PictureError('format', 'the picture is no JPEG, PNG, BMP or TIFF');
  return format;
}
