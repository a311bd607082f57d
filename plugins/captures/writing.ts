import { setImmediate as nextTurn } from 'node:timers/promises';
import { and, asc, between, desc, eq, inArray, isNull, lt, lte, max, not, or, type SQL, sql } from 'drizzle-orm';
import type { EnrolledPicture } from '../../core/plugin/capture-services.ts';
import type { Store, Tx } from '../../core/store/database.ts';
import type { RetentionPolicy } from '../../core/store/retention.ts';
import type { CaptureKind } from '../../core/vision/keys.ts';
import { companionsOf, shownBy } from './companions.ts';
import { captures, isRecognised, MOMENTS_PER_MS, type NewCaptureRow } from './tables.ts';

/** Rows one write job deletes: it holds the box's only writer. */
const BATCH = 200;
/** The same where for each of them is looked for others of the same person. */
const BATCH_OF_PEOPLE = 50;

/** What a capture knows of the one it is most like. */
const NOBODY = {
  libId: null,
  libName: null,
  libType: null,
  imageId: null,
  similarity: null,
  ranking: null,
  imagePath: null,
  enrolledAt: null,
  personName: null,
  personGender: null,
  personAge: null,
  hasIdcard: null,
  hasAddress: null,
} satisfies Partial<NewCaptureRow>;

/**
 * Stores a row inside a write job, at its place in the order of the lists.
 * @returns its moment
 * @throws Error when a thousand captures of this millisecond are stored already
 */
export function insert(tx: Tx, row: NewCaptureRow): number {
  const first = row.time * MOMENTS_PER_MS;
  const { last } = tx
    .select({ last: max(captures.moment) })
    .from(captures)
    .where(between(captures.moment, first, first + MOMENTS_PER_MS - 1))
    .get() ?? { last: null };
  const moment = last === null ? first : last + 1;
  if (moment >= first + MOMENTS_PER_MS) throw new Error('too many captures of one millisecond');
  tx.insert(captures)
    .values({ ...row, moment })
    .run();
  return moment;
}

/** Lets go, within the job, of what is kept of captures in tables of its own. */
export type Forget = (tx: Tx, moments: number[]) => void;

/** Deletes captures with their pictures inside a write job and gives their ids; of more than `limit` the oldest. */
function remove(tx: Tx, condition: SQL | undefined, limit: number, forgetIn: Forget): string[] {
  return removeThese(tx, momentsOf(tx, condition, limit), forgetIn);
}

function momentsOf(tx: Tx, condition: SQL | undefined, limit: number): number[] {
  const { moment } = captures;
  const rows = tx.select({ moment }).from(captures).where(condition).orderBy(asc(moment)).limit(limit).all();
  return rows.map((row) => row.moment);
}

/** Deletes captures with their pictures inside a write job and gives their ids, in the order of their moments. */
function removeThese(tx: Tx, moments: number[], forgetIn: Forget): string[] {
  if (moments.length === 0) return [];
  const { moment, id, cropPath, framePath, platePath } = captures;
  const these = inArray(moment, moments);
  const rows = tx.select({ id, cropPath, framePath, platePath }).from(captures).where(these).orderBy(asc(moment)).all();
  tx.delete(captures).where(these).run();
  forgetIn(tx, moments);
  for (const row of rows) {
    tx.dropBlob(row.cropPath);
    tx.dropBlob(row.framePath);
    if (row.platePath !== null) tx.dropBlob(row.platePath);
  }
  return rows.map((row) => row.id);
}

/**
 * What else goes with captures that somebody erases, within the job, and how much of it: messages of them that waited. What
 * only grew old may still be told of.
 */
export type Alongside = (tx: Tx, ids: string[]) => Kept;

/** What others keep of captures. */
export interface Kept {
  messages: number;
  exports: number;
}

/** Deletes those of the ids that exist, and are of the kind where one is given; gives the deleted ones. */
export function removeByIds(
  store: Store,
  ids: readonly string[],
  kind: CaptureKind | undefined,
  { alongside, forgetIn }: Omit<Steps, 'erased'>,
): Promise<string[]> {
  const ofKind = kind === undefined ? undefined : eq(captures.kind, kind);
  return store.write((tx) => {
    const removed = remove(tx, and(inArray(captures.id, [...ids]), ofKind), ids.length, forgetIn);
    alongside(tx, removed);
    return removed;
  });
}

/** Deletes every capture there is now; see `removeInSteps`. */
export async function removeAll(store: Store, steps: Steps): Promise<number> {
  return (await removeInSteps(store, undefined, 0, steps)).captures;
}

/** What is done with each step of a deletion. */
export interface Steps {
  /** Told after it. */
  erased(ids: string[]): void;
  alongside: Alongside;
  forgetIn: Forget;
}

/**
 * Deletes the captures of an origin there are now; see `removeInSteps`.
 * @param keep so many of the newest stay
 */
export async function removeOrigin(store: Store, origin: 'demo', keep: number, steps: Steps): Promise<number> {
  return (await removeInSteps(store, eq(captures.origin, origin), keep, steps)).captures;
}

/** People who leave a database. */
export interface Leaving {
  libraryId: number;
  people: readonly EnrolledPicture[];
  /** Paths of pictures of captures, by which somebody of them was enrolled. */
  takenFrom: readonly string[];
}

/**
 * Lets go of people who leave a database: captures of them are deleted with their pictures, in steps, and with what else
 * the rows know to be of the same person (`companions.ts`). Where one of them was only the nearest, and not near enough,
 * the capture stays and forgets who that was; it is a stranger's as before.
 * @returns how many were deleted, with how many messages of them that waited, and how many forgot somebody
 */
export async function removeOf(
  store: Store,
  { libraryId, people, takenFrom }: Leaving,
  steps: Steps,
): Promise<Removed & { forgetful: number }> {
  const removed = { ...NOTHING, forgetful: 0 };
  const withCompanions = (condition: SQL | undefined) =>
    removeInSteps(store, condition, 0, steps, { size: BATCH_OF_PEOPLE, companions: true });
  for (const path of takenFrom) add(removed, await withCompanions(byPicture(path)));
  // One by one: then the index has each one's captures in their order. Of most there are none.
  for (const one of people) {
    const like = and(eq(captures.libId, libraryId), comparedWith(one));
    add(removed, await withCompanions(and(like, isRecognised)));
    const onlyNearest = and(like, not(isRecognised));
    while (store.read.select({ id: captures.id }).from(captures).where(onlyNearest).limit(1).get()) {
      removed.forgetful += await store.write((tx) => forget(tx, onlyNearest, BATCH));
    }
  }
  return removed;
}

/** Captures that were compared with an enrolled picture. Of old ones nobody knows which of an id it was: they fit any. */
function comparedWith({ imageId, imagePath }: EnrolledPicture): SQL | undefined {
  const ofPicture = or(isNull(captures.imagePath), eq(captures.imagePath, imagePath));
  return and(eq(captures.imageId, imageId), imagePath === '' ? undefined : ofPicture);
}

/** The capture that a stored picture is of. Its second stands in the path, so that nothing else is looked at. */
function byPicture(path: string): SQL | undefined {
  const second = Number(/\/(\d{1,12})_\d+\.\w+$/.exec(path)?.[1]);
  if (!Number.isSafeInteger(second)) return sql`FALSE`;
  const { moment, cropPath, framePath } = captures;
  const first = second * 1000 * MOMENTS_PER_MS;
  return and(between(moment, first, first + 1000 * MOMENTS_PER_MS - 1), or(eq(cropPath, path), eq(framePath, path)));
}

/** What went. */
export interface Removed extends Kept {
  captures: number;
}

const NOTHING: Removed = { captures: 0, messages: 0, exports: 0 };

function add(sum: Removed, { captures, messages, exports }: Removed): void {
  sum.captures += captures;
  sum.messages += messages;
  sum.exports += exports;
}

/** Takes the nearest out of captures inside a write job and gives their number. */
function forget(tx: Tx, condition: SQL | undefined, limit: number): number {
  const { moment } = captures;
  const rows = tx.select({ moment }).from(captures).where(condition).orderBy(asc(moment)).limit(limit).all();
  const moments = rows.map((row) => row.moment);
  if (moments.length > 0) tx.update(captures).set(NOBODY).where(inArray(moment, moments)).run();
  return moments.length;
}

/**
 * Deletes what fits the condition, up to the newest there is now, in small jobs with room for others between them.
 * Those that are taken meanwhile stay.
 * @param options companions: what shows the same person goes with them
 */
async function removeInSteps(
  store: Store,
  condition: SQL | undefined,
  keep: number,
  { erased, alongside, forgetIn }: Steps,
  { size = BATCH, companions = false }: { size?: number; companions?: boolean } = {},
): Promise<Removed> {
  const last = store.read
    .select({ moment: captures.moment })
    .from(captures)
    .where(condition)
    .orderBy(desc(captures.moment))
    .limit(1)
    .offset(keep)
    .get()?.moment;
  const removed = { ...NOTHING };
  if (last === undefined) return removed;
  for (;;) {
    const { chosen, ids, kept } = await store.write((tx) => {
      const moments = momentsOf(tx, and(lte(captures.moment, last), condition), size);
      const all = companions ? companionsOf(tx, shownBy(tx, moments)) : moments;
      const ids = removeThese(tx, all, forgetIn);
      return { chosen: moments.length, ids, kept: alongside(tx, ids) };
    });
    add(removed, { captures: ids.length, ...kept });
    erased(ids);
    if (chosen < size) return removed;
    await nextTurn();
  }
}

/**
 * Captures go when they are too old, and the oldest ones when the disk fills up.
 * @param owner whose files they are
 * @param keepDays 0 keeps them for ever
 * @param steps erased: told after the commit
 */
export function retentionPolicy(
  { read, blobs }: Pick<Store, 'read' | 'blobs'>,
  owner: string,
  keepDays: () => number,
  { erased, forgetIn }: Omit<Steps, 'alongside'>,
): RetentionPolicy {
  const told = (tx: Tx, ids: string[]): number => {
    if (ids.length > 0) tx.afterCommit(() => erased(ids));
    return ids.length;
  };
  return {
    name: 'captures',
    keepDays,
    removeOlderThan: (tx, time, limit) =>
      told(tx, remove(tx, lt(captures.moment, time * MOMENTS_PER_MS), limit, forgetIn)),
    removeOldest: (tx, limit) => told(tx, remove(tx, undefined, limit, forgetIn)),
    oldest: () =>
      read.select({ time: captures.time }).from(captures).orderBy(asc(captures.moment)).limit(1).get()?.time,
    bytes: () => blobs.totals(owner).bytes,
  };
}
