/** The box's zone, in which every time is shown and entered, wherever the browser stands. */

let zone: string | undefined;

/** Sets the IANA zone; an unknown one, or none, leaves the browser's. */
export function setZone(name: string | undefined): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    zone = name;
  } catch {
    zone = undefined;
  }
}

export function boxZone(): string | undefined {
  return zone;
}

interface WallTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

function wallTime(ms: number): WallTime {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(ms);
  const part = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  return { year: part('year'), month: part('month'), day: part('day'), hour: part('hour'), minute: part('minute') };
}

const two = (n: number) => String(n).padStart(2, '0');

/** `yyyy-MM-ddTHH:mm` in the box's zone, as `<input type="datetime-local">` wants it. */
export function toLocalInput(ms: number): string {
  const t = wallTime(ms);
  return `${String(t.year).padStart(4, '0')}-${two(t.month)}-${two(t.day)}T${two(t.hour)}:${two(t.minute)}`;
}

/** The instant of a wall-clock text of the box's zone, or undefined where it is none. */
export function fromLocalInput(text: string): number | undefined {
  const found = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}))?/.exec(text);
  if (!found) return undefined;
  const [, year, month, day, hour = '0', minute = '0'] = found;
  const wanted = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
  // The offset at the guess may differ from the one at the answer near a clock change: twice is enough.
  let guess = wanted;
  for (let i = 0; i < 2; i++) {
    const t = wallTime(guess);
    guess += wanted - Date.UTC(t.year, t.month - 1, t.day, t.hour, t.minute);
  }
  return guess;
}

/** Midnight of the box's zone, `days` days before the day of `ms`. */
export function startOfDay(ms: number, days = 0): number {
  const t = wallTime(ms);
  const day = new Date(Date.UTC(t.year, t.month - 1, t.day - days));
  return (
    fromLocalInput(
      `${String(day.getUTCFullYear()).padStart(4, '0')}-${two(day.getUTCMonth() + 1)}-${two(day.getUTCDate())}`,
    ) ?? ms
  );
}
