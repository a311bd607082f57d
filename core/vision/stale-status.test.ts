import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { until } from '../../tests/kit/wait.ts';
import { Bus } from '../events/bus.ts';
import { ModelWatch } from '../model-watch.ts';
import { Registry } from '../plugin/registry.ts';
import { type CameraStatus, cameraStatusChanged } from './keys.ts';
import { camera } from './plan.fixture.ts';
import { VisionService } from './service.ts';

test('what the worker said of the address before, and the core reads later, is told of no other one', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-stale-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const width of [64, 128]) {
    const clip = `videotestsrc num-buffers=100 ! video/x-raw,width=${width},height=48,framerate=10/1 ! x264enc ! mp4mux ! filesink location=${folder}/${width}.mp4`;
    execFileSync('gst-launch-1.0', ['-q', ...clip.split(' ')]);
  }
  const log = pino({ level: 'silent' });
  const models = new ModelWatch({ dataFolder: folder, log });
  await models.start();
  t.after(() => models.stop());
  const bus = new Bus(log);
  const told: CameraStatus[] = [];
  bus.on(cameraStatusChanged, 'test', (status) => void told.push(status));
  const registry = new Registry();
  const vision = new VisionService({
    models,
    clipFolder: folder,
    threads: 1,
    analysisRate: 5,
    bus,
    registry: () => registry,
    log,
    changed: () => {},
  });
  t.after(() => vision.stop());
  vision.setCameras([{ ...camera(1), url: 'file:64.mp4' }]);
  await vision.start();
  await until('the first clip', () => vision.status(1)?.width === 64, 40_000);
  told.length = 0;
  // The core is busy while the worker beats: those beats are read after the change.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500);
  vision.setCameras([{ ...camera(1), url: 'file:128.mp4' }]);
  await until('the second clip', () => vision.status(1)?.width === 128, 40_000);
  const widths = told.flatMap(({ width }) => width ?? []);
  assert.deepEqual([...new Set(widths)], [128]);
  assert.ok(
    told.every((status) => !JSON.stringify(status).includes('.mp4')),
    'the address stays in the core',
  );
});
