import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  type DescriberDeclaration,
  type DescriberModule,
  descriptionSchema,
  type Shot,
} from '../../core/vision/describer.ts';
import { withDescribers } from '../../core/vision/describer-plan.ts';
import { CAPTURE_KINDS, type CameraPlan } from '../../core/vision/keys.ts';
import { planStages } from '../../core/vision/planner.ts';
import type { StageContext } from '../../core/vision/stage.ts';
import type { HeadCard } from '../../models/catalog.ts';
import { type InstalledModel, missingTask, TASKS } from '../../models/install.ts';
import { constantModel, ModelFolder, madeCard } from '../kit/onnx.ts';
import { startPlugins } from './started-plugins.ts';

/** What holds for every describer of every plugin. */

const root = resolve(import.meta.dirname, '../..');
const { stages, describers } = await startPlugins();
const camera: CameraPlan = {
  channel: 1,
  name: 'camera',
  url: 'rtsp://camera/stream',
  transport: 'tcp',
  tasks: [...CAPTURE_KINDS],
  snapMode: 1,
  faceSizeMin: 1,
  faceSizeMax: 10_000,
  liveness: {},
};

/** Something of each kind of answer; liveness models have a head of a fixed name. */
const HEADS: HeadCard[] = [
  { name: 'alive', values: ['spoof', 'alive'] },
  { name: 'gender_code', values: ['female', 'male'] },
  { name: 'st_age_value', values: [], scale: 100 },
];
const OUTPUT = [0.1, 0.9, 0.8, 0.2, 0.26];

const load = async ({ module }: DescriberDeclaration) =>
  ((await import(module)) as { default: DescriberModule }).default;

function contextOf(
  { id, options = {} }: DescriberDeclaration,
  model?: InstalledModel,
  further?: StageContext['further'],
): StageContext {
  const log = { info: () => {}, warn: () => {} };
  return { id, options, threads: 1, log, ...(model ? { model } : {}), ...(further ? { further } : {}) };
}

async function madeModel(t: TestContext, { model }: DescriberDeclaration): Promise<InstalledModel> {
  const task = model as InstalledModel['task'];
  const folder = await ModelFolder.make(t);
  if (task === 'plate-text') return folder.plateReader('AB12');
  if (task !== 'face-embedding') return folder.describing(task, HEADS, OUTPUT);
  const input = { width: 112, height: 112 };
  const numbers = Array.from({ length: 64 }, (_, i) => i - 31);
  const embedding: InstalledModel['embedding'] = {
    dimension: 64,
    similarity: [
      [0, 0],
      [1, 100],
    ],
    basis: 'made',
  };
  const file = await folder.put('made-faces', constantModel(input, numbers));
  return madeCard({ id: 'made-faces', task, adapter: 'arcface', file, input, embedding });
}

async function madeFurther(t: TestContext, { further = [] }: DescriberDeclaration): Promise<StageContext['further']> {
  if (further.length === 0) return undefined;
  assert.deepEqual(further, ['plate-detection'], 'no models are made for these tasks');
  return { 'plate-detection': await (await ModelFolder.make(t)).plateFinder() };
}

function shotOf(kind: Shot['kind'], box: Shot['box'] = [10, 10, 30, 40]): Shot {
  const picture = { width: 50, height: 60, data: new Uint8Array(50 * 60 * 3).fill(90) };
  const [x, y] = [box[0], box[1]];
  const landmarks: Shot['landmarks'] = [
    [x + 5, y + 10],
    [x + 15, y + 10],
    [x + 10, y + 15],
    [x + 6, y + 22],
    [x + 14, y + 22],
  ];
  const face = kind === 'face' ? { landmarks } : {};
  return { kind, picture, box, ...face, frameBox: box, frameWidth: 640, frameHeight: 480 };
}

test('there are describers, and none has the id of another or of a stage', () => {
  assert.ok(describers.length >= 3, `only ${describers.length} describers`);
  const ids = [...describers, ...stages].map(({ definition }) => definition.id);
  assert.equal(new Set(ids).size, ids.length);
});

test('without any model, each one that needs one says so for a camera, and stages are none the worse', () => {
  const plain = planStages([camera], stages, [], missingTask);
  const { reports, cameras } = withDescribers(plain, describers, [], missingTask);
  for (const { definition } of describers.filter((one) => one.definition.model)) {
    const report = reports.find(({ stage }) => stage === definition.id);
    assert.equal(report?.running, false);
    assert.match(report?.reason ?? '', /^not available: no model for \S+ (is|can)/);
  }
  assert.deepEqual(cameras[0]?.stages, plain.cameras[0]?.stages);
});

for (const { owner, definition: describer } of describers) {
  const name = `describer ${describer.id} (${owner})`;

  test(`${name}: its module is the plugin's own and makes describers`, async () => {
    assert.match(describer.id, /^[a-z][a-z0-9-]*$/);
    const folder = join(root, 'plugins', owner, 'describers/');
    assert.ok(fileURLToPath(describer.module).startsWith(folder), describer.module);
    assert.equal(typeof (await load(describer))?.create, 'function', 'the default export is not of defineDescriber');
    // Options and cut travel to the worker as JSON.
    const { options = {}, cut = {} } = describer;
    assert.deepEqual(JSON.parse(JSON.stringify({ options, cut })), { options, cut });
    assert.ok(describer.kinds.length > 0 && describer.kinds.every((kind) => CAPTURE_KINDS.includes(kind)));
    assert.ok((cut.times ?? 1) >= 1 && (cut.times ?? 1) <= 5 && (cut.size ?? 512) <= 2048, JSON.stringify(cut));
  });

  if (!describer.model) continue;

  test(`${name}: its task is one models can have`, () => {
    for (const task of [describer.model!, ...(describer.further ?? [])]) {
      assert.ok((TASKS as readonly string[]).includes(task), task);
    }
  });

  test(`${name}: without its model, or with one whose file is not there, it says so`, async (t) => {
    const module = await load(describer);
    await assert.rejects(
      async () => module.create(contextOf(describer)),
      (error) => {
        assert.ok(error instanceof Error && !(error instanceof TypeError), String(error));
        assert.match(error.message, /model/);
        assert.ok(error.message.includes(describer.id) || error.message.includes(describer.model!), error.message);
        return true;
      },
    );
    const file = join(tmpdir(), 'gatehouse-no-such-model.onnx');
    const model = { ...(await madeModel(t, describer)), file };
    await assert.rejects(
      async () => module.create(contextOf(describer, model, await madeFurther(t, describer))),
      /gatehouse-no-such-model/,
    );
  });

  test(`${name}: what it says of a made model's answer is a description; a box outside the picture costs no other`, async (t) => {
    const instance = await (await load(describer)).create(
      contextOf(describer, await madeModel(t, describer), await madeFurther(t, describer)),
    );
    t.after(() => instance.close?.());
    for (const kind of describer.kinds) {
      const said = descriptionSchema.strict().parse(await instance.describe(shotOf(kind)));
      const something = said.aliveType || said.embedding || said.plate || Object.keys(said.attributes ?? {}).length > 0;
      assert.ok(something, JSON.stringify(said));
      const first = shotOf(kind);
      const bytes = first.picture.data.slice();
      await Promise.allSettled([instance.describe(shotOf(kind, [500, 500, 520, 530]))]);
      const again = descriptionSchema.strict().parse(await instance.describe(first));
      assert.deepEqual(again, said, 'the same picture gives the same answer');
      assert.deepEqual(first.picture.data, bytes, 'others look at the same picture');
    }
  });
}
