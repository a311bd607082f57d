import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBox } from '../../core/box.ts';
import { loadConfig } from '../../core/config.ts';
import { createLog, RecentLog } from '../../core/log.ts';
import { pluginRoot } from './plugin-root.ts';

/**
 * A box in a process of its own with the plugin `feeder` beside the others. It keeps no record of its starts: ended
 * by force again and again, it must go on as before and not begin in safe mode.
 */

const root = join(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const config = loadConfig(process.env);
const recentLog = new RecentLog();
const log = createLog(config.logLevel, recentLog);
const plugins = pluginRoot(join(config.dataFolder, 'test-plugins'));

const box = await startBox({ config, version, log, recentLog, pluginRoot: plugins });
process.stdout.write(`\n  Gatehouse answers at ${box.address}\n`);
process.on('SIGTERM', () => void box.stop().then(() => process.exit(0)));
