import type { Operation } from '../../core/plugin/services.ts';

/** Longest text kept of each field, in characters. */
const LENGTH = { userName: 49, role: 40, module: 40, item: 200, detail: 1000, source: 64 } as const;

/** Control characters, and halves of characters: a reader could be misled by them, and a NUL cannot be stored. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** An operation as it is stored: texts of strangers (a tried user name) cut and made printable, numbers whole. */
export function toEntry(operation: Operation): Operation {
  const { time, result, ...texts } = operation;
  const kept = Object.entries(LENGTH).map(([field, length]) => [
    field,
    printable(texts[field as keyof typeof LENGTH], length),
  ]);
  return { ...(Object.fromEntries(kept) as typeof texts), time: Math.trunc(time), result: Math.trunc(result) };
}

function printable(text: string, length: number): string {
  // Two units are enough for every character; what lies behind need not be looked at.
  const characters = [...text.slice(0, 2 * length).replace(UNPRINTABLE, ' ')];
  return characters.slice(0, length).join('');
}
