import { createCipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { pino } from 'pino';
import type { PluginContext, PluginParts } from '../../core/plugin/contract.ts';
import { type ExportEntry, type Exports, exporting } from '../../core/plugin/export-services.ts';
import type { Store } from '../../core/store/database.ts';
import { temporaryStore } from '../../core/store/fixture.ts';
import type { RetentionPolicy } from '../../core/store/retention.ts';
import { serviceOf } from '../../tests/kit/plugin.ts';
import plugin from './index.ts';

/** The plugin over a real store in a temporary folder. */

export interface TestPlugin {
  store: Store;
  parts: PluginParts<unknown>;
  exports: Exports;
  /** Wall clock; may be set. */
  clock: { time: number };
  policy: RetentionPolicy;
  /** The bytes of a stored file. */
  read(path: string): Promise<Buffer>;
}

export async function startPlugin(t: TestContext): Promise<TestPlugin> {
  const { store } = await temporaryStore(t);
  await store.migrate('exports', join(import.meta.dirname, 'migrations'));
  const box = { store, clock: { time: Date.UTC(2019, 0, 23, 12, 4, 27) } } as TestPlugin;
  box.parts = await plugin.setup({
    id: 'exports',
    log: pino({ level: 'silent' }),
    clock: { now: () => box.clock.time, zone: 'UTC' },
    metrics: { counter: () => ({ inc: () => {} }), gauge: () => {} },
    store,
    retain: (policy: RetentionPolicy) => {
      box.policy = policy;
    },
  } as unknown as PluginContext);
  box.exports = serviceOf(box.parts, exporting);
  box.read = async (path) => {
    const file = await store.blobs.open(path);
    if (!file) throw new Error(`there is no ${path}`);
    return file.bytes();
  };
  return box;
}

export async function* from(...entries: ExportEntry[]): AsyncGenerator<ExportEntry> {
  yield* entries;
}

export interface ReadEntry {
  name: string;
  stored: boolean;
  bytes: Buffer;
}

/** A password does not open an entry. */
export class WrongPassword extends Error {}

/**
 * Reads an archive by the descriptions of the format (APPNOTE 6.3.9 and WinZip's AE-2) alone, so that what wrote it is
 * not asked whether it is right.
 */
export function readArchive(zip: Buffer, password: string): ReadEntry[] {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  return Array.from({ length: count }, () => {
    if (zip.readUInt32LE(at) !== 0x02014b50) throw new Error(`no entry at ${at}`);
    const nameLength = zip.readUInt16LE(at + 28);
    const extraLength = zip.readUInt16LE(at + 30);
    const extra = zip.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const entry = {
      flags: zip.readUInt16LE(at + 8),
      method: zip.readUInt16LE(at + 10),
      crc: zip.readUInt32LE(at + 16),
      packed: zip.readUInt32LE(at + 20),
      size: zip.readUInt32LE(at + 24),
      local: zip.readUInt32LE(at + 42),
      name: zip.toString('utf8', at + 46, at + 46 + nameLength),
    };
    at += 46 + nameLength + extraLength + zip.readUInt16LE(at + 32);
    // Encrypted, no sizes behind the bytes; method 99; extra field 0x9901 with AE-2, "AE", 256 bits; no CRC.
    if ((entry.flags & 0x0009) !== 0x0001 || entry.method !== 99 || entry.crc !== 0) throw new Error('not AE-2');
    if (/[^\x20-\x7e]/.test(entry.name) && !(entry.flags & 0x0800))
      throw new Error(`${entry.name} is not marked as UTF-8`);
    const aes = extraField(extra, 0x9901);
    if (aes.readUInt16LE(0) !== 2 || aes.toString('latin1', 2, 4) !== 'AE' || aes[4] !== 3) throw new Error('not AE-2');
    const method = aes.readUInt16LE(5);
    const begin = entry.local + 30 + zip.readUInt16LE(entry.local + 26) + zip.readUInt16LE(entry.local + 28);
    const plain = decrypted(zip.subarray(begin, begin + entry.packed), password);
    const bytes = method === 0 ? plain : inflateRawSync(plain);
    if (bytes.length !== entry.size) throw new Error(`${entry.name} has not its size`);
    return { name: entry.name, stored: method === 0, bytes };
  });
}

function extraField(extra: Buffer, id: number): Buffer {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
  }
  throw new Error(`no extra field ${id}`);
}

/** Salt (16), check of the password (2), AES-256 in counter mode (from 1, least byte first), HMAC-SHA1 (10). */
function decrypted(data: Buffer, password: string): Buffer {
  const keys = pbkdf2Sync(password, data.subarray(0, 16), 1000, 66, 'sha1');
  if (!keys.subarray(64).equals(data.subarray(16, 18))) throw new WrongPassword();
  const secret = data.subarray(18, -10);
  const mac = createHmac('sha1', keys.subarray(32, 64)).update(secret).digest().subarray(0, 10);
  if (!timingSafeEqual(mac, data.subarray(-10))) throw new WrongPassword();
  const counters = Buffer.alloc(Math.ceil(secret.length / 16) * 16);
  for (let block = 0; block * 16 < counters.length; block += 1) counters.writeUInt32LE(block + 1, block * 16);
  const stream = createCipheriv('aes-256-ecb', keys.subarray(0, 32), null).setAutoPadding(false).update(counters);
  return Buffer.from(secret.map((byte, i) => byte ^ stream[i]!));
}
