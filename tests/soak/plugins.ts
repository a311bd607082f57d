import { parseArgs } from 'node:util';
import { startBox } from '../kit/box.ts';
import { runPluginRounds } from './plugin-rounds.ts';

/**
 *     npm run soak:plugins -- --rounds 200
 *
 * Plugins are switched off and on, configured and made to fail, one after another, under traffic: no answer of another
 * plugin is lost or wrong, no capture is lost, nothing stays behind, and memory is bounded.
 */

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '200' } } });
const MOST_GROWTH_MIB = 80;
const MOST_HANDLES = 10;

const box = await startBox({ main: 'tests/soak/plugins-main.ts', environment: { GATEHOUSE_LOG_LEVEL: 'error' } });
let faults = ['it did not end'];
try {
  await box.login();
  const report = await runPluginRounds(box, Number(values.rounds));
  const { rounds, answers, slowest, pushes, switches, memory, handles } = report;
  console.log(`rounds: ${rounds}; switches: ${switches}, all in the operation log`);
  console.log(`answers of plugins nobody touched: ${answers}, the slowest after ${slowest} ms; pushes: ${pushes}`);
  console.log(`memory: ${memory.warm} MiB after one time through, ${memory.end} MiB at the end`);
  console.log(`handles: ${handles.warm} after one time through, ${handles.end} at the end`);
  faults = report.faults;
  if (memory.end - memory.warm > MOST_GROWTH_MIB) faults.push('memory grew');
  if (handles.end - handles.warm > MOST_HANDLES) faults.push('handles stayed behind');
} finally {
  await box.stop();
}
for (const fault of faults) console.log(fault);
process.exit(faults.length === 0 ? 0 : 1);
