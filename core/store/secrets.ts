import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, StoreDamagedError } from './errors.ts';
import { syncFolder } from './files.ts';
import type { StoreLog } from './types.ts';

export type CipherBits = 128 | 256;

/** A sealed value cannot be opened; the message says why, and never what was in it. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

/**
 * Seals values with AES-GCM under a key of one purpose.
 *
 * Sealed bytes: version (1), key bytes (16 or 32), key id (8 bytes), nonce (12), ciphertext, tag (16). Sealed text is
 * the same in base64url behind `gs1.`. The first ten bytes and `aad` are authenticated too. `aad` names the place of
 * the value (`person:17:phone`), so that it cannot be moved to another row unnoticed.
 */
export interface Secrets {
  seal(text: string, aad?: string): string;
  /** Throws `SecretError` for another key, another `aad`, or a changed value. */
  open(sealed: string, aad?: string): string;
  sealBytes(bytes: Uint8Array, aad?: string): Buffer;
  /** Throws as `open`. */
  openBytes(sealed: Uint8Array, aad?: string): Buffer;
  /** Keyed hash for looking up sealed columns by their exact value: 43 characters, the same for the same text. */
  lookupHash(text: string): string;
}

const VERSION = 1;
const ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 2 + ID_BYTES;
const TEXT_MARK = 'gs1.';
const MASTER_BYTES = 32;

/**
 * The keys of the box. Everything is derived (HKDF-SHA256) from one random master key, so that there is one small file
 * to keep and purposes cannot read one another's values.
 */
export class KeyRing {
  readonly #master: Buffer;
  readonly #id: Buffer;
  readonly #purposes = new Map<string, Secrets>();
  /** Key size for what is sealed from now on; older values are opened with the size they name. */
  bits: CipherBits = 256;

  /** `master`: 32 random bytes. */
  constructor(master: Uint8Array) {
    if (master.byteLength !== MASTER_BYTES) throw new TypeError(`a master key has ${MASTER_BYTES} bytes`);
    this.#master = Buffer.from(master);
    this.#id = this.derive('key id', ID_BYTES);
  }

  /** Names the master key without telling anything of it: 16 hex digits. */
  get id(): string {
    return this.#id.toString('hex');
  }

  /** Key material for a purpose of its own. */
  derive(purpose: string, bytes: number): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#master, Buffer.alloc(0), `gatehouse:${purpose}`, bytes));
  }

  /** The secrets of one purpose, for example a plugin's id. */
  for(purpose: string): Secrets {
    const known = this.#purposes.get(purpose);
    if (known) return known;
    const made = this.#secrets(purpose);
    this.#purposes.set(purpose, made);
    return made;
  }

  #secrets(purpose: string): Secrets {
    const keys = new Map([16, 32].map((size) => [size, this.derive(`seal:${size}:${purpose}`, size)]));
    const lookup = this.derive(`lookup:${purpose}`, 32);

    const sealBytes = (bytes: Uint8Array, aad = ''): Buffer => {
      const size = this.bits / 8;
      const head = Buffer.concat([Buffer.from([VERSION, size]), this.#id]);
      // Random nonces: safe for 2^32 values under one key, which is 13 years at ten a second.
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(algorithm(size), keys.get(size)!, nonce);
      cipher.setAAD(Buffer.concat([head, Buffer.from(aad)]));
      return Buffer.concat([head, nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    };

    const openBytes = (input: Uint8Array, aad = ''): Buffer => {
      const sealed = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
      const key = keys.get(sealed[1] ?? 0);
      if (sealed.length < HEAD_BYTES + NONCE_BYTES + TAG_BYTES || sealed[0] !== VERSION || !key) {
        throw new SecretError('not a sealed value');
      }
      const id = sealed.subarray(2, HEAD_BYTES);
      if (!id.equals(this.#id)) {
        throw new SecretError(
          `sealed with key ${id.toString('hex')}, but the box has key ${this.id}: put back the secret.key it was sealed with`,
        );
      }
      const body = sealed.subarray(HEAD_BYTES + NONCE_BYTES, -TAG_BYTES);
      const nonce = sealed.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES);
      const cipher = createDecipheriv(algorithm(key.length), key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.concat([sealed.subarray(0, HEAD_BYTES), Buffer.from(aad)]));
      cipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      try {
        return Buffer.concat([cipher.update(body), cipher.final()]);
      } catch {
        throw new SecretError('a sealed value was changed, or belongs to another place');
      }
    };

    return {
      sealBytes,
      openBytes,
      seal: (text, aad) => TEXT_MARK + sealBytes(Buffer.from(text), aad).toString('base64url'),
      open: (sealed, aad) => {
        if (!sealed.startsWith(TEXT_MARK)) throw new SecretError('not a sealed value');
        return openBytes(Buffer.from(sealed.slice(TEXT_MARK.length), 'base64url'), aad).toString();
      },
      lookupHash: (text) => createHmac('sha256', lookup).update(text).digest('base64url'),
    };
  }
}

function algorithm(keyBytes: number): 'aes-128-gcm' | 'aes-256-gcm' {
  return keyBytes === 16 ? 'aes-128-gcm' : 'aes-256-gcm';
}

/**
 * The box's keys from `<folder>/secret.key` (64 hex digits, mode 0600), which is made at the first start.
 * Throws `StoreDamagedError` when the file is there and is not a key.
 */
export async function openKeyRing(folder: string, log: StoreLog): Promise<KeyRing> {
  const file = join(folder, 'secret.key');
  const text = await readPrivate(file, log);
  if (text === undefined) {
    const master = randomBytes(MASTER_BYTES);
    await writePrivate(file, `${master.toString('hex')}\n`);
    const ring = new KeyRing(master);
    log.info({ file, key: ring.id }, 'a new secret key was made; keep a copy: sealed data cannot be read without it');
    return ring;
  }
  if (!/^[0-9a-f]{64}\n?$/.test(text)) {
    throw new StoreDamagedError(
      `${file} is not a key (64 hex digits): put back a copy, or move it away to start with a new key; ` +
        'what was sealed with the old one stays unreadable without it',
    );
  }
  return new KeyRing(Buffer.from(text.trim(), 'hex'));
}

async function readPrivate(file: string, log: StoreLog): Promise<string | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const mode = (await handle.stat()).mode & 0o777;
    if ((mode & 0o077) !== 0) {
      await handle.chmod(0o600);
      log.warn({ file, mode: mode.toString(8) }, 'others could read the secret key; its permissions were tightened');
    }
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** Writes beside and renames, so that a crash never leaves half a key. */
async function writePrivate(file: string, text: string): Promise<void> {
  const beside = `${file}.new`;
  const handle = await open(beside, 'w', 0o600);
  try {
    await handle.chmod(0o600);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
  await syncFolder(dirname(file));
}
