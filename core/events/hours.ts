import { instantToLocal } from '../clock.ts';
import { text } from '../gateway/lenient.ts';

/** A time of day in requests and stored JSON, `HH:MM`. */
export const clockTime = text({ pattern: /^([01]\d|2[0-3]):[0-5]\d$/ });

export interface Hours {
  from: string;
  /** The same as `from`: all day; earlier: on the next day. */
  to: string;
  /** Days of the week, 1 is Monday; empty: all. Hours over midnight belong to the day they begin on. */
  days?: readonly number[];
}

/** Whether a moment lies in these hours, in a zone. */
export function inHours({ from, to, days = [] }: Hours, time: number, zone: string): boolean {
  const always = from === to && (days.length === 0 || days.length === 7);
  // Asking for the local time takes longer than all the rest.
  if (always) return true;
  const local = instantToLocal(time, zone);
  const at = local.slice(11, 16);
  const today = ((new Date(`${local.slice(0, 10)}T00:00:00Z`).getUTCDay() + 6) % 7) + 1;
  const on = (day: number) => days.length === 0 || days.includes(day);
  if (from === to) return on(today);
  if (from < to) return at >= from && at < to && on(today);
  // The part after midnight belongs to the day before.
  return (at >= from && on(today)) || (at < to && on(today === 1 ? 7 : today - 1));
}
