/** Too much is waiting already: the caller should slow down or drop. Nothing was stored. */
export class StoreBusyError extends Error {
  override readonly name = 'StoreBusyError';
}

/** The disk is full or does not write. Nothing of the job was stored; the store works again when the disk does. */
export class StoreFullError extends Error {
  override readonly name = 'StoreFullError';
  /** `full`: no space is left. `failing`: the disk answers with errors or is read-only. */
  readonly reason: 'full' | 'failing';

  constructor(reason: 'full' | 'failing', cause: unknown) {
    const what = reason === 'full' ? 'the disk is full' : 'the disk does not write';
    super(`${what} (${codeOf(cause) ?? String(cause)}): nothing of this was stored`, { cause });
    this.reason = reason;
  }
}

/** A file of the store cannot be used as it is; the message names it and says what to do. */
export class StoreDamagedError extends Error {
  override readonly name = 'StoreDamagedError';
}

/** Another process works in the data folder. */
export class StoreInUseError extends Error {
  override readonly name = 'StoreInUseError';
}

/** The store is closing or closed. */
export class StoreClosedError extends Error {
  override readonly name = 'StoreClosedError';

  constructor() {
    super('the store is closed');
  }
}

/** A write job did what a job must not do: return a promise, use its transaction later, end it by hand. */
export class WriteJobError extends Error {
  override readonly name = 'WriteJobError';
}

/** The code of a database or file error (`SQLITE_FULL`, `ENOSPC`), also when drizzle has wrapped it. */
export function codeOf(error: unknown): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = (at as Error & { code?: unknown }).code;
    if (typeof code === 'string' && code !== '') return code;
  }
  return undefined;
}

const FULL = /^(SQLITE_FULL|ENOSPC|EDQUOT)/;
const FAILING = /^(SQLITE_IOERR|SQLITE_CANTOPEN|SQLITE_READONLY|EIO|EROFS)/;
const DAMAGED = /^(SQLITE_CORRUPT|SQLITE_NOTADB)/;

/** Turns errors of a full or failing disk into `StoreFullError`; gives every other error back as it is. */
export function asStoreError(error: unknown): unknown {
  const code = codeOf(error) ?? '';
  if (FULL.test(code)) return new StoreFullError('full', error);
  if (FAILING.test(code)) return new StoreFullError('failing', error);
  return error;
}

/** Whether SQLite may have ended the whole transaction, not only the statement. */
export function endsTransaction(error: unknown): boolean {
  return /^SQLITE_(FULL|IOERR|NOMEM|CORRUPT|NOTADB|INTERRUPT|READONLY|CANTOPEN)/.test(codeOf(error) ?? '');
}

export function isDamage(error: unknown): boolean {
  return DAMAGED.test(codeOf(error) ?? '');
}
