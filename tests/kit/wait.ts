import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Length of a tick of `/proc/stat`, ms. */
const TICK_MS = 10;

/** Time that the host of this virtual machine has given to others since its start, ms of one core; 0 where nobody says. */
function stolen(): number {
  try {
    const [, , , , , , , , steal] = readFileSync('/proc/stat', 'utf8').split(/ +/, 9);
    return ((Number(steal) || 0) * TICK_MS) / availableParallelism();
  } catch {
    return 0;
  }
}

/**
 * Waits until `check` gives something other than undefined or false; throws with what was waited for. Time in which the
 * machine's host ran something else does not count.
 */
export async function until<T>(
  what: string,
  check: () => T | undefined | false | Promise<T | undefined | false>,
  ms = 20_000,
): Promise<T> {
  const [began, taken] = [performance.now(), stolen()];
  let last: unknown;
  for (;;) {
    try {
      const value = await check();
      if (value !== undefined && value !== false) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    const waited = performance.now() - began;
    if (waited > ms && waited - (stolen() - taken) > ms) {
      throw new Error(`waited ${ms} ms for ${what}${last ? `: ${(last as Error).message}` : ''}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
