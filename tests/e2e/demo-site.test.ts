import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeScenes } from '../../plugins/demo-site/fixture.ts';
import { startBox, type TestBox } from '../kit/box.ts';
import { startRtspServer } from '../kit/rtsp-server.ts';
import { until } from '../kit/wait.ts';

interface Site {
  mode: string;
  asideFor?: string;
  captures: number;
  erasing: boolean;
  scenes: { name: string; channel?: number; still: string }[];
  faults: string[];
}

interface Listed {
  camera: { channel: number; camera_name: string; status: number }[];
  used_computing_power: number;
}

const siteOf = async (box: TestBox) => (await box.rest<Site>('GET', '/p/demo-site/site')).body;
const listOf = async (box: TestBox) => (await box.call<Listed>(516)).data;

/** Processes that serve scenes for a box. */
function serversOf(box: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return Number(parent) === box && command.includes('demo-site/server/serve.py');
      } catch {
        return false;
      }
    });
}

function ended(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('serve.py');
  } catch {
    return true;
  }
}

async function place(t: TestContext): Promise<{ scenes: string; dataFolder: string }> {
  const scenes = makeScenes(['lobby', 'gate', 'site'], ['site']);
  const dataFolder = await mkdtemp(join(tmpdir(), 'gatehouse-demo-'));
  t.after(async () => {
    scenes.remove();
    await rm(dataFolder, { recursive: true, force: true });
  });
  return { scenes: scenes.folder, dataFolder };
}

test('the demo runs as cameras, makes room for a real one, and leaves with what it recorded', async (t) => {
  const { scenes, dataFolder } = await place(t);
  // Nothing is asked for: this is a first start without cameras.
  const environment = { GATEHOUSE_DEMO: undefined, GATEHOUSE_SCENE_FOLDER: scenes };
  const box = await startBox({ dataFolder, environment });
  t.after(() => box.stop('SIGKILL'));
  await box.login();

  await until('the scenes to run', async () => (await siteOf(box)).mode === 'on');
  await box.rest('POST', '/p/demo-site/start', { scenes: ['lobby', 'gate'] });
  const online = async () => {
    const { camera } = await listOf(box);
    return camera.length === 2 && camera.every(({ status }) => status === 1);
  };
  await until('both scenes to be online', online, 60_000);
  const { camera, used_computing_power: used } = await listOf(box);
  assert.deepEqual(
    camera.map((one) => [one.channel, one.camera_name]),
    [
      [31, 'Gate (demo)'],
      [32, 'Lobby (demo)'],
    ],
  );
  assert.equal(used, 0);
  assert.deepEqual((await siteOf(box)).faults, ['scene site: its clip is damaged: the checksum is another one']);
  const picture = await fetch(`${box.url}/p/cameras/cameras/32/snapshot.jpg`, {
    headers: { sessionid: box.sessionId },
  });
  assert.equal(picture.headers.get('content-type'), 'image/jpeg');
  const analysed = async () => {
    const { body } = await box.rest<{ cameras: { status: { framesAnalysed: number } }[] }>('GET', '/p/cameras/cameras');
    return Math.min(...body.cameras.map(({ status }) => status.framesAnalysed));
  };
  // More than one time through the clip, at five pictures a second.
  await until('both to be followed over the seam', async () => (await analysed()) > 9, 60_000);
  const { still } = (await siteOf(box)).scenes[0]!;
  const shown = await fetch(`${box.url}/p/demo-site${still}`, { headers: { sessionid: box.sessionId } });
  assert.deepEqual([...new Uint8Array(await shown.arrayBuffer()).slice(0, 2)], [0xff, 0xd8]);

  const real = await startRtspServer({ streams: [{ path: '/one', codec: 'h264', width: 320, height: 180, fps: 10 }] });
  t.after(() => real.stop());
  const added = await box.rest('POST', '/p/cameras/cameras', { name: 'Front door', url: real.url('/one') });
  assert.equal(added.status, 200);
  await until('the demo to make room', async () => (await siteOf(box)).mode === 'aside');
  assert.equal((await siteOf(box)).asideFor, 'Front door');
  const alone = async () => {
    const { camera: left } = await listOf(box);
    return left.length === 1 && left[0]?.channel === 1 && left[0].status === 1;
  };
  await until('the real camera to be there alone', alone, 60_000);
  await box.call(514, { channel: 1 });
  assert.equal((await siteOf(box)).mode, 'aside', 'it does not come back by itself');

  assert.equal((await box.rest('POST', '/p/demo-site/leave', {})).status, 400, 'not without a word of confirmation');
  const left = await box.rest<{ complete: boolean }>('POST', '/p/demo-site/leave', { confirm: true });
  assert.equal(left.body.complete, true);
  const { mode, captures } = await siteOf(box);
  assert.deepEqual([mode, captures], ['left', 0]);

  // The streams end with the box, also with one that is killed.
  await box.rest('POST', '/p/demo-site/start', { scenes: ['gate'] });
  const servers = serversOf(box.child.pid!);
  await box.rest('POST', '/p/demo-site/stop');
  await box.rest('POST', '/p/demo-site/start', { scenes: ['gate'] });
  servers.push(...serversOf(box.child.pid!));
  await box.stop('SIGKILL');
  await until('the streams to end', () => servers.every(ended));

  // What was decided outlives it, and nothing is asked for any more.
  const again = await startBox({ dataFolder, environment });
  t.after(() => again.stop('SIGKILL'));
  await again.login();
  await until('the scene to run again', async () => (await listOf(again)).camera[0]?.camera_name === 'Gate (demo)');
  servers.push(...serversOf(again.child.pid!));
  assert.equal(await again.stop(), 0);
  assert.ok(servers.every(ended));
});
