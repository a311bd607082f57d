import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { median, round, table } from '../bench/kit.ts';
import { startBox } from '../kit/box.ts';
import { alignToClip } from './align.ts';
import { judgeCaptures } from './captures.ts';
import { judgeScene, type SubjectReport } from './judge.ts';
import { capturesOf, SCENES, showScenes, truthOf, watchChannel } from './watch.ts';

/**
 * Shows the scenes of the demo site to a box, one after the other, and holds what it drew and recorded against their
 * truth.
 *
 *     npm run truth [-- scene…]
 *
 * Recall and false alarms are of boxes on the live picture, IDF1 and switches of their tracks; people of whom little is
 * to be seen, and faces that are small or turned away, need not be found. Captures are those of one round of the scene.
 */

const index = JSON.parse(await readFile(join(SCENES, 'index.json'), 'utf8')) as { name: string; seconds: number }[];
const asked = process.argv.slice(2);
const unknown = asked.find((name) => !index.some((scene) => scene.name === name));
if (unknown) throw new Error(`there is no scene "${unknown}"`);
const scenes = index.filter(({ name }) => asked.length === 0 || asked.includes(name));

const box = await startBox({ environment: { GATEHOUSE_DEMO: '1' } });
const subjects: string[][] = [];
const records: string[][] = [];
const plates: string[][] = [];
const percent = (part: number, whole: number) => (whole === 0 ? '–' : `${Math.round((100 * part) / whole)} %`);

function subjectRow(scene: string, kind: string, report: SubjectReport): string[] {
  const delay = report.delays.length > 0 ? `${round(median(report.delays))} s` : '–';
  return [
    scene,
    kind,
    Number.isNaN(report.recall) ? '–' : percent(report.recall, 1),
    round(report.falsePerMinute),
    round(report.idf1),
    String(report.switches),
    delay,
    `${report.actors - report.missed.length} of ${report.actors}`,
  ];
}

try {
  await box.login();
  for (const { name, seconds } of scenes) {
    const truth = await truthOf(name);
    const channel = (await showScenes(box, [name])).get(name)!;
    const seen = await watchChannel(box, channel, seconds);
    const numbers = alignToClip(seen, truth);
    for (const kind of ['person', 'face', 'vehicle'] as const)
      if (kind !== 'vehicle' || truth.vehicles.length > 0)
        subjects.push(subjectRow(name, kind, judgeScene(kind, seen, numbers, truth)));
    const captures = await capturesOf(box, channel, seen[0]!.time, seen.at(-1)!.time);
    const report = judgeCaptures(captures, seen, numbers, truth);
    const worst = [...report.wrong].sort((a, b) => b[1] - a[1]).slice(0, 3);
    records.push([
      name,
      String(report.captures),
      String(report.actors.size),
      String(report.ofNobody),
      percent(report.right, report.answers),
      worst.map(([attribute, times]) => `${attribute} ${times}`).join(', '),
      percent(report.rightlyAlive, report.judgedAlive),
    ]);
    const { shown, found, read, right, vehicles, readable } = report.plates;
    if (truth.vehicles.length > 0)
      plates.push([name, ...[shown, found, read, right].map(String), `${vehicles.size} of ${readable.size}`]);
    console.log(`${name}: ${seen.length} frames, ${report.captures} captures`);
  }
} finally {
  await box.stop();
}

table(['scene', 'of', 'recall', 'false/min', 'IDF1', 'switches', 'first box after', 'actors found'], subjects);
console.log('');
table(['scene', 'captures', 'actors', 'of nobody', 'attributes right', 'most often wrong', 'liveness right'], records);
if (plates.length > 0) {
  console.log('');
  table(
    ['scene', 'vehicles captured with a readable plate', 'plates found', 'told', 'rightly', 'vehicles rightly'],
    plates,
  );
}
