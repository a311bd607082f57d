import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Which files of tests share a process. To start one and load the compiler takes a second, as long as the tests of most files
 * need; of a file that touches what belongs to its whole process, nobody else may be there.
 */

const MOST_FILES = 12;

/**
 * Words of a file that needs a process of its own: processes, servers, data folders, hooks around all tests, clocks that are
 * set, and tests that a lane skips, whose reasons are counted for each process.
 */
const ALONE =
  /\bprocess\.|(?<!\.)\b(?:before|after)(?:Each)?\(|spawn|fork|mock\.|Worker|listen\(|createServer|mkdtemp|mosquitto|kit\/(?:box|crash|onnx|plugin|rtsp-server|runtime|wire-client|stored)/;
const FIXTURE = /from '(\.[^']*\.fixture\.ts)'/g;

/** Whether this file, or what stands beside it for its tests, needs a process of its own. */
function staysAlone(path: string): boolean {
  const text = readFileSync(path, 'utf8');
  return ALONE.test(text) || [...text.matchAll(FIXTURE)].some(([, at = '']) => staysAlone(join(dirname(path), at)));
}

/**
 * Files that share processes, as files that load them one after the other.
 * @param files paths within `root`
 * @param into folder for those that load others
 * @returns files to run: those that stay alone, and for the others such that load up to twelve of one folder.
 */
export function together(files: readonly string[], root: string, into: string): string[] {
  const groups = new Map<string, string[]>();
  const alone: string[] = [];
  for (const file of files) {
    if (staysAlone(join(root, file))) alone.push(file);
    else {
      const folder = dirname(file).split('/').slice(0, 2).join('/');
      groups.set(folder, [...(groups.get(folder) ?? []), file]);
    }
  }
  const loading = [...groups].flatMap(([folder, members]) =>
    Array.from({ length: Math.ceil(members.length / MOST_FILES) }, (_, n) => {
      const some = members.slice(n * MOST_FILES, (n + 1) * MOST_FILES);
      if (some.length === 1) return some[0]!;
      const path = join(into, `${folder}-${n + 1}.test.mjs`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(
        path,
        some.map((file) => `import ${JSON.stringify(pathToFileURL(join(root, file)).href)};\n`).join(''),
      );
      return path;
    }),
  );
  return [...alone, ...loading];
}
