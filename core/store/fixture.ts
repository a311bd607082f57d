import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { TestContext } from 'node:test';
import { openStore, type Store, type StoreOptions } from './database.ts';
import type { StoreLog } from './types.ts';

/** What the tests of the store share. */

const endings = new WeakMap<TestContext, (() => unknown)[]>();

/** Runs `act` after the test, the last registered first: `t.after` would remove a folder before what uses it closes. */
export function atEnd(t: TestContext, act: () => unknown): void {
  const known = endings.get(t);
  if (known) {
    known.push(act);
    return;
  }
  const acts = [act];
  endings.set(t, acts);
  t.after(async () => {
    for (const ending of acts.reverse()) await ending();
  });
}

/** A folder that is removed after the test. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-store-'));
  atEnd(t, () => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface Collected extends StoreLog {
  /** `level: message` */
  readonly lines: string[];
}

/** A log that keeps what it is told. */
export function collectLog(): Collected {
  const lines: string[] = [];
  const at = (level: string) => (_entry: object, message: string) => void lines.push(`${level}: ${message}`);
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A store in a temporary folder, closed after the test. */
export async function temporaryStore(
  t: TestContext,
  options: Partial<StoreOptions> = {},
): Promise<{ store: Store; folder: string; log: Collected }> {
  const folder = options.folder ?? (await temporaryFolder(t));
  const log = collectLog();
  const store = await openStore({ log, ...options, folder });
  atEnd(t, () => store.close());
  return { store, folder, log };
}

/** Paths of the files below the given folders of a data folder, sorted; missing folders count as empty. */
export async function filesBelow(folder: string, ...names: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) {
    const entries = await readdir(join(folder, name), { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries) if (entry.isFile()) found.push(relative(folder, join(entry.parentPath, entry.name)));
  }
  return found.sort();
}

/** Waits until `condition` holds; fails after 20 s. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
