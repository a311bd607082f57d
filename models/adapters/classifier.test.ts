import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModelFileError } from '../../drivers/inference/session.ts';
import { constantModel, ModelFolder, madeCard, meanModel } from '../../tests/kit/onnx.ts';
import type { HeadCard } from '../catalog.ts';
import { readHeads } from './classifier.ts';
import { readCtc } from './ctc.ts';
import { createAdapter, createClassifier, createTextReader } from './index.ts';
import type { RgbPicture } from './types.ts';

const HEADS: HeadCard[] = [
  { name: 'gender_code', values: ['female', 'male'] },
  { name: 'st_age_value', values: [], scale: 100 },
  { name: 'st_hat', values: ['none', 'st_hat'], omit: 'none' },
  { name: 'coat_color', values: ['black', 'white', 'red'], least: 0.5 },
];

const said = (...output: number[]) =>
  Object.fromEntries(readHeads(HEADS, Float32Array.from(output)).map(({ name, value }) => [name, value]));

test('heads are read one after another: the surest value, or a number', () => {
  assert.deepEqual(said(0.3, 0.7, 0.26, 0.1, 0.9, 0.1, 0.2, 0.7), {
    gender_code: 'male',
    st_age_value: '26.000000',
    st_hat: 'st_hat',
    coat_color: 'red',
  });
});

test('what is not there and what is unsure is left out', () => {
  assert.deepEqual(said(0.6, 0.4, 0.5, 0.8, 0.2, 0.3, 0.3, 0.4), { gender_code: 'female', st_age_value: '50.000000' });
  const scores = readHeads(HEADS, Float32Array.of(0.75, 0.25, 0, 1, 0, 0, 1, 0));
  assert.deepEqual(
    scores.map(({ score }) => score),
    [0.75, 1, 1],
  );
});

test('numbers that are none are a fault, not an answer', () => {
  assert.throws(() => said(Number.NaN, 0.4, 0.5, 0.8, 0.2, 0.3, 0.3, 0.4), /not finite/);
});

function flat(width: number, height: number, colour: [number, number, number]): RgbPicture {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data.set(colour, i * 3);
  return { width, height, data };
}

test('a model sees the planes in its order, prepared as its card says', async (t) => {
  const folder = await ModelFolder.make(t);
  const input = { width: 12, height: 16 };
  // The mean of each plane, as it is.
  const bytes = meanModel(
    input,
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    [0, 0, 0],
  );
  const file = await folder.put('means', bytes);
  const number = (name: string): HeadCard => ({ name, values: [], scale: 1 });
  const heads = ['first', 'second', 'third'].map(number);
  for (const [channels, order] of [
    ['RGB', ['first', 'second', 'third']],
    ['BGR', ['third', 'second', 'first']],
  ] as const) {
    const preprocess = { channels, mean: [10, 20, 30], std: [2, 4, 5], fit: 'stretch', fill: 0 } as const;
    const card = madeCard({
      id: 'means',
      task: 'body-attributes',
      file,
      heads,
      input,
      preprocess: { ...preprocess, mean: [10, 20, 30], std: [2, 4, 5] },
    });
    const classifier = await createClassifier(card);
    const [picture, box] = [flat(60, 80, [50, 100, 230]), [0, 0, 60, 80]] as const;
    const found = await classifier.classify({ picture, box: [...box] });
    const values = new Map(found.map(({ name, value }) => [name, Number(value)]));
    const [red, green, blue] = order.map((name) => values.get(name) ?? Number.NaN);
    for (const [value, expected] of [
      [red, 20],
      [green, 20],
      [blue, 40],
    ] as const) {
      assert.ok(Math.abs(value! - expected) < 0.01, `${channels}: ${[...values]}`);
    }
    assert.equal(classifier.modelId, 'means');
    await classifier.close();
  }
});

test('a face needs landmarks, a task must be known, an output must be that of the card', async (t) => {
  const folder = await ModelFolder.make(t);
  const heads: HeadCard[] = [{ name: 'gender_code', values: ['female', 'male'] }];
  const model = await folder.describing('face-attributes', heads, [0.9, 0.1]);
  const picture = flat(40, 40, [1, 2, 3]);
  const box: [number, number, number, number] = [5, 5, 35, 35];
  const faces = await createClassifier(model);
  await assert.rejects(faces.classify({ picture, box }), /without landmarks/);
  const landmarks: [number, number][] = [
    [10, 10],
    [30, 10],
    [20, 20],
    [12, 30],
    [28, 30],
  ];
  assert.deepEqual(
    (await faces.classify({ picture, box, landmarks })).map(({ value }) => value),
    ['female'],
  );
  await faces.close();
  await assert.rejects(faces.classify({ picture, box, landmarks }), /closed/);
  await assert.rejects(createClassifier({ ...model, task: 'head-pose' }), /how subjects are cut out for head-pose/);
  const three = await createClassifier({ ...model, heads: [{ name: 'a', values: ['x', 'y', 'z'] }] });
  await assert.rejects(three.classify({ picture, box, landmarks }), /holds 2 numbers, not 3/);
  await three.close();
  await assert.rejects(createClassifier({ ...model, input: { width: 8, height: 8 } }), ModelFileError);
  await assert.rejects(createClassifier({ ...model, adapter: 'arcface' }), /gives no attributes/);
  await assert.rejects(createAdapter(model), /finds nothing itself/);
});

test('liveness is judged by its square', async (t) => {
  const folder = await ModelFolder.make(t);
  const model = await folder.describing('liveness', [{ name: 'alive', values: ['spoof', 'alive'] }], [0.2, 0.8]);
  const classifier = await createClassifier(model);
  const found = await classifier.classify({ picture: flat(30, 30, [0, 0, 0]), box: [10, 10, 20, 22] });
  assert.deepEqual([found[0]?.value, Math.round((found[0]?.score ?? 0) * 100)], ['alive', 80]);
  await classifier.close();
});

const steps = (alphabet: string, text: string, probability = 1): Float32Array => {
  const width = alphabet.length + 1;
  const output = new Float32Array(text.length * width);
  for (const [i, one] of [...text].entries()) {
    output[i * width + (one === '-' ? alphabet.length : alphabet.indexOf(one))] = probability;
  }
  return output;
};

test('CTC: neighbours count once, a blank separates, and the least sure character is told', () => {
  const alphabet = [...'ABC1'];
  const read = (text: string) => readCtc(alphabet, steps('ABC1', text)).text;
  assert.equal(read('--AA-B1-1--'), 'AB11');
  assert.equal(read('AAAA'), 'A');
  assert.equal(read('A-A'), 'AA');
  assert.deepEqual(readCtc(alphabet, steps('ABC1', '----')), { text: '', score: 1 });
  const unsure = steps('ABC1', 'A-BB-');
  unsure[2 * 5 + 1] = 0.5;
  unsure[3 * 5 + 1] = 0.75;
  assert.deepEqual(readCtc(alphabet, unsure), { text: 'AB', score: 0.75 });
});

test('a reader reads what its model says', async (t) => {
  const folder = await ModelFolder.make(t);
  const input = { width: 128, height: 32 };
  const file = await folder.put('plates', constantModel(input, [...steps('ABC1', 'A-B1')]));
  const card = madeCard({ id: 'plates', task: 'plate-text', file, adapter: 'ctc', input, labels: [...'ABC1'] });
  const reader = await createTextReader(card);
  assert.deepEqual(await reader.read(flat(90, 20, [5, 5, 5])), { text: 'AB1', score: 1 });
  await reader.close();
  const wrong = await createTextReader({ ...card, labels: [...'ABC12'] });
  await assert.rejects(wrong.read(flat(90, 20, [5, 5, 5])), /holds 20 numbers/);
  await wrong.close();
  await assert.rejects(createTextReader({ ...card, adapter: 'attributes' }), /reads no text/);
});
