import type { Receipt } from './shapes.ts';

/** Whoever erases somebody is answered after so long, and the rest goes on behind it, ms. */
const ANSWER_AFTER_MS = 20_000;

/** Counts for the operation log; whom it was about stands nowhere. `null`: it goes on. */
export function receiptWords(receipt: Receipt | null): string {
  if (!receipt) return 'goes on';
  const { unfinished, ...counts } = receipt;
  const gone = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  return `${gone.join(', ')} erased${unfinished ? '; the rest is tried again' : ''}`;
}

/**
 * The receipt of an erasure, or null where it takes long and goes on behind the answer; rejects as it does.
 * @param erase calls `noted` when the people are gone and what is left cannot be forgotten any more: the time for the
 *   answer begins then
 */
export async function receiptInTime(
  erase: (noted: () => void) => Promise<Receipt>,
  ms: number = ANSWER_AFTER_MS,
): Promise<Receipt | null> {
  let timer: NodeJS.Timeout | undefined;
  let coming: Promise<Receipt> | undefined;
  const late = new Promise<null>((resolve, reject) => {
    const noted = () => {
      timer ??= setTimeout(() => resolve(null), ms);
    };
    coming = erase(noted);
    coming.catch(reject);
  });
  try {
    return await Promise.race([coming!, late]);
  } finally {
    clearTimeout(timer);
  }
}
