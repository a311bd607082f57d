import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * Asks the package registry for known weaknesses of what the box runs on.
 *
 *     npm run advisories
 *
 * Exit code 1 where one of them is high or critical; 0 otherwise, also where the registry has no answer, so that a
 * box or a workshop without internet is not kept from working: the sentence says so.
 */

const SEVERITIES = ['critical', 'high', 'moderate', 'low', 'info'] as const;

const advisory = z.object({ title: z.string(), url: z.string().default('') });
const answer = z.object({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    z.string(),
    z.object({
      severity: z.enum(SEVERITIES),
      range: z.string().default(''),
      /** An advisory of this package, or the name of the package it comes from. */
      via: z.array(z.union([z.string(), advisory])).default([]),
      fixAvailable: z.union([z.boolean(), z.object({ name: z.string(), version: z.string() })]).default(false),
    }),
  ),
});

/** What an audit says: rows of a table, and the exit code; `reason` where it says nothing. */
export type Outcome = { known: true; rows: string[]; exitCode: 0 | 1 } | { known: false; reason: string; exitCode: 0 };

/** Reads what `npm audit --json` printed. */
export function readAudit(printed: string): Outcome {
  let value: unknown;
  try {
    value = JSON.parse(printed);
  } catch {
    return { known: false, reason: 'npm gave no report', exitCode: 0 };
  }
  const parsed = answer.safeParse(value);
  if (!parsed.success) return { known: false, reason: reasonOf(value), exitCode: 0 };
  const found = Object.entries(parsed.data.vulnerabilities).map(([name, one]) => ({ name, ...one }));
  found.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || (a.name < b.name ? -1 : 1));
  const width = Math.max(0, ...found.map(({ name }) => name.length));
  const rows = found.map(({ name, severity, range, via, fixAvailable }) => {
    const what = via.map((one) => (typeof one === 'string' ? `through ${one}` : `${one.title} ${one.url}`.trim()));
    return `${severity.padEnd(8)}  ${name.padEnd(width)}  ${range || 'any version'}  ${what.join('; ')}${fixText(fixAvailable)}`;
  });
  const severe = found.some(({ severity }) => severity === 'critical' || severity === 'high');
  return { known: true, rows, exitCode: severe ? 1 : 0 };
}

function fixText(fix: boolean | { name: string; version: string }): string {
  if (fix === false) return '  (no fix yet)';
  return fix === true ? '  (npm audit fix)' : `  (${fix.name} ${fix.version})`;
}

/** The first line of what npm says when it could not ask. */
function reasonOf(value: unknown): string {
  const { message, error } = (value ?? {}) as { message?: unknown; error?: { summary?: unknown } };
  const text = [message, error?.summary].find((one) => typeof one === 'string' && one !== '');
  return typeof text === 'string' ? (text.split('\n')[0] ?? '').slice(0, 200) : 'npm gave no report';
}

function main(): void {
  const { stdout, error } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
    cwd: join(import.meta.dirname, '..'),
    encoding: 'utf8',
    timeout: 120_000,
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const outcome = error ? ({ known: false, reason: error.message, exitCode: 0 } as const) : readAudit(stdout);
  if (!outcome.known) {
    console.log(
      `The advisory service of the package registry could not be asked, so nothing is known: ${outcome.reason}`,
    );
  } else if (outcome.rows.length === 0) {
    console.log('No known weakness in the packages the box runs on.');
  } else {
    console.log(outcome.rows.join('\n'));
  }
  process.exitCode = outcome.exitCode;
}

if (process.argv[1] === import.meta.filename) main();
