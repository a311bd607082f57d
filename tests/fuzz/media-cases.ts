import { session } from './api-cases.ts';
import type { HttpCase, Session } from './case.ts';
import type { Random } from './random.ts';

/** Cases for stored files behind `/ws/`: right paths, paths that mean the same, and paths that reach for something else. */

/** A file that lies on the box. */
export interface StoredFile {
  path: string;
  bytes: Buffer;
  /** Who may see it. */
  seenBy: readonly Session[];
}

const ELSEWHERE = [
  'gatehouse.db',
  'gatehouse.db-wal',
  'secret.key',
  'lock',
  'staged/',
  'record',
  'record/',
  'record/channel1',
  'facebase/..',
  '../gatehouse.db',
  '../../etc/passwd',
  '/etc/passwd',
  '//etc/passwd',
  'file:///etc/passwd',
  'C:/x',
  'CON',
  '',
  '.',
  '..',
];

/** Other spellings of a path; few of them mean the same file, and none may mean another. */
function respelt(path: string, random: Random): string {
  const at = random.int(1, path.length - 1);
  const [head, tail] = [path.slice(0, at), path.slice(at)];
  const slash = path.indexOf('/', random.int(0, Math.max(0, path.lastIndexOf('/') - 1)));
  const [folder, file] = [path.slice(0, slash), path.slice(slash + 1)];
  return random.pick([
    () => path.toUpperCase(),
    () => `${path}/`,
    () => `${path}.`,
    () => `${path}%00.png`,
    () => `${path}%20`,
    () => `${path}?x=1`,
    () => `${path}#x`,
    () => `${path};x`,
    () => `/${path}`,
    () => `./${path}`,
    () => `../ws/${path}`,
    () => `${folder}//${file}`,
    () => `${folder}/./${file}`,
    () => `${folder}/x/../${file}`,
    () => `${folder}%2f${file}`,
    () => `${folder}%5c${file}`,
    () => `${folder}\\${file}`,
    () => `${head}%${tail}`,
    () => `${head}%ff${tail}`,
    () => `${head}%${tail.charCodeAt(0).toString(16)}${tail.slice(1)}`,
    () => `${head}%25${tail.charCodeAt(0).toString(16)}${tail.slice(1)}`,
    () => `${head}%c0%af${tail}`,
    () => head,
    () => `${path}${'/..'.repeat(random.int(1, 9))}/etc/passwd`,
    () => path.replace('record', 'facebase'),
    () => path.replaceAll('/', '~'),
    () => `staged/${path.replaceAll('/', '~')}`,
    () => path.replace(/\d+/, String(random.int(0, 99))),
    () => path.normalize('NFD'),
  ])();
}

const HEADERS: [string, string][] = [
  ['range', 'bytes=0-3'],
  ['range', 'bytes=-1'],
  ['range', 'bytes=99999999999999-'],
  ['range', 'lines=1-2'],
  ['if-none-match', '*'],
  ['if-none-match', '"x", W/"y"'],
  ['if-none-match', `"${'x'.repeat(8000)}"`],
  ['if-modified-since', 'never'],
  ['accept', 'text/html'],
  ['accept-encoding', 'gzip'],
  ['cookie', 'gatehouse_session=x'],
  ['origin', 'http://elsewhere.example'],
  ['x-original-url', '/ws/secret.key'],
];

export function storedFile(files: readonly StoredFile[], random: Random): HttpCase {
  const { path } = random.pick(files);
  const where = random.weighted({ path: 3, respelt: 5, elsewhere: 2 });
  const asked = where === 'path' ? path : where === 'respelt' ? respelt(path, random) : random.pick(ELSEWHERE);
  const headers: [string, string][] = [];
  for (let n = random.pick([0, 0, 1, 2]); n > 0; n -= 1) headers.push(random.pick(HEADERS));
  return {
    kind: 'http',
    title: 'a stored file',
    session: session(random),
    method: random.chance(0.9) ? 'GET' : random.pick(['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND']),
    target: random.chance(0.95)
      ? `/ws/${asked}`
      : random.pick([`/WS/${asked}`, `/ws${asked}`, `//ws/${asked}`, `/ws/../ws/${asked}`]),
    headers,
    expect: 'media',
    mayNotSucceed: false,
    ...(where === 'path' ? { exact: true } : {}),
  };
}
