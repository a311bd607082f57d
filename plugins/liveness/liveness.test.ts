import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { PluginContext } from '../../core/plugin/contract.ts';
import type { Shot } from '../../core/vision/describer.ts';
import { catalog, type HeadCard } from '../../models/catalog.ts';
import { ModelFolder } from '../../tests/kit/onnx.ts';
import liveness from './describers/liveness.ts';
import plugin from './index.ts';

const SHOT: Shot = {
  kind: 'face',
  picture: { width: 44, height: 44, data: new Uint8Array(44 * 44 * 3) },
  box: [12, 12, 32, 32],
  frameBox: [112, 112, 132, 132],
  frameWidth: 640,
  frameHeight: 480,
};

async function made(t: TestContext, heads: HeadCard[], output: number[]) {
  const model = await (await ModelFolder.make(t)).describing('liveness', heads, output);
  const log = { info: () => {}, warn: () => {} };
  return liveness.create({ id: 'check-liveness', options: {}, model, threads: 1, log });
}

for (const [output, said] of [
  [[0.1, 0.9], { aliveType: 2 }],
  [[0.8, 0.2], { aliveType: 1 }],
  [[0.45, 0.55], {}],
] as const) {
  test(`a model that is ${output} sure says ${JSON.stringify(said)}`, async (t) => {
    const describer = await made(t, [{ name: 'alive', values: ['spoof', 'alive'], least: 0.6 }], [...output]);
    t.after(() => describer.close?.());
    assert.deepEqual(await describer.describe(SHOT), said);
  });
}

test('where the camera has a threshold, that decides, whatever the card holds for sure', async (t) => {
  for (const [output, aliveFrom, aliveType] of [
    [[0.3, 0.7], 70, 2],
    [[0.3, 0.7], 71, 1],
    [[0.55, 0.45], 40, 2],
    [[0.45, 0.55], 60, 1],
    [[0.98, 0.02], 1, 2],
    [[0, 1], 100, 2],
  ] as const) {
    const describer = await made(t, [{ name: 'alive', values: ['spoof', 'alive'], least: 0.6 }], [...output]);
    assert.deepEqual(await describer.describe({ ...SHOT, aliveFrom }), { aliveType }, `${output} from ${aliveFrom}`);
    await describer.close?.();
  }
});

test('cameras that do not ask for it are left alone', async () => {
  const { describers = [] } = await plugin.setup({} as PluginContext);
  assert.deepEqual(
    describers.map(({ id, onlyFor }) => [id, onlyFor]),
    [['check-liveness', 'liveness']],
  );
});

test('a model that tells printed faces and screens apart says of both that nobody is there', async (t) => {
  const folder = await ModelFolder.make(t);
  const log = { info: () => {}, warn: () => {} };
  for (const [logits, said] of [
    [[0, 4, 0], { aliveType: 2 }],
    [[4, 0, 0], { aliveType: 1 }],
    [[0, 0, 4], { aliveType: 1 }],
    [[0, 0.7, 0], {}],
  ] as const) {
    const model = await folder.describing('liveness', [], [...logits]);
    const describer = await liveness.create({
      id: 'check-liveness',
      options: {},
      model: {
        ...model,
        labels: ['print', 'real', 'replay'],
        answers: { as: 'logits', right: 'one' },
        crop: { times: 4, shape: 'box', beyond: 'move' },
        heads: [{ name: 'alive', values: ['spoof', 'alive'], from: [['print', 'replay'], ['real']], least: 0.6 }],
      },
      threads: 1,
      log,
    });
    assert.deepEqual(await describer.describe(SHOT), said, `${logits}`);
    await describer.close?.();
  }
});

test('the models of the catalogue are of the kind that is asked here', () => {
  const models = catalog().filter(({ task }) => task === 'liveness');
  assert.ok(models.length > 0);
  for (const { id, heads } of models) {
    assert.deepEqual(heads?.find(({ name }) => name === 'alive')?.values, ['spoof', 'alive'], id);
  }
});

test('a model that says something else is refused when it is opened', async (t) => {
  await assert.rejects(
    made(t, [{ name: 'alive', values: ['no', 'yes'] }], [0.5, 0.5]),
    /made-liveness: its card has no head "alive" with the values spoof and alive/,
  );
});
