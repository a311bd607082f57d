import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CameraLoad } from '../../../core/vision/keys.ts';
import type { I18n } from '../../../ui/contract.ts';
import { problemsOf } from '../problems.ts';
import type { BoxFacts } from './facts.ts';
import { loadedCameras, sheddingText } from './load.ts';

/** Texts stand in as their keys, with their values. */
const i18n = {
  t: (key: string, values = {}) => [key, ...Object.values(values)].join(' '),
  or: (key: string) => key,
  number: String,
  percent: (part: number) => `${part * 100}%`,
} as unknown as I18n;

const load = (shedFps: number, blame?: CameraLoad['blame']): CameraLoad => ({
  wantedFps: 5,
  shedFps,
  stages: [{ stage: 'detect-persons', ms: 62, share: 0.3 }],
  ...(blame ? { blame } : {}),
});

const blame = { channel: 3, stage: 'detect-persons', ms: 62 };
const cameras = [
  { channel: 1, name: 'Door', state: 'online', load: load(0.1) },
  { channel: 2, name: 'Yard', state: 'online', load: load(1, { ...blame, waiting: 0.5 }) },
  { channel: 3, name: 'Gate', state: 'online', load: load(2.1, blame) },
  { channel: 4, name: 'Hall', state: 'connecting' },
];
const facts = {
  start: { mode: 'normal', failed: [], putBack: [] },
  plugins: [],
  workers: [],
  stages: [],
  missingModels: [],
  modelFaults: [],
  cameras,
} as unknown as BoxFacts;

test('the camera that sheds most stands for all: what it loses, and which stage takes it', () => {
  assert.deepEqual(
    loadedCameras(facts).map(({ channel }) => channel),
    [1, 2, 3],
  );
  assert.equal(sheddingText(i18n, facts), 'load.sheds Gate 2.1 5 load.own stage.detect-persons load.ms 62');
  const others = { ...facts, cameras: facts.cameras.filter(({ channel }) => channel !== 3) };
  assert.equal(
    sheddingText(i18n, others),
    'load.sheds Yard 1 5 load.other stage.detect-persons load.ms 62 3 load.waiting 50%',
  );
  assert.equal(sheddingText(i18n, { ...facts, cameras: facts.cameras.slice(0, 1) }), undefined);
});

test('shedding is one problem, however many cameras do', () => {
  const problems = problemsOf({ ...facts, storage: {} }).filter(({ kind }) => kind === 'load');
  assert.equal(problems.length, 1);
  assert.equal(problems[0]?.what, '2');
  assert.match(problems[0]?.message ?? '', /"Gate" sheds 2\.1 of 5 frames a second: detect-persons takes 62 ms/);
  assert.deepEqual(
    problemsOf({ ...facts, storage: {}, cameras: facts.cameras.slice(0, 1) }).filter(({ kind }) => kind === 'load'),
    [],
  );
});
