import type { Alarm } from './shapes.ts';

/** The list while somebody looks at it: what is under their eyes and their pointer stays where it is. */

/** An alarm that came in after the page was read; `order` grows with each. */
export interface Arrived {
  alarm: Alarm;
  order: number;
  /** By the browser's clock, ms. */
  at: number;
}

/** A place in the list. Without `alarm` it was acknowledged or deleted meanwhile, and nothing of it is shown. */
export interface Place {
  id: number;
  alarm: Alarm | undefined;
}

/** What was read and what came in since, each once, newest first. What was read is the later word. */
export function merged(read: readonly Alarm[], arrived: readonly Arrived[]): Alarm[] {
  const known = new Set(read.map(({ id }) => id));
  const more = arrived.map(({ alarm }) => alarm).filter(({ id }) => !known.has(id));
  return [...more, ...read].sort((a, b) => b.id - a.id);
}

/** Places to be drawn, and how many alarms have none as long as the list is held. @param held ids, or undefined */
export function placesOf(
  alarms: readonly Alarm[],
  held: readonly number[] | undefined,
): {
  places: Place[];
  waiting: number;
} {
  if (!held) return { places: alarms.map((alarm) => ({ id: alarm.id, alarm })), waiting: 0 };
  const byId = new Map(alarms.map((alarm) => [alarm.id, alarm]));
  const waiting = alarms.filter(({ id }) => !held.includes(id)).length;
  return { places: held.map((id) => ({ id, alarm: byId.get(id) })), waiting };
}

/** The id a step away from this one; from none or a vanished one the first. */
export function neighbour(places: readonly Place[], id: number | undefined, step: 1 | -1): number | undefined {
  const there = places.filter(({ alarm }) => alarm);
  const at = there.findIndex((place) => place.id === id);
  if (at < 0) return there[0]?.id;
  return there[at + step]?.id;
}
