import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { openStore } from '../store/database.ts';
import { realTime } from './clock.ts';
import { OutboxService } from './outbox.ts';

/**
 * Child process of the crash test: stores records with their messages, a receiver that is away now and then notes what
 * it gets in a file, and stdout says what was acknowledged, until it is killed. Arguments: data folder, first number.
 */
const [folder, first] = process.argv.slice(2);
if (!folder || !first) throw new Error('usage: outbox-crash-child <data folder> <first number>');
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const store = await openStore({ folder, log: quiet });
const clock = realTime({ now: () => Date.now(), steady: () => performance.now() });
const outbox = new OutboxService({ store, log: quiet, clock });
await store.write((tx) => tx.run(sql`CREATE TABLE IF NOT EXISTS records (number INTEGER PRIMARY KEY)`));

let number = Number(first);
let turn = 0;
const opened = outbox.open({
  id: 'test/one',
  name: 'Test',
  wants: () => true,
  deliver: async (message) => {
    turn += 1;
    if (turn % 40 === 0) throw new Error('away for a moment');
    await pause(1);
    appendFileSync(join(folder, 'received'), `${message.id}\n`);
  },
});
setInterval(() => opened.retry(), 20);

async function writer(): Promise<never> {
  for (;;) {
    number += 1;
    const mine = number;
    const path = `record/${mine}.jpg`;
    const staged = await store.blobs.stage({ path, bytes: Buffer.alloc(500, path), owner: 'captures' });
    const written = store.write(
      (tx) => {
        tx.run(sql`INSERT INTO records VALUES (${mine})`);
        tx.addBlob(staged);
        outbox.add(tx, {
          id: String(mine),
          topic: 'capture',
          time: Date.now(),
          body: { mine },
          pictures: [{ part: 'snap', path }],
          shows: [`capture/${mine}`],
        });
        if (mine % 9 === 4) throw new Error('undone');
      },
      { staged: [staged] },
    );
    await written.then(
      () => process.stdout.write(`stored ${mine}\n`),
      () => process.stdout.write(`failed ${mine}\n`),
    );
    // Others delete it at once: its delivery alone keeps the picture.
    if (mine % 3 === 0) await store.write((tx) => void tx.dropBlob(path));
  }
}

for (let writers = 0; writers < 4; writers++) void writer();
