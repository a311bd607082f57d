import { join } from 'node:path';
import { pino } from 'pino';
import { openStore } from '../../core/store/database.ts';
import { assemble } from './assembly.ts';
import { enrolBatch } from './batch.ts';
import { ListIndex, SketchImages, sketch } from './stand-ins.fixture.ts';

/**
 * Child process of the crash test: enrols batch after batch, erases some, and says on stdout what was acknowledged, until
 * it is killed. Arguments: data folder, a name for this round.
 */
const [folder, round] = process.argv.slice(2);
if (!folder || !round) throw new Error('usage: crash-child.fixture.ts <data folder> <round>');
const log = pino({ level: 'silent' });
const store = await openStore({ folder, log });
await store.migrate('portraits', join(import.meta.dirname, 'migrations'));
const { library } = assemble({
  owner: 'portraits',
  context: {
    store,
    secrets: store.keys.for('portraits'),
    clock: { now: () => Date.now(), steady: () => performance.now(), zone: 'UTC' },
    log,
  },
  images: new SketchImages(),
  index: new ListIndex(),
  cameras: () => undefined,
  captures: () => undefined,
  alarms: () => undefined,
  outbox: () => undefined,
  exports: () => exports,
  changed: () => {},
  erased: () => {},
});
const { libId } = await library.createDatabase(`round ${round}`, 1);
const say = (word: string, imgId: string) => process.stdout.write(`${word} ${libId} ${imgId}\n`);

for (let batch = 0; ; batch++) {
  const pictures = Array.from({ length: 20 }, (_, at) => {
    const imgId = `r${round}b${batch}p${at}`;
    return { file: `who_${imgId}_123_#_#_here.jpg`, bytes: () => sketch([imgId]) };
  });
  const told = {
    enrol: async (request: Parameters<typeof library.enrol>[0]) => {
      const enrolled = await library.enrol(request);
      say('stored', enrolled.portrait.imgId);
      return enrolled;
    },
  };
  const now = () => performance.now();
  await enrolBatch(told, pictures, { libId, quality: 'low', now, limitMs: 60_000, failed: () => {} });
  const leaving = `r${round}b${batch}p3`;
  say('removing', leaving);
  await library.remove(libId, [leaving]);
  say('removed', leaving);
}
