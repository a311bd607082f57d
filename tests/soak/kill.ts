import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../fuzz/random.ts';
import { assetFolder } from '../kit/assets.ts';
import { KillRun, type RoundReport } from './kill-rounds.ts';

/**
 *     npm run soak:kill -- --times 50 --seed 1
 *
 * Ends a capturing box with SIGKILL as many times as asked and fails when anything acknowledged was lost or anything
 * left behind.
 */

/** Each clip on two channels: the more captures under way at a time, the likelier a kill meets one. */
const CLIPS = ['face-demographics-walking-and-pause.avi', 'classroom.avi', 'store-aisle-detection.avi'].flatMap(
  (clip) => [clip, clip],
);
const HEAD = ['round', 'pushed', 'queried', 'unacknowledged', 'under way', 'worker gone ms', 'start ms', 'faults'];

const { values } = parseArgs({
  options: { times: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } },
});
const assets = assetFolder();
if (!assets) {
  console.error('needs models and videos: set GATEHOUSE_TEST_ASSETS');
  process.exit(1);
}

const row = (cells: (string | number)[]) =>
  cells.map((cell, index) => String(cell).padStart(HEAD[index]!.length)).join('  ');

const dataFolder = await mkdtemp(join(tmpdir(), 'gatehouse-kill-'));
const random = new Random(Number(values.seed));
const run = new KillRun({ assets, dataFolder, clips: CLIPS, random: () => random.next() });
const reports: RoundReport[] = [];
try {
  await run.prepare();
  console.log(row(HEAD));
  for (let round = 0; round < Number(values.times); round += 1) {
    const report = await run.round();
    reports.push(report);
    const { pushed, queried, unacknowledged, underWay, workerGoneMs, startMs, faults } = report;
    const times = [Math.round(workerGoneMs), Math.round(startMs)];
    console.log(row([report.round, pushed, queried, unacknowledged, underWay, ...times, faults.length]));
    for (const fault of faults) console.log(`  ${fault}`);
  }
} finally {
  await run.stop();
  await rm(dataFolder, { recursive: true, force: true });
}
const faults = reports.reduce((sum, report) => sum + report.faults.length, 0);
const hit = reports.filter((report) => report.underWay > 0 || report.unacknowledged > 0).length;
const slowest = Math.round(Math.max(...reports.map((report) => report.startMs)));
console.log(
  `${reports.length} kills, ${hit} of them with captures under way, ${run.acknowledged} captures acknowledged, ${faults} faults, slowest start ${slowest} ms`,
);
process.exit(faults === 0 && hit > 0 && run.acknowledged > 0 ? 0 : 1);
