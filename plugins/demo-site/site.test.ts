import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CaptureArchive } from '../../core/plugin/capture-services.ts';
import type { CameraDirectory, CameraInfo, GuestCamera } from '../../core/plugin/services.ts';
import { until } from '../../tests/kit/wait.ts';
import { makeScenes } from './fixture.ts';
import { readScenes } from './scenes.ts';
import { DemoSite, type SiteOptions } from './site.ts';
import type { State } from './state.ts';

let scenes: ReturnType<typeof makeScenes>;
before(() => {
  scenes = makeScenes(['lobby', 'gate', 'yard', 'desk', 'hall', 'site'], ['site']);
});
after(() => scenes.remove());

/** A box around the demo: cameras, guests, captures and a stored state, all in memory. */
class Surroundings {
  stored: State | undefined;
  shown: readonly GuestCamera[] = [];
  real: string[] = [];
  captures = 3;
  alarms = 2;
  archiveThere = true;
  readonly log: string[] = [];

  site(change: Partial<SiteOptions> = {}): DemoSite {
    const say = (_: object, text: string) => void this.log.push(text);
    const archive: CaptureArchive = {
      count: async () => this.captures,
      erase: async (_origin, keep = 0) => {
        const removed = Math.max(0, this.captures - keep);
        this.captures -= removed;
        return removed;
      },
      eraseOf: async () => ({ captures: 0, messages: 0, exports: 0 }),
    };
    const list = () => [
      ...this.real.map((name) => ({ name }) as CameraInfo),
      ...this.shown.map(({ name }) => ({ name, origin: 'demo' }) as CameraInfo),
    ];
    return new DemoSite({
      folder: scenes.folder,
      // Without a server the scenes are files, and nothing has to be waited for.
      interpreter: '/nonexistent/python3',
      wanted: true,
      firstStart: false,
      cameras: { list, get: () => undefined } satisfies CameraDirectory,
      guests: {
        show: (cameras) => {
          this.shown = cameras;
        },
        channels: () => new Map(this.shown.map(({ key }, i) => [key, 32 - i])),
      },
      archive: () => (this.archiveThere ? archive : undefined),
      alarms: () => ({
        eraseOf: async () => 0,
        erase: async () => {
          const removed = this.alarms;
          this.alarms = 0;
          return removed;
        },
      }),
      portraits: () => undefined,
      stored: () => this.stored,
      store: async (state) => {
        this.stored = structuredClone(state);
      },
      now: () => 7,
      log: { info: say, warn: say },
      changed: () => {},
      ...change,
    });
  }

  names(): string[] {
    return this.shown.map(({ key }) => key);
  }
}

test('it shows the chosen scenes, four at most, and names what is damaged', async (t) => {
  const box = new Surroundings();
  const site = box.site();
  t.after(() => site.stop());
  await site.open();
  assert.ok(box.names().length >= 1);
  assert.equal(box.names()[0], 'lobby');
  assert.deepEqual(site.faults, ['scene site: its clip is damaged: the checksum is another one']);
  assert.equal(site.way, 'file');
  assert.deepEqual([box.shown[0]?.url, box.shown[0]?.filesFolder], ['file:lobby.mp4', scenes.folder]);
  assert.ok(box.shown.every(({ liveness }) => liveness));
  await site.start(['desk', 'lobby', 'desk']);
  assert.deepEqual(box.names(), ['lobby', 'desk']);
  await assert.rejects(site.start(['lobby', 'gate', 'yard', 'desk', 'hall']), /at most 4/);
  await assert.rejects(site.start(['site']), /no scene "site"/);
  assert.deepEqual(box.names(), ['lobby', 'desk'], 'a refusal changes nothing');
  assert.equal(site.channelOf('desk'), 31);
});

test('it makes room for the first real camera, and comes back only when it is told to', async (t) => {
  const box = new Surroundings();
  const site = box.site();
  t.after(() => site.stop());
  await site.open();
  box.real = ['Gate'];
  site.camerasChanged();
  await until('the demo to make room', () => site.state?.mode === 'aside');
  await until('the scenes to go', () => box.shown.length === 0);
  assert.equal(box.stored?.asideFor, 'Gate');
  box.real = [];
  site.camerasChanged();
  await site.halt();
  assert.equal(box.shown.length, 0);
  assert.equal(box.stored?.mode, 'stopped');
  box.real = ['Gate'];
  await site.start();
  assert.ok(box.shown.length > 0);
  assert.equal(box.stored?.beside, true);
  await site.beside(false);
  assert.equal(box.stored?.mode, 'aside');
  await site.beside(true);
  assert.equal(box.stored?.mode, 'on');
  assert.ok(box.shown.length > 0);
});

test('a camera that came while it was away counts at its next start', async (t) => {
  const box = new Surroundings();
  const first = box.site();
  await first.open();
  await first.stop();
  assert.equal(box.shown.length, 0);
  box.real = ['Gate'];
  const second = box.site();
  t.after(() => second.stop());
  await second.open();
  assert.equal(box.stored?.mode, 'aside');
});

test('where none of the scenes that ran is there any more, the usual ones run', async (t) => {
  const box = new Surroundings();
  box.stored = { mode: 'on', scenes: ['street', 'tunnel'], beside: true, since: 5, erasing: false };
  const none = box.site({ folder: '/nonexistent' });
  await none.open();
  await none.stop();
  assert.deepEqual(box.stored.scenes, ['street', 'tunnel'], 'a folder that is away for a while changes nothing');

  const site = box.site();
  await site.open();
  assert.equal(box.names()[0], 'lobby');
  assert.deepEqual(box.stored, { ...box.stored, mode: 'on', scenes: box.names(), beside: true, since: 5 });
  await site.stop();

  box.stored = { ...box.stored, scenes: ['street', 'gate'] };
  const again = box.site();
  t.after(() => again.stop());
  await again.open();
  assert.deepEqual([box.names(), box.stored.scenes], [['gate'], ['street', 'gate']], 'one that is there is enough');
});

test('leaving removes what was recorded, and is finished by the next start', async (t) => {
  const box = new Surroundings();
  const site = box.site();
  await site.open();
  const running = box.shown.length;
  box.archiveThere = false;
  assert.deepEqual(await site.leave(), { cameras: running, captures: 0, people: 0, complete: false });
  assert.deepEqual([box.stored?.mode, box.stored?.erasing, box.captures], ['left', true, 3]);
  await assert.rejects(site.start(), /still being removed/);
  await site.stop();

  box.archiveThere = true;
  const again = box.site();
  t.after(() => again.stop());
  await again.open();
  await until('the captures to go', () => box.captures === 0);
  await until('it to be noted', () => box.stored?.erasing === false);
  assert.equal(box.alarms, 0);
  assert.equal(box.shown.length, 0, 'GATEHOUSE_DEMO=1 does not bring back what was left');
  // One that was on its way.
  box.captures = 1;
  again.recorded();
  await until('the late capture to go', () => box.captures === 0);
  // One that came so late that the box stopped before it was removed.
  box.captures = 1;
  again.recorded();
  await again.stop();
  assert.equal(box.captures, 1);
  const third = box.site();
  t.after(() => third.stop());
  await third.open();
  await until('that of the last run to go', () => box.captures === 0);
  await third.start(['gate']);
  assert.deepEqual(box.names(), ['gate']);
});

test('a capture that comes while the others are being removed goes, too', async (t) => {
  const box = new Surroundings();
  const erase = async () => {
    const removed = box.captures;
    box.captures = 0;
    if (removed > 1) {
      box.captures = 1;
      site.recorded();
    }
    return removed;
  };
  const site = box.site({
    archive: () => ({
      count: async () => box.captures,
      erase,
      eraseOf: async () => ({ captures: 0, messages: 0, exports: 0 }),
    }),
  });
  t.after(() => site.stop());
  await site.open();
  assert.equal((await site.leave()).captures, 3);
  await until('the late capture to go', () => box.captures === 0);
});

test('a camera that comes while the demo starts makes it step aside', async (t) => {
  const box = new Surroundings();
  const site = box.site({
    store: async (state) => {
      box.stored = structuredClone(state);
      if (state.mode !== 'on' || box.real.length > 0) return;
      box.real = ['Gate'];
      site.camerasChanged();
    },
    wanted: undefined,
  });
  t.after(() => site.stop());
  await site.open();
  assert.equal(site.state, undefined);
  await site.start();
  assert.deepEqual([box.stored?.mode, box.stored?.asideFor, box.shown.length], ['aside', 'Gate', 0]);
});

test('what is no file is left out and read by nobody', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-pipes-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const scene = { name: 'pipe', title: 'Pipe', seconds: 1, sha256: '0'.repeat(64), width: 320, height: 180, fps: 20 };
  execFileSync('mkfifo', [join(folder, 'pipe.mp4')]);
  writeFileSync(join(folder, 'index.json'), JSON.stringify([scene]));
  assert.deepEqual((await readScenes(folder)).faults, ['scene pipe: its clip is no file']);
  rmSync(join(folder, 'index.json'));
  execFileSync('mkfifo', [join(folder, 'index.json')]);
  assert.deepEqual((await readScenes(folder)).faults, ['the index of the scenes is no file of up to 1 MiB']);
});

test('switched off by its configuration it neither runs nor starts', async (t) => {
  const box = new Surroundings();
  const site = box.site({ wanted: false, firstStart: true });
  t.after(() => site.stop());
  await site.open();
  assert.equal(box.shown.length, 0);
  assert.equal(box.stored, undefined);
  await assert.rejects(site.start(), /GATEHOUSE_DEMO=0/);

  box.stored = { mode: 'on', scenes: ['lobby'], beside: true, since: 5, erasing: false };
  const ran = box.site({ wanted: false });
  t.after(() => ran.stop());
  await ran.open();
  await ran.compare([3]);
  assert.equal(box.shown.length, 0, 'a demo that ran before, compared with other databases');
});

test('a demo that runs for long keeps its newest captures only', async (t) => {
  const box = new Surroundings();
  const site = box.site();
  t.after(() => site.stop());
  await site.open();
  box.captures = 1_250;
  for (let i = 0; i < 100; i++) site.recorded();
  await until('old captures to go', () => box.captures === 1_000);
});

test('a folder without scenes is said to be one', async (t) => {
  const box = new Surroundings();
  const site = box.site({ folder: '/nonexistent' });
  t.after(() => site.stop());
  await site.open();
  assert.deepEqual(site.faults, ['no scenes are installed']);
  assert.equal(box.shown.length, 0);
  await assert.rejects(site.start(), /choose at least one/);
});
