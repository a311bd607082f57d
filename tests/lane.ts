import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Lane, runtime } from './kit/runtime.ts';

/** For one process; the slowest takes a minute on a slow machine. */
const FILE_MS = 300_000;

/** How many tests of a process passed, and whether some were skipped, as Deno or Node says at the end. */
const PASSED = /^(?:ok|FAILED) \| (\d+) passed|^ℹ pass (\d+)/m;
const SKIPPED = /^(?:ok|FAILED) \|.* ignored|^ℹ skipped [1-9]/m;

/**
 * Runs files of tests, or such that load several, under another runtime, each in a process of its own, `atOnce` of them at
 * a time. Shows what is skipped and why, and the whole output of a file that fails.
 * @returns whether all passed.
 */
export async function runLane(lane: Lane, files: string[], atOnce: number): Promise<boolean> {
  const { command } = runtime(lane);
  if (!existsSync(command)) {
    console.error(`the runtime of the lane "${lane}" is not installed: ${command}`);
    return false;
  }
  const waiting = [...files];
  let [passed, failed] = [0, 0];
  const turn = async (): Promise<void> => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      const result = await runFile(lane, file);
      passed += result.passed;
      for (const line of result.skipped) console.log(`${file}: ${line}`);
      if (!result.fault) continue;
      failed += 1;
      const loads = isAbsolute(file) ? `${readFileSync(file, 'utf8')}\n` : '';
      console.error(`${file} failed under ${lane} (${result.fault}):\n${loads}${result.output}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, turn));
  console.log(`${passed} tests in ${files.length} processes passed under ${lane}, ${failed} processes failed`);
  return failed === 0;
}

async function runFile(lane: Lane, file: string) {
  const { command, testOne } = runtime(lane);
  const child = spawn(command, [...testOne, file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), FILE_MS);
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const [out, errors, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  clearTimeout(timer);
  const output = out + errors;
  const skipped = [...output.matchAll(/^(skipped: .*)$/gm)].map(([, line = '']) => line);
  const [, ...counts] = PASSED.exec(output) ?? [];
  const passed = Number(counts.find(Boolean) ?? 0);
  let fault: string | undefined;
  if (code !== 0) fault = signal ?? `exit code ${code}`;
  else if (skipped.length === 0 && SKIPPED.test(output)) fault = 'skipped without a reason told by kit/runtime.ts';
  else if (skipped.length === 0 && passed === 0) fault = 'no test ran';
  return { output, skipped, passed, fault };
}
