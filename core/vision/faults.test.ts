import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { until } from '../../tests/kit/wait.ts';
import { Bus } from '../events/bus.ts';
import { ModelWatch } from '../model-watch.ts';
import { data } from '../plugin/keys.ts';
import { Registry } from '../plugin/registry.ts';
import type { WorkerReport } from '../plugin/services.ts';
import type { ChildLimits } from '../processes/child-supervisor.ts';
import { type Fault, type FaultyOptions, marked } from './faulty-stage.fixture.ts';
import type { CameraPlan } from './keys.ts';
import { VisionService } from './service.ts';
import type { StageDeclaration } from './stage.ts';

/** Real workers with a camera each of two made clips, and stages that go wrong in one way each. */

const MIB = 1024 ** 2;
const never = data<number>('never@1');
const silent = pino({ level: 'silent' });

function stage(id: string, options: FaultyOptions, more: Partial<StageDeclaration> = {}): StageDeclaration {
  const module = new URL('./faulty-stage.fixture.ts', import.meta.url).href;
  return { id, module, in: [], out: [marked], tasks: ['body'], options: { ...options }, ...more };
}

const plan = (channel: number): CameraPlan => ({
  channel,
  name: `camera ${channel}`,
  url: 'file:clip.mp4',
  transport: 'tcp',
  tasks: ['body'],
  snapMode: 1,
  faceSizeMin: 60,
  faceSizeMax: 1000,
});

describe('faults of the vision worker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-faults-'));
  before(() => {
    const clip = `videotestsrc num-buffers=100 ! video/x-raw,width=64,height=48,framerate=10/1 ! x264enc ! mp4mux ! filesink location=${folder}/clip.mp4`;
    execFileSync('gst-launch-1.0', ['-q', ...clip.split(' ')]);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Vision with two cameras, once both are analysed or `fault` has struck. */
  async function start(t: TestContext, stages: StageDeclaration[], limits: Partial<ChildLimits> = {}) {
    const registry = new Registry();
    registry.add('test', { stages }, [], undefined);
    const models = new ModelWatch({ dataFolder: folder, log: silent });
    await models.start();
    t.after(() => models.stop());
    const told: (() => void)[] = [];
    models.onChange = (listener) => {
      told.push(listener);
      return () => {};
    };
    const vision = new VisionService({
      models,
      clipFolder: folder,
      threads: 1,
      analysisRate: 5,
      bus: new Bus(silent),
      registry: () => registry,
      log: silent,
      changed: () => {},
      limits: { pauses: [50, 100], ...limits },
    });
    t.after(() => vision.stop());
    vision.setCameras([plan(1), plan(2)]);
    await vision.start();
    const worker = () => vision.workers()[0] as WorkerReport;
    const report = (id: string, channel: number) =>
      vision.stages().find((one) => one.stage === id && one.channel === channel);
    /** Both cameras are analysed, from now on. */
    const analysed = async () => {
      const frames = () =>
        [1, 2].map((channel) => vision.frames.read().find((one) => one.channel === channel)?.analysed ?? 0);
      const from = frames();
      await until('both cameras to be analysed', () => frames().every((now, i) => now >= from[i]! + 3), 40_000);
    };
    const modelsChanged = () => {
      for (const listener of told) listener();
    };
    return { vision, worker, report, analysed, modelsChanged };
  }

  const healthy = stage('healthy', { fault: 'none' });
  const faulty = (fault: Fault, channel?: number, more: Partial<StageDeclaration> = {}) =>
    stage('faulty', { fault, ...(channel === undefined ? {} : { channel }) }, { out: [], ...more });

  test('a stage that throws when it is made, for a camera, on a frame: the others carry on and the reason is told', async (t) => {
    const box = await start(t, [
      healthy,
      stage('unmade', { fault: 'create' }, { out: [never] }),
      stage('waiting', { fault: 'none' }, { in: [never], out: [] }),
      stage('choosy', { fault: 'camera', channel: 2 }, { out: [] }),
      stage('failing', { fault: 'process', channel: 1 }, { out: [] }),
    ]);
    await box.analysed();
    await until('the fault on a frame to be told', () => box.report('failing', 1)?.load?.failing);
    const seen = (id: string) =>
      [1, 2].map((channel) => box.report(id, channel)).map((one) => one?.reason ?? one?.running);
    assert.deepEqual(seen('healthy'), [true, true]);
    assert.deepEqual(seen('unmade'), ['it cannot be made', 'it cannot be made']);
    assert.deepEqual(seen('waiting'), ['unmade: it cannot be made', 'unmade: it cannot be made']);
    assert.deepEqual(seen('choosy'), [true, 'it does not know this camera']);
    assert.deepEqual(seen('failing'), [true, true]);
    assert.equal(box.report('failing', 1)?.load?.failing, 'it cannot read this frame');
    assert.equal(box.report('failing', 2)?.load?.failing, undefined);
    const ms = box.report('healthy', 1)?.load?.ms ?? 0;
    assert.ok(ms >= 4 && ms < 500, `a frame takes ${ms} ms where the stage sleeps for 5`);
    // A model that none of them needs: nothing is tried anew, and nothing seems to run that does not.
    box.modelsChanged();
    await box.analysed();
    assert.deepEqual(seen('unmade'), ['it cannot be made', 'it cannot be made']);
    assert.deepEqual(seen('choosy'), [true, 'it does not know this camera']);
    assert.equal(box.worker().restarts, 0);
  });

  test('killed: it is back, and the report says what happened', async (t) => {
    const box = await start(t, [healthy]);
    await box.analysed();
    const { pid } = box.worker();
    process.kill(pid!, 'SIGKILL');
    await until('the end of the worker', () => box.worker().pid !== pid);
    const status = box.vision.status(1);
    assert.equal(status?.state, 'connecting');
    assert.match(status?.reason?.message ?? '', /vision worker ended \(killed by SIGKILL\)/);
    assert.equal(status?.load, undefined);
    await box.analysed();
    const { restarts, failures, lastError, state } = box.worker();
    assert.deepEqual([restarts, failures, lastError, state], [1, 1, 'killed by SIGKILL', 'running']);
  });

  for (const fault of ['hang', 'grab'] as const) {
    // A slow machine takes its time to fill memory: that must be what ends the worker.
    const limits = { silenceMs: fault === 'hang' ? 2_000 : 30_000, mostResidentBytes: 700 * MIB };
    const why = fault === 'hang' ? /no sign of life for \d+ s/ : /it took \d+ MiB of memory/;
    test(`a stage that ${fault}s for one camera: killed twice, then left out there, and all cameras carry on`, async (t) => {
      const box = await start(t, [healthy, faulty(fault, 2)], limits);
      await until('the second restart', () => box.worker().restarts === 2, 60_000);
      await box.analysed();
      assert.match(box.worker().lastError ?? '', why);
      assert.equal(box.report('faulty', 1)?.running, true);
      const { running, reason = '' } = box.report('faulty', 2) ?? {};
      assert.equal(running, false);
      assert.match(reason, /left out for 15 minutes/);
      assert.match(reason, why);
      assert.equal(box.report('healthy', 2)?.running, true);
    });
  }

  test('a stage that crashes for one camera: left out there the third time, and all cameras carry on', async (t) => {
    const box = await start(t, [healthy, faulty('crash', 2)]);
    await until('the third restart', () => box.worker().restarts === 3, 60_000);
    await box.analysed();
    assert.equal(box.worker().lastError, 'killed by SIGSEGV');
    assert.equal(box.worker().restarts, 3);
    assert.equal(box.report('faulty', 1)?.running, true);
    assert.equal(box.report('faulty', 2)?.running, false);
    assert.match(box.report('faulty', 2)?.reason ?? '', /left out for 15 minutes: the vision worker crashed in it/);
  });

  test('a stage whose promise never settles is as good as one that hangs', async (t) => {
    const box = await start(t, [healthy, faulty('wait')], { silenceMs: 1_000 });
    await until('a restart', () => box.worker().restarts > 0, 40_000);
    assert.match(box.worker().lastError ?? '', /no sign of life/);
  });

  test('a stage that never answers when its camera is taken away holds up no change of cameras', async (t) => {
    const box = await start(t, [healthy, faulty('end', 2)], { silenceMs: 2_000 });
    await box.analysed();
    box.vision.setCameras([plan(1), plan(3)]);
    await until('the camera that came instead', () => box.vision.status(3)?.framesAnalysed, 60_000);
    assert.equal(box.worker().restarts, 1);
    assert.match(box.worker().lastError ?? '', /no sign of life/);
    assert.equal(box.report('healthy', 1)?.running, true);
  });

  test('a stage that leaks: the worker is renewed before the box runs out of memory, which is no fault', async (t) => {
    const box = await start(t, [healthy, faulty('leak', 2)], { residentBytes: 500 * MIB, steadyMs: 1_000 });
    await until('a renewal', () => box.worker().renewals > 0, 60_000);
    await box.analysed();
    const { restarts, lastRenewal } = box.worker();
    assert.equal(restarts, 0);
    assert.match(lastRenewal ?? '', /it holds \d+ MiB/);
  });
});
