import { z } from 'zod';
import { clockTime, inHours } from '../../core/events/hours.ts';
import { GROUPS, type Group, groupOf, recognised } from '../../core/events/push-body.ts';
import { int, oneOf, text } from '../../core/gateway/lenient.ts';
import type { CaptureRecord } from '../../core/plugin/capture-services.ts';
import type { OutMessage } from '../../core/plugin/push-services.ts';

/** What has to happen for a rule to fire. Live and in the preview the same functions decide. */

/** Scenes of the demo site: they count for nothing, they are told but no action is run, or they count in full. */
const DEMO = ['none', 'told', 'acted'] as const;

/** `alarm` is one of any kind. */
const WHAT = /^(capture\/(face|body|vehicle)|alarm(\/[a-z][a-zA-Z0-9-]{0,39})?)$/;

/** Empty lists leave nothing out. */
export const when = z.object({
  what: z
    .array(text({ pattern: WHAT }))
    .min(1)
    .max(30)
    .describe('capture/face, capture/body, capture/vehicle, alarm for all of them, or alarm/<kind>'),
  cameras: z
    .array(int({ min: 0, max: 100_000 }))
    .max(64)
    .default([])
    .describe('channels; empty: all'),
  groups: z
    .array(oneOf(GROUPS))
    .max(GROUPS.length)
    .default([])
    .describe('who a captured face is: key, white, stranger, unknown (not compared); empty: anybody'),
  databases: z
    .array(int({ min: 1 }))
    .max(64)
    .default([])
    .describe('databases one of which knows the person; empty: any'),
  days: z
    .array(int({ min: 1, max: 7 }))
    .max(7)
    .default([])
    .describe('days of the week, 1 is Monday; hours over midnight belong to the day they begin on; empty: all'),
  from: clockTime.default('00:00').describe('beginning of the hours, in the zone of the box'),
  to: clockTime.default('00:00').describe('their end; the same as the beginning: all day'),
  quietMinutes: int({ min: 0, max: 1440 }).default(5).describe('at the same camera again only after so many minutes'),
  demo: oneOf(DEMO).default('told').describe('scenes of the demo site: none, told but not acted upon, acted upon'),
});

export type When = z.output<typeof when>;

/** Something that happened, by what a rule asks of it. */
export interface Seen {
  /** Of the message. */
  id: string;
  /** `capture/face`, `alarm/key-person`, … */
  what: string;
  /** ms */
  time: number;
  channel: number;
  demo: boolean;
  /** Of a face. */
  group?: Group;
  /** Databases that know whom it shows. */
  databases: number[];
}

/** Of a message of the outbox; undefined for one of which there are no rules. */
export function seenOf(message: Omit<OutMessage, 'pictures'>): Seen | undefined {
  const { id, time, channel = 0, origin, topic, body, shows } = message;
  const seen = { id, time, channel, demo: origin === 'demo' };
  if (topic === 'alarm') return { ...seen, what: `alarm/${body['kind']}`, databases: databasesIn(shows) };
  if (topic !== 'capture') return undefined;
  const record = body as unknown as CaptureRecord;
  const known = recognised(record);
  const databases = known ? [known.libraryId] : [];
  const face = record.kind === 'face' ? { group: groupOf(record) } : {};
  return { ...seen, what: `capture/${record.kind}`, ...face, databases };
}

/** Whether a rule asks for this, at that time. Not: whether it may fire once more so soon. */
export function fits(rule: When, seen: Seen, zone: string): boolean {
  if (seen.demo && rule.demo === 'none') return false;
  if (!rule.what.includes(seen.what) && !(seen.what.startsWith('alarm/') && rule.what.includes('alarm'))) return false;
  if (rule.cameras.length > 0 && !rule.cameras.includes(seen.channel)) return false;
  return fitsPerson(rule, seen) && inHours(rule, seen.time, zone);
}

function fitsPerson({ groups, databases }: When, seen: Seen): boolean {
  const { group } = seen;
  const inDatabase = databases.length === 0 || seen.databases.some((one) => databases.includes(one));
  // An alarm says by its kind what it is about, and nobody compares bodies and vehicles.
  if (group === undefined || groups.length === 0) return inDatabase;
  // No database knows a stranger.
  return groups.includes(group) && (inDatabase || group === 'stranger' || group === 'unknown');
}

function databasesIn(shows: readonly string[]): number[] {
  return shows.flatMap((key) => {
    const database = /^(\d{1,15})\//.exec(key)?.[1];
    return database === undefined ? [] : Number(database);
  });
}
