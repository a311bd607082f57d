import { randomUUID } from 'node:crypto';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { OutMessage, Reaction } from '../../core/plugin/push-services.ts';
import { unlessAborted } from './unless-aborted.ts';

const PATIENCE_MS = 20_000;

export interface TryResult {
  ok: boolean;
  /** Why it did not work. */
  message?: string;
}

/**
 * Does once what a rule would do, at once and beside the outbox, with a message that says it is a test.
 * @throws ContractError where it cannot be tried; what goes wrong is in the result
 */
export async function tryReaction(reaction: Reaction, now: number): Promise<TryResult> {
  if (!reaction.topics.includes('test')) throw new ContractError(CODE.wrongParameter, 'this cannot be tried');
  const message: OutMessage = { id: randomUUID(), topic: 'test', time: now, body: {}, pictures: [], shows: [] };
  const signal = AbortSignal.timeout(Math.min(reaction.deadline ?? PATIENCE_MS, PATIENCE_MS));
  const context = { signal, lane: 'live', attempt: 1, rule: { id: 0, name: '' } } as const;
  try {
    await unlessAborted(
      signal,
      reaction.deliver(message, async () => undefined, context),
    );
    return { ok: true };
  } catch (error) {
    return { ok: false, message: signal.aborted ? 'there was no answer in time' : (error as Error).message };
  }
}
