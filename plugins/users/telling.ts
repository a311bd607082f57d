import { randomUUID } from 'node:crypto';
import type { OutMessage } from '../../core/plugin/push-services.ts';
import type { AccountChange } from '../../core/plugin/services.ts';

/** What goes out of the box about a changed account. It is added in the job that changes it, so that nothing comes between. */
export function accountMessage(
  userId: number,
  userName: string,
  change: AccountChange['change'],
  time: number,
): OutMessage {
  return { id: randomUUID(), topic: 'account', time, body: { userId, userName, change }, pictures: [], shows: [] };
}
