import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { type Feed, openFeed } from '../../drivers/video/feed.ts';
import { skip } from '../../tests/kit/runtime.ts';
import { until } from '../../tests/kit/wait.ts';
import { makeScenes } from './fixture.ts';
import { SceneServer } from './scene-server.ts';
import { readScenes, type Scene } from './scenes.ts';

let made: ReturnType<typeof makeScenes>;
let scenes: Scene[];
before(async () => {
  made = makeScenes(['lobby', 'gate']);
  scenes = (await readScenes(made.folder)).scenes;
});
after(() => made.remove());

const quiet = { info: () => {}, warn: () => {} };

/** Whether GStreamer's RTSP server is installed for the system's Python. */
function libraryThere(): boolean {
  try {
    const look = 'import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import GstRtspServer';
    execFileSync('/usr/bin/python3', ['-c', look], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Follows a stream; `pts` of its frames, seconds, and the reasons for which it was offline. */
function follow(url: string): { pts: number[]; faults: string[]; feed: Feed } {
  const pts: number[] = [];
  const faults: string[] = [];
  const feed = openFeed({
    url,
    pictures: [{ id: 'a', width: 64, height: 64 }],
    rate: { perSecond: 10 },
    onFrame: (frame) => void pts.push(frame.pts / 1e9),
    onState: (_, reason) => void (reason && faults.push(reason.code)),
  });
  return { pts, faults, feed };
}

test('a scene runs over and over without a break, behind a password', async (t) => {
  if (!libraryThere()) return skip(t, "GStreamer's RTSP server library is not installed");
  const server = new SceneServer(scenes, { log: quiet, onMoved: () => {} });
  t.after(() => server.stop());
  await server.start();
  const url = server.url(scenes[0]!)!;
  assert.match(url, /^rtsp:\/\/demo:[\w-]{20,}@127\.0\.0\.1:\d+\/lobby$/);
  const scene = follow(url);
  t.after(() => scene.feed.stop());
  // The clip lasts one and a half.
  const runs = () => scene.pts.length > 0 && scene.pts.at(-1)! - scene.pts[0]! > 3.2;
  await until('the clip to have begun a third time', runs, 30_000);
  assert.deepEqual(scene.faults, []);
  assert.equal(scene.feed.stats().reconnects, 0);
  assert.ok(scene.pts.every((time, i) => i === 0 || time > scene.pts[i - 1]!));

  const stranger = follow(url.replace(/demo:[^@]+@/, 'demo:guess@'));
  t.after(() => stranger.feed.stop());
  await until('the stranger to be refused', () => stranger.faults.includes('unauthorized'));
  assert.equal(stranger.pts.length, 0);
});

test('it comes back on the same port, and ends with its input', async (t) => {
  if (!libraryThere()) return skip(t, "GStreamer's RTSP server library is not installed");
  let moved = 0;
  const server = new SceneServer(scenes, { log: quiet, onMoved: () => void (moved += 1) });
  t.after(() => server.stop());
  await server.start();
  const { pid } = server;
  const url = server.url(scenes[1]!)!;
  process.kill(pid!, 'SIGKILL');
  await until('another process', () => server.pid !== pid);
  const scene = follow(url);
  t.after(() => scene.feed.stop());
  await until('pictures at the same address', () => scene.pts.length > 0);
  assert.equal(server.url(scenes[1]!), url);
  assert.equal(moved, 1);
  const last = server.pid!;
  await server.stop();
  assert.throws(() => process.kill(last, 0), /ESRCH/);
});

test('where it cannot run, that is said once and nothing waits for it', async (t) => {
  let moved = 0;
  const options = { log: quiet, onMoved: () => void (moved += 1), interpreter: '/nonexistent/python3' };
  const server = new SceneServer(scenes, options);
  t.after(() => server.stop());
  await server.start();
  assert.match(server.impossible ?? '', /not installed/);
  assert.equal(server.url(scenes[0]!), undefined);
  assert.equal(moved, 1);
});
