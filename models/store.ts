import { createHash } from 'node:crypto';
import { type BigIntStats, createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { ModelCard } from './catalog.ts';

/** `damaged`: a file lies in the model's place, but it is not the catalogued one. */
export type ModelState = 'installed' | 'missing' | 'damaged';

/** What was seen of a file when its checksum was taken; as long as this holds, it is not read again. */
const seenSchema = z.strictObject({
  size: z.string(),
  modified: z.string(),
  /** Time of the last change of the file's inode, which cannot be set back as the time of modification can. */
  changed: z.string(),
  sha256: z.string(),
});
const sidecarSchema = z.strictObject({ version: z.literal(1), files: z.record(z.string(), seenSchema) });

type Seen = z.infer<typeof seenSchema>;

export function modelsFolder(dataDir: string): string {
  return join(dataDir, 'models');
}

/** Where a model's file lies once it is installed. */
export function modelFile(dataDir: string, id: string): string {
  return join(modelsFolder(dataDir), `${id}.onnx`);
}

/** Where the models lie that come with the box. */
export const DEMO_FOLDER = join(import.meta.dirname, 'demo');

/** Where the file of a model lies: in the data folder, or for one that comes with the box in `demoFolder`. */
export function fileOf(dataDir: string, entry: Pick<ModelCard, 'id' | 'madeFor'>, demoFolder = DEMO_FOLDER): string {
  return entry.madeFor === 'demo' ? join(demoFolder, `${entry.id}.onnx`) : modelFile(dataDir, entry.id);
}

/** @returns the file's SHA-256 in hexadecimal. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Makes a rename or removal in this folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function statFile(file: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(file, { bigint: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** What is seen before the file is read: later its second may be over. */
function seenNow(stats: BigIntStats): Omit<Seen, 'sha256'> {
  const changed = tooFresh(stats) ? 'within this second' : String(stats.ctimeNs);
  return { size: String(stats.size), modified: String(stats.mtimeNs), changed };
}

/**
 * Some runtimes and file systems tell times of change in whole seconds. There a file may be changed once more within
 * its second without a sign of it, so that what was seen in that second does not count for long.
 */
function tooFresh({ ctimeNs }: BigIntStats): boolean {
  return ctimeNs % 1_000_000_000n === 0n && Date.now() < Number(ctimeNs / 1_000_000n) + 2_000;
}

function holds(seen: Seen | undefined, stats: BigIntStats): seen is Seen {
  return (
    seen !== undefined &&
    seen.size === String(stats.size) &&
    seen.modified === String(stats.mtimeNs) &&
    seen.changed === String(stats.ctimeNs)
  );
}

/** Checksums already taken, by file; the sidecar carries them over a restart. */
const known = new Map<string, Seen>();

function sidecarOf(folder: string): string {
  return join(folder, '.verified.json');
}

async function readSidecar(folder: string): Promise<Record<string, Seen>> {
  try {
    const parsed = sidecarSchema.safeParse(JSON.parse(await readFile(sidecarOf(folder), 'utf8')));
    return parsed.success ? parsed.data.files : {};
  } catch {
    // Without it every file is read once more, nothing else.
    return {};
  }
}

let parts = 0;

/**
 * A name for a file that is being written. Two writers never share one, and what a killed writer left behind is
 * recognised by the number of its process.
 */
export function partFile(folder: string, what: string): string {
  parts += 1;
  return join(folder, `.${what}.${parts}.${process.pid}.part`);
}

/** The process that writes this file, where it is one that is being written. */
export function writerOf(name: string): number | undefined {
  const found = /^\..+\.(\d+)\.part$/.exec(name);
  return found ? Number(found[1]) : undefined;
}

async function writeSidecar(folder: string, files: Record<string, Seen>): Promise<void> {
  const temporary = partFile(folder, 'verified');
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(JSON.stringify({ version: 1, files }, null, 1));
  } finally {
    await handle.close();
  }
  await rename(temporary, sidecarOf(folder));
}

/**
 * The state of each model, by id. A file counts as installed only with the catalogued checksum; a checksum is taken
 * anew only when size or times of the file have changed.
 */
export async function modelStates(
  dataDir: string,
  entries: readonly ModelCard[],
  demoFolder = DEMO_FOLDER,
): Promise<Map<string, ModelState>> {
  const folder = modelsFolder(dataDir);
  const sidecar = await readSidecar(folder);
  const states = new Map<string, ModelState>();
  let learned = false;
  const stateOf = async (entry: ModelCard): Promise<ModelState> => {
    const file = fileOf(dataDir, entry, demoFolder);
    const stats = await statFile(file);
    if (!stats) return 'missing';
    if (!stats.isFile() || stats.size !== BigInt(entry.size)) return 'damaged';
    let seen = known.get(file) ?? sidecar[entry.id];
    if (!holds(seen, stats)) {
      seen = await takeChecksum(file, stats);
      learned = true;
    }
    known.set(file, seen);
    sidecar[entry.id] = seen;
    return seen.sha256 === entry.sha256 ? 'installed' : 'damaged';
  };
  for (const entry of entries) {
    // A file that cannot be read costs that model; the box starts.
    states.set(entry.id, await stateOf(entry).catch((): ModelState => 'damaged'));
  }
  // A folder that cannot be written (a read-only image) costs a reading at each start.
  if (learned) await writeSidecar(folder, sidecar).catch(() => undefined);
  return states;
}

async function takeChecksum(file: string, before: BigIntStats): Promise<Seen> {
  const seenBefore = seenNow(before);
  const seen = { ...seenBefore, sha256: await sha256Of(file) };
  const after = await statFile(file);
  // Written to while it was read: the checksum is of neither state and must not count for long.
  return after && holds(seen, after) ? seen : { ...seen, changed: 'while reading' };
}

/** Notes the checksum of a file that was just written, so that the next start does not read it again. */
export async function noteChecksum(dataDir: string, entry: ModelCard): Promise<void> {
  const file = modelFile(dataDir, entry.id);
  const stats = await statFile(file);
  if (!stats) return;
  const folder = modelsFolder(dataDir);
  const seen = { ...seenNow(stats), sha256: entry.sha256 };
  known.set(file, seen);
  await writeSidecar(folder, { ...(await readSidecar(folder)), [entry.id]: seen }).catch(() => undefined);
}

/**
 * Removes a model's file.
 * @returns false when there was none.
 */
export async function removeModel(dataDir: string, id: string): Promise<boolean> {
  const file = modelFile(dataDir, id);
  known.delete(file);
  if (!(await statFile(file))) return false;
  await rm(file, { recursive: true });
  await syncFolder(dirname(file));
  return true;
}

/** Makes the models folder. */
export async function makeModelsFolder(dataDir: string): Promise<string> {
  const folder = modelsFolder(dataDir);
  await mkdir(folder, { recursive: true });
  return folder;
}
