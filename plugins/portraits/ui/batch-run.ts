import type { ApiFailure } from '../../../ui/contract.ts';
import { type NamedFile, type NameFault, parseFileName } from './file-names.ts';
import type { Likeness } from './shapes.ts';

/** Enrolling many pictures, one after the other, without a page to draw it. */

/** A file of the batch and what became of it. */
export interface BatchRow<F = File> {
  file: F;
  /** With the folder it lies in. */
  path: string;
  named: NamedFile | { fault: NameFault };
  outcome: Outcome;
}

export type Outcome =
  | { state: 'waiting' }
  /** Its name says nothing that can be meant. */
  | { state: 'unreadable' }
  | ({ state: 'enrolled'; imageId: string } & Likeness)
  /** `text`: in the user's language. */
  | { state: 'refused'; code: number; text: string };

export function rowsOf<F extends { name: string; webkitRelativePath?: string }>(files: readonly F[]): BatchRow<F>[] {
  return files
    .filter(({ name }) => !name.startsWith('.'))
    .map((file) => {
      const path = file.webkitRelativePath || file.name;
      const named = parseFileName(path);
      return { file, path, named, outcome: { state: 'fault' in named ? 'unreadable' : 'waiting' } as Outcome };
    })
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

export interface BatchRun<F> {
  send: (file: F, named: NamedFile, signal: AbortSignal) => Promise<{ imageId: string } & Likeness>;
  /** A refusal in words. */
  text: (error: unknown) => string;
  /** Called after each file, with all rows as they are now. */
  onRows: (rows: BatchRow<F>[]) => void;
  signal: AbortSignal;
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Pauses before a file is tried again that the box was too busy for or did not answer, ms. */
const PAUSES = [1_000, 2_000, 4_000, 8_000, 15_000];

/**
 * Sends every row that waits. Resolves to the error that stopped it (the box cannot be reached, or may not be asked any
 * more) or to undefined when it came to its end or was cancelled; rows that were not sent go on waiting.
 */
export async function runBatch<F>(start: readonly BatchRow<F>[], run: BatchRun<F>): Promise<unknown> {
  const rows = [...start];
  for (const [at, row] of rows.entries()) {
    if (row.outcome.state !== 'waiting' || 'fault' in row.named) continue;
    if (run.signal.aborted) return undefined;
    try {
      const enrolled = await patiently(() => run.send(row.file, row.named as NamedFile, run.signal), run);
      rows[at] = { ...row, outcome: { state: 'enrolled', ...enrolled } };
    } catch (error) {
      if (run.signal.aborted) return undefined;
      if (endsAll(error)) return error;
      rows[at] = { ...row, outcome: { state: 'refused', code: codeOf(error), text: run.text(error) } };
    }
    run.onRows([...rows]);
  }
  return undefined;
}

async function patiently<T, F>(send: () => Promise<T>, { wait, signal }: BatchRun<F>): Promise<T> {
  for (const pause of PAUSES) {
    try {
      return await send();
    } catch (error) {
      if (signal.aborted || !passes(error)) throw error;
      await wait(pause, signal);
    }
  }
  return send();
}

/** It may be different in a moment: the box is busy or restarts. */
function passes(error: unknown): boolean {
  const { reason, status } = error as Partial<ApiFailure>;
  return reason === 'unreachable' || reason === 'timeout' || status === 503;
}

/** Whatever is sent next would meet the same: no connection, no session, no right, no database, no room. */
function endsAll(error: unknown): boolean {
  const { status, code } = error as Partial<ApiFailure>;
  return passes(error) || status === 401 || status === 403 || code === NO_SUCH_DATABASE || code === TOO_MANY_IMAGES;
}

const NO_SUCH_DATABASE = -117;
const TOO_MANY_IMAGES = -122;

function codeOf(error: unknown): number {
  return (error as Partial<ApiFailure>).code ?? 0;
}

/** The refused wait once more: somebody changed the conditions, or the box. */
export function refusedAgain<F>(rows: readonly BatchRow<F>[]): BatchRow<F>[] {
  return rows.map((row) => (row.outcome.state === 'refused' ? { ...row, outcome: { state: 'waiting' } } : row));
}

/** Perhaps enrolled a second time. */
export function looksLikeSomebody({ outcome }: BatchRow<unknown>): boolean {
  return outcome.state === 'enrolled' && outcome.near.length > 0;
}

/** How many rows are how far. */
export function countRows(rows: readonly BatchRow<unknown>[]): Record<Outcome['state'], number> {
  const counts = { waiting: 0, unreadable: 0, enrolled: 0, refused: 0 };
  for (const { outcome } of rows) counts[outcome.state] += 1;
  return counts;
}
