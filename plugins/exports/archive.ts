import { configure, Uint8ArrayReader, ZipWriter } from '@zip.js/zip.js/lib/zip-core-native.js';
import { EntryNames } from '../../core/entry-names.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { ExportEntry } from '../../core/plugin/export-services.ts';

/** Of one archive. An entry is held in memory, the archive is not. */
export const LIMITS = { entries: 2_000, entryBytes: 32 * 1024 ** 2, bytes: 512 * 1024 ** 2 };

/** WinZip's AE-2 with a key of 256 bits. */
const AES_256 = 3;

// Threads of the library's own would outlive the plugin, and the event loop has its turns between the entries.
configure({ useWebWorkers: false });

/**
 * The bytes of a zip archive, made entry by entry as they are read. Texts are deflated, everything else is stored:
 * pictures do not get smaller.
 * @throws ContractError for more than an archive may hold, and whatever the entries throw
 */
export async function* zipped(
  entries: AsyncIterable<ExportEntry>,
  password: string,
  limits: typeof LIMITS = LIMITS,
): AsyncGenerator<Uint8Array, void, void> {
  const pieces: Uint8Array[] = [];
  const names = new EntryNames();
  const writer = new ZipWriter(new WritableStream<Uint8Array>({ write: (piece) => void pieces.push(piece) }), {
    password,
    encryptionStrength: AES_256,
    // Sizes before the bytes: some programs cannot unpack a stored, encrypted entry that tells them behind.
    bufferedWrite: true,
    dataDescriptor: false,
    extendedTimestamp: false,
    useCompressionStream: true,
  });
  let count = 0;
  let bytes = 0;
  for await (const { name, data } of entries) {
    const content = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    count += 1;
    bytes += content.byteLength;
    if (count > limits.entries || bytes > limits.bytes || content.byteLength > limits.entryBytes) {
      throw new ContractError(CODE.unknownError, 'this is too much for one archive: export it in parts');
    }
    await writer.add(names.take(name), new Uint8ArrayReader(content), { level: typeof data === 'string' ? 6 : 0 });
    yield* pieces.splice(0);
  }
  await writer.close();
  yield* pieces.splice(0);
}

/** What a source gives, until the signal ends it: then it rejects with the signal's reason, even while it waits. */
export async function* endedBy<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void, void> {
  const iterator = source[Symbol.asyncIterator]();
  const ended = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // Looked at only while a value is awaited.
  ended.catch(() => {});
  let finished = false;
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = await Promise.race([iterator.next(), ended]);
      if (next.done) {
        finished = true;
        return;
      }
      yield next.value;
    }
  } finally {
    // Not awaited: a source that hangs would hang its end as well.
    if (!finished) void Promise.resolve(iterator.return?.()).catch(() => {});
  }
}
