import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { startRtspServer } from '../../tests/kit/rtsp-server.ts';
import { addonMissing, runtime } from '../../tests/kit/runtime.ts';
import { threadsNeeded } from './feed.ts';

interface Held {
  pipelines: number;
  descriptors: number;
  residentBytes: number;
}

const fixture = join(import.meta.dirname, 'many-feeds.fixture.ts');

/** Runs the fixture to its natural end; returns what it held after each round. */
async function run(url: string, rounds: number, atOnce: number, threads: number): Promise<Held[]> {
  const node = runtime();
  const child = spawn(node.command, ['--expose-gc', ...node.run, fixture, url, String(rounds), String(atOnce)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, UV_THREADPOOL_SIZE: String(threads) },
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const exit = once(child, 'exit');
  const rows: Held[] = [];
  for await (const line of createInterface({ input: child.stdout })) rows.push(JSON.parse(line) as Held);
  assert.deepEqual(await exit, [0, null], 'it ends by itself once its feeds are stopped');
  clearTimeout(timer);
  return rows;
}

test('opening again and again holds no more pipelines, descriptors or memory', { skip: addonMissing() }, async (t) => {
  const server = await startRtspServer({
    streams: [{ path: '/one', codec: 'h264', pattern: 'ball', width: 640, height: 360, fps: 10 }],
  });
  t.after(() => server.stop());
  const rows = await run(server.url('/one'), 12, 1, threadsNeeded(1));
  const [early, late] = [rows[3]!, rows.at(-1)!];
  assert.equal(late.pipelines, 1);
  assert.equal(late.descriptors, early.descriptors);
  // Some megabytes come and go with freed frames; a pipeline a round would add three each.
  const grown = (late.residentBytes - early.residentBytes) / 2 ** 20;
  assert.ok(grown < 16, `${grown} MiB in 8 rounds`);
});

test('six cameras at once fit the threads that are counted for them', { skip: addonMissing() }, async (t) => {
  const server = await startRtspServer({
    streams: [{ path: '/one', codec: 'mjpeg', pattern: 'ball', width: 160, height: 120, fps: 10 }],
  });
  t.after(() => server.stop());
  // Without the spare ones: a camera that held more than its two would find none left.
  const rows = await run(server.url('/one'), 2, 6, threadsNeeded(6) - threadsNeeded(0));
  assert.deepEqual(
    rows.map((row) => row.pipelines),
    [6, 6],
  );
});
