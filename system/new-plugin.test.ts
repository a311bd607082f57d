import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runtime, underDeno } from '../tests/kit/runtime.ts';

/**
 * The scaffold makes its plugins in a copy of the program, so that whatever happens here disturbs neither the checkout
 * nor the tests that run beside this one.
 */

const ROOT = join(import.meta.dirname, '..');
const PARTS = [
  'core',
  'drivers',
  'models',
  'plugins',
  'system',
  'ui',
  'docs/plugin-guide.md',
  'tests/kit',
  'tests/conformance',
  'package.json',
  'tsconfig.json',
  'biome.json',
  '.gitignore',
];
/**
 * Lines break elsewhere with names of other lengths, and one holds the template's own name. No names somebody would
 * take: plugins of one's own are copied with the others.
 */
const MADE = ['scaffold-test-plugin', 'q0', 'greeter-of-everybody-at-the-back-entry-2'];

let copy: string;
before(() => {
  copy = mkdtempSync(join(tmpdir(), 'gatehouse-new-plugin-'));
  for (const part of PARTS) cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
});
after(() => rmSync(copy, { recursive: true, force: true }));

function run(command: string, ...args: string[]) {
  // A test inside a test must report to this one, not to the runner around it.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: copy, env, encoding: 'utf8', timeout: 120_000 });
  return { status, stderr, output: `${stdout}${stderr}` };
}
const started = runtime();
const scaffold = (...args: string[]) => run(started.command, ...started.run, 'system/new-plugin.ts', ...args);
const manifestOf = (id: string) =>
  JSON.parse(readFileSync(join(copy, 'plugins', id, 'plugin.json'), 'utf8')) as {
    id: string;
    messages?: [number, number][];
  };
const plugins = () => readdirSync(join(copy, 'plugins')).sort();

function succeeds({ status, output }: { status: number | null; output: string }): string {
  assert.equal(status, 0, output);
  return output;
}

test('what it makes is there, has numbers of its own, and passes the linter and the compiler', () => {
  const others = plugins();
  const taken = others.flatMap((id) => manifestOf(id).messages ?? []);
  for (const id of MADE) {
    const output = succeeds(scaffold(id));
    const manifest = manifestOf(id);
    const [[first, last]] = manifest.messages as [[number, number]];
    assert.match(output, new RegExp(`plugins/${id} is made, its message is ${first}:`));
    assert.equal(manifest.id, id);
    assert.ok(first >= 9000 && last === first + 9, `${first} to ${last}`);
    assert.ok(!taken.some(([from, to]) => from <= last && to >= first), `${first} is taken`);
    taken.push([first, last]);
    assert.ok(existsSync(join(copy, 'plugins', id, `${id}.test.ts`)));
  }
  assert.deepEqual(plugins(), [...others, ...MADE].sort());
  const folders = MADE.map((id) => `plugins/${id}`);
  succeeds(run('node_modules/.bin/biome', 'ci', ...folders));
  writeFileSync(join(copy, 'tsconfig.made.json'), JSON.stringify({ extends: './tsconfig.json', include: folders }));
  succeeds(run('node_modules/.bin/tsc', '-p', 'tsconfig.made.json'));
});

test('its own test passes in a real box, with the conformance tests of every plugin', () => {
  const tried = [MADE[0], MADE[2]];
  const own = tried.map((id) => `plugins/${id}/${id}.test.ts`);
  const reporter = underDeno ? '--reporter=tap' : '--test-reporter=tap';
  const conformance = ['tests/conformance/plugins.test.ts', 'tests/conformance/imports.test.ts', 'ui/locales.test.ts'];
  const output = succeeds(run(started.command, ...started.test, reporter, ...own, ...conformance));
  assert.equal(output.match(/^ok \d+ - message \d+ greets/gm)?.length, tried.length);
  for (const id of MADE) {
    assert.match(output, new RegExp(`^ok \\d+ - plugin ${id}: README, pages and migrations stand together$`, 'm'));
  }
});

test('the guide shows the template as it is, and its other code compiles', () => {
  const guide = readFileSync(join(copy, 'docs/plugin-guide.md'), 'utf8');
  const blocks = [...guide.matchAll(/^```(ts|sql|json)\n([\s\S]*?)^```$/gm)].map(([, , code = '']) => code);
  const template = readdirSync(join(ROOT, 'system/new-plugin'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  const others = blocks.filter((block) => !template.some((text) => text.includes(block)));
  assert.ok(blocks.length - others.length >= 9, `only ${blocks.length - others.length} blocks of the template`);
  const folder = join(copy, 'plugins/guide-code');
  mkdirSync(folder);
  for (const [i, block] of others.entries()) {
    assert.match(block, /^import /, `neither a part of the template nor a module:\n${block}`);
    writeFileSync(join(folder, `block-${i}.ts`), block);
  }
  const made = { extends: './tsconfig.json', include: ['plugins/guide-code'] };
  writeFileSync(join(copy, 'tsconfig.guide.json'), JSON.stringify(made));
  const compiled = run('node_modules/.bin/tsc', '-p', 'tsconfig.guide.json');
  rmSync(folder, { recursive: true });
  succeeds(compiled);
});

const REFUSED: [args: string[], reason: RegExp][] = [
  [[], /which id\?/],
  [['Door'], /"Door" is no id: 2 to 40 lower-case letters/],
  [['x'], /is no id/],
  [['door_bell'], /is no id/],
  [['../evil'], /is no id/],
  [['x'.repeat(41)], /is no id/],
  [['core'], /reserved/],
  [['sqlite-notes'], /reserved/],
  [['users'], /plugins\/users is there already/],
  [['records'], /address of a page of plugin "captures"/],
];

for (const [args, reason] of REFUSED) {
  test(`refused, and nothing is touched: ${args[0]?.slice(0, 20) ?? 'no id'}`, () => {
    const earlier = plugins();
    const { status, stderr } = scaffold(...args);
    assert.equal(status, 1);
    assert.match(stderr, reason);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
    assert.deepEqual(plugins(), earlier);
  });
}

test('a plugin that cannot be finished leaves nothing behind', () => {
  writeFileSync(join(copy, 'biome.json'), '{');
  const { status, stderr } = scaffold('half-made');
  assert.equal(status, 1);
  assert.match(stderr, /could not be formatted/);
  assert.ok(!existsSync(join(copy, 'plugins/half-made')));
});
