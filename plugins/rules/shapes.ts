import { z } from 'zod';
import { GROUPS } from '../../core/events/push-body.ts';
import { when } from './when.ts';

/** What the routes answer with. Times in ms since 1970 UTC. */

const kind = z.enum(['push', 'mqtt', 'mail', 'web-push', 'action']);

export const stepView = z.object({
  reaction: z.string(),
  kind,
  name: z.string(),
  offered: z.boolean().describe('false: switched off, or gone'),
  waiting: z.int(),
  delivered: z.int(),
  dead: z.int().describe('given up'),
  failures: z.int().describe('in a row'),
  lastError: z.string().nullable(),
  lastDelivered: z.number().nullable(),
  pausedUntil: z.number().nullable(),
});
export type StepView = z.output<typeof stepView>;

export const ruleView = z.object({
  id: z.int(),
  name: z.string(),
  enabled: z.boolean(),
  when,
  steps: z.array(stepView),
  lastFired: z.number().nullable(),
});
export type RuleView = z.output<typeof ruleView>;

const cameraView = z.object({ channel: z.int(), name: z.string(), demo: z.boolean() });

export const rulesView = z.object({ rules: z.array(ruleView), most: z.int(), cameras: z.array(cameraView) });
export type RulesView = z.output<typeof rulesView>;

export const reactionView = z.object({
  id: z.string(),
  kind,
  name: z.string(),
  topics: z.array(z.enum(['capture', 'alarm', 'test'])),
});
export type ReactionView = z.output<typeof reactionView>;

export const choicesView = z.object({
  reactions: z.array(reactionView),
  alarms: z.array(z.string()).describe('kinds of alarms there have been, or that some rule asks for'),
  cameras: z.array(cameraView),
  mostSteps: z.int(),
  zone: z.string(),
});
export type ChoicesView = z.output<typeof choicesView>;

export const previewView = z.object({
  from: z.number().describe('it was looked at what happened from then on'),
  looked: z.int().describe('events that were looked at'),
  cut: z.boolean().describe('only the newest were: there are more'),
  fired: z.int().describe('times the rule would have fired'),
  quiet: z.int().describe('events it would have kept quiet about, so soon after another'),
  demo: z.int().describe('of those it would have fired for, scenes of the demo site'),
  events: z
    .array(
      z.object({
        key: z.string(),
        time: z.number(),
        channel: z.int(),
        camera: z.string(),
        what: z.string(),
        group: z.enum(GROUPS).optional(),
        title: z.string().describe('of an alarm its title, of a capture who was recognised'),
        demo: z.boolean(),
        picture: z.string().optional().describe('behind /ws/'),
      }),
    )
    .describe('the newest it would have fired for, newest first'),
});
export type PreviewView = z.output<typeof previewView>;

export const tryView = z.object({ ok: z.boolean(), message: z.string().optional().describe('why it did not work') });
export type TryView = z.output<typeof tryView>;
