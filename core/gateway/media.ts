import { Readable } from 'node:stream';
import type { Blobs } from '../store/blobs.ts';
import { AREAS, type Area, decide } from './authorization.ts';
import { callerOf, type GatewayContext, hasAlready } from './request.ts';
import type { SessionRegistry } from './sessions.ts';
import { SMALL_WIDTHS, smallPicture } from './small-pictures.ts';

const TYPES: Record<string, string> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  bmp: 'image/bmp',
  tif: 'image/tiff',
  csv: 'text/csv; charset=utf-8',
  zip: 'application/zip',
};

/** Pictures are answered whole, which is quicker; larger files, as exports are, piece by piece. Bytes. */
const WHOLE = 4 * 1024 * 1024;

/** Of which small versions can be asked. */
const SCALED = new Set(['jpg', 'jpeg']);

/**
 * `GET /ws/<path>`: a stored file, for whoever may see what it belongs to; with `?width=160` or `320` a JPEG scaled down
 * to that. The path is only looked up among the files
 * the store has a row for, letter by letter; it never becomes a path of the file system by itself.
 */
export async function answerMedia(c: GatewayContext, blobs: Blobs, sessions: SessionRegistry): Promise<Response> {
  const caller = callerOf(c, sessions);
  if (!caller) return c.text('not logged in', 401);
  let path: string;
  try {
    path = decodeURIComponent(new URL(c.req.url).pathname.slice('/ws/'.length));
  } catch {
    return c.text('no such file', 404);
  }
  const row = blobs.find(path);
  if (!row) return c.text('no such file', 404);
  // A file without a known area is shown only to those who may see everything.
  const area: Area = AREAS.find((one) => one === row.area) ?? 'accounts';
  if (decide({ area, action: 'see', images: row.picture }, caller) !== 'allowed') {
    return c.text('this account may not see pictures', 403);
  }
  const extension = path.slice(path.lastIndexOf('.') + 1);
  const asked = c.req.query('width');
  const width = SMALL_WIDTHS.find((one) => String(one) === asked);
  if (asked !== undefined && !width) return c.text(`width is ${SMALL_WIDTHS.join(' or ')}`, 400);
  const scaled = width && SCALED.has(extension) && row.size <= WHOLE ? width : undefined;
  // Asked again each time: the rights of whoever looks, and the picture itself, may be gone.
  const tag = `"${row.size}-${row.createdAt}${scaled ? `-${scaled}` : ''}"`;
  const headers = { 'cache-control': 'private, no-cache', etag: tag };
  if (hasAlready(c, tag)) return c.body(null, 304, headers);
  const file = await blobs.open(path);
  if (!file) return c.text('no such file', 404);
  const type = TYPES[extension] ?? 'application/octet-stream';
  const described = { ...headers, 'content-type': type, 'x-content-type-options': 'nosniff' };
  if (row.size <= WHOLE) {
    const whole = await file.bytes();
    const bytes = scaled ? await smallPicture(whole, scaled) : whole;
    return c.body(bytes as Uint8Array<ArrayBuffer>, 200, described);
  }
  const length = { 'content-length': String(row.size) };
  if (c.req.method === 'HEAD') {
    await file.close();
    return c.body(null, 200, { ...described, ...length });
  }
  return c.body(Readable.toWeb(file.stream()) as ReadableStream<Uint8Array>, 200, { ...described, ...length });
}
