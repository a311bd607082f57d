import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { LANES, type Lane } from './kit/runtime.ts';
import { runLane } from './lane.ts';
import { together } from './together.ts';

/**
 * Runs the tests: formatter and linter, the compiler, then every `*.test.ts`. Unit and conformance tests run three
 * processes at a time, since many mostly wait, and files that can share one do (`together.ts`); those in `tests/e2e` measure
 * times of a whole box and run one by one, but for one that mostly watches a film, beside them. At last the tests of what touches the runtime run once more in each lane:
 * under Deno, and under the present Node LTS. What fails ends nothing: one run tells of everything, and of what failed at
 * its end.
 *
 *     npm test                       everything
 *     npm test -- captures live      only test files whose path holds one of these words, in no lane
 *     npm test -- --lane deno        only a lane, `deno` or `node-lts`, and there all unit and conformance tests
 *     npm test -- --lane deno store  the same of files with one of these words
 */

const root = join(import.meta.dirname, '..');
const AT_ONCE = 3;

function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return testFiles(path);
    return entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

/** Every step that failed, and after how long. */
const failed: string[] = [];

function ended(name: string, began: number, fault: string | undefined): void {
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  if (fault) failed.push(`${name}: ${fault} after ${seconds} s`);
  console.log(fault ? failed.at(-1) : `${name}: ok (${seconds} s)`);
}

/** Runs a command. What it says is shown at once, or, `later`, when it has ended. */
async function step(name: string, command: string, args: string[], later = false): Promise<void> {
  const began = performance.now();
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', later ? 'pipe' : 'inherit', 'inherit'] });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  if (child.stdout) process.stdout.write(await text(child.stdout));
  const [status, signal] = await closed;
  ended(name, began, status === 0 ? undefined : `failed${signal ? ` (${signal})` : ''}`);
}

async function nodeTests(name: string, files: string[], concurrency: number, later?: boolean): Promise<void> {
  if (files.length === 0) return;
  // This reporter repeats at its end what failed, and why.
  const report = ['--test-reporter=spec', `--test-concurrency=${concurrency}`, '--test-timeout=600000'];
  await step(name, process.execPath, ['--import', 'tsx', '--test', ...report, ...files], later);
}

async function laneTests(lane: Lane, files: string[]): Promise<void> {
  const began = performance.now();
  ended(`lane ${lane}`, began, (await runLane(lane, shared(files), AT_ONCE)) ? undefined : 'failed');
}

const sharing = mkdtempSync(join(tmpdir(), 'gatehouse-tests-'));
process.once('exit', () => rmSync(sharing, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const shared = (files: string[]) => together(files, root, sharing);

/**
 * What a run of everything asks of a lane. Runtimes differ in what core and drivers touch, another Node in what is compiled
 * for one; plugins stand on these, and all of them run in a whole box under each (`tests/e2e/runtimes.test.ts`). The rest
 * would take seven minutes more: asked for, it runs.
 */
const IN_EVERY_RUN: Readonly<Record<Lane, readonly string[]>> = {
  deno: ['core/', 'drivers/'],
  'node-lts': ['core/store/', 'core/images/', 'core/processes/', 'drivers/'],
};

const { values, positionals: words } = parseArgs({
  options: { lane: { type: 'string', multiple: true } },
  allowPositionals: true,
});
const asked = values.lane;
const unknown = asked?.find((name) => !LANES.some((lane) => lane === name));
if (unknown !== undefined) {
  console.error(`there is no lane "${unknown}"; there are ${LANES.join(' and ')}`);
  process.exit(1);
}
const folders = ['core', 'drivers', 'models', 'plugins', 'system', 'ui', 'tests'].map((name) => join(root, name));
const files = folders
  .flatMap(testFiles)
  .map((file) => relative(root, file))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort();

const wholeBox = (file: string) => file.startsWith('tests/e2e/');
const units = files.filter((file) => !wholeBox(file));
/** Two minutes of one camera, in which a box has little to do. */
const film = (file: string) => file === 'tests/e2e/street.test.ts';
const boxes = files.filter((file) => wholeBox(file) && !film(file));

if (words.length === 0 && !asked) {
  await step('format and lint', 'node_modules/.bin/biome', ['ci', '--max-diagnostics=50', '.']);
  await step('types', 'node_modules/.bin/tsc', ['-p', '.']);
}
if (!asked) {
  await nodeTests('unit and conformance tests', shared(units), AT_ONCE);
  const watching = nodeTests('a street filmed for two minutes', files.filter(film), 1, boxes.length > 0);
  await nodeTests('tests of the whole box', boxes, 1);
  await watching;
}
for (const lane of LANES) {
  if (asked?.includes(lane)) await laneTests(lane, units);
  else if (!asked && words.length === 0) {
    await laneTests(
      lane,
      units.filter((file) => IN_EVERY_RUN[lane].some((folder) => file.startsWith(folder))),
    );
  }
}
if (failed.length > 0) console.error(`\n${failed.join('\n')}`);
process.exitCode = failed.length > 0 ? 1 : 0;
