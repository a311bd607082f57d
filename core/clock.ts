import type { Clock } from './plugin/contract.ts';

/** The machine's clock in the machine's zone; tests put their own in its place. */
export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  get zone() {
    return Intl.DateTimeFormat().resolvedOptions().timeZone;
  },
};

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  let found = formatters.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formatters.set(zone, found);
  }
  return found;
}

function localParts(instant: number, zone: string): Record<string, string> {
  return Object.fromEntries(
    formatter(zone)
      .formatToParts(instant)
      .map((part) => [part.type, part.value]),
  );
}

/** `yyyy-MM-dd HH:mm:ss` in the zone, from ms since 1970 UTC. */
export function instantToLocal(instant: number, zone: string): string {
  const p = localParts(instant, zone);
  return `${p['year']}-${p['month']}-${p['day']} ${p['hour']}:${p['minute']}:${p['second']}`;
}

/**
 * ms since 1970 UTC of `yyyy-MM-dd HH:mm:ss` in the zone. A time that a clock change skips counts as if the clock had
 * not been changed yet; one that occurs twice is the first, or the `last` where that is asked for: a range ends there.
 */
export function localToInstant(local: string, zone: string, which: 'first' | 'last' = 'first'): number {
  const [year, month, day, hour, minute, second] = local.split(/[- :]/).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  const offsetAt = (instant: number): number => {
    const p = localParts(instant, zone);
    const shown = Date.UTC(
      Number(p['year']),
      Number(p['month']) - 1,
      Number(p['day']),
      Number(p['hour']),
      Number(p['minute']),
      Number(p['second']),
    );
    return shown - Math.floor(instant / 1000) * 1000;
  };
  const occurs = (instant: number): boolean => instant + offsetAt(instant) === wall;
  const before = wall - offsetAt(wall - 86_400_000);
  if (which === 'first' && occurs(before)) return before;
  const after = wall - offsetAt(wall + 86_400_000);
  return occurs(after) ? after : before;
}

/** Start of the local day that holds the instant, as an instant. */
export function startOfDay(instant: number, zone: string): number {
  return localToInstant(`${instantToLocal(instant, zone).slice(0, 10)} 00:00:00`, zone);
}
