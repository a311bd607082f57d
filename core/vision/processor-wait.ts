import { readFileSync } from 'node:fs';

/**
 * Part of the time for which the main thread of this process could have worked but waited for a processor, 0..1: then
 * not the stages are slow, but decoding and other programs leave them too little. 0 where the kernel does not tell.
 */
export class ProcessorWait {
  #last: { at: number; waited: number } | undefined;

  /** Since it was read last. */
  read(now: number): number {
    const waited = waitedMs();
    const last = this.#last;
    this.#last = { at: now, waited };
    if (!last || now <= last.at) return 0;
    return Math.min(1, Math.max(0, (waited - last.waited) / (now - last.at)));
  }
}

/** Of the main thread since it began, ms. */
function waitedMs(): number {
  try {
    // Nanoseconds on a processor, nanoseconds waiting for one, times it got one.
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}
