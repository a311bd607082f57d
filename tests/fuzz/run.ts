import { parseArgs } from 'node:util';
import { table } from '../bench/kit.ts';
import { campaign, type Kind } from './campaign.ts';

/**
 * Sends a box bad requests of every kind and looks whether it stays whole and answers within its contract.
 *
 *     npm run fuzz                                100,000 cases of a new seed
 *     npm run fuzz -- --cases 5000 --seed 7
 *     npm run fuzz -- --seed 7 --only 1234        one case again; `--only 1200-1240` for those that led to it
 */

const KINDS: Record<Kind, string> = {
  json: 'messages as JSON',
  form: 'messages as multipart form',
  rest: 'REST routes',
  http: 'addresses, methods, headers',
  raw: 'HTTP that is none',
  media: 'stored files',
  ws: 'frames on /ws',
  live: 'frames on /live',
  probe: 'camera against the probe',
  relay: 'camera against the relay',
};

function wholeNumber(text: string, what: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  console.error(`--${what} must be a whole number, not ${text}`);
  process.exit(2);
}

const { values } = parseArgs({
  options: { cases: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
});
const seed = wholeNumber(values.seed ?? String(Date.now() % 1_000_000), 'seed');
const [from = '0', to = from] = values.only?.split('-') ?? [];
const first = wholeNumber(from, 'only');
const end = values.only === undefined ? wholeNumber(values.cases ?? '100000', 'cases') : wholeNumber(to, 'only') + 1;

console.log(`seed ${seed}, cases ${first} to ${end - 1}`);
const report = await campaign({ first, end, seed, say: (line) => console.log(line) });

console.log();
const kinds = Object.entries(report.kinds) as [Kind, (typeof report.kinds)[Kind]][];
const cases = kinds.reduce((sum, [, kind]) => sum + kind.cases, 0);
const succeeded = kinds.reduce((sum, [, kind]) => sum + kind.succeeded, 0);
table(
  ['kind', 'cases', 'let in', 'findings'],
  [
    ...kinds.map(([kind, { cases, succeeded, findings }]) => [KINDS[kind], cases, succeeded, findings]),
    ['all', cases, succeeded, report.findings.length],
  ],
);
const mib = (bytes: number) => Math.round(bytes / 1024 ** 2);
const { before, most, after } = report.memory;
console.log(
  `\n${report.seconds.toFixed(1)} s, ${Math.round((cases / report.seconds) * 60)} cases a minute; memory of the core ` +
    `${mib(before)} MiB before, ${mib(most)} at most, ${mib(after)} after`,
);
const codes = [...report.codes].sort(([, a], [, b]) => b - a).map(([code, times]) => `${code}: ${times}`);
console.log(`answers by code: ${codes.join(', ')}`);
process.exitCode = report.findings.length > 0 ? 1 : 0;
