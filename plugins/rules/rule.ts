import { z } from 'zod';
import { text } from '../../core/gateway/lenient.ts';
import type { Reaction } from '../../core/plugin/push-services.ts';
import { type Seen, when } from './when.ts';

/** All rules are looked at for everything that is recorded. */
export const MOST_RULES = 50;
export const MOST_STEPS = 10;

/** Something a rule does. Kind and name are those it had when the rule was saved: it may be gone since. */
export interface Step {
  /** Of the reaction. */
  reaction: string;
  kind: Reaction['kind'];
  name: string;
}

/** What somebody chooses of a rule. */
export const ruleFields = z.object({
  name: text({ min: 1, max: 80 })
    .transform((name) => name.replace(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, ' ').trim())
    .pipe(z.string().min(1, 'must say something')),
  enabled: z.boolean().default(true),
  when,
  steps: z
    .array(text({ min: 3, max: 120 }))
    .min(1)
    .max(MOST_STEPS)
    .refine((ids) => new Set(ids).size === ids.length, 'nothing may stand there twice')
    .describe('ids of what is done'),
});

export type RuleFields = z.output<typeof ruleFields>;

/** Whether something can be done about what was seen. One that is away takes everything: it is not known what it takes. */
export function takes(
  kind: Reaction['kind'],
  reaction: Pick<Reaction, 'topics'> | undefined,
  seen: Seen,
  demo: RuleFields['when']['demo'],
): boolean {
  if (kind === 'action' && seen.demo && demo !== 'acted') return false;
  const topic = seen.what.startsWith('alarm/') ? 'alarm' : 'capture';
  return reaction === undefined || reaction.topics.includes(topic);
}
