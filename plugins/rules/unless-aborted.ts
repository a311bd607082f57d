/** As `work` ends, or rejects with the reason of the signal when that comes first: not everything heeds its signal. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let aborted = () => {};
  const cut = new Promise<never>((_, reject) => {
    aborted = () => reject(signal.reason);
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted);
  });
  try {
    return await Promise.race([work, cut]);
  } finally {
    signal.removeEventListener('abort', aborted);
  }
}
