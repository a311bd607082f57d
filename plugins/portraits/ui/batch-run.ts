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
  | ({ state: 'enrolled' } & Enrolled)
  /** `text`: in the user's language. */
  | { state: 'refused'; code: number; text: string };

/** @property imageId empty where only a lost answer said it */
export interface Enrolled extends Likeness {
  imageId: string;
}

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
  send: (file: F, named: NamedFile, signal: AbortSignal) => Promise<Enrolled>;
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
  let busyFor: number | undefined;
  for (const [at, row] of rows.entries()) {
    if (row.outcome.state !== 'waiting' || 'fault' in row.named) continue;
    if (run.signal.aborted) return undefined;
    try {
      const enrolled = await patiently(() => run.send(row.file, row.named as NamedFile, run.signal), run);
      rows[at] = { ...row, outcome: { state: 'enrolled', ...enrolled } };
      busyFor = undefined;
    } catch (error) {
      if (run.signal.aborted) return undefined;
      if (endsAll(error)) return error;
      if (isBusy(error) && busyFor !== undefined) {
        rows[busyFor] = { ...rows[busyFor]!, outcome: { state: 'waiting' } };
        run.onRows([...rows]);
        return error;
      }
      // Of one file alone it is the file: one that ends the box's image service comes back as busy, too.
      busyFor = isBusy(error) ? at : undefined;
      rows[at] = { ...row, outcome: { state: 'refused', code: codeOf(error), text: run.text(error) } };
    }
    run.onRows([...rows]);
  }
  return undefined;
}

async function patiently<F>(send: () => Promise<Enrolled>, { wait, signal }: BatchRun<F>): Promise<Enrolled> {
  let unanswered = false;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      // The box went on with what it was sent before, only its answer was lost.
      if (unanswered && IN_ALREADY.includes(codeOf(error))) return { imageId: '', near: [], nearFault: null };
      const away = isAway(error);
      const pause = PAUSES[attempt];
      if (signal.aborted || pause === undefined || !(away || isBusy(error))) throw error;
      // What could not be reached was perhaps never sent: what is in already may then be somebody else.
      unanswered ||= (error as Partial<ApiFailure>).reason === 'timeout';
      await wait(pause, signal);
    }
  }
}

/** It may be different in a moment: the box restarts, or the line to it broke. */
function isAway(error: unknown): boolean {
  const { reason } = error as Partial<ApiFailure>;
  return reason === 'unreachable' || reason === 'timeout';
}

function isBusy(error: unknown): boolean {
  return (error as Partial<ApiFailure>).status === 503;
}

/** Whatever is sent next would meet the same: no connection, no session, no right, no database, no room. */
function endsAll(error: unknown): boolean {
  const { status, code } = error as Partial<ApiFailure>;
  return isAway(error) || status === 401 || status === 403 || code === NO_SUCH_DATABASE || code === TOO_MANY_IMAGES;
}

const NO_SUCH_DATABASE = -117;
const TOO_MANY_IMAGES = -122;
/** The same picture, or the same number, is in the database. */
const IN_ALREADY = [-116, -1100];

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
