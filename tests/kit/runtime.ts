import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { addonLoads } from '../../drivers/video/gst.ts';

/**
 * The runtimes of the tests. Gatehouse runs under the Node that installed it; the same source has to run under Deno and
 * under a newer Node as well. Each of these is a lane of `npm test`.
 */

const root = resolve(import.meta.dirname, '../..');

export const LANES = ['deno', 'node-lts'] as const;
export type Lane = (typeof LANES)[number];

export interface Runtime {
  command: string;
  /** What stands between the command and a TypeScript file. */
  run: string[];
  /** What stands between the command and files of tests. */
  test: string[];
  /** The same for a single file, in one process and not in one beside another that only looks on. */
  testOne: string[];
}

const asNode = {
  run: ['--import', 'tsx'],
  test: ['--import', 'tsx', '--test'],
  testOne: ['--import', 'tsx', '--test-reporter=spec'],
};
const denoTest = ['test', '-A', '--no-check', '--node-modules-dir=manual'];
const asDeno = { run: ['run', '-A', '--node-modules-dir=manual'], test: denoTest, testOne: denoTest };

const lanes: Record<Lane, Runtime> = {
  // The program itself: the package's own command is a script that a signal ends without the program hearing of it.
  deno: { command: join(root, `node_modules/@deno/linux-${process.arch}-glibc/deno`), ...asDeno },
  // In a folder of its own: among the other modules its command would stand in for the `node` of every npm script.
  'node-lts': { command: join(root, `tests/node-lts/node_modules/node-linux-${process.arch}/bin/node`), ...asNode },
};

export const underDeno = 'deno' in process.versions;

/** How to start the runtime of a lane; without one, the runtime that this process runs under. */
export function runtime(lane?: Lane): Runtime {
  if (lane) return lanes[lane];
  return { command: process.execPath, ...(underDeno ? asDeno : asNode) };
}

/** Whether this process runs in a lane, and not under the runtime that installed Gatehouse. */
const inLane = process.execPath.includes('/node_modules/');

/**
 * For `skip` of tests that need the GStreamer addon: why it is not here, or false. It is built for the one Node that
 * installed it, so it is missing in both lanes; anywhere else the tests run, and fail where it cannot be loaded.
 */
export function addonMissing(): string | false {
  if (!inLane || addonLoads()) return false;
  const reason = underDeno
    ? 'it is made for Node'
    : `it is built for the Node that installed it, not for ${process.version}`;
  tell('tests of the GStreamer addon', reason);
  return reason;
}

/** For `skip` of tests of what Deno has not: the reason there, or false. */
export function notUnderDeno(what: string, reason: string): string | false {
  if (!underDeno) return false;
  tell(what, reason);
  return reason;
}

/** Skips a test from within. */
export function skip(t: TestContext, reason: string): void {
  if (inLane) tell(t.name, reason);
  t.skip(reason);
}

const told = new Set<string>();

/** What a lane shows of a file that passes. Deno keeps reasons to itself, and counts what is skipped from within as passed. */
function tell(what: string, reason: string): void {
  const line = `skipped: ${what}: ${reason}`;
  if (!told.has(line)) console.log(line);
  told.add(line);
}
