import type { Reaction } from '../../core/plugin/push-services.ts';
import { DELIVERY_MS, type Line } from './line.ts';
import type { TargetRow } from './tables.ts';

/** A push to each receiver that can be reached, for rules: whatever the receiver is sent otherwise. */
export function pushReactions(rows: readonly TargetRow[], lineOf: (id: number) => Line | undefined): Reaction[] {
  return rows
    .filter(({ id }) => lineOf(id))
    .map(({ id, name }) => ({
      id: `push-http/${id}`,
      kind: 'push',
      name,
      // Alarms have no form in the interface's pushes.
      topics: ['capture', 'test'],
      deadline: DELIVERY_MS,
      deliver: async (message, picture, { signal }) => {
        const line = lineOf(id);
        if (!line) throw new Error('the receiver is switched off');
        if (message.topic === 'test') await line.sendHeartbeat(signal);
        else await line.send(message, picture, signal);
      },
    }));
}
