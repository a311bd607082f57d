import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ADMIN_PASSWORD, freePort } from '../kit/box.ts';
import { commandOf, cpuOf, familyOf, median, memoryOf, round, table, verdict } from './kit.ts';

/**
 * What a box without cameras costs: time from its start command to the first answer, memory and CPU of its processes
 * after half a minute, and, on request, the size of its installation.
 *
 *     npm run bench:idle
 *     npm run bench:idle -- --install      fetches the packages anew and measures them as well
 */
const MOST_RSS_MB = 200;
const MOST_START_S = 2;
const MOST_INSTALLED_MB = 400;
const STARTS = 5;
const IDLE_MS = 30_000;
/** CPU is measured over the last part, when everything has come to rest. */
const REST_MS = 15_000;
const MB = 1024 ** 2;

const root = resolve(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { start: string } };
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-idle-'));
const ports = { http: await freePort(), https: await freePort() };

/** Starts a box as `npm start` does and waits for its first answer; gives the seconds that took. */
async function start(): Promise<{ child: ChildProcess; seconds: number }> {
  const began = performance.now();
  const child = spawn('sh', ['-c', scripts.start], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      // The compiled sources are kept there: the first start finds none.
      TMPDIR: folder,
      GATEHOUSE_DATA_DIR: join(folder, 'data'),
      GATEHOUSE_HOST: '127.0.0.1',
      GATEHOUSE_HTTP_PORT: String(ports.http),
      GATEHOUSE_HTTPS_PORT: String(ports.https),
      GATEHOUSE_PROTOCOL: 'http',
      GATEHOUSE_ADMIN_PASSWORD: ADMIN_PASSWORD,
      GATEHOUSE_DEMO: '0',
      GATEHOUSE_FETCH_MODELS: '0',
      GATEHOUSE_LOG_LEVEL: 'warn',
    },
  });
  while (!(await answers())) {
    if (child.exitCode !== null || performance.now() - began > 60_000) throw new Error('the box does not start');
    await new Promise((done) => setTimeout(done, 10));
  }
  return { child, seconds: (performance.now() - began) / 1000 };
}

async function answers(): Promise<boolean> {
  try {
    const { status } = await fetch(`http://127.0.0.1:${ports.http}/healthz`);
    return status === 200;
  } catch {
    return false;
  }
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = new Promise((done) => child.once('exit', done));
  child.kill();
  await gone;
}

/** Size of the modules that `npm start` brings, as `du` counts it, MB. */
function installedSize(): number {
  const place = join(folder, 'install');
  for (const file of ['package.json', 'package-lock.json', 'system/setup.sh'])
    cpSync(join(root, file), join(place, file));
  execFileSync('sh', [join(place, 'system/setup.sh')], { stdio: ['ignore', 'ignore', 'inherit'] });
  return Number.parseInt(execFileSync('du', ['-sm', join(place, 'node_modules')], { encoding: 'utf8' }), 10);
}

/** What a process is, in a word or two. */
function nameOf(pid: number): string {
  const command = commandOf(pid);
  const program = /\S*?(core\/[\w/-]+\.ts|esbuild\S*|gst-launch\S*)/.exec(command)?.[1];
  return program ?? command.slice(0, 60);
}

let running: ChildProcess | undefined;
try {
  const first = await start();
  await stop(first.child);
  const starts: number[] = [];
  for (let n = 0; n < STARTS; n += 1) {
    const { child, seconds } = await start();
    running = child;
    starts.push(seconds);
    if (n < STARTS - 1) await stop(child);
  }
  const pid = running?.pid ?? 0;
  await new Promise((done) => setTimeout(done, IDLE_MS - REST_MS));
  const before = cpuOf(pid);
  const since = performance.now();
  await new Promise((done) => setTimeout(done, REST_MS));
  const cpu = (100 * (cpuOf(pid) - before)) / ((performance.now() - since) / 1000);

  const family = familyOf(pid).map((one) => ({ name: nameOf(one), ...memoryOf(one) }));
  const sum = (key: 'rss' | 'pss') => family.reduce((total, one) => total + one[key], 0);
  table(
    ['process', 'RSS, MB', 'PSS, MB'],
    [
      ...family.map(({ name, rss, pss }) => [name, round(rss / MB), round(pss / MB)]),
      ['all', round(sum('rss') / MB), round(sum('pss') / MB)],
    ],
  );
  console.log(`at rest all of them use ${cpu.toFixed(1)} % of one core`);
  console.log(`first start, nothing compiled and no data: ${round(first.seconds)} s`);
  console.log(`later starts: ${starts.map(round).join(', ')} s`);
  verdict([
    {
      what: 'memory of the core process',
      value: (family[0]?.rss ?? Number.NaN) / MB,
      atMost: MOST_RSS_MB,
      unit: ' MB',
    },
    { what: 'start to the first answer, median', value: median(starts), atMost: MOST_START_S, unit: ' s' },
    ...(process.argv.includes('--install')
      ? [{ what: 'installation', value: installedSize(), atMost: MOST_INSTALLED_MB, unit: ' MB' }]
      : []),
  ]);
} finally {
  if (running && running.exitCode === null) await stop(running);
  rmSync(folder, { recursive: true, force: true });
}
