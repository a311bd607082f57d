import { z } from 'zod';
import { list, text } from '../../core/gateway/lenient.ts';

/** Kinds of request fields that cameras need beside those of `core/gateway/lenient.ts`. */

// Control characters, halves of characters, and marks that turn the direction of the text around them.
const UNFIT = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** One line of text for people: NFC, without blanks around it and without control characters. */
export function line(limits: { min?: number; max: number }) {
  return text({ max: limits.max }).pipe(
    z
      .string()
      .trim()
      .min(limits.min ?? 0)
      .refine((value) => !UNFIT.test(value), 'must not contain control characters'),
  );
}

/** Not required; unlike `given`, an empty string is a value: it empties the field. */
export function maybe<S extends z.ZodType>(schema: S) {
  return z.preprocess((value) => value ?? undefined, schema.optional());
}

/** A comma list of names out of `values`, in any case; gives the list in their spelling, each once. */
export function choices(values: readonly string[]) {
  return list({ max: 50 }).transform((parts, context) => {
    const found = parts.map((part) => values.find((value) => value.toLowerCase() === part.toLowerCase()));
    if (found.includes(undefined)) {
      context.addIssue({ code: 'custom', message: `must be a comma list of ${values.join(', ')}` });
      return z.NEVER;
    }
    return [...new Set(found)].join(',');
  });
}

/** A comma list (or array) of ids from 1, each once. */
export function ids() {
  return list({ max: 50 }).transform((parts, context) => {
    const numbers = parts.map((part) => (/^\d{1,9}$/.test(part) ? Number(part) : 0));
    if (numbers.includes(0)) {
      context.addIssue({ code: 'custom', message: 'must be a comma list of ids from 1' });
      return z.NEVER;
    }
    return [...new Set(numbers)];
  });
}
