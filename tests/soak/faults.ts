import { parseArgs } from 'node:util';
import { startBox } from '../kit/box.ts';
import { canVanish, runReaders } from './readers.ts';

/**
 *     npm run soak:faults -- --seconds 90
 *
 * A hundred subscribers, of which a dozen do not read, at two pushes a second with pictures: those that read get
 * everything at once, memory stays bounded, and the dead are cut.
 */

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '90' } } });
/** Longest a dead reader may stay: four looks, fifteen seconds apart. */
const CUT_S = 62;
const MOST_GROWTH_MIB = 250;
const LONGEST_DELAY_MS = 1_000;

const box = await startBox({ main: 'tests/soak/box-main.ts', environment: { GATEHOUSE_LOG_LEVEL: 'error' } });
const faults: string[] = [];
try {
  await box.login();
  const gone = canVanish() ? 2 : 0;
  const readers = { reads: 88, 'never reads': 10 - gone, 'one byte a second': 2, gone };
  const seconds = Number(values.seconds);
  const report = await runReaders(box, { readers, perSecond: 2, bytes: 200_000, seconds });
  const { made, fewest, delays, memory, dropped, cutAfter, left } = report;
  console.log(`pushes made: ${made}; the least a reader got: ${fewest}; dropped for the others: ${dropped}`);
  console.log(`delay: median ${delays.median} ms, 99 % ${delays.p99} ms, longest ${delays.longest} ms`);
  const [before, highest, after] = [memory.before, memory.highest, memory.after].map(Math.round);
  console.log(`memory of the core: ${before} MiB before, ${highest} MiB at most, ${after} MiB after`);
  console.log(`cut after ${cutAfter.join(', ')} s; ${left} subscribers are left`);
  if (fewest < made) faults.push('a reader missed pushes');
  if (delays.p99 > LONGEST_DELAY_MS) faults.push('readers waited');
  if (memory.highest - memory.before > MOST_GROWTH_MIB) faults.push('memory grew');
  if (left < readers.reads) faults.push('a reader was cut');
  if (seconds > CUT_S && left > readers.reads) faults.push('a dead reader was not cut');
  if (cutAfter.some((time) => time > CUT_S)) faults.push('a dead reader was cut late');
} finally {
  await box.stop();
}
for (const fault of faults) console.log(fault);
process.exit(faults.length === 0 ? 0 : 1);
