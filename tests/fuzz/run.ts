import { parseArgs } from 'node:util';
import { campaign } from './campaign.ts';

/**
 * Sends a box thousands of bad requests and looks whether it stays whole.
 *
 *     npm run fuzz                                20,000 cases of a new seed
 *     npm run fuzz -- --cases 5000 --seed 7
 *     npm run fuzz -- --seed 7 --only 1234        one case again; `--only 1200-1240` for those that led to it
 */

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
const end = values.only === undefined ? wholeNumber(values.cases ?? '20000', 'cases') : wholeNumber(to, 'only') + 1;

console.log(`seed ${seed}, cases ${first} to ${end - 1}`);
const report = await campaign({ first, end, seed, say: (line) => console.log(line) });

const { http, socket, camera } = report.cases;
const cases = http + socket + camera;
const mib = (bytes: number) => Math.round(bytes / 1024 ** 2);
const { before, most, after } = report.memory;
console.log(
  `\n${cases} cases (${http} HTTP, ${socket} WebSocket, ${camera} camera) in ${report.seconds.toFixed(1)} s, ` +
    `${Math.round((cases / report.seconds) * 60)} a minute; memory of the core ${mib(before)} MiB before, ` +
    `${mib(most)} at most, ${mib(after)} after; ${report.findings.length} findings`,
);
const codes = [...report.codes].sort(([, a], [, b]) => b - a).map(([code, times]) => `${code}: ${times}`);
console.log(`answers by code: ${codes.join(', ')}`);
process.exitCode = report.findings.length > 0 ? 1 : 0;
