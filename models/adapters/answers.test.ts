import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeadCard } from '../catalog.ts';
import { type AnswerCard, answerLength, averageOf, probabilitiesOf, readAnswers } from './answers.ts';

const HEADS: HeadCard[] = [
  { name: 'gender_code', values: ['female', 'male'] },
  { name: 'st_age_value', values: [], scale: 100 },
  { name: 'st_hat', values: ['none', 'st_hat'], omit: 'none' },
  { name: 'coat_color', values: ['black', 'white', 'red'], least: 0.5 },
];
const PLAIN: AnswerCard = { heads: HEADS, labels: ['any'] };

const found = (card: AnswerCard, ...output: number[]) =>
  readAnswers(card, probabilitiesOf(card, Float32Array.from(output)));
const said = (card: AnswerCard, ...output: number[]) =>
  Object.fromEntries(found(card, ...output).map(({ name, value }) => [name, value]));
const near = (actual: number | undefined, expected: number) =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-6, `${actual}, not ${expected}`);

test('heads are read one after another: the surest value, or a number', () => {
  assert.equal(answerLength(PLAIN), 8);
  assert.deepEqual(said(PLAIN, 0.3, 0.7, 0.26, 0.1, 0.9, 0.1, 0.2, 0.7), {
    gender_code: 'male',
    st_age_value: '26.000000',
    st_hat: 'st_hat',
    coat_color: 'red',
  });
});

test('what is not there and what is unsure is left out', () => {
  assert.deepEqual(said(PLAIN, 0.6, 0.4, 0.5, 0.8, 0.2, 0.3, 0.3, 0.4), {
    gender_code: 'female',
    st_age_value: '50.000000',
  });
  assert.deepEqual(
    found(PLAIN, 0.75, 0.25, 0, 1, 0, 0, 1, 0).map(({ score }) => score),
    [0.75, 1, 1],
  );
});

test('numbers that are none are a fault, not an answer', () => {
  assert.throws(() => said(PLAIN, Number.NaN, 0.4, 0.5, 0.8, 0.2, 0.3, 0.3, 0.4), /not finite/);
});

test('logits of heads one after another: each head is a choice of its own, a number stays one', () => {
  const card: AnswerCard = { ...PLAIN, answers: { as: 'logits', right: 'one' } };
  const [gender, age, , coat] = found(card, 1, 3, 0.26, 200, -200, 0, 0, 2);
  assert.equal(gender?.value, 'male');
  near(gender?.score, 1 / (1 + Math.exp(-2)));
  assert.equal(age?.value, '26.000000');
  // The hat is surely not there and left out; so far apart, exponentials of logits alone would be infinite.
  assert.equal(coat, undefined);
  assert.deepEqual(
    found(card, 1, 3, 0.26, 200, -200, 0, 0, 2).map(({ name }) => name),
    ['gender_code', 'st_age_value', 'coat_color'],
  );
});

/** A MiniFASNet answers with three logits, of which the middle one is for a living face. */
const ALIVE: AnswerCard = {
  labels: ['print', 'real', 'replay'],
  answers: { as: 'logits', right: 'one' },
  heads: [{ name: 'alive', values: ['spoof', 'alive'], from: [['print', 'replay'], ['real']], least: 0.6 }],
};

test('of labels of which one is right, those of a value add up', () => {
  assert.equal(answerLength(ALIVE), 3);
  const powers = [0.5, 2, -1].map(Math.exp);
  const sum = powers[0]! + powers[1]! + powers[2]!;
  const [alive] = found(ALIVE, 0.5, 2, -1);
  assert.equal(alive?.value, 'alive');
  near(alive?.score, powers[1]! / sum);
  // The middle one is the largest, and yet it is likelier that one of the others is right.
  const [spoof] = found(ALIVE, 1, 1.1, 1);
  assert.equal(spoof?.value, 'spoof');
  near(spoof?.score, (2 * Math.E) / (2 * Math.E + Math.exp(1.1)));
  assert.deepEqual(found(ALIVE, 0, Math.log(2), 0), []);
});

test('several models are averaged by their probabilities', () => {
  const each = [
    [3, 0, 0],
    [0, 2, 0],
  ].map((logits) => probabilitiesOf(ALIVE, Float32Array.from(logits)));
  const real = (1 / (Math.exp(3) + 2) + Math.exp(2) / (Math.exp(2) + 2)) / 2;
  near(averageOf(each)[1], real);
  const [answer] = readAnswers({ ...ALIVE, heads: [{ ...ALIVE.heads[0]!, least: 0 }] }, averageOf(each));
  assert.equal(answer?.value, 'spoof');
  near(answer?.score, 1 - real);
  assert.deepEqual(averageOf([each[0]!]), each[0]);
});

/** Pedestrian labels as the PA-100K data set has them, in the interface's words. */
const PEDESTRIAN: AnswerCard = {
  labels: [
    ...['Hat', 'Glasses', 'ShortSleeve', 'LongSleeve', 'UpperStride', 'UpperLogo', 'UpperPlaid', 'UpperSplice'],
    ...['LowerStripe', 'LowerPattern', 'LongCoat', 'Trousers', 'Shorts', 'Skirt&Dress', 'boots', 'HandBag'],
    ...['ShoulderBag', 'Backpack', 'HoldObjectsInFront', 'AgeOver60', 'Age18-60', 'AgeLess18', 'Female'],
    ...['Front', 'Side', 'Back'],
  ],
  answers: { as: 'logits', right: 'each' },
  heads: [
    { name: 'gender_code', values: ['female', 'male'], from: [['Female'], []], least: 0.7 },
    { name: 'st_age', values: ['st_child', 'st_adult', 'st_old'], from: [['AgeLess18'], ['Age18-60'], ['AgeOver60']] },
    { name: 'st_hat', values: ['none', 'st_hat'], from: [[], ['Hat']], omit: 'none' },
    { name: 'st_bag', values: ['none', 'st_bag'], from: [[], ['HandBag', 'ShoulderBag', 'Backpack']], omit: 'none' },
    {
      name: 'coat_length',
      values: ['short_sleeve', 'long_sleeve'],
      from: [['ShortSleeve'], ['LongSleeve']],
      least: 0.5,
    },
    {
      name: 'st_coat_pattern',
      values: ['st_pure', 'st_stripe', 'st_design', 'st_lattic', 'st_joint'],
      from: [[], ['UpperStride'], ['UpperLogo'], ['UpperPlaid'], ['UpperSplice']],
    },
    { name: 'st_pedestrian_angle', values: ['st_front', 'st_side', 'st_back'], from: [['Front'], ['Side'], ['Back']] },
  ],
};

test('labels that are right each by itself become attributes; of several for one value the surest counts', () => {
  assert.equal(answerLength(PEDESTRIAN), 26);
  const logits = new Map([
    ['Female', -2],
    ['Age18-60', 3],
    ['HandBag', 0.4],
    ['Backpack', 0.3],
    ['ShortSleeve', -0.1],
    ['UpperPlaid', 1],
    ['Back', 2],
  ]);
  const output = PEDESTRIAN.labels.map((label) => logits.get(label) ?? -4);
  const answers = new Map(found(PEDESTRIAN, ...output).map(({ name, value, score }) => [name, { value, score }]));
  const chance = (logit: number) => 1 / (1 + Math.exp(-logit));
  for (const [name, value, score] of [
    ['gender_code', 'male', 1 - chance(-2)],
    ['st_age', 'st_adult', chance(3)],
    ['st_bag', 'st_bag', chance(0.4)],
    ['st_coat_pattern', 'st_lattic', chance(1)],
    ['st_pedestrian_angle', 'st_back', chance(2)],
  ] as const) {
    assert.equal(answers.get(name)?.value, value, name);
    near(answers.get(name)?.score, score);
  }
  // No hat, and neither sleeve is likely: nothing is said of either, nor of what no label is for.
  assert.deepEqual([...answers.keys()].sort(), [
    'gender_code',
    'st_age',
    'st_bag',
    'st_coat_pattern',
    'st_pedestrian_angle',
  ]);
});

test('probabilities that are told as such are taken as they are', () => {
  const card: AnswerCard = { ...PEDESTRIAN, answers: { as: 'probabilities', right: 'each' } };
  const output = PEDESTRIAN.labels.map((label) => (label === 'Female' ? 0.75 : 0.1));
  const [gender] = found(card, ...output);
  assert.deepEqual([gender?.value, gender?.score], ['female', 0.75]);
});
