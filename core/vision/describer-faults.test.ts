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
import { Registry } from '../plugin/registry.ts';
import type { ChildLimits } from '../processes/child-supervisor.ts';
import type { DescriberDeclaration } from './describer.ts';
import type { FaultyDescriberOptions } from './faulty-describer.fixture.ts';
import { type CameraPlan, type CaptureObservation, captureObserved, type FaceGlimpse, faceGlimpsed } from './keys.ts';
import { VisionService } from './service.ts';

/** A real worker whose stage captures every frame of a made clip, and describers that go wrong in one way each. */

const silent = pino({ level: 'silent' });

function describer(id: string, fault: FaultyDescriberOptions['fault'], more: Partial<DescriberDeclaration> = {}) {
  const module = new URL('./faulty-describer.fixture.ts', import.meta.url).href;
  return { id, module, kinds: ['body'], options: { fault }, ...more } satisfies DescriberDeclaration;
}

describe('describers in the worker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-describers-'));
  before(() => {
    const clip = `videotestsrc num-buffers=100 ! video/x-raw,width=64,height=48,framerate=10/1 ! x264enc ! mp4mux ! filesink location=${folder}/clip.mp4`;
    execFileSync('gst-launch-1.0', ['-q', ...clip.split(' ')]);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function start(
    t: TestContext,
    describers: DescriberDeclaration[],
    limits: Partial<ChildLimits> = {},
    origin: Pick<CameraPlan, 'origin'> = {},
  ) {
    const registry = new Registry();
    const module = new URL('./capturing-stage.fixture.ts', import.meta.url).href;
    registry.add('test', { stages: [{ id: 'capture', module, in: [], out: [], tasks: ['body'] }], describers }, []);
    const bus = new Bus(silent);
    const captures: CaptureObservation[] = [];
    bus.on(captureObserved, 'test', (capture) => void captures.push(capture as CaptureObservation));
    const glimpses: FaceGlimpse[] = [];
    bus.on(faceGlimpsed, 'test', (glimpse) => void glimpses.push(glimpse as FaceGlimpse));
    const models = new ModelWatch({ dataFolder: folder, log: silent });
    await models.start();
    t.after(() => models.stop());
    const vision = new VisionService({
      models,
      clipFolder: folder,
      threads: 1,
      analysisRate: 5,
      bus,
      registry: () => registry,
      log: silent,
      changed: () => {},
      limits: { pauses: [50, 100], ...limits },
    });
    t.after(() => vision.stop());
    const plan = { channel: 1, name: 'Gate', url: 'file:clip.mp4', transport: 'tcp', tasks: ['body'] } as const;
    const sizes = { snapMode: 1, faceSizeMin: 60, faceSizeMax: 1000 } as const;
    vision.setCameras([{ ...plan, tasks: [...plan.tasks], ...sizes, ...origin }]);
    await vision.start();
    const report = (id: string) => vision.stages().find(({ stage }) => stage === id);
    return { vision, captures, glimpses, report };
  }

  test('what they say comes with the capture; those that cannot be made or throw are left out and say why', async (t) => {
    const { captures, report } = await start(t, [
      describer('wide-eyes', 'none', { cut: { times: 1.5 } }),
      describer('unmade', 'create'),
      describer('throwing', 'throw'),
      describer('modelless', 'none', { model: 'body-attributes' }),
      describer('of-faces', 'none', { kinds: ['face'] }),
    ]);
    await until('captures', () => captures.length >= 3, 40_000);
    await until('the fault to be told', () => report('throwing')?.load?.failing, 10_000);
    for (const { attributes, aliveType, describedBy, channel } of captures) {
      assert.deepEqual(attributes, { wide_eyes_saw: 'body 30x48' });
      assert.deepEqual([aliveType, describedBy, channel], [undefined, undefined, 1]);
    }
    // As they were captured, none missing and none twice.
    assert.deepEqual(
      captures.map(({ trackId }) => trackId),
      captures.map((_, i) => i + 1),
    );
    assert.deepEqual([report('wide-eyes')?.running, report('wide-eyes')?.describer], [true, true]);
    assert.ok((report('wide-eyes')?.load?.ms ?? -1) >= 0);
    assert.equal(report('unmade')?.reason, 'it cannot be made');
    assert.equal(report('throwing')?.load?.failing, 'it cannot see');
    assert.match(report('modelless')?.reason ?? '', /^not available: .*model for body-attributes/);
    assert.equal(report('of-faces'), undefined);
  });

  test('a face as numbers comes with the capture and the model of its describer; garbage does not', async (t) => {
    // Any model that comes with the box: the describer is not to run it, only to have it.
    const having = { model: 'body-attributes' };
    const describers = [describer('numbers', 'numbers', having), describer('garbage', 'garbage', having)];
    const { vision, captures, glimpses, report } = await start(t, describers, {}, { origin: 'demo' });
    await until('captures', () => captures.length >= 2, 40_000);
    await until('the fault to be told', () => report('garbage')?.load?.failing, 10_000);
    for (const { embedding, describedBy, attributes } of captures) {
      assert.equal(embedding?.model, 'demo-body-attributes');
      assert.deepEqual(
        embedding.vector,
        Array.from({ length: 128 }, () => 3 / Math.sqrt(128 * 9)),
      );
      assert.deepEqual([describedBy, attributes], [undefined, undefined]);
    }
    assert.match(report('garbage')?.load?.failing ?? '', /an embedding has numbers that are not finite/);

    assert.equal(glimpses.length, 0, 'nobody watches');
    t.after(vision.watch(1, false, () => {}));
    const glimpse = await until('a face to be shown to who watches', () => glimpses[0], 40_000);
    const { trackId, time, embedding, ...rest } = glimpse;
    assert.deepEqual(rest, { channel: 1, origin: 'demo', quality: 50 });
    assert.ok(trackId > 0 && time > 0 && embedding?.model === 'demo-body-attributes');
  });

  test('one that hangs: its capture goes on without it, and the second time it is left out', async (t) => {
    const { vision, captures, report } = await start(t, [describer('sound', 'none'), describer('hanging', 'hang')], {
      silenceMs: 2_000,
    });
    await until('the second restart', () => vision.workers()[0]?.restarts === 2, 60_000);
    const inHand = captures.length;
    assert.ok(inHand >= 2, 'the captures that hung are there');
    assert.ok(captures.every(({ attributes }) => attributes === undefined));
    await until('captures with a description', () => captures.some(({ attributes }) => attributes), 40_000);
    assert.deepEqual(captures.at(-1)?.attributes, { sound_saw: 'body 20x32' });
    assert.equal(report('hanging')?.running, false);
    assert.match(report('hanging')?.reason ?? '', /left out for 15 minutes/);
    assert.equal(report('sound')?.running, true);
    assert.equal(report('capture')?.running, true);
  });
});
