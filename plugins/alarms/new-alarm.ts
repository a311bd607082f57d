import { z } from 'zod';
import type { NewAlarm } from '../../core/plugin/alarm-services.ts';
import { isBlobPath } from '../../core/store/blob-path.ts';

/** What other plugins raise is checked, and its texts, which are somebody's data, are cut and made printable. */

const LONGEST = { title: 200, cameraName: 100, fact: 200 } as const;

/** Control characters, halves of characters and what turns the direction of writing: a reader could be misled. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

const name = z.string().regex(/^[a-z][a-zA-Z0-9-]{0,39}$/);

const schema = z.object({
  kind: name,
  source: name,
  channel: z.int().min(0).max(100_000),
  cameraName: z.string().transform((text) => printable(text, LONGEST.cameraName)),
  time: z
    .number()
    .min(0)
    .max(8.64e15)
    .transform((time) => Math.trunc(time)),
  title: z
    .string()
    .transform((text) => printable(text, LONGEST.title))
    .pipe(z.string().min(1)),
  pictures: z
    .array(
      z.object({
        path: z.string().refine((path) => path === '' || isBlobPath(path), 'must be the path of a stored file'),
        label: z.enum(['seen', 'library', 'frame']),
      }),
    )
    .max(6)
    // A database may know somebody without a picture.
    .transform((pictures) => pictures.filter(({ path }) => path !== '')),
  captureId: z.string().min(1).max(100).optional(),
  shows: z.array(z.string().min(1).max(300)).max(50),
  facts: z
    .record(name, z.union([z.string().transform((text) => printable(text, LONGEST.fact)), z.number()]))
    .refine((facts) => Object.keys(facts).length <= 30, 'at most 30 facts'),
  origin: z.literal('demo').optional(),
});

export type CheckedAlarm = z.output<typeof schema>;

/** @throws TypeError that names what is wrong, without any value */
export function checkedAlarm(alarm: NewAlarm): CheckedAlarm {
  const parsed = schema.safeParse(alarm);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TypeError(`not an alarm: ${issue?.path.join('.') || 'it'}: ${issue?.message}`);
}

/** A text of data in one line, at most so many characters long. */
export function printable(text: string, most: number): string {
  // Two units are enough for every character; what lies behind need not be looked at.
  const characters = [...text.slice(0, 2 * most).replace(UNPRINTABLE, ' ')];
  return characters.slice(0, most).join('').trim();
}
