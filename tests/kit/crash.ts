import { spawn } from 'node:child_process';
import { runtime } from './runtime.ts';

/**
 * Runs a program until it said `stored` at least `enough` times, and kills it with SIGKILL in the middle of what it does.
 * @param program path of a TypeScript file that says on stdout, a line each, what it acknowledged, until it is killed
 * @returns the lines it said in full; of one that is cut nothing was acknowledged
 * @throws where it ends by itself, or says too little in a minute
 */
export async function runAndKill(program: string, args: readonly string[], enough: number): Promise<string[]> {
  const { command, run } = runtime();
  const running = spawn(command, [...run, program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  running.stderr.on('data', (chunk) => (errors += chunk));
  await new Promise<void>((resolve, reject) => {
    const patience = setTimeout(() => reject(new Error(`the child stored too little: ${output} ${errors}`)), 60_000);
    running.stdout.on('data', (chunk) => {
      output += chunk;
      if (output.split('stored').length > enough) running.kill('SIGKILL');
    });
    running.on('close', (_code, signal) => {
      clearTimeout(patience);
      if (signal === 'SIGKILL') resolve();
      else reject(new Error(`the child ended by itself: ${errors}`));
    });
  }).finally(() => running.kill('SIGKILL'));
  return output.split('\n').slice(0, -1);
}
