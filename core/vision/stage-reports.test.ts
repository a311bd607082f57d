import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CameraPlan, CameraStatus } from './keys.ts';
import { FrameTotals } from './metrics.ts';
import type { VisionPlan } from './planner.ts';
import { stageReports } from './stage-reports.ts';

const stage = (id: string, takes: string[], makes: string[]) => ({
  id,
  module: '',
  in: takes,
  out: makes,
  tells: [],
  options: {},
});

const PLAN: VisionPlan = {
  stages: [stage('detect', [], ['found']), stage('track', ['found'], ['tracks']), stage('count', ['tracks'], [])],
  describers: [{ id: 'describe', module: '', kinds: ['face'], cut: {}, options: {} }],
  cameras: [{ plan: { channel: 1 } as CameraPlan, stages: ['detect', 'track', 'count'], describers: ['describe'] }],
  reports: [
    ...['detect', 'track', 'count'].map((id) => ({ channel: 1, stage: id, running: true })),
    { channel: 1, stage: 'faces', running: false, reason: 'no model' },
    { channel: 1, stage: 'describe', describer: true, running: true },
  ],
};

const status: CameraStatus = {
  channel: 1,
  state: 'online',
  since: 0,
  analysedFps: 3,
  framesAnalysed: 10,
  framesDropped: 4,
  reconnects: 0,
  load: { wantedFps: 5, shedFps: 2, stages: [{ stage: 'detect', ms: 62, share: 0.3 }] },
};

test('running stages tell what they cost', () => {
  const [detect, track, , faces] = stageReports(
    PLAN,
    () => undefined,
    () => status,
  );
  assert.deepEqual(detect, {
    channel: 1,
    stage: 'detect',
    running: true,
    load: { stage: 'detect', ms: 62, share: 0.3 },
  });
  assert.deepEqual(track, { channel: 1, stage: 'track', running: true });
  assert.deepEqual(faces, { channel: 1, stage: 'faces', running: false, reason: 'no model' });
});

test('a stage that fails takes along those that wait for it, and the reason leads back to it', () => {
  const fault = (id: string, channel: number) => (id === 'detect' && channel === 1 ? 'the file is damaged' : undefined);
  const reports = stageReports(PLAN, fault, () => status);
  assert.deepEqual(
    reports.map(({ running, reason }) => [running, reason]),
    [
      [false, 'the file is damaged'],
      [false, 'detect: the file is damaged'],
      [false, 'track: detect: the file is damaged'],
      [false, 'no model'],
      [true, undefined],
    ],
  );
});

test('a describer that fails takes nobody along', () => {
  const fault = (id: string) => (id === 'describe' ? 'it hangs' : undefined);
  const reports = stageReports(PLAN, fault, () => status);
  assert.deepEqual(
    reports.map(({ running }) => running),
    [true, true, true, false, false],
  );
  assert.equal(reports.at(-1)?.reason, 'it hangs');
});

test('frames are counted over every life of the worker', () => {
  const totals = new FrameTotals();
  const at = (framesAnalysed: number, framesDropped: number) =>
    totals.take({ ...status, framesAnalysed, framesDropped });
  for (const [analysed, dropped] of [
    [10, 4],
    [12, 4],
    [12, 5],
    [0, 0],
    [3, 1],
  ] as const)
    at(analysed, dropped);
  assert.deepEqual(totals.read(), [{ channel: 1, analysed: 15, shed: 6 }]);
  totals.forget(1);
  assert.deepEqual(totals.read(), []);
});

test('a fault of a stage with one model is told of the cameras that use that model alone', () => {
  const plan: VisionPlan = {
    stages: [stage('detect', [], ['found']), stage('detect~rendered', [], ['found']), stage('count', ['found'], [])],
    describers: [],
    cameras: [
      { plan: { channel: 1 } as CameraPlan, stages: ['detect', 'count'], describers: [] },
      { plan: { channel: 32 } as CameraPlan, stages: ['detect~rendered', 'count'], describers: [] },
    ],
    reports: [1, 32].map((channel) => ({ channel, stage: 'count', running: true })),
  };
  const reports = stageReports(
    plan,
    (id) => (id === 'detect~rendered' ? 'the file is damaged' : undefined),
    () => undefined,
  );
  assert.deepEqual(
    reports.map(({ channel, running, reason }) => [channel, running, reason]),
    [
      [1, true, undefined],
      [32, false, 'detect: the file is damaged'],
    ],
  );
});
