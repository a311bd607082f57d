import { AsyncLocalStorage } from 'node:async_hooks';

const hand = new AsyncLocalStorage<boolean>();

/**
 * Runs what somebody asked the box to do. What it writes may use the space reserved for a full disk: people must be
 * able to sign in, to change settings and to delete there, while what the box writes by itself must not.
 */
export function byHand<T>(act: () => T): T {
  return hand.run(true, act);
}

/** Runs what somebody began, but what then goes on by itself: a plugin that was switched on, and its timers. */
export function byItself<T>(act: () => T): T {
  return hand.run(false, act);
}

/** Whether the code that runs now does so for somebody who asked. */
export function isByHand(): boolean {
  return hand.getStore() === true;
}
