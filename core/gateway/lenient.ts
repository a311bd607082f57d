import { z } from 'zod';

/**
 * Building blocks for requests: lenient in (a number as text, text as a number, an empty string for "not given",
 * other spellings of a name), exact out.
 */

/** A whole number, also as text ("5", " 5 "). */
export function int(limits: { min?: number; max?: number } = {}) {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\s*-?\d{1,15}\s*$/.test(value) ? Number(value) : value),
    z
      .int()
      .min(limits.min ?? Number.MIN_SAFE_INTEGER)
      .max(limits.max ?? Number.MAX_SAFE_INTEGER),
  );
}

/** No name or id holds it, and the database takes no text with it. */
const withoutNul = (value: string) => !value.includes('\0');
const NUL_TEXT = 'must not contain NUL';

/** Text without NUL, also given as a number; normalised (NFC) so that look-alike spellings are one name. */
export function text(limits: { min?: number; max?: number; pattern?: RegExp } = {}) {
  let schema = z
    .string()
    .min(limits.min ?? 0)
    .max(limits.max ?? 1000)
    .refine(withoutNul, NUL_TEXT);
  if (limits.pattern) schema = schema.regex(limits.pattern);
  return z.preprocess(
    (value) => (typeof value === 'number' ? String(value) : typeof value === 'string' ? value.normalize('NFC') : value),
    schema,
  );
}

/** One of several texts, whatever its case; gives the spelling of the list. */
export function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.preprocess((value) => {
    if (typeof value !== 'string') return value;
    const wanted = value.trim().toLowerCase();
    return values.find((v) => v.toLowerCase() === wanted) ?? value;
  }, z.enum(values));
}

/** A whole number out of a list, also as text. */
export function intOf<const T extends readonly [number, ...number[]]>(values: T) {
  return int().pipe(z.literal(values as unknown as [T[number], ...T[number][]]));
}

/** Not required; an empty string counts as not given. */
export function given<S extends z.ZodType>(schema: S) {
  return z.preprocess((value) => (value === '' || value === null ? undefined : value), schema.optional());
}

/** "1,2,3" (or an array) as a list of texts without blanks, at most `max` of them. */
export function list(limits: { min?: number; max?: number } = {}) {
  return z.preprocess(
    (value) => {
      // Only numbers: turning an object into text runs what the client calls its `toString`.
      if (Array.isArray(value)) return value.map((part) => (typeof part === 'number' ? String(part) : part));
      if (typeof value === 'number') return [String(value)];
      if (typeof value !== 'string') return value;
      return value
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
    },
    z
      .array(z.string().max(200).refine(withoutNul, NUL_TEXT))
      .min(limits.min ?? 0)
      .max(limits.max ?? 100),
  );
}

/** Accepts other spellings of names: `{ user_name: ['username'] }` takes `username` where `user_name` is absent. */
export function aliased<S extends z.ZodType>(aliases: Record<string, string[]>, schema: S) {
  return z.preprocess((value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const out: Record<string, unknown> = { ...(value as Record<string, unknown>) };
    for (const [name, others] of Object.entries(aliases)) {
      if (out[name] !== undefined) continue;
      const other = others.find((alias) => out[alias] !== undefined);
      if (other !== undefined) out[name] = out[other];
    }
    return out;
  }, schema);
}

const LOCAL_TIME = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})$/;

/** `yyyy-MM-dd HH:mm:ss` in the box's zone, kept as text: `core/clock.ts` turns it into an instant. */
export function localTime() {
  return z
    .string()
    .trim()
    .regex(LOCAL_TIME, 'must be yyyy-MM-dd HH:mm:ss')
    .refine((value) => {
      const [, y, mo, d, h, mi, s] = LOCAL_TIME.exec(value) ?? [];
      const date = new Date(Date.UTC(Number(y), Number(mo) - 1, Number(d)));
      return (
        date.getUTCMonth() === Number(mo) - 1 &&
        date.getUTCDate() === Number(d) &&
        Number(h) < 24 &&
        Number(mi) < 60 &&
        Number(s) < 60
      );
    }, 'is not a time that exists');
}

/** `start_no` and `qry_len` of the queries: from 1, at most `max` rows, 10 by default. */
export function paging(max = 50) {
  return {
    start_no: given(int({ min: 1, max: 1_000_000_000 })).transform((value) => value ?? 1),
    qry_len: given(int({ min: 1, max })).transform((value) => value ?? 10),
  };
}
