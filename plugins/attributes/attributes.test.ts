import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { PluginContext } from '../../core/plugin/contract.ts';
import type { DescriberModule, Shot } from '../../core/vision/describer.ts';
import type { HeadCard } from '../../models/catalog.ts';
import { ModelFolder } from '../../tests/kit/onnx.ts';
import plugin from './index.ts';

const { describers = [] } = await plugin.setup({} as PluginContext);
const log = { info: () => {}, warn: () => {} };

const shot = (kind: Shot['kind']): Shot => ({
  kind,
  picture: { width: 60, height: 60, data: new Uint8Array(60 * 60 * 3) },
  box: [15, 15, 45, 45],
  landmarks: [
    [23, 26],
    [37, 26],
    [30, 32],
    [25, 39],
    [35, 39],
  ],
  frameBox: [115, 115, 145, 145],
  frameWidth: 640,
  frameHeight: 480,
});

async function made(t: TestContext, id: string, heads: HeadCard[], output: number[]) {
  const declared = describers.find((one) => one.id === id)!;
  const module = ((await import(declared.module)) as { default: DescriberModule }).default;
  const folder = await ModelFolder.make(t);
  const model = await folder.describing(declared.model as 'face-attributes', heads, output);
  const instance = await module.create({ id, options: {}, model, threads: 1, log });
  t.after(() => instance.close?.());
  return instance;
}

test('a face is described in the words of its model', async (t) => {
  const heads: HeadCard[] = [
    { name: 'gender_code', values: ['female', 'male'] },
    { name: 'st_age_value', values: [], scale: 100 },
    { name: 'st_expression', values: ['st_calm', 'st_happy'], least: 0.6 },
  ];
  const faces = await made(t, 'describe-faces', heads, [0.9, 0.1, 0.34, 0.55, 0.45]);
  assert.deepEqual(await faces.describe(shot('face')), {
    attributes: { gender_code: 'female', st_age_value: '34.000000' },
  });
  const { landmarks: _, ...blind } = shot('face');
  await assert.rejects(async () => faces.describe(blind), /without landmarks/);
});

test('what a body does apart from its looks is no attribute', async (t) => {
  const heads: HeadCard[] = [
    { name: 'st_bag', values: ['none', 'st_bag'], omit: 'none' },
    { name: 'coat_color', values: ['black', 'red'] },
    { name: 'status', values: ['normal', 'smoking'] },
  ];
  const bodies = await made(t, 'describe-bodies', heads, [0.8, 0.2, 0.1, 0.9, 0.3, 0.7]);
  assert.deepEqual(await bodies.describe(shot('body')), { attributes: { coat_color: 'red' }, status: 'smoking' });
});

test('each describer sees as much as its model needs', () => {
  assert.deepEqual(
    describers.map(({ kinds, model, cut }) => [kinds, model, cut]),
    [
      [['face'], 'face-attributes', { square: true, times: 2 }],
      [['body'], 'body-attributes', { times: 1.24 }],
    ],
  );
});
