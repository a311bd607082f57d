import { openSync, readFileSync, writeSync } from 'node:fs';

/**
 * What a child is doing at this moment, in a small file both sides know: a child that hangs can no longer say it. Noted
 * before each step that may never come back, about 2 µs each; nothing is synced, since it need not outlive the machine.
 */

const LENGTH = 160;

/** The child's side. */
export class DoingNote {
  readonly #file: number;
  readonly #text = Buffer.alloc(LENGTH);

  constructor(path: string) {
    this.#file = openSync(path, 'w', 0o600);
  }

  /** @param what is cut off after 160 bytes; the empty text: nothing that could hang */
  write(what: string): void {
    this.#text.fill(0);
    this.#text.write(what);
    writeSync(this.#file, this.#text, 0, LENGTH, 0);
  }
}

/** The core's side: what the child noted last; undefined where it noted nothing. */
export function readDoing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replaceAll('\0', '') || undefined;
  } catch {
    return undefined;
  }
}
