import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * Runs the tests: formatter and linter, the compiler, then every `*.test.ts`. Unit and conformance tests run two files
 * at a time; those in `tests/e2e` measure times of a whole box and run one by one.
 *
 *     npm test                     everything
 *     npm test -- captures live    only test files whose path holds one of these words
 */

const root = join(import.meta.dirname, '..');

function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return testFiles(path);
    return entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

function step(name: string, command: string, args: string[]): void {
  const began = performance.now();
  const { status, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  if (status === 0) {
    console.log(`${name}: ok (${seconds} s)`);
    return;
  }
  console.error(`${name}: failed${signal ? ` (${signal})` : ''} after ${seconds} s`);
  process.exit(1);
}

function nodeTests(name: string, files: string[], concurrency: number): void {
  if (files.length === 0) return;
  const args = ['--import', 'tsx', '--test', `--test-concurrency=${concurrency}`, '--test-timeout=300000', ...files];
  step(name, process.execPath, args);
}

const words = process.argv.slice(2);
const folders = ['core', 'drivers', 'models', 'plugins', 'system', 'ui', 'tests'].map((name) => join(root, name));
const files = folders
  .flatMap(testFiles)
  .map((file) => relative(root, file))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort();

if (words.length === 0) {
  step('format and lint', 'node_modules/.bin/biome', ['ci', '--max-diagnostics=50', '.']);
  step('types', 'node_modules/.bin/tsc', ['-p', '.']);
}
const wholeBox = (file: string) => file.startsWith('tests/e2e/');
nodeTests(
  'unit and conformance tests',
  files.filter((file) => !wholeBox(file)),
  2,
);
nodeTests('tests of the whole box', files.filter(wholeBox), 1);
