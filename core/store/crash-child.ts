import { sql } from 'drizzle-orm';
import { recordPath } from './blob-path.ts';
import { openStore } from './database.ts';

/**
 * Child process of the crash test: stores captures of two files each, deletes some, lets some jobs fail, and says on
 * stdout what was acknowledged, until it is killed. Arguments: data folder.
 */
const folder = process.argv[2];
if (!folder) throw new Error('usage: crash-child <data folder>');
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const store = await openStore({ folder, log: quiet });
await store.write((tx) =>
  tx.run(sql`CREATE TABLE IF NOT EXISTS captures (id INTEGER PRIMARY KEY, face TEXT NOT NULL, frame TEXT NOT NULL)`),
);

async function writer(channel: number): Promise<never> {
  for (let turn = 0; ; turn++) {
    const number = store.blobs.nextNumber();
    const stage = (kind: string) => {
      const path = recordPath(channel, kind, 1_623_040_030_000, number);
      return store.blobs.stage({ path, bytes: Buffer.alloc(3000 + (number % 50), path), owner: 'captures' });
    };
    const staged = await Promise.all([stage('face'), stage('frame')]);
    const [face, frame] = staged;
    const written = store.write(
      (tx) => {
        tx.addBlob(face!);
        tx.addBlob(frame!);
        tx.run(sql`INSERT INTO captures VALUES (${number}, ${face!.path}, ${frame!.path})`);
        if (turn % 7 === 3) throw new Error('undone');
      },
      { staged },
    );
    await written.then(
      () => process.stdout.write(`stored ${number}\n`),
      () => process.stdout.write(`failed ${number}\n`),
    );
    if (turn % 5 === 4) await remove();
  }
}

async function remove(): Promise<void> {
  const oldest = store.read.get<{ id: number } | undefined>(sql`SELECT id FROM captures ORDER BY id LIMIT 1`);
  if (!oldest) return;
  // Said before: from here on the capture may be gone.
  process.stdout.write(`removing ${oldest.id}\n`);
  await store.write((tx) => {
    for (const path of tx
      .values<[string, string]>(sql`SELECT face, frame FROM captures WHERE id = ${oldest.id}`)
      .flat()) {
      tx.dropBlob(path);
    }
    tx.run(sql`DELETE FROM captures WHERE id = ${oldest.id}`);
  });
  process.stdout.write(`removed ${oldest.id}\n`);
}

for (let channel = 1; channel <= 8; channel++) void writer(channel);
