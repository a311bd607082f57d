import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventJsonSchema } from './event-schema.ts';

/** Writes `schema/events.schema.json` anew: `node --import tsx plugins/mqtt/write-schema.ts`. */
await writeFile(
  join(import.meta.dirname, 'schema/events.schema.json'),
  `${JSON.stringify(eventJsonSchema(), null, 2)}\n`,
);
