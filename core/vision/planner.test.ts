import assert from 'node:assert/strict';
import { test } from 'node:test';
import { data } from '../plugin/keys.ts';
import { camera, missing, model, sceneCamera } from './plan.fixture.ts';
import { declaredId, planStages } from './planner.ts';
import type { StageDeclaration } from './stage.ts';

const found = data<number>('found@1');
const followed = data<number>('followed@1');
const faces = data<number>('faces@1');

const stage = (id: string, more: Partial<StageDeclaration>) => ({
  owner: 'test',
  definition: { id, module: `file:///${id}.ts`, in: [], out: [], tasks: [], ...more } satisfies StageDeclaration,
});

const STAGES = [
  // Declared against the direction of flow: the planner must not depend on the order.
  stage('capture-body', { in: [followed], tasks: ['body'] }),
  stage('track', { in: [found], out: [followed] }),
  stage('detect', { out: [found], model: 'person-detection', picture: 'model' }),
  stage('capture-face', { in: [faces], tasks: ['face'] }),
  stage('detect-face', { out: [faces], model: 'face-detection', picture: { width: 320, height: 240 } }),
];

test('stages are wired from what they take and make, per camera', () => {
  const plan = planStages(
    [camera(1, 'body'), camera(2, 'face'), camera(3, 'face', 'body'), camera(4, 'vehicle')],
    STAGES,
    [model('yolox', 'person-detection'), model('yunet', 'face-detection')],
    missing,
  );
  assert.deepEqual(plan.cameras[0]?.stages, ['detect', 'track', 'capture-body']);
  assert.deepEqual(plan.cameras[1]?.stages, ['detect-face', 'capture-face']);
  assert.equal(plan.cameras[2]?.stages.length, 5);
  assert.deepEqual(plan.cameras[3]?.stages, []);
  const byId = new Map(plan.stages.map((one) => [one.id, one]));
  assert.deepEqual(byId.get('detect')?.picture, { width: 416, height: 416 });
  assert.deepEqual(byId.get('detect-face')?.picture, { width: 320, height: 240 });
  assert.equal(byId.get('track')?.picture, undefined);
  assert.equal(byId.get('detect')?.model?.id, 'yolox');
});

test('what cannot run says why, down to the cause, and the rest runs', () => {
  const plan = planStages([camera(1, 'face', 'body')], STAGES, [model('yunet', 'face-detection')], missing);
  assert.deepEqual(plan.cameras[0]?.stages, ['detect-face', 'capture-face']);
  const report = plan.reports.find((one) => one.stage === 'capture-body');
  assert.equal(report?.running, false);
  assert.equal(report?.reason, 'track: detect: no model for person-detection');
  const orphan = planStages([camera(1, 'body')], STAGES.slice(0, 2), [], missing);
  assert.match(orphan.reports[0]?.reason ?? '', /no stage makes found@1/);
});

test('a circle of stages is named, not followed', () => {
  const circle = [
    stage('a', { in: [found], out: [followed], tasks: ['body'] }),
    stage('b', { in: [followed], out: [found] }),
  ];
  const plan = planStages([camera(1, 'body')], circle, [], missing);
  assert.deepEqual(plan.cameras[0]?.stages, []);
  assert.match(plan.reports[0]?.reason ?? '', /circle/);
});

test('a recommended model is preferred', () => {
  const models = [model('a-small', 'person-detection', { recommended: false }), model('b-good', 'person-detection')];
  const plan = planStages([camera(1, 'body')], STAGES, models, missing);
  assert.equal(plan.stages.find((one) => one.id === 'detect')?.model?.id, 'b-good');
});

test('cameras of the demo run on the models made for it, real ones on others where there are any', () => {
  const made = model('rendered', 'person-detection', { madeFor: 'demo', input: { width: 256, height: 160 } });
  const yunet = model('yunet', 'face-detection');
  const scene = sceneCamera(32, 'body', 'face');

  const both = planStages(
    [camera(1, 'body'), scene],
    STAGES,
    [made, model('yolox', 'person-detection'), yunet],
    missing,
  );
  assert.deepEqual(both.cameras[0]?.stages, ['detect', 'track', 'capture-body']);
  assert.deepEqual(both.cameras[1]?.stages, [
    'detect~rendered',
    'track',
    'capture-body',
    'detect-face',
    'capture-face',
  ]);
  const byId = new Map(both.stages.map((one) => [one.id, one]));
  assert.equal(byId.get('detect')?.model?.id, 'yolox');
  assert.equal(byId.get('detect~rendered')?.model?.id, 'rendered');
  assert.deepEqual(byId.get('detect~rendered')?.picture, { width: 256, height: 160 });
  assert.deepEqual(
    [...byId.keys()].map(declaredId),
    both.stages.map(({ id }) => id.split('~')[0]),
  );
  const detecting = both.reports.filter(({ stage: id }) => id === 'detect');
  assert.deepEqual(
    detecting.map(({ channel, model: used, makeshift }) => [channel, used, makeshift]),
    [
      [1, 'yolox', undefined],
      [32, 'rendered', undefined],
    ],
  );

  // Nothing installed: the real camera gets the demo's model, and the report says what that is worth.
  const alone = planStages([camera(1, 'body'), scene], STAGES, [made], missing);
  assert.deepEqual(alone.cameras[0]?.stages, alone.cameras[1]?.stages);
  assert.equal(alone.stages.filter(({ id }) => declaredId(id) === 'detect').length, 1);
  assert.match(alone.reports.find((one) => one.makeshift)?.makeshift ?? '', /rendered scenes.*-- install yolox-nano$/);
  assert.ok(alone.reports.every((one) => one.channel === 1 || !one.makeshift));
});
