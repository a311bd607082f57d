import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PluginDefinition } from '../core/plugin/contract.ts';
import { type FoundPlugin, findPlugins } from '../core/plugin/manifest.ts';

/**
 * Makes a plugin that runs, from the one in `system/new-plugin/`:
 *
 *     npm run new-plugin door-bell
 *
 * The template is a plugin itself, so that the compiler and the linter see it as they see all others. Its names and
 * numbers are exchanged for the new plugin's.
 */

const ROOT = join(import.meta.dirname, '..');
const PLUGINS = join(ROOT, 'plugins');
const TEMPLATE = join(import.meta.dirname, 'new-plugin');

const ID = /^[a-z][a-z0-9-]{1,39}$/;
/** The core's metrics are called so, SQLite keeps names that begin so for itself, and the shell has this page. */
const RESERVED = /^(core|account|sqlite(-.*)?)$/;
/** Numbers below belong to the contract; each new plugin gets a block of its own. */
const FIRST_NUMBER = 9000;
const BLOCK = 10;

/** What the person at the keyboard can mend. */
class Refusal extends Error {}

interface Names {
  id: string;
  firstNumber: number;
  coreVersion: string;
}

/** @throws Refusal with what is wrong and what would be right */
async function check(id: string | undefined, found: FoundPlugin[]): Promise<string> {
  if (!id) throw new Refusal('which id? For example: npm run new-plugin door-bell');
  if (!ID.test(id)) {
    throw new Refusal(`"${id}" is no id: 2 to 40 lower-case letters, digits and hyphens, a letter first`);
  }
  if (RESERVED.test(id)) throw new Refusal(`"${id}" is reserved: take another id`);
  if (existsSync(join(PLUGINS, id))) throw new Refusal(`plugins/${id} is there already: take another id`);
  for (const plugin of found) {
    // A page's address is #/<page id>, and the new plugin's page takes the plugin's id.
    if ((await pagesOf(plugin)).includes(id)) {
      throw new Refusal(`"${id}" is the address of a page of plugin "${plugin.id}": take another id`);
    }
  }
  return id;
}

async function pagesOf({ folder, fault }: FoundPlugin): Promise<string[]> {
  if (fault !== undefined) return [];
  try {
    const module = (await import(pathToFileURL(join(folder, 'index.ts')).href)) as { default: PluginDefinition };
    return module.default.ui?.pages.map((page) => page.id) ?? [];
  } catch {
    // Another plugin that is broken at the moment shows no pages either, and must not be in the way of a new one.
    return [];
  }
}

/** First number of a block that no manifest claims a part of. */
function freeNumbers(found: FoundPlugin[]): number {
  const taken = found.flatMap(({ manifest }) => manifest?.messages ?? []);
  for (let first = FIRST_NUMBER; ; first += BLOCK) {
    if (!taken.some(([from, to]) => from < first + BLOCK && to >= first)) return first;
  }
}

/** Exchanges the template's names in a text or a path. */
function rename(text: string, { id, firstNumber, coreVersion }: Names): string {
  const title = id.charAt(0).toUpperCase() + id.slice(1).replaceAll('-', ' ');
  // One pass, so that an id which holds a word of the template is not exchanged again.
  return text.replace(/greeter_|greeter|Greeter|\b9000\b|\b9009\b|\^0\.1\.0/g, (word) => {
    if (word === 'greeter_') return `${id.replaceAll('-', '_')}_`;
    if (word === 'greeter') return id;
    if (word === 'Greeter') return title;
    if (word === '9000') return String(firstNumber);
    if (word === '9009') return String(firstNumber + BLOCK - 1);
    return `^${coreVersion}`;
  });
}

function templateFiles(): string[] {
  return readdirSync(TEMPLATE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(TEMPLATE.length + 1))
    .sort();
}

/** Writes the plugin, all or nothing; gives the paths of its files inside the folder. */
function write(names: Names): string[] {
  const folder = join(PLUGINS, names.id);
  // Fails where somebody else was quicker, and then it is theirs.
  mkdirSync(folder);
  try {
    const written = templateFiles().map((file) => {
      // The template's test must not be found as one: it runs only where it has a plugin to test.
      const name = file === 'test.ts' ? `${names.id}.test.ts` : rename(file, names);
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), rename(readFileSync(join(TEMPLATE, file), 'utf8'), names));
      return name;
    });
    format(folder);
    return written;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Names are of other lengths than the template's, so lines break elsewhere. */
function format(folder: string): void {
  const biome = join(ROOT, 'node_modules/.bin/biome');
  const { status, stderr, error } = spawnSync(biome, ['check', '--write', folder], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the new files could not be formatted: ${error?.message ?? stderr}`);
}

try {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const found = findPlugins(PLUGINS, version);
  const id = await check(process.argv[2], found);
  const firstNumber = freeNumbers(found);
  const files = write({ id, firstNumber, coreVersion: version });
  console.log(`plugins/${id} is made, its message is ${firstNumber}:`);
  for (const file of files) console.log(`  plugins/${id}/${file}`);
  console.log(`\nNext: npm test -- plugins/${id}   then: npm start   and open #/${id}`);
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
