import { type CatalogEntry, download } from './install.ts';

/** A process for install.test.ts that downloads a model and is killed on the way. */
const [dataDir = '', entry = ''] = process.argv.slice(2);
await download(dataDir, JSON.parse(entry) as CatalogEntry);
