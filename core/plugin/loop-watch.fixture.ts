import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../tests/kit/wait.ts';
import { createLog, RecentLog } from '../log.ts';
import { Life, Tally } from './life.ts';
import { watchLoop } from './loop-watch.ts';
import { watchStrays } from './strays.ts';

/**
 * A process with one plugin that keeps the event loop from a timer of its own, for loop-watch.test.ts:
 * `loop-watch.fixture.ts <plugin folder> <ms>`. It prints the log line that tells of it.
 */
const [folder = '', ms = ''] = process.argv.slice(2);
const recentLog = new RecentLog();
const log = createLog('info', recentLog, new PassThrough().resume());
watchLoop(() => log);
const tally = new Tally();
const life = new Life({ plugin: 'greedy', folder, tally, strayed() {}, held() {} });
watchStrays(life);
const { greedy } = (await import(join(folder, 'index.ts'))) as { greedy(ms: number): void };
// Beats, and the thread knows the folder.
await pause(1_000);
life.run('start', () => setTimeout(() => greedy(Number(ms)), 1));
const line = await until('the line', () => recentLog.newest(10).find(({ level }) => level === 'warn'));
process.stdout.write(`${JSON.stringify({ ...line, holds: tally.holds })}\n`);
process.exit(0);
