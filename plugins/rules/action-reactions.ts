import { CODE } from '../../core/gateway/errors.ts';
import {
  type Action,
  type Actions,
  type Reaction,
  type Reactions,
  RefusedError,
} from '../../core/plugin/push-services.ts';
import type { Operation } from '../../core/plugin/services.ts';
import type { Beginning } from './begun.ts';
import { unlessAborted } from './unless-aborted.ts';

/** An action is of the moment: so long after what was seen it is still run, ms. A door must not open an hour later. */
export const ACTION_KEEP_MS = 30_000;
/** It may take so long, ms. */
const DEADLINE_MS = 15_000;

export interface ActionParts {
  actions: Actions;
  reactions: Reactions;
  now(): number;
  /** Notes that one is about to be run. False: it was begun before. */
  begin(beginning: Beginning): Promise<boolean>;
  performed(operation: Operation): void;
}

/** Offers every action to rules, for as long as it is there. Gives the function that ends it. */
export function offerActions(parts: ActionParts): () => void {
  const { actions, reactions } = parts;
  const offered = reactions.by('action');
  const offer = () => offered.offer(actions.list().map((action) => actionReaction(action, parts)));
  offer();
  const end = actions.onChanged(offer);
  return () => {
    end();
    offered.offer([]);
  };
}

/** An action as a reaction: run within half a minute and once, or not at all. */
function actionReaction(action: Action, { now, begin, performed }: ActionParts): Reaction {
  const { id, name } = action;
  return {
    id: `action/${id}`,
    kind: 'action',
    name,
    topics: ['capture', 'alarm', 'test'],
    keep: ACTION_KEEP_MS,
    deadline: DEADLINE_MS,
    deliver: async ({ id: message, time, topic }, _, { signal, rule }) => {
      if (!(await begin({ message, rule: rule.id, action: id, at: time }))) {
        throw new RefusedError('the action was begun before, and is not run twice');
      }
      // After the disk, which may be slow. Also where the clock was set back meanwhile.
      if (signal.aborted || Math.abs(now() - time) > ACTION_KEEP_MS) {
        throw new RefusedError('it was too late for the action');
      }
      const note = (fault?: string) =>
        performed({
          time: now(),
          userName: 'Rules',
          role: '',
          module: 'rules',
          item: 'action',
          detail: [id, topic === 'test' ? 'a test' : `rule ${rule.id}`, ...(fault ? [fault] : [])].join('; '),
          source: '',
          result: fault === undefined ? CODE.ok : CODE.unknownError,
        });
      try {
        await unlessAborted(signal, action.run());
        note();
      } catch (error) {
        const { message } = error as Error;
        note(message);
        throw new RefusedError(message);
      }
    },
  };
}
