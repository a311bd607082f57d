import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CaptureEnricher, CaptureEnrichers } from '../../core/plugin/capture-services.ts';
import type { FaceIndexState } from '../../core/plugin/face-services.ts';
import { until } from '../../tests/kit/wait.ts';
import type { Library } from './library.ts';
import { cameraInfo, observation, recordOf } from './match.fixture.ts';
import { recognition } from './recognition.ts';

class Enrichers implements CaptureEnrichers {
  readonly registered: CaptureEnricher[] = [];

  register(enricher: CaptureEnricher): () => void {
    this.registered.push(enricher);
    return () => void this.registered.splice(this.registered.indexOf(enricher), 1);
  }
}

function made(t: TestContext) {
  const state = {
    enrichers: undefined as Enrichers | undefined,
    index: { state: 'ready', faces: 0, total: 0 } as FaceIndexState,
  };
  const counts = new Map<string, number>();
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  const parts = recognition({
    id: 'portraits',
    library: { database: () => undefined, get: () => ({}) } as unknown as Library,
    index: { state: () => state.index } as never,
    images: { models: () => [], onModels: () => () => {} } as never,
    cameras: () => ({ get: () => cameraInfo(), list: () => [] }),
    enrichers: () => state.enrichers,
    recognised: () => {},
    alarms: () => ({ raise: () => Promise.reject(new Error('the disk is full')) }),
    waiting: () => 0,
    metrics: {
      counter: (name) => ({ inc: (labels) => void count([name, ...Object.values(labels ?? {})].join(' ')) }),
      gauge: () => {},
    },
    log: { info: () => {}, warn: () => {} },
    lookMs: 5,
  });
  t.after(() => parts.stop());
  return { parts, state, counts };
}

test('it compares for whoever records captures, also when that is started anew', async (t) => {
  const { parts, state, counts } = made(t);
  parts.start();
  const first = new Enrichers();
  state.enrichers = first;
  await until('it to take part', () => first.registered.length === 1);
  assert.deepEqual(await first.registered[0]?.enrich(observation()), { compared: false });
  assert.equal(counts.get('faces_not_compared_total unbound'), 1);
  const second = new Enrichers();
  state.enrichers = second;
  await until('it to take part again', () => second.registered.length === 1);
  assert.equal(first.registered.length, 0);
  state.enrichers = undefined;
  await until('it to let go', () => second.registered.length === 0);
  state.enrichers = first;
  await until('it to come back', () => first.registered.length === 1);
  await parts.stop();
  assert.equal(first.registered.length, 0);
});

test('it is as well as the index of faces', (t) => {
  const { parts, state } = made(t);
  assert.deepEqual(parts.health(), { state: 'ok' });
  state.index = { state: 'loading', faces: 5, total: 9 };
  assert.deepEqual(parts.health(), { state: 'ok', detail: 'the index of faces is being loaded: 5 of 9' });
  state.index = { state: 'down', faces: 0, total: 9, reason: 'its process ended' };
  assert.deepEqual(parts.health(), { state: 'degraded', detail: 'captured faces are not compared: its process ended' });
});

test('an alarm that could not be raised is counted, and harms nothing', async (t) => {
  const { parts, counts } = made(t);
  await parts.on[0]?.handle(recordOf());
  assert.equal(counts.get('alarms_failed_total'), 1);
});
