import { open, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { VideoError } from './fault.ts';

/** Where an RTSP stream is, with the password kept apart from everything that may be shown. */
export interface RtspAddress {
  host: string;
  port: number;
  /** `rtsp://host:port/path` without user and password. */
  location: string;
  user?: string;
  password?: string;
}

const maxUrlLength = 2048;

/**
 * Reads `rtsp://user:password@host:port/path`. User and password are percent-decoded, and may hold any character
 * but `/` as it stands, because cameras are set up with passwords such as `a#1@b` by people who never heard of
 * percent signs. Throws VideoError `bad-url`; its message repeats nothing of the address.
 */
export function parseRtspUrl(url: string): RtspAddress {
  if (url.length > maxUrlLength) throw new VideoError('bad-url', 'the address is too long');
  // No control characters and no spaces: the address becomes a line of the RTSP request.
  if (/[^\x21-\x7e\u00a0-\uffff]/.test(url)) {
    throw new VideoError('bad-url', 'the address holds a space or a control character');
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme !== 'rtsp' || !url.slice(5).startsWith('//')) {
    throw new VideoError('bad-url', 'the address must start with rtsp:// or file:');
  }
  const rest = url.slice('rtsp://'.length);
  const pathStart = rest.search(/\//);
  const authority = pathStart < 0 ? rest : rest.slice(0, pathStart);
  const path = pathStart < 0 ? '/' : rest.slice(pathStart);

  const at = authority.lastIndexOf('@');
  const place = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(authority.slice(at + 1));
  if (!place) throw new VideoError('bad-url', 'the address has no valid host name or port');
  const port = place[2] === undefined ? 554 : Number(place[2]);
  if (port < 1 || port > 65535) throw new VideoError('bad-url', 'the port must lie between 1 and 65535');

  const hostText = place[1]!;
  const address: RtspAddress = {
    host: hostText.replace(/^\[|\]$/g, ''),
    port,
    location: `rtsp://${hostText}:${port}${path.replace(/[^\x21-\x7e]+/g, encodeURIComponent)}`,
  };
  if (at >= 0) {
    const [user, ...password] = authority.slice(0, at).split(':');
    address.user = percentDecoded(user ?? '');
    address.password = percentDecoded(password.join(':'));
  }
  return address;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Kinds of video file that are read, by the bytes they start with. */
const containers: { name: string; matches: (head: Buffer) => boolean }[] = [
  { name: 'mp4', matches: (head) => head.toString('latin1', 4, 8) === 'ftyp' },
  { name: 'mkv', matches: (head) => head.readUInt32BE(0) === 0x1a45dfa3 },
  {
    name: 'avi',
    matches: (head) => head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'AVI ',
  },
];

/** True for an address of a video file. */
export function isFileUrl(url: string): boolean {
  return /^file:/i.test(url);
}

/**
 * Finds the file that `file:lobby.mp4` or `file:site/lobby.mp4` names inside `filesFolder`, and returns its real
 * path. Nothing outside that folder can be named, also not through a symbolic link. Throws VideoError `bad-url`
 * for a name that is not allowed and `file` for one that is missing or is no video file.
 */
export async function resolveFileUrl(url: string, filesFolder: string | undefined): Promise<string> {
  if (!filesFolder) throw new VideoError('bad-url', 'video files are not enabled here');
  const name = percentDecoded(url.slice('file:'.length));
  const parts = name.split('/');
  if (
    name.length === 0 ||
    name.length > maxUrlLength ||
    isAbsolute(name) ||
    parts.some((part) => part === '..' || part === '.' || part === '') ||
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    /[\\\x00-\x1f\x7f]/.test(name)
  ) {
    throw new VideoError('bad-url', 'the file must be named by its path inside the video folder, as file:lobby.mp4');
  }
  try {
    const folder = await realpath(filesFolder);
    const path = await realpath(resolve(folder, name));
    const inside = relative(folder, path);
    if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
      throw new VideoError('bad-url', 'the file lies outside the video folder');
    }
    if (!(await stat(path)).isFile()) throw new VideoError('file', 'the video file is no file');
    await checkContainer(path);
    return path;
  } catch (error) {
    if (error instanceof VideoError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    throw new VideoError('file', code === 'ENOENT' ? 'there is no such video file' : 'the video file cannot be read');
  }
}

/**
 * Refuses what is not plainly a video container. GStreamer picks its reader by content, and among its readers
 * are playlists and session descriptions, which would open connections of their own.
 */
async function checkContainer(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    const head = Buffer.alloc(12);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    if (bytesRead < head.length || !containers.some((container) => container.matches(head))) {
      throw new VideoError('file', 'the file is no MP4, MKV or AVI video');
    }
  } finally {
    await handle.close();
  }
}
