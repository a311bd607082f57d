import { openStore } from './database.ts';

/** A second process for database.test.ts: tries to open the store of a folder, and says how that went. */
const [folder = ''] = process.argv.slice(2);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const said = await openStore({ folder, log }).then(
  () => 'opened',
  (error: Error) => error.name,
);
console.log(said);
process.exit();
