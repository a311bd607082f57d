import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBox } from '../../core/box.ts';
import { loadConfig } from '../../core/config.ts';
import { createLog, RecentLog } from '../../core/log.ts';
import { takeStray } from '../../core/plugin/strays.ts';
import { pluginRoot } from './plugin-root.ts';

/** A box in a process of its own, with the plugins `feeder` and `faulty` beside the others. */

const root = join(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const config = loadConfig(process.env);
const recentLog = new RecentLog();
const log = createLog(config.logLevel, recentLog);
const plugins = pluginRoot(join(config.dataFolder, 'test-plugins'), [join(import.meta.dirname, 'faulty')]);

process.on('unhandledRejection', (error) => {
  if (!takeStray(error)) log.error({ err: error }, 'a rejection nobody handled');
});
process.on('uncaughtException', (error) => {
  if (takeStray(error)) return;
  log.fatal({ err: error }, 'an exception nobody caught');
  process.exit(1);
});
const box = await startBox({ config, version, log, recentLog, pluginRoot: plugins });
process.stdout.write(`\n  Gatehouse answers at ${box.address}\n`);
process.on('SIGTERM', () => void box.stop().then(() => process.exit(0)));
