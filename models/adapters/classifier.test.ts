import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModelFileError } from '../../drivers/inference/session.ts';
import { constantModel, ModelFolder, madeCard, meanModel } from '../../tests/kit/onnx.ts';
import type { HeadCard } from '../catalog.ts';
import type { InstalledModel } from '../install.ts';
import { readCtc } from './ctc.ts';
import { createAdapter, createClassifier, createTextReader } from './index.ts';
import type { Box, RgbPicture, SubjectView } from './types.ts';

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

/** What a card of the MiniFASNet kind says, for pictures as small as a test's. */
function spoofCard(id: string, file: string, times: number, beyond: 'fill' | 'move' = 'move') {
  return madeCard({
    id,
    task: 'liveness',
    file,
    input: { width: 20, height: 20 },
    preprocess: { channels: 'BGR', mean: [0, 0, 0], std: [1, 1, 1], fit: 'stretch', fill: 0 },
    crop: { times, shape: 'box', beyond },
    labels: ['print', 'real', 'replay'],
    answers: { as: 'logits', right: 'one' },
    heads: [{ name: 'alive', values: ['spoof', 'alive'], from: [['print', 'replay'], ['real']] }],
  });
}

/** Red tells the column, green the row, blue is the same everywhere. */
function sloping(width: number, height: number): RgbPicture {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data.set([i % width, Math.floor(i / width), 40], i * 3);
  return { width, height, data };
}

/** The box of the face, so many times as large, inside the frame: worked out in a way of its own. */
function partOfFrame([x1, y1, x2, y2]: Box, times: number, frame: { width: number; height: number }): Box {
  const scale = Math.min(times, frame.width / (x2 - x1), frame.height / (y2 - y1));
  const along = (from: number, to: number, end: number): [number, number] => {
    const long = (to - from) * scale;
    const first = (from + to) / 2 - long / 2;
    if (first < 0) return [0, long];
    return first + long > end ? [end - long, end] : [first, first + long];
  };
  const [[left, right], [top, bottom]] = [along(x1, x2, frame.width), along(y1, y2, frame.height)];
  return [left, top, right, bottom];
}

/** Of the planes in the order blue, green, red: what a model does with their means to get its three logits. */
const WEIGHTS = [
  [0.01, -0.02, 0.005],
  [0.03, 0.01, -0.04],
  [-0.02, 0.025, 0.03],
] as const;
const BIAS = [0.2, -0.3, 0.1];

/** Chances of print, real and replay, from the mean of a sloping picture's part. */
function expected([left, top, right, bottom]: Box): number[] {
  // Pixel i of a slope counts i and lies from i to i + 1.
  const means = [40, (top + bottom - 1) / 2, (left + right - 1) / 2];
  const logits = BIAS.map((bias, i) => bias + means.reduce((sum, mean, plane) => sum + mean * WEIGHTS[plane]![i]!, 0));
  const sum = logits.reduce((all, logit) => all + Math.exp(logit), 0);
  return logits.map((logit) => Math.exp(logit) / sum);
}

async function chanceAlive(card: InstalledModel, subject: SubjectView): Promise<number> {
  const classifier = await createClassifier(card);
  const [found] = await classifier.classify(subject);
  await classifier.close();
  assert.equal(found?.name, 'alive');
  return found.value === 'alive' ? found.score : 1 - found.score;
}

test('a card says how much of the frame a model sees, in which order, and what its logits mean', async (t) => {
  const folder = await ModelFolder.make(t);
  const file = await folder.put('spoof', meanModel({ width: 20, height: 20 }, WEIGHTS, BIAS));
  const picture = sloping(240, 200);
  for (const times of [2.7, 4]) {
    for (const box of [
      [100, 80, 130, 120],
      [2, 4, 42, 44],
      [200, 150, 240, 200],
      [40, 30, 190, 170],
    ] as Box[]) {
      const [print, real, replay] = expected(partOfFrame(box, times, picture));
      const chance = await chanceAlive(spoofCard('spoof', file, times), { picture, box });
      assert.ok(Math.abs(chance - real!) < 0.01, `${times} x ${box}: ${chance}, not ${real}`);
      assert.ok(Math.abs(1 - chance - print! - replay!) < 0.01);
    }
  }
});

test('where the picture is a part of the frame, the frame counts', async (t) => {
  const folder = await ModelFolder.make(t);
  const file = await folder.put('spoof', meanModel({ width: 20, height: 20 }, WEIGHTS, BIAS));
  const frame = sloping(240, 200);
  const frameBox: Box = [4, 100, 44, 140];
  // What is cut out of the frame for it, and a pixel more, at half its size.
  const [left, top, right, bottom] = [0, 66, 110, 176];
  const picture = { width: 55, height: 55, data: new Uint8Array(55 * 55 * 3) };
  for (let y = 0; y < 55; y++) {
    for (let x = 0; x < 55; x++) picture.data.set([left + 2 * x + 0.5, top + 2 * y + 0.5, 40], (y * 55 + x) * 3);
  }
  assert.deepEqual([right - left, bottom - top], [110, 110]);
  const box = frameBox.map((at, i) => (at - (i % 2 ? top : left)) / 2) as unknown as Box;
  const card = spoofCard('spoof', file, 2.7);
  const chance = await chanceAlive(card, { picture, box, frameBox, frameWidth: 240, frameHeight: 200 });
  const real = expected(partOfFrame(frameBox, 2.7, frame))[1]!;
  assert.ok(Math.abs(chance - real) < 0.015, `${chance}, not ${real}`);
});

test('beyond the frame a card may want the byte it fills with', async (t) => {
  const folder = await ModelFolder.make(t);
  const file = await folder.put('spoof', meanModel({ width: 20, height: 20 }, WEIGHTS, BIAS));
  const picture = flat(100, 100, [200, 200, 200]);
  // A quarter of the crop lies in the picture.
  const card = spoofCard('spoof', file, 2, 'fill');
  const filled = await chanceAlive(card, { picture, box: [-20, -20, 20, 20] });
  const logits = BIAS.map((bias, i) => bias + 50 * WEIGHTS.reduce((sum, plane) => sum + plane[i]!, 0));
  const sum = logits.reduce((all, logit) => all + Math.exp(logit), 0);
  assert.ok(Math.abs(filled - Math.exp(logits[1]!) / sum) < 0.005);
});

test('models that are averaged each see their own crop; one that answers otherwise is refused', async (t) => {
  const folder = await ModelFolder.make(t);
  const size = { width: 20, height: 20 };
  const near = spoofCard('near', await folder.put('near', meanModel(size, WEIGHTS, BIAS)), 2.7);
  const wide = spoofCard('wide', await folder.put('wide', meanModel(size, WEIGHTS, BIAS)), 4);
  const [picture, box] = [sloping(240, 200), [10, 10, 50, 60] as Box];
  const chance = await chanceAlive({ ...near, others: [wide] }, { picture, box });
  const [one, other] = [2.7, 4].map((times) => expected(partOfFrame(box, times, picture))[1]!);
  assert.ok(Math.abs(one! - other!) > 0.02, 'the crops are told apart');
  assert.ok(Math.abs(chance - (one! + other!) / 2) < 0.01, `${chance}, not the mean of ${one} and ${other}`);
  const two = { ...wide, id: 'two', labels: ['a', 'b'], heads: [{ name: 'alive', values: ['a', 'b'] }] };
  await assert.rejects(createClassifier({ ...near, others: [two] }), /near and two do not answer the same/);
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
