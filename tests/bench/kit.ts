import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * What every benchmark needs: medians, rounds of several sides in turn, CPU time of processes, a table, and a verdict.
 * Absolute times are noise on a shared machine; what counts is a ratio against something measured in the same run.
 */

/** Middle value; the mean of the two middle ones for an even count. NaN without values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * Runs the sides in turn, `rounds` times, and gives what each gave in every round. Every other round goes backwards, so
 * that a machine that grows slower or faster favours nobody.
 */
export async function interleave<Side extends string, T>(
  rounds: number,
  sides: Record<Side, () => T | Promise<T>>,
): Promise<Record<Side, T[]>> {
  const names = Object.keys(sides) as Side[];
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Side, T[]>;
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : [...names].reverse()) results[name].push(await sides[name]());
  }
  return results;
}

/** The median of the ratios of each round: `ours[i] / limit[i]`. */
export function medianRatio(ours: readonly number[], limit: readonly number[]): number {
  return median(ours.map((value, round) => value / (limit[round] ?? Number.NaN)));
}

/** CPU seconds (user and system, all threads) that a process and its children have used, also children that ended. */
export function cpuOf(pid: number): number {
  return childrenOf(pid).reduce((sum, child) => sum + cpuOf(child), ownCpuOf(pid, true));
}

/**
 * CPU seconds of a process alone.
 * @param waitedFor also those of its children that have ended
 */
export function ownCpuOf(pid: number, waitedFor = false): number {
  const text = readProc(pid, 'stat');
  // The name in brackets may hold blanks and brackets itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, waitedFor ? 15 : 13).reduce((sum, one) => sum + Number(one), 0);
  return ticks / ticksPerSecond();
}

/** Children of all threads of a process; none when it is gone. */
export function childrenOf(pid: number): number[] {
  return tasksOf(pid).flatMap((task) => (readProc(pid, `task/${task}/children`).match(/\d+/g) ?? []).map(Number));
}

/** The process and all that descend from it and still run. */
export function familyOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(familyOf)];
}

/** Resident memory and the share of it that counts for this process alone (PSS), bytes; 0 when it is gone. */
export function memoryOf(pid: number): { rss: number; pss: number } {
  const text = readProc(pid, 'smaps_rollup');
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0) * 1024;
  return { rss: bytes('Rss'), pss: bytes('Pss') };
}

/** The command line of a process, in one line. */
export function commandOf(pid: number): string {
  return readProc(pid, 'cmdline').split('\0').filter(Boolean).join(' ');
}

/** Prints rows under their headings, columns aligned. */
export function table(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const lines = [headings, ...rows].map((row) => row.map(String));
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => [...(line[column] ?? '')].length)));
  const shown = (line: string[]) =>
    line
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - [...cell].length))
      .join('  ')
      .trimEnd();
  const [head = [], ...body] = lines;
  console.log([shown(head), widths.map((width) => '-'.repeat(width)).join('  '), ...body.map(shown)].join('\n'));
}

/** A promise of the benchmark: what was measured must not be more, or not less, than this. */
export interface Promised {
  what: string;
  value: number;
  atMost?: number;
  atLeast?: number;
  /** Behind the number, for example `MB`. */
  unit?: string;
}

/** Prints whether each promise is kept, and makes the process end with 1 when one is not. A value that is no number is broken. */
export function verdict(promises: readonly Promised[]): void {
  for (const { what, value, atMost, atLeast, unit = '' } of promises) {
    const kept = value <= (atMost ?? Number.POSITIVE_INFINITY) && value >= (atLeast ?? Number.NEGATIVE_INFINITY);
    const limit = [
      atMost === undefined ? [] : [`at most ${atMost}`],
      atLeast === undefined ? [] : [`at least ${atLeast}`],
    ];
    console.log(`${kept ? 'kept  ' : 'BROKEN'}  ${what}: ${round(value)}${unit} (${limit.flat().join(', ')}${unit})`);
    if (!kept) process.exitCode = 1;
  }
}

/** Three digits that mean something. */
export function round(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

function tasksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

let ticks: number | undefined;

/** The unit of CPU times in /proc; 100 on nearly every Linux. */
function ticksPerSecond(): number {
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ticks;
}
