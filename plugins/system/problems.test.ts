import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StageReport } from '../../core/plugin/services.ts';
import { problemsOf } from './problems.ts';

/** A box of which nothing is to be told. */
const QUIET: Parameters<typeof problemsOf>[0] = {
  start: { mode: 'normal', failed: [], putBack: [] },
  plugins: [],
  workers: [],
  cameras: [],
  stages: [],
  missingModels: [],
  modelFaults: [],
  storage: {},
};

const problemsWith = (stages: StageReport[], missingModels: { task: string; message: string }[] = []) =>
  problemsOf({ ...QUIET, stages, missingModels }).map(({ kind, what }) => `${kind} ${what}`);

const idle = (stage: string, reason: string, describer?: true): StageReport => ({
  channel: 1,
  stage,
  running: false,
  reason,
  ...(describer ? { describer } : {}),
});

test('captures do without describers: one whose model nobody can install is no trouble, one that fails is', () => {
  const lacking = idle('describe-faces', 'not available: no model for face-attributes is known', true);
  assert.deepEqual(problemsWith([lacking]), []);
  assert.deepEqual(problemsWith([idle('describe-faces', 'it is left out for 15 minutes', true)]), [
    'stage describe-faces',
  ]);
  assert.deepEqual(problemsWith([idle('detect-faces', 'not available: anything')]), ['stage detect-faces']);
  const message = 'no model for face-attributes is installed; run: npm run models -- install x';
  assert.deepEqual(
    problemsWith([idle('describe-faces', `not available: ${message}`, true)], [{ task: 'face-attributes', message }]),
    ['model face-attributes'],
  );
});

test('a camera that lost its picture needs somebody, one that was switched off does not', () => {
  const camera = (channel: number, code: string) => ({
    channel,
    name: `Gate ${channel}`,
    state: 'offline',
    reason: { code, message: code },
  });
  const problems = problemsOf({ ...QUIET, cameras: [camera(1, 'stalled'), camera(2, 'disabled')] });
  assert.deepEqual(
    problems.map(({ what }) => what),
    ['Gate 1'],
  );
});

test('a receiver that stays away or refuses everything is told of, one that hiccups or is closed is not', () => {
  const report = (name: string, failures: number, open = true) => ({
    id: name,
    name,
    open,
    waiting: 1,
    delivered: 0,
    dead: 0,
    failures,
    lastError: 'refused',
  });
  const problems = problemsOf({
    ...QUIET,
    destinations: [
      report('away', 9),
      report('hiccup', 2),
      report('closed', 9, false),
      { ...report('refuses', 0), refused: 9 },
      { ...report('refused one', 0), refused: 1 },
    ],
  });
  assert.deepEqual(
    problems.map(({ kind, what, message, severe }) => ({ kind, what, message, severe })),
    ['away', 'refuses'].map((what) => ({ kind: 'delivery', what, message: 'refused', severe: false })),
  );
});
