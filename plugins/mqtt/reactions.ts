import { type Reaction, RefusedError } from '../../core/plugin/push-services.ts';
import type { Publish } from './delivery.ts';
import { eventOf } from './events.ts';
import type { Settings } from './settings.ts';
import type { Topics } from './topics.ts';

/** Longer than the broker has for acknowledging: then the connection is begun anew first. */
const DEADLINE_MS = 20_000;

export interface ReactionParts {
  topics: Topics;
  settings: Pick<Settings, 'names'>;
  publish: Publish;
}

/** What rules publish: the event as in `<prefix>/events`, with the rule, in a topic of the rule's own. */
export function publishing({ topics, settings, publish }: ReactionParts): Reaction {
  return {
    id: 'mqtt/publish',
    kind: 'mqtt',
    name: topics.rule('…'),
    topics: ['capture', 'alarm', 'test'],
    deadline: DEADLINE_MS,
    deliver: async (message, _, leave) => {
      const { rule } = leave;
      if (message.topic === 'test') {
        const { id, time } = message;
        const body = { type: 'test', id, time: new Date(time).toISOString() };
        await publish(topics.rule('test'), JSON.stringify(body), leave);
        return;
      }
      const event = eventOf(message, settings);
      if (!event) throw new RefusedError('this is no event that is known here');
      await publish(topics.rule(rule.id), JSON.stringify({ ...event, rule }), leave);
    },
  };
}
