import { and, between, eq, inArray, isNull, ne, or, type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../../core/store/database.ts';
import { type CaptureRow, captures, isRecognised, MOMENTS_PER_MS } from './tables.ts';

/**
 * Captures of one track lie no further apart, ms. Numbers of tracks come again in time: a longer one would find somebody
 * else.
 */
const SAME_TRACK_MS = 60_000;

/** What has to be known of a capture to find those that show the same person. */
export type Shown = Pick<
  CaptureRow,
  'moment' | 'kind' | 'channel' | 'origin' | 'time' | 'trackId' | 'box' | 'libId' | 'personName'
>;

const shown = {
  moment: captures.moment,
  kind: captures.kind,
  channel: captures.channel,
  origin: captures.origin,
  time: captures.time,
  trackId: captures.trackId,
  box: captures.box,
  libId: captures.libId,
  personName: captures.personName,
};

/**
 * Captures that show the same person as these, by what the rows know: those of the same track within a minute, unless they
 * were recognised as somebody else, and the bodies around such faces in the same frame with their tracks.
 * @returns their moments, with those of the captures given
 */
export function companionsOf(tx: Tx, given: readonly Shown[]): number[] {
  const found = new Set(given.map(({ moment }) => moment));
  const addTracksOf = (some: readonly Shown[]) => {
    for (const one of some) for (const moment of trackOf(tx, one)) found.add(moment);
  };
  addTracksOf(given);
  const faces = shownBy(tx, [...found]).filter(({ kind }) => kind === 'face');
  addTracksOf(faces.flatMap((face) => bodyOf(tx, face) ?? []));
  return [...found];
}

/** All of them that are there, as they show somebody. */
export function shownBy(tx: Tx, moments: readonly number[]): Shown[] {
  return tx
    .select(shown)
    .from(captures)
    .where(inArray(captures.moment, [...moments]))
    .all();
}

function trackOf(tx: Tx, one: Shown): number[] {
  const { moment, kind, channel, trackId, libId, personName, similarity } = captures;
  // Two pictures of one name in one database, seen in one track, are of one person.
  const samePerson =
    one.libId !== null && one.personName ? and(eq(libId, one.libId), eq(personName, one.personName)) : undefined;
  const nobodyElse = or(isNull(similarity), sql`NOT ${isRecognised}`, samePerson);
  const around = SAME_TRACK_MS * MOMENTS_PER_MS;
  return tx
    .select({ moment })
    .from(captures)
    .where(
      and(
        eq(channel, one.channel),
        eq(trackId, one.trackId),
        between(moment, one.moment - around, one.moment + around),
        eq(kind, one.kind),
        sameOrigin(one),
        nobodyElse,
      ),
    )
    .all()
    .map((row) => row.moment);
}

/** The body that belongs to a face, where both were captured in one frame: the smallest box that has the face at its top. */
function bodyOf(tx: Tx, face: Shown): Shown | undefined {
  const { moment, kind, channel } = captures;
  const first = face.time * MOMENTS_PER_MS;
  const sameFrame = between(moment, first, first + MOMENTS_PER_MS - 1);
  return tx
    .select(shown)
    .from(captures)
    .where(and(sameFrame, eq(kind, 'body'), eq(channel, face.channel), sameOrigin(face), ne(moment, face.moment)))
    .all()
    .filter(({ box }) => isAtTopOf(face.box, box))
    .sort((a, b) => area(a.box) - area(b.box))[0];
}

function sameOrigin({ origin }: Shown): SQL {
  return origin === null ? isNull(captures.origin) : eq(captures.origin, origin);
}

/** The middle of a face lies in the upper half of a body. */
function isAtTopOf(face: Shown['box'], [left, top, right, bottom]: Shown['box']): boolean {
  const [x, y] = [(face[0] + face[2]) / 2, (face[1] + face[3]) / 2];
  return x > left && x < right && y > top && y < (top + bottom) / 2;
}

function area([left, top, right, bottom]: Shown['box']): number {
  return (right - left) * (bottom - top);
}
