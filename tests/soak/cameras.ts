import { parseArgs } from 'node:util';
import type { CameraStatus } from '../../core/vision/keys.ts';
import { startBox, type TestBox } from '../kit/box.ts';
import { type RtspServer, startRtspServer } from '../kit/rtsp-server.ts';
import { until } from '../kit/wait.ts';
import { childrenOf, openFiles, residentMiB, threadCount } from './processes.ts';

/**
 * A camera that is killed and started again and again, in a whole box, with a steady camera beside it in the same
 * vision worker. Prints a table and ends with 1 where a promise is broken.
 *
 *     npm run soak:cameras -- --restarts 100 --backend addon|process|auto
 */

const { values } = parseArgs({
  options: { restarts: { type: 'string', default: '100' }, backend: { type: 'string', default: 'auto' } },
});
const restarts = Number(values.restarts);
const { backend } = values;
if (!Number.isInteger(restarts) || restarts < 30) throw new Error('--restarts takes a whole number from 30 on');
if (!['addon', 'process', 'auto'].includes(backend)) throw new Error('--backend takes addon, process or auto');

const BACK_WITHIN_MS = 10_000;
/** A pipeline or a client that is not freed costs some 3 MiB at each restart. */
const MAX_GROWN_MIB = 32;
const MAX_GROWN_FILES = 6;
/** `auto` has moved the camera by then, and caches and pools are full. */
const SETTLED_AFTER = 10;
const WINDOW = 10;
const ANALYSED_PER_SECOND = 5;
const STEADY_SHARE = 0.9;

const picture = { codec: 'h264', pattern: 'ball', width: 320, height: 240, fps: 10 } as const;
const [TROUBLED, STEADY] = [1, 2];

/** What the vision worker holds, looked at when both cameras are online. */
interface Held {
  memory: number;
  files: number;
  threads: number;
  children: number;
}

async function statusOf(box: TestBox, channel: number): Promise<CameraStatus> {
  const { body } = await box.rest<{ cameras: { channel: number; status: CameraStatus }[] }>(
    'GET',
    '/p/cameras/cameras',
  );
  const found = body.cameras.find((camera) => camera.channel === channel);
  if (!found) throw new Error(`the box has no camera ${channel}`);
  return found.status;
}

async function becomes(box: TestBox, channel: number, online: boolean): Promise<CameraStatus> {
  return until(
    `camera ${channel} to be ${online ? 'online' : 'offline'}`,
    async () => {
      const status = await statusOf(box, channel);
      return (status.state === 'online') === online && status;
    },
    60_000,
  );
}

function workerOf(box: TestBox): number {
  const worker = childrenOf(box.child.pid ?? 0).find((child) => child.commandLine.includes('core/vision/worker.ts'));
  if (!worker) throw new Error('the box has no vision worker');
  return worker.pid;
}

function look(worker: number): Held {
  return {
    memory: residentMiB(worker),
    files: openFiles(worker),
    threads: threadCount(worker),
    // esbuild serves whoever runs from sources and is no decoder.
    children: childrenOf(worker).filter((child) => !child.commandLine.includes('esbuild')).length,
  };
}

async function add(box: TestBox, channel: number, server: RtspServer, decoding: string): Promise<void> {
  const body = { channel, name: `Camera ${channel}`, url: server.url('/one'), decoding };
  const { status } = await box.rest('POST', '/p/cameras/cameras', body);
  if (status !== 200) throw new Error(`camera ${channel} was not added: ${status}`);
}

/** Kills the camera and starts it again; how long it took to be online once it listened, ms. */
async function restart(box: TestBox, server: RtspServer): Promise<number> {
  await server.kill();
  await becomes(box, TROUBLED, false);
  await server.restart();
  const listening = performance.now();
  const { framesAnalysed } = await becomes(box, TROUBLED, true);
  const took = performance.now() - listening;
  await until('pictures of it', async () => (await statusOf(box, TROUBLED)).framesAnalysed > framesAnalysed);
  return took;
}

const middle = (numbers: number[], share = 0.5): number =>
  [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))] ?? 0;

async function soak(box: TestBox, troubled: RtspServer, steady: RtspServer): Promise<string[]> {
  await add(box, TROUBLED, troubled, backend);
  await add(box, STEADY, steady, 'auto');
  for (const channel of [TROUBLED, STEADY]) await becomes(box, channel, true);
  const worker = workerOf(box);
  const times: number[] = [];
  const held: Held[] = [];
  const before = { ...(await statusOf(box, STEADY)), at: performance.now() };
  for (let round = 1; round <= restarts; round += 1) {
    times.push(await restart(box, troubled));
    held.push(look(worker));
    if (round % 10 === 0) {
      const { memory, files, children } = held.at(-1)!;
      console.error(`${round} restarts: ${Math.round(memory)} MiB, ${files} files, ${children} children`);
    }
  }
  const after = { ...(await statusOf(box, STEADY)), at: performance.now() };
  const troubledNow = await statusOf(box, TROUBLED);
  const zombies = () => [box.child.pid ?? 0, worker].flatMap(childrenOf).filter((child) => child.zombie).length;
  // One that ended this very moment is not yet fetched by its parent.
  const clean = await until('no zombie', () => zombies() === 0, 5_000).catch(() => false);

  const settled = held.slice(SETTLED_AFTER, SETTLED_AFTER + WINDOW);
  const last = held.slice(-WINDOW);
  const of = (rows: Held[], what: keyof Held) => middle(rows.map((row) => row[what]));
  const most = (what: keyof Held) => Math.max(...held.map((row) => row[what]));
  const grown = { memory: of(last, 'memory') - of(settled, 'memory'), files: of(last, 'files') - of(settled, 'files') };
  const share =
    (after.framesAnalysed - before.framesAnalysed) / (((after.at - before.at) / 1000) * ANALYSED_PER_SECOND);
  const decodedIn = backend === 'addon' ? 'addon' : 'process';

  console.table({
    'decoding asked for, and at the end': `${backend}, ${troubledNow.backend} (${troubledNow.backendReason?.code})`,
    restarts,
    'back online, ms: half, 95 %, longest': [middle(times), middle(times, 0.95), Math.max(...times)]
      .map(Math.round)
      .join(', '),
    'memory of the worker, MiB: settled, at the end': [of(settled, 'memory'), of(last, 'memory')]
      .map(Math.round)
      .join(', '),
    'open files: settled, at the end': `${of(settled, 'files')}, ${of(last, 'files')}`,
    'threads: settled, at the end': `${of(settled, 'threads')}, ${of(last, 'threads')}`,
    'decoders beside the worker, at most': most('children'),
    'steady camera: frames analysed of those due, %': Math.round(share * 1000) / 10,
    'steady camera: reconnections': after.reconnects - before.reconnects,
  });
  const promises: [boolean, string][] = [
    [Math.max(...times) <= BACK_WITHIN_MS, `back online within ${BACK_WITHIN_MS / 1000} s each time`],
    [grown.memory <= MAX_GROWN_MIB, `memory grows by at most ${MAX_GROWN_MIB} MiB`],
    [grown.files <= MAX_GROWN_FILES, `open files grow by at most ${MAX_GROWN_FILES}`],
    [of(last, 'threads') <= of(settled, 'threads'), 'no thread is lost'],
    [most('children') <= 1, 'never more than one decoder for the camera'],
    [clean, 'no zombie is left'],
    [share >= STEADY_SHARE, `the steady camera gets ${STEADY_SHARE * 100} % of its frames`],
    [after.reconnects === before.reconnects && after.since - before.since < 1_000, 'the steady camera stays connected'],
    [troubledNow.backend === decodedIn, `the camera ends up with the ${decodedIn} backend`],
    [workerOf(box) === worker, 'the worker lives through it all'],
  ];
  return promises.flatMap(([kept, promise]) => (kept ? [] : [promise]));
}

const box = await startBox();
const servers: RtspServer[] = [];
try {
  for (let n = 0; n < 2; n += 1) servers.push(await startRtspServer({ streams: [{ path: '/one', ...picture }] }));
  await box.login();
  const broken = await soak(box, servers[0]!, servers[1]!);
  for (const promise of broken) console.error(`broken: ${promise}`);
  if (broken.length === 0) console.log('every promise is kept');
  else process.exitCode = 1;
} finally {
  await box.stop();
  for (const server of servers) await server.stop();
}
