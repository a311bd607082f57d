/**
 * Waits for a step, but not for ever. Code that never yields cannot be stopped from inside the process; what is
 * merely slow or forgotten is named.
 * @param what for the message, for example `setup of "cameras"`
 */
export async function within<T>(ms: number, what: string, step: () => T | Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not end within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([Promise.resolve().then(step), deadline]);
  } finally {
    clearTimeout(timer);
  }
}
