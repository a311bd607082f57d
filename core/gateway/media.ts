import { Readable } from 'node:stream';
import type { Blobs } from '../store/blobs.ts';
import { AREAS, type Area, decide } from './authorization.ts';
import { callerOf, type GatewayContext } from './request.ts';
import type { SessionRegistry } from './sessions.ts';

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

/**
 * `GET /ws/<path>`: a stored file, for whoever may see what it belongs to. The path is only looked up among the files
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
  // Asked again each time: the rights of whoever looks, and the picture itself, may be gone.
  const headers = { 'cache-control': 'private, no-cache', etag: `"${row.size}-${row.createdAt}"` };
  if (c.req.header('if-none-match') === headers.etag) return c.body(null, 304, headers);
  const file = await blobs.open(path);
  if (!file) return c.text('no such file', 404);
  const type = TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
  const described = { ...headers, 'content-type': type, 'x-content-type-options': 'nosniff' };
  if (row.size <= WHOLE) return c.body((await file.bytes()) as Uint8Array<ArrayBuffer>, 200, described);
  const length = { 'content-length': String(row.size) };
  if (c.req.method === 'HEAD') {
    await file.close();
    return c.body(null, 200, { ...described, ...length });
  }
  return c.body(Readable.toWeb(file.stream()) as ReadableStream<Uint8Array>, 200, { ...described, ...length });
}
