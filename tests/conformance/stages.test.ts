import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type CameraPlan, TASKS } from '../../core/vision/keys.ts';
import { modelFor, planStages } from '../../core/vision/planner.ts';
import type { CameraContext, StageContext, StageDeclaration, StageModule } from '../../core/vision/stage.ts';
import { catalog, type InstalledModel, missingTask } from '../../models/install.ts';
import { asset, assetFolder } from '../kit/assets.ts';
import { startPlugins } from './started-plugins.ts';

/** What holds for every stage of every plugin. */

const root = resolve(import.meta.dirname, '../..');

const { stages: declared, faults } = await startPlugins();
const camera: CameraPlan = {
  channel: 1,
  name: 'camera',
  url: 'rtsp://camera/stream',
  transport: 'tcp',
  tasks: [...TASKS],
  snapMode: 1,
  faceSizeMin: 1,
  faceSizeMax: 10_000,
};
const everyModel: InstalledModel[] = catalog().map((entry) => ({ ...entry, file: '' }));

const load = async (stage: StageDeclaration) => ((await import(stage.module)) as { default: StageModule }).default;

function contextOf(stage: StageDeclaration, model?: InstalledModel): StageContext {
  const log = { info: () => {}, warn: () => {} };
  return { id: stage.id, options: stage.options ?? {}, threads: 1, log, ...(model ? { model } : {}) };
}

/** A model for a task among the test assets, known by its size; skips the test where there is none. */
function modelAsset(t: TestContext, task: string): InstalledModel | undefined {
  const folder = assetFolder();
  const files = folder ? readdirSync(join(folder, 'models')).map((name) => join(folder, 'models', name)) : [];
  const there = catalog().flatMap((entry) => {
    const file = files.find((path) => statSync(path).size === entry.size);
    return file ? [{ ...entry, file }] : [];
  });
  const model = modelFor(task, there);
  if (!model) asset(t, 'models', `<a model for ${task}>`);
  return model;
}

test('every plugin starts, so no two stages have one id', () => {
  assert.deepEqual(faults, []);
  assert.equal(new Set(declared.map(({ definition }) => definition.id)).size, declared.length);
});

test('there are stages, and every value a stage takes is made by one other stage', () => {
  assert.ok(declared.length >= 6, `only ${declared.length} stages`);
  const makers = new Map<string, string[]>();
  for (const { definition } of declared) {
    for (const { id } of definition.out) makers.set(id, [...(makers.get(id) ?? []), definition.id]);
  }
  for (const [key, stages] of makers) assert.equal(stages.length, 1, `${key} is made by ${stages.join(' and ')}`);
  const without = declared.flatMap(({ definition }) =>
    definition.in.filter(({ id }) => !makers.has(id)).map(({ id }) => `${definition.id} takes ${id}`),
  );
  assert.deepEqual(without, []);
});

test('no stage is of no use: each is wanted by a task or makes something another takes', () => {
  const taken = new Set(declared.flatMap(({ definition }) => definition.in.map(({ id }) => id)));
  const useless = declared.filter(
    ({ definition }) => definition.tasks.length === 0 && !definition.out.some(({ id }) => taken.has(id)),
  );
  assert.deepEqual(
    useless.map(({ definition }) => definition.id),
    [],
  );
});

test('with every model, all stages can be ordered; without any, each one that cannot run says what to install', () => {
  const missing = (plan: ReturnType<typeof planStages>) => plan.reports.filter(({ running }) => !running);
  const all = planStages([camera], declared, everyModel, missingTask);
  // A task no adapter serves yet is no fault of the wiring; a circle or a missing producer is.
  for (const { stage, reason } of missing(all)) assert.match(reason ?? '', /no model for \S+ can be run yet$/, stage);
  const bare = planStages([camera], declared, [], missingTask);
  const needModel = declared.filter(({ definition }) => definition.model).length;
  assert.equal(needModel > 0, missing(bare).length > 0);
  for (const { stage, reason } of missing(bare)) assert.match(reason ?? '', /no model for \S+ (is|can)/, stage);
});

for (const { owner, definition: stage } of declared) {
  test(`stage ${stage.id} (${owner}): its module is the plugin's own and makes stages`, async () => {
    assert.match(stage.id, /^[a-z][a-z0-9-]*$/);
    assert.ok(fileURLToPath(stage.module).startsWith(join(root, 'plugins', owner, 'stages/')), stage.module);
    assert.equal(typeof (await load(stage))?.create, 'function', 'the default export is not made with defineStage');
    // Options travel to the worker as JSON.
    assert.deepEqual(JSON.parse(JSON.stringify(stage.options ?? {})), stage.options ?? {});
    for (const task of stage.tasks) assert.ok(TASKS.includes(task), task);
    if (stage.picture === 'model') assert.ok(stage.model, 'takes the size of a model it does not ask for');
  });

  if (stage.model) {
    const task = stage.model;

    test(`stage ${stage.id} (${owner}): its task is one models can do`, () => {
      assert.doesNotMatch(missingTask(task), /is known$/);
    });

    test(`stage ${stage.id} (${owner}): without its model it says so`, async () => {
      const module = await load(stage);
      await assert.rejects(
        async () => module.create(contextOf(stage)),
        (error) => {
          assert.ok(error instanceof Error && !(error instanceof TypeError), String(error));
          assert.match(error.message, /model/);
          assert.ok(error.message.includes(stage.id) || error.message.includes(task), error.message);
          return true;
        },
      );
    });

    test(`stage ${stage.id} (${owner}): a model file that is not there is named`, async () => {
      const module = await load(stage);
      const model = modelFor(task, everyModel);
      if (!model) return;
      const file = join(tmpdir(), 'gatehouse-no-such-model.onnx');
      await assert.rejects(async () => module.create(contextOf(stage, { ...model, file })), /gatehouse-no-such-model/);
    });
  }

  test(`stage ${stage.id} (${owner}): a stream may end before its first frame, twice, on two cameras`, async (t) => {
    const model = stage.model ? modelAsset(t, stage.model) : undefined;
    if (stage.model && !model) return;
    const instance = await (await load(stage)).create(contextOf(stage, model));
    const touched: string[] = [];
    const never = (what: string) => async () => {
      touched.push(what);
      return new Uint8Array();
    };
    const context = (channel: number): CameraContext => ({
      plan: { ...camera, channel },
      capture: () => void touched.push('capture'),
      tell: () => {},
      watched: () => false,
      glimpse: () => {
        touched.push('glimpse');
        return true;
      },
      shot: () => {
        touched.push('shot');
        return undefined;
      },
      encodeFrame: never('encodeFrame'),
      encodeCrop: never('encodeCrop'),
    });
    try {
      const one = instance.camera(context(1));
      const two = instance.camera(context(2));
      assert.notEqual(one, two, 'state of a camera lives in what camera() gives');
      for (const each of [one, one, two]) await each.streamEnded?.();
      assert.deepEqual(touched, []);
    } finally {
      await instance.close?.();
    }
  });
}
