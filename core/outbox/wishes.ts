import type { Destination, OutMessage } from '../plugin/push-services.ts';
import type { StoreLog } from '../store/types.ts';

/** What can be asked whether it wants a message. */
export interface Asked {
  destination: Pick<Destination, 'id'>;
  ask(question: Parameters<Destination['wants']>[0]): boolean;
}

/** Whom a message is for. A destination that fails to say is passed over. */
export function wanting<T extends Asked>(
  all: Iterable<T>,
  { pictures: _, ...question }: OutMessage,
  log: StoreLog,
): T[] {
  return [...all].filter(({ destination, ask }) => {
    try {
      return ask(question);
    } catch (error) {
      log.error({ err: error, destination: destination.id }, 'a destination failed to say what it wants');
      return false;
    }
  });
}
