import type { ChildProcess } from 'node:child_process';

/**
 * Sends a signal to a child process; false where it is gone. Unlike `child.kill` it may be used again: under Deno a
 * child counts as ended from its first signal on, and a second, stronger one would never be sent.
 */
export function signalChild({ pid, exitCode, signalCode }: ChildProcess, signal: NodeJS.Signals): boolean {
  if (pid === undefined || exitCode !== null || signalCode !== null) return false;
  try {
    return process.kill(pid, signal);
  } catch {
    // It has ended, and the news is still on its way.
    return false;
  }
}
