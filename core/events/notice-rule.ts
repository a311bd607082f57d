import { z } from 'zod';
import { int, text } from '../gateway/lenient.ts';
import { clockTime } from './hours.ts';

/** What somebody wants to be told of, by mail or on a telephone, and how often at most. */

/** Subjects of which the last telling is remembered, for each receiver. */
const MOST_SUBJECTS = 300;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Fields of a rule, for requests and stored JSON. Empty lists leave nothing out. */
export const noticeRule = z.object({
  kinds: z
    .array(text({ pattern: /^[a-z][a-zA-Z0-9-]{0,39}$/ }))
    .max(30)
    .default([])
    .describe('kinds of alarms; empty: all'),
  cameras: z
    .array(int({ min: 0, max: 100_000 }))
    .max(64)
    .default([])
    .describe('channels; empty: all'),
  from: clockTime.default('00:00').describe('beginning of the hours, in the zone of the box'),
  to: clockTime.default('00:00').describe('their end; the same as the beginning: all day'),
  perHour: int({ min: 1, max: 60 }).default(10).describe('at most so many in an hour'),
  repeatMinutes: int({ min: 0, max: 1440 }).default(5).describe('the same again only after so many minutes'),
  demo: z.boolean().default(false).describe('of the demo site, too'),
});

export type NoticeRule = z.output<typeof noticeRule>;

/** An alarm by what a rule asks of it. */
export interface Notice {
  kind: string;
  channel: number;
  origin?: string | undefined;
}

/** Whether a rule asks for such an alarm, at whatever hour. */
export function asksFor(rule: NoticeRule, { kind, channel, origin }: Notice): boolean {
  if (origin === 'demo' && !rule.demo) return false;
  if (rule.kinds.length > 0 && !rule.kinds.includes(kind)) return false;
  return rule.cameras.length === 0 || rule.cameras.includes(channel);
}

/** A telling that was allowed. */
export interface Telling {
  /** How many were kept from the receiver since the last telling. */
  held: number;
  /** It came to nothing, so it counts for nothing. */
  giveBack(): void;
}

/** Keeps one receiver from being told too often, and counts what it was not told. Times are of a clock never set, ms. */
export class Quietness {
  #told: number[] = [];
  readonly #subjects = new Map<string, number>();
  #held = 0;

  /** Takes leave to tell of a subject now; undefined where the rule wants quiet, which is counted. */
  take(subject: string, { perHour, repeatMinutes }: NoticeRule, now: number): Telling | undefined {
    this.#told = this.#told.filter((at) => at > now - HOUR_MS);
    const last = this.#subjects.get(subject);
    if (this.#told.length >= perHour || (last !== undefined && last > now - repeatMinutes * MINUTE_MS)) {
      this.#held += 1;
      return undefined;
    }
    const held = this.#held;
    this.#held = 0;
    this.#told.push(now);
    this.#remember(subject, now);
    return {
      held,
      giveBack: () => {
        this.#held += held;
        const at = this.#told.indexOf(now);
        if (at >= 0) this.#told.splice(at, 1);
        if (this.#subjects.get(subject) !== now) return;
        if (last === undefined) this.#subjects.delete(subject);
        else this.#subjects.set(subject, last);
      },
    };
  }

  #remember(subject: string, now: number): void {
    this.#subjects.delete(subject);
    this.#subjects.set(subject, now);
    for (const oldest of this.#subjects.keys()) {
      if (this.#subjects.size <= MOST_SUBJECTS) break;
      this.#subjects.delete(oldest);
    }
  }
}
