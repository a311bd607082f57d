import { createHash } from 'node:crypto';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogEntry } from './catalog.ts';
import { makeModelsFolder, modelFile, noteChecksum, partFile, syncFolder, writerOf } from './store.ts';

/** A model could not be installed. `reason` is for programs, the message for people. */
export class ModelInstallError extends Error {
  readonly reason: 'wrong-file' | 'offline' | 'refused' | 'unreadable';

  constructor(reason: ModelInstallError['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ModelInstallError';
    this.reason = reason;
  }
}

export interface DownloadOptions {
  /** Milliseconds without a byte after which the download is given up. */
  idleMs?: number;
  /** Milliseconds that the whole download may take. */
  totalMs?: number;
  /** Bytes received so far. */
  onBytes?: (received: number) => void;
}

const IDLE_MS = 30_000;
const TOTAL_MS = 15 * 60_000;

/** Removes what installs that were killed have left behind; those of running processes stay. */
async function clearParts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const writer = writerOf(name);
    if (writer === undefined || isRunning(writer)) continue;
    await rm(join(folder, name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Receives a model beside its place and puts it there only when every byte is right and on the disk: whoever looks
 * sees the whole file or none, also after a power cut.
 */
async function receive(
  dataDir: string,
  entry: CatalogEntry,
  chunks: AsyncIterable<Uint8Array>,
  from: string,
  onBytes?: (received: number) => void,
): Promise<void> {
  const folder = await makeModelsFolder(dataDir);
  await clearParts(folder);
  const part = partFile(folder, entry.id);
  const handle = await open(part, 'w', 0o644);
  try {
    const hash = createHash('sha256');
    let received = 0;
    for await (const chunk of chunks) {
      received += chunk.length;
      if (received > entry.size) throw wrongFile(entry, from, `more than the ${entry.size} bytes of the model`);
      hash.update(chunk);
      await handle.appendFile(chunk);
      onBytes?.(received);
    }
    if (received !== entry.size) throw wrongFile(entry, from, `${received} bytes, the model has ${entry.size}`);
    const sha256 = hash.digest('hex');
    if (sha256 !== entry.sha256) throw wrongFile(entry, from, `SHA-256 ${sha256}, the model has ${entry.sha256}`);
    await handle.sync();
    await handle.close();
    await rename(part, modelFile(dataDir, entry.id));
    await syncFolder(folder);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(part, { force: true });
    throw error;
  }
  await noteChecksum(dataDir, entry);
}

function wrongFile(entry: CatalogEntry, from: string, difference: string): ModelInstallError {
  return new ModelInstallError(
    'wrong-file',
    `${from} is not ${entry.id}: it has ${difference}. Nothing was installed.`,
  );
}

/**
 * Installs a model from a file, whatever that is called. The file itself stays as it is.
 * @throws ModelInstallError when it is not the catalogued file, or cannot be read.
 */
export async function installFromFile(dataDir: string, entry: CatalogEntry, file: string): Promise<void> {
  // Opened before anything else is done: a stream that opens by itself may fail while nobody listens to it yet.
  let source: FileHandle | undefined;
  try {
    const stats = await stat(file);
    if (!stats.isFile()) throw new ModelInstallError('unreadable', `${file} is not a file`);
    if (stats.size !== entry.size) throw wrongFile(entry, file, `${stats.size} bytes, the model has ${entry.size}`);
    source = await open(file);
  } catch (error) {
    if (error instanceof ModelInstallError) throw error;
    throw new ModelInstallError('unreadable', `${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    await receive(dataDir, entry, source.createReadStream({ highWaterMark: 1 << 20, autoClose: false }), file);
  } finally {
    await source.close();
  }
}

/**
 * Downloads a model from its catalogued address.
 * @throws ModelInstallError: `offline` when the server cannot be reached or falls silent, `refused` when it answers with
 *   an error, `wrong-file` when it sends something else.
 */
export async function download(dataDir: string, entry: CatalogEntry, options: DownloadOptions = {}): Promise<void> {
  const { idleMs = IDLE_MS, totalMs = TOTAL_MS, onBytes } = options;
  const stop = new AbortController();
  const give = (what: string) => () => stop.abort(new Error(what));
  const total = setTimeout(give(`not finished after ${Math.round(totalMs / 1000)} s`), totalMs);
  let idle = setTimeout(give(`no answer for ${Math.round(idleMs / 1000)} s`), idleMs);
  try {
    const response = await fetch(entry.url, { redirect: 'follow', signal: stop.signal });
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      throw new ModelInstallError('refused', `${entry.url} answers ${response.status} ${response.statusText}`.trim());
    }
    await receive(dataDir, entry, chunksOf(response.body), entry.url, (received) => {
      clearTimeout(idle);
      idle = setTimeout(give(`no more data for ${Math.round(idleMs / 1000)} s`), idleMs);
      onBytes?.(received);
    });
  } catch (error) {
    if (error instanceof ModelInstallError || !isConnectionFault(error, stop.signal)) throw error;
    throw new ModelInstallError('offline', offlineMessage(entry, reasonOf(error, stop.signal)), { cause: error });
  } finally {
    clearTimeout(total);
    clearTimeout(idle);
  }
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** `fetch` and its body throw TypeErrors for the network; all else (a full disk) is not about the connection. */
function isConnectionFault(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || error instanceof TypeError;
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return (signal.reason as Error).message;
  const cause = (error as Error).cause;
  return cause instanceof Error ? cause.message || cause.name : (error as Error).message;
}

function offlineMessage(entry: CatalogEntry, reason: string): string {
  return (
    `${entry.id} could not be downloaded (${reason}). On a box without internet, fetch ${entry.url} elsewhere, ` +
    `bring the file here and run: npm run models -- install ${entry.id} --from <file>`
  );
}
