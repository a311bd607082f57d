import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** A folder of plugins like the box's own, `feeder`, and those of `more` folders. It goes with the data: a box ended by force cleans nothing. */
export function pluginRoot(folder: string, more: string[] = []): string {
  if (existsSync(folder)) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const own = readdirSync(join(root, 'plugins')).map((id) => join(root, 'plugins', id));
  for (const plugin of [...own, join(root, 'tests/soak/feeder'), ...more]) {
    const place = join(folder, basename(plugin));
    mkdirSync(place);
    for (const name of readdirSync(plugin)) {
      if (name === 'plugin.json') cpSync(join(plugin, name), join(place, name));
      else if (name === 'index.ts')
        writeFileSync(join(place, name), `export { default } from ${JSON.stringify(join(plugin, name))};\n`);
      else symlinkSync(join(plugin, name), join(place, name));
    }
  }
  return folder;
}
