import { z } from 'zod';
import type { Access } from '../../core/gateway/authorization.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { int, text } from '../../core/gateway/lenient.ts';
import { type RouteDefinition, route } from '../../core/plugin/contract.ts';
import type { AlarmDesk, PastMessages, Reactions } from '../../core/plugin/push-services.ts';
import type { CameraInfo } from '../../core/plugin/services.ts';
import { preview } from './preview.ts';
import { MOST_RULES, MOST_STEPS, type RuleFields, ruleFields } from './rule.ts';
import type { Rules } from './rules.ts';
import * as shapes from './shapes.ts';
import { tryReaction } from './trying.ts';
import { when } from './when.ts';

/** `/p/rules`. Where people's pictures are sent is a setting of the box, and who gets mail is seen here as well. */
export const ACCESS: Access = { area: 'people', action: 'change' };

/** Previews read a day of records, tests reach out: so many at once. */
const MOST_PREVIEWS = 4;
const MOST_TRIES = 4;

const one = z.object({ id: int({ min: 1 }) });
const done = z.object({});

export interface RouteParts {
  rules: Rules;
  reactions: Reactions;
  desk(): AlarmDesk | undefined;
  captures(): PastMessages | undefined;
  alarms(): PastMessages | undefined;
  cameras(): CameraInfo[];
  now(): number;
  zone(): string;
}

export function routes(parts: RouteParts): RouteDefinition[] {
  const { rules, reactions, desk, captures, alarms, cameras, now, zone } = parts;
  const previewing = limited(MOST_PREVIEWS, 'other previews are under way: wait a moment');
  const trying = limited(MOST_TRIES, 'tests are under way: wait for their end');
  const cameraViews = () => cameras().map(({ channel, name, origin }) => ({ channel, name, demo: origin === 'demo' }));

  return [
    route({
      method: 'GET',
      path: '/rules',
      summary: 'The rules, when they fired last, and how what they do goes',
      access: ACCESS,
      response: shapes.rulesView,
      handle: () => ({ rules: rules.views(), most: MOST_RULES, cameras: cameraViews() }),
    }),
    route({
      method: 'GET',
      path: '/choices',
      summary: 'What a rule can be about, and what it can do',
      access: ACCESS,
      response: shapes.choicesView,
      handle: async () => {
        const kinds = new Set(['key-person', ...((await desk()?.kinds()) ?? []), ...rules.alarmKinds()]);
        return {
          reactions: reactions.list().map(({ id, kind, name, topics }) => ({ id, kind, name, topics: [...topics] })),
          alarms: [...kinds].sort(),
          cameras: cameraViews(),
          mostSteps: MOST_STEPS,
          zone: zone(),
        };
      },
    }),
    route({
      method: 'POST',
      path: '/rules',
      summary: 'Adds a rule',
      access: ACCESS,
      body: ruleFields,
      response: shapes.ruleView,
      handle: async ({ body }, call) => {
        const rule = await rules.add(body);
        call.remark(described(rule.id, body));
        return rule;
      },
    }),
    route({
      method: 'PUT',
      path: '/rules/:id',
      summary: 'Changes a rule; what waits and no longer belongs to it is given up',
      access: ACCESS,
      params: one,
      body: ruleFields,
      response: shapes.ruleView,
      handle: async ({ params, body }, call) => {
        const rule = await rules.change(params.id, body);
        call.remark(described(rule.id, body));
        return rule;
      },
    }),
    route({
      method: 'PATCH',
      path: '/rules/:id',
      summary: 'Switches a rule on or off; what waits for one that is off is given up',
      access: ACCESS,
      params: one,
      body: z.object({ enabled: z.boolean() }),
      response: shapes.ruleView,
      handle: async ({ params, body }, call) => {
        const rule = await rules.change(params.id, body);
        call.remark(`${rule.id} "${rule.name}" ${body.enabled ? 'on' : 'off'}`);
        return rule;
      },
    }),
    route({
      method: 'DELETE',
      path: '/rules/:id',
      summary: 'Removes a rule and what waits for it',
      access: ACCESS,
      params: one,
      response: done,
      handle: async ({ params }, call) => {
        const { id, name } = await rules.remove(params.id);
        call.remark(`${id} "${name}"`);
        return {};
      },
    }),
    route({
      method: 'POST',
      path: '/preview',
      summary: 'What a rule, saved or not, would have done in the last 24 hours',
      access: ACCESS,
      body: z.object({
        when,
        steps: z
          .array(text({ max: 120 }))
          .max(MOST_STEPS)
          .default([]),
      }),
      response: shapes.previewView,
      handle: ({ body }) =>
        previewing(() =>
          preview(body, { captures: captures(), alarms: alarms(), reactions, now: now(), zone: zone() }),
        ),
    }),
    route({
      method: 'POST',
      path: '/try',
      summary: 'Does once, now, what a rule would do, with a message that says it is a test; an action is really run',
      access: ACCESS,
      body: z.object({ reaction: text({ max: 120 }) }),
      response: shapes.tryView,
      handle: ({ body }, call) =>
        trying(async () => {
          const reaction = reactions.find(body.reaction);
          if (!reaction) throw new ContractError(CODE.noSuchData, 'it is switched off, or gone');
          const result = await tryReaction(reaction, now());
          call.remark(result.ok ? `a test of ${reaction.id}` : `a test of ${reaction.id}: ${result.message}`);
          return result;
        }),
    }),
  ];
}

function described(id: number, { name, steps, enabled }: RuleFields): string {
  return `${id} "${name}": ${steps.join(', ')}${enabled ? '' : '; off'}`;
}

/** Lets so many run at once, and refuses the others. */
function limited(most: number, busy: string) {
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= most) throw new ContractError(CODE.unknownError, busy);
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
    }
  };
}
