import { stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { consoleDataFolder, consoleFault } from './data-folder.ts';
import {
  type CatalogEntry,
  catalog,
  demoModels,
  download,
  identify,
  installFromFile,
  installFromFolder,
  installRecommended,
  type ModelCard,
  modelStates,
  modelsFolder,
  removeModel,
} from './install.ts';

const DATA = consoleDataFolder(process.env);

const USAGE = `Models of the box

  npm run models -- list
  npm run models -- install <id>                  download a model
  npm run models -- install --recommended         download all that a new box needs
  npm run models -- install <id> --from <file>    install a model from a file
  npm run models -- install --from <folder>       install every known model found in a folder
  npm run models -- remove <id>

Models marked "demo" come with the box and are made for the rendered scenes of its demo site: a real camera uses one
only where no other model of its task is installed.

The others are kept in the folder "models" of GATEHOUSE_DATA_DIR, else of the box that is installed from this program,
else of ./data (now: ${DATA}).
`;

function table(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function megabytes(size: number): string {
  return `${(size / 1e6).toFixed(1)} MB`;
}

function entryOf(id: string): CatalogEntry {
  const entry = catalog().find((one) => one.id === id);
  if (entry) return entry;
  throw new Error(
    `no model is called ${id}; there are ${catalog()
      .map((one) => one.id)
      .join(', ')}`,
  );
}

async function list(dataDir: string): Promise<number> {
  let own: ModelCard[] = [];
  let fault = '';
  try {
    own = await demoModels();
  } catch (error) {
    fault = `The models that come with the box cannot be used: ${(error as Error).message}`;
  }
  const entries = [...catalog(), ...own];
  const states = await modelStates(dataDir, entries);
  const rows = entries.map((entry) => [
    entry.id,
    [entry.task, ...entry.also].join(', '),
    megabytes(entry.size),
    `${states.get(entry.id)}${entry.adapter === null ? ' (no adapter yet)' : ''}`,
    entry.madeFor ?? (entry.recommended ? 'yes' : ''),
    entry.licence,
  ]);
  console.log(table([['MODEL', 'TASKS', 'SIZE', 'STATE', 'RECOMMENDED', 'LICENCE'], ...rows]));
  if (fault) console.error(fault);
  return fault ? 1 : 0;
}

async function installFolder(dataDir: string, folder: string): Promise<number> {
  const { installed, alreadyThere, unknown, unreadable } = await installFromFolder(dataDir, folder);
  for (const line of unreadable) console.error(line);
  if (installed.length + alreadyThere.length === 0) {
    console.error(`No known model is among the files of ${folder} (${unknown} unknown files).`);
    return 1;
  }
  const row = (result: string) => (entry: CatalogEntry) => [entry.id, entry.task, megabytes(entry.size), result];
  const rows = [...installed.map(row('installed')), ...alreadyThere.map(row('already there'))];
  console.log(table([['MODEL', 'TASK', 'SIZE', 'RESULT'], ...rows]));
  console.log(`${unknown} unknown files ignored`);
  return unreadable.length === 0 ? 0 : 1;
}

async function installFile(dataDir: string, id: string | undefined, file: string): Promise<number> {
  const entry = id ? entryOf(id) : await identify(file);
  if (!entry) {
    console.error(`${file} is no known model: its size and checksum are not in the catalogue.`);
    return 1;
  }
  await installFromFile(dataDir, entry, file);
  console.log(`${entry.id} installed in ${modelsFolder(dataDir)}`);
  return 0;
}

async function installOne(dataDir: string, id: string): Promise<number> {
  const entry = entryOf(id);
  if ((await modelStates(dataDir, [entry])).get(id) === 'installed') {
    console.log(`${id} is already there`);
    return 0;
  }
  console.log(`downloading ${id}, ${megabytes(entry.size)}, from ${entry.url}`);
  await download(dataDir, entry);
  console.log(`${id} installed in ${modelsFolder(dataDir)}`);
  return 0;
}

async function recommended(dataDir: string): Promise<number> {
  const installed = await installRecommended(dataDir, ({ id, state, received, size }) => {
    console.log(`${id} ${state} ${Math.round((received / size) * 100)} %`);
  });
  if (installed.length === 0) console.log('all recommended models are already there');
  return 0;
}

async function remove(dataDir: string, id: string): Promise<number> {
  const removed = await removeModel(dataDir, entryOf(id).id);
  console.log(removed ? `${id} removed` : `${id} was not installed`);
  return 0;
}

/** @returns the exit code: 0 done, 1 failed, 2 not understood. */
async function main(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { from: { type: 'string' }, recommended: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  const [command, id, ...rest] = positionals;
  const dataDir = DATA;
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (rest.length === 0) {
    if (command === 'list' && !id) return list(dataDir);
    if (command === 'remove' && id) return remove(dataDir, id);
    if (command === 'install' && values.recommended && !id && !values.from) return recommended(dataDir);
    if (command === 'install' && values.from) {
      const isFolder = (await stat(values.from)).isDirectory();
      if (!isFolder) return installFile(dataDir, id, values.from);
      if (!id) return installFolder(dataDir, values.from);
      throw new Error(`${values.from} is a folder; name the file of ${id}, or leave the id out`);
    }
    if (command === 'install' && id && !values.recommended) return installOne(dataDir, id);
  }
  console.error(USAGE);
  return 2;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(consoleFault(error as Error));
  process.exitCode = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1;
}
