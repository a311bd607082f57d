import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Exports } from '../../core/plugin/export-services.ts';
import { openStore } from '../../core/store/database.ts';
import { assemble } from './assembly.ts';
import { batchOf, REMOVED } from './crash-pictures.fixture.ts';
import { ListIndex, SketchImages } from './stand-ins.fixture.ts';

/**
 * Child process of the crash test: enrols batch after batch, erases some, and says on stdout what was acknowledged, until
 * it is killed. Arguments: data folder, a name for this round. Lists of results lie in the folder `lists` beside the data.
 */
const [folder, round] = process.argv.slice(2);
if (!folder || !round) throw new Error('usage: crash-child.fixture.ts <data folder> <round>');
const log = pino({ level: 'silent' });
const store = await openStore({ folder, log });
await store.migrate('portraits', join(import.meta.dirname, 'migrations'));
const lists = `${folder}-lists`;
mkdirSync(lists, { recursive: true });
const exports: Exports = {
  archive: () => Promise.reject(new Error('nobody asks for one')),
  file: async (name, _area, data) => {
    writeFileSync(join(lists, name), data);
    return { path: name };
  },
  erase: async () => 0,
  eraseIn: () => 0,
};
const { library, batches } = assemble({
  owner: 'portraits',
  context: {
    store,
    secrets: store.keys.for('portraits'),
    // As the box's that looks at it afterwards: a batch is forgotten after a day.
    clock: {
      now: () => Date.UTC(2026, 10, 21, 11) + Math.floor(performance.now()),
      steady: () => performance.now(),
      zone: 'UTC',
    },
    log,
  },
  images: new SketchImages(),
  index: new ListIndex(),
  bindings: () => undefined,
  captures: () => undefined,
  alarms: () => undefined,
  outbox: () => undefined,
  exports: () => exports,
  changed: () => {},
  erased: () => {},
});
const { libId } = await library.createDatabase(`round ${round}`, 1);
const say = (word: string, imgId: string) => process.stdout.write(`${word} ${libId} ${imgId}\n`);

// Said as soon as it is acknowledged, not at the end of a batch.
const enrol = library.enrol.bind(library);
library.enrol = async (request) => {
  const enrolled = await enrol(request);
  say('stored', enrolled.portrait.imgId);
  return enrolled;
};
for (let batch = 0; ; batch++) {
  const uuid = `r${round}b${batch}`;
  await batches.enrol({ libId, uuid, quality: 'low', pictures: batchOf(uuid) });
  say('listed', uuid);
  const leaving = `${uuid}p${REMOVED}`;
  say('removing', leaving);
  await library.remove(libId, [leaving]);
  say('removed', leaving);
}
