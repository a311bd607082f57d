import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { LANES, type Lane } from './kit/runtime.ts';
import { runLane } from './lane.ts';

/**
 * Runs the tests: formatter and linter, the compiler, then every `*.test.ts`. Unit and conformance tests run three
 * files at a time, since many mostly wait; those in `tests/e2e` measure times of a whole box and run one by one, but for
 * one that mostly watches a film, beside them. At last the unit and conformance tests run once more in each lane: under
 * Deno, and under the present Node LTS.
 *
 *     npm test                       everything
 *     npm test -- captures live      only test files whose path holds one of these words, in no lane
 *     npm test -- --lane deno store  only a lane, `deno` or `node-lts`, and there only files with one of these words
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

/** Runs a command; one that fails ends everything. What it says is shown at once, or, `later`, when it has ended. */
async function step(name: string, command: string, args: string[], later = false): Promise<void> {
  const began = performance.now();
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', later ? 'pipe' : 'inherit', 'inherit'] });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  // Where another step fails meanwhile, this one does not go on by itself.
  const end = () => child.kill();
  process.once('exit', end);
  if (child.stdout) process.stdout.write(await text(child.stdout));
  const [status, signal] = await closed;
  process.off('exit', end);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  if (status === 0) {
    console.log(`${name}: ok (${seconds} s)`);
    return;
  }
  console.error(`${name}: failed${signal ? ` (${signal})` : ''} after ${seconds} s`);
  process.exit(1);
}

async function nodeTests(name: string, files: string[], concurrency: number, later?: boolean): Promise<void> {
  if (files.length === 0) return;
  const args = ['--import', 'tsx', '--test', `--test-concurrency=${concurrency}`, '--test-timeout=600000', ...files];
  await step(name, process.execPath, args, later);
}

async function laneTests(lane: Lane): Promise<void> {
  const began = performance.now();
  const passed = await runLane(lane, units, AT_ONCE);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`lane ${lane}: ${passed ? 'ok' : 'failed'} (${seconds} s)`);
  if (!passed) process.exit(1);
}

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
  await nodeTests('unit and conformance tests', units, AT_ONCE);
  const watching = nodeTests('a street filmed for two minutes', files.filter(film), 1, boxes.length > 0);
  await nodeTests('tests of the whole box', boxes, 1);
  await watching;
}
for (const lane of LANES) if (asked?.includes(lane) ?? words.length === 0) await laneTests(lane);
