import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InstalledModel } from '../../models/install.ts';
import type { DescriberDeclaration } from './describer.ts';
import { withDescribers } from './describer-plan.ts';
import type { CameraPlan } from './keys.ts';
import { camera, missing, model, sceneCamera } from './plan.fixture.ts';
import { planStages } from './planner.ts';

const describer = (id: string, more: Partial<DescriberDeclaration>) => ({
  owner: 'test',
  definition: { id, module: `file:///${id}.ts`, kinds: ['face'], ...more } satisfies DescriberDeclaration,
});

const DESCRIBERS = [
  describer('faces', { model: 'face-attributes', cut: { times: 2 }, options: { a: 1 } }),
  describer('bodies', { kinds: ['body'], model: 'body-attributes' }),
  describer('colours', { kinds: ['face', 'body'] }),
];

const planned = (cameras: CameraPlan[], models: InstalledModel[]) =>
  withDescribers(planStages(cameras, [], models, missing), DESCRIBERS, models, missing);

test('a describer looks at the captures of cameras that are asked for its kinds', () => {
  const plan = planned(
    [camera(1, 'face'), camera(2, 'body'), camera(3, 'vehicle')],
    [model('f', 'face-attributes'), model('b', 'body-attributes')],
  );
  assert.deepEqual(
    plan.cameras.map(({ describers }) => describers),
    [['faces', 'colours'], ['bodies', 'colours'], []],
  );
  const [faces, , colours] = plan.describers;
  assert.deepEqual([faces?.model?.id, faces?.cut, faces?.options], ['f', { times: 2 }, { a: 1 }]);
  assert.deepEqual([colours?.model, colours?.cut, colours?.kinds], [undefined, {}, ['face', 'body']]);
  assert.ok(plan.reports.every(({ describer, running }) => describer && running));
});

test('one for what a camera may ask for looks at those that do, and is missed by no other', () => {
  const checks = describer('checks', { model: 'liveness', onlyFor: 'liveness' });
  const cameras = [camera(1, 'face'), { ...camera(2, 'face'), liveness: {} }, { ...camera(3, 'body'), liveness: {} }];
  const plan = (...models: InstalledModel[]) =>
    withDescribers(planStages(cameras, [], models, missing), [checks], models, missing);
  assert.deepEqual(
    plan(model('l', 'liveness')).cameras.map(({ describers }) => describers),
    [[], ['checks'], []],
  );
  const { reports } = plan();
  assert.deepEqual(
    reports.map(({ channel, running }) => [channel, running]),
    [[2, false]],
  );
});

test('one without its model says so, and the others look', () => {
  const plan = planned([camera(1, 'face', 'body')], [model('b', 'body-attributes')]);
  assert.deepEqual(plan.cameras[0]?.describers, ['bodies', 'colours']);
  assert.deepEqual(
    plan.describers.map(({ id }) => id),
    ['bodies', 'colours'],
  );
  const report = plan.reports.find(({ stage }) => stage === 'faces');
  assert.deepEqual(report, {
    channel: 1,
    stage: 'faces',
    describer: true,
    running: false,
    reason: 'not available: no model for face-attributes',
  });
});

test("cameras of the demo have the demo's model; real ones rather have none", () => {
  const cameras = [camera(1, 'face'), sceneCamera(32, 'face')];
  const drawnModel = model('drawn', 'face-attributes', { madeFor: 'demo' });
  const both = planned(cameras, [model('real', 'face-attributes'), drawnModel]);
  assert.deepEqual(
    both.cameras.map(({ describers }) => describers[0]),
    ['faces', 'faces~drawn'],
  );
  assert.deepEqual(
    both.describers.filter(({ id }) => id.startsWith('faces')).map((one) => [one.id, one.model?.id]),
    [
      ['faces', 'real'],
      ['faces~drawn', 'drawn'],
    ],
  );
  const alone = planned(cameras, [drawnModel]);
  assert.deepEqual(
    alone.cameras.map(({ describers }) => describers[0]),
    ['colours', 'faces'],
  );
  const [real, drawn] = [1, 32].map((channel) =>
    alone.reports.find((one) => one.channel === channel && one.stage === 'faces'),
  );
  assert.equal(real?.running, false);
  assert.match(real?.reason ?? '', /^not available: the model for face-attributes is made for the rendered scenes/);
  assert.deepEqual([drawn?.running, drawn?.model, drawn?.makeshift], [true, 'drawn', undefined]);
});

test('one that needs two models looks where both are, with those made for what the camera shows', () => {
  const reads = describer('plates', { kinds: ['vehicle'], model: 'plate-text', further: ['plate-detection'] });
  const cameras = [camera(1, 'vehicle'), sceneCamera(32, 'vehicle')];
  const plan = (...models: InstalledModel[]) =>
    withDescribers(planStages(cameras, [], models, missing), [reads], models, missing);
  const text = model('text', 'plate-text');
  const finds = model('finds', 'plate-detection');
  const drawn = model('drawn', 'plate-detection', { madeFor: 'demo' });

  const both = plan(text, finds, drawn);
  assert.deepEqual(
    both.cameras.map(({ describers }) => describers),
    [['plates'], ['plates~drawn']],
  );
  assert.deepEqual(
    both.describers.map(({ further }) => further?.['plate-detection']?.id),
    ['finds', 'drawn'],
  );
  const { cameras: planned, reports } = plan(text, drawn);
  assert.deepEqual(
    planned.map(({ describers }) => describers),
    [[], ['plates']],
  );
  assert.match(
    reports.find(({ channel }) => channel === 1)?.reason ?? '',
    /^not available: the model for plate-detection is made/,
  );
  assert.match(plan(text).reports[0]?.reason ?? '', /^not available: no model for plate-detection/);
});
