import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type CatalogEntry, catalog, type ModelCard, parseDemoCatalog, serves } from './catalog.ts';
import { DEMO_FOLDER, fileOf, modelFile, modelStates, sha256Of } from './store.ts';
import { type DownloadOptions, download, installFromFile, ModelInstallError } from './transfer.ts';

export type { CatalogEntry, ModelCard, Task } from './catalog.ts';
export { catalog, serves, similarity, TASKS } from './catalog.ts';
export { type ModelState, modelStates, modelsFolder, removeModel } from './store.ts';
export { type DownloadOptions, download, installFromFile, ModelInstallError } from './transfer.ts';

/** A model whose file is there and has the catalogued checksum. Plain data, so it can be sent on. */
export type InstalledModel = ModelCard & {
  /** Path of the .onnx file. */
  file: string;
  /** The model its card is `alignedBy`, where that is there. */
  aligner?: InstalledModel;
  /** The models its card is `averagedWith`, those that are there. */
  others?: InstalledModel[];
  /** Goes before the others of its task, also before those that are recommended. */
  preferred?: true;
};

/** The models that are ready for use. The first call reads their files, later ones only look at their times. */
export async function installedModels(
  dataDir: string,
  entries: readonly CatalogEntry[] = catalog(),
): Promise<InstalledModel[]> {
  const states = await modelStates(dataDir, entries);
  return entries
    .filter((entry) => states.get(entry.id) === 'installed')
    .map((entry) => ({ ...entry, file: modelFile(dataDir, entry.id) }));
}

/** What the box can run: models somebody installed, and those that come with it. */
export interface UsableModels {
  models: InstalledModel[];
  /** What is wrong with models that are there and cannot be used, in sentences. */
  faults: string[];
}

/**
 * The installed models, and those of the demo that come with the box: these need no installing, but their checksums
 * must be right. What is damaged is named and left out. Never rejects for a fault of the demo's models.
 */
export async function usableModels(dataDir: string, demoFolder = DEMO_FOLDER): Promise<UsableModels> {
  const states = await modelStates(dataDir, catalog());
  const models = await installedModels(dataDir);
  const again = (id: string) => `the model ${id} is damaged; run: npm run models -- install ${id}`;
  const faults = catalog()
    .filter(({ id }) => states.get(id) === 'damaged')
    .map(({ id }) => again(id));
  try {
    const cards = await demoModels(demoFolder);
    const found = await modelStates(dataDir, cards, demoFolder);
    for (const card of cards) {
      const state = found.get(card.id);
      if (state === 'installed') models.push({ ...card, file: fileOf(dataDir, card, demoFolder) });
      else faults.push(`the model ${card.id}, which comes with the box, is ${state}; put its file back`);
    }
  } catch (error) {
    faults.push(`the models that come with the box cannot be used: ${(error as Error).message}`);
  }
  return { models: models.map((model) => withCompanions(model, models)), faults };
}

/** A model with those it works with: `models` as they were found, so that two that name each other end here. */
function withCompanions(model: InstalledModel, models: readonly InstalledModel[]): InstalledModel {
  const aligner = model.alignedBy && models.find(({ id }) => id === model.alignedBy);
  const others = models.filter(({ id }) => model.averagedWith?.includes(id));
  return { ...model, ...(aligner ? { aligner } : {}), ...(others.length > 0 ? { others } : {}) };
}

/**
 * Cards of the models that come with the box; none where there is no such catalogue.
 * @throws Error when the catalogue is wrong.
 */
export async function demoModels(demoFolder = DEMO_FOLDER): Promise<ModelCard[]> {
  let text: string;
  try {
    text = await readFile(join(demoFolder, 'catalog.json'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return parseDemoCatalog(JSON.parse(text));
}

/** Which of these tasks none of the models can do; a model that nothing here runs does not count. */
export function missingTasks(models: readonly ModelCard[], tasks: readonly string[]): string[] {
  return tasks.filter((task) => !models.some((model) => model.adapter !== null && serves(model, task)));
}

/** What to say, and to do, where no model for a task is installed. */
export function missingTask(task: string, entries: readonly CatalogEntry[] = catalog()): string {
  const known = entries.filter((entry) => serves(entry, task));
  const best = bestFor(task, entries);
  if (best) return `no model for ${task} is installed; run: npm run models -- install ${best.id}`;
  return known.length > 0 ? `no model for ${task} can be run yet` : `no model for ${task} is known`;
}

/** Whether there is a model for the task that the box could install and run. */
export function canBeInstalled(task: string): boolean {
  return bestFor(task, catalog()) !== undefined;
}

/** What to say of a real camera that a model of the demo looks at. */
export function makeshiftModel(task: string, entries: readonly CatalogEntry[] = catalog()): string {
  const best = bestFor(task, entries);
  const made = `the model for ${task} is made for the rendered scenes of the demo`;
  return best
    ? `${made}; for real cameras run: npm run models -- install ${best.id}`
    : `${made}; no other is known yet`;
}

function bestFor(task: string, entries: readonly CatalogEntry[]): CatalogEntry | undefined {
  const usable = entries.filter((entry) => serves(entry, task) && entry.adapter !== null);
  return usable.find((entry) => entry.recommended) ?? usable[0];
}

export interface InstallProgress {
  id: string;
  state: 'downloading' | 'installed' | 'failed';
  /** Bytes so far, and in all. */
  received: number;
  size: number;
  /** Why it failed. */
  message?: string;
}

/** Progress is told when a download begins and ends, and in between at most this often. */
const PROGRESS_MS = 5_000;

/**
 * Downloads the recommended models that are not there yet; nothing is told of those that are.
 * @param onProgress called at the start and end of each download and every few seconds between.
 * @returns the ids that were installed now.
 * @throws Error after all were tried, when some failed. Without a connection it does not try the next.
 */
export async function installRecommended(
  dataDir: string,
  onProgress: (progress: InstallProgress) => void = () => undefined,
  options: DownloadOptions & { entries?: readonly CatalogEntry[] } = {},
): Promise<string[]> {
  const wanted = (options.entries ?? catalog()).filter((entry) => entry.recommended);
  const states = await modelStates(dataDir, wanted);
  const installed: string[] = [];
  const faults: string[] = [];
  for (const entry of wanted) {
    if (states.get(entry.id) === 'installed') continue;
    const { id, size } = entry;
    let received = 0;
    let told = Date.now();
    onProgress({ id, state: 'downloading', received, size });
    try {
      await download(dataDir, entry, {
        ...options,
        onBytes: (bytes) => {
          received = bytes;
          if (Date.now() - told < PROGRESS_MS) return;
          told = Date.now();
          onProgress({ id, state: 'downloading', received, size });
        },
      });
      installed.push(id);
      onProgress({ id, state: 'installed', received: size, size });
    } catch (error) {
      const { message } = error as Error;
      faults.push(message);
      onProgress({ id, state: 'failed', received, size, message });
      if (error instanceof ModelInstallError && error.reason === 'offline') break;
    }
  }
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return installed;
}

export interface FolderResult {
  installed: CatalogEntry[];
  alreadyThere: CatalogEntry[];
  /** Files that are no catalogued model. */
  unknown: number;
  /** Files that could not be read, with the reason. */
  unreadable: string[];
}

/** More files than this is not a folder of models, and reading it would take long. */
const MOST_FILES = 10_000;

/** Files of a folder and of the folders in it, no deeper. */
async function filesIn(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const inner = await readdir(path, { withFileTypes: true }).catch(() => []);
      files.push(...inner.filter((one) => !one.isDirectory()).map((one) => join(path, one.name)));
    } else {
      files.push(path);
    }
    if (files.length > MOST_FILES) throw new Error(`${folder} holds more than ${MOST_FILES} files`);
  }
  return files.sort();
}

/**
 * Installs every catalogued model found among the files of a folder and of the folders in it. Files are told by size
 * and checksum; their names do not matter.
 * @throws Error when the folder cannot be read or holds more than 10,000 files.
 */
export async function installFromFolder(
  dataDir: string,
  folder: string,
  entries: readonly CatalogEntry[] = catalog(),
): Promise<FolderResult> {
  const result: FolderResult = { installed: [], alreadyThere: [], unknown: 0, unreadable: [] };
  const states = await modelStates(dataDir, entries);
  const done = new Set<string>();
  for (const file of await filesIn(folder)) {
    try {
      const entry = await identify(file, entries);
      if (!entry) {
        result.unknown += 1;
      } else if (!done.has(entry.id)) {
        const there = states.get(entry.id) === 'installed';
        if (!there) await installFromFile(dataDir, entry, file);
        (there ? result.alreadyThere : result.installed).push(entry);
        done.add(entry.id);
      }
    } catch (error) {
      if (!isReadFault(error)) throw error;
      result.unreadable.push(`${file}: ${(error as Error).message}`);
    }
  }
  return result;
}

/** Faults of one file in the folder; a full or unwritable data folder is a fault of the whole. */
function isReadFault(error: unknown): boolean {
  if (error instanceof ModelInstallError) return true;
  return ['EACCES', 'ENOENT', 'EIO', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** The catalogued model that a file is, by size and checksum. */
export async function identify(
  file: string,
  entries: readonly CatalogEntry[] = catalog(),
): Promise<CatalogEntry | undefined> {
  const stats = await stat(file);
  if (!stats.isFile() || !entries.some((entry) => entry.size === stats.size)) return undefined;
  const sha256 = await sha256Of(file);
  return entries.find((entry) => entry.size === stats.size && entry.sha256 === sha256);
}
