import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { asset } from '../tests/kit/assets.ts';
import { catalog, parseCatalog, serves, similarity } from './catalog.ts';

function own(): { models: Record<string, unknown>[] } {
  return JSON.parse(readFileSync(new URL('./catalog.json', import.meta.url), 'utf8'));
}

test('the catalogue is read once and offers a runnable, recommended model for each task of a door', () => {
  assert.equal(catalog(), catalog());
  for (const task of ['person-detection', 'vehicle-detection', 'face-detection', 'face-embedding']) {
    const found = catalog().filter((entry) => entry.recommended && entry.adapter && serves(entry, task));
    assert.equal(found.length, 1, task);
  }
  assert.ok(catalog().every((entry) => !entry.recommended || entry.adapter));
});

test('sizes and checksums are those of the files at hand', (t) => {
  const file = asset(t, 'models', 'models.json');
  if (!file) return;
  const listed = z
    .object({ models: z.array(z.object({ size: z.number(), sha256: z.string() })) })
    .parse(JSON.parse(readFileSync(file, 'utf8'))).models;
  assert.equal(listed.length, 7);
  for (const { size, sha256 } of listed) {
    assert.equal(catalog().find((entry) => entry.sha256 === sha256)?.size, size, sha256);
  }
});

test('files of the OpenCV model zoo have its published sizes and checksums', (t) => {
  const file = asset(t, 'models', 'opencv-zoo-checksums.txt');
  if (!file) return;
  const published = readFileSync(file, 'utf8');
  const ours = catalog().filter((entry) => entry.url.includes('/opencv_zoo/'));
  assert.ok(ours.length >= 3);
  for (const { url, sha256, size } of ours) {
    const path = url.split('/models/')[1];
    assert.ok(published.includes(`${path} ${sha256} size ${size} `), path);
  }
});

test('a wrong catalogue is refused with the place of the fault', () => {
  const spoil = (change: (models: Record<string, unknown>[]) => void) => () => {
    const json = own();
    change(json.models);
    parseCatalog(json);
  };
  assert.doesNotThrow(spoil(() => undefined));
  assert.throws(
    spoil((models) => (models[1]!['sha256'] = 'abc')),
    /models\[1\]\.sha256/,
  );
  assert.throws(
    spoil((models) => (models[0]!['id'] = '../evil')),
    /models\[0\]\.id/,
  );
  assert.throws(
    spoil((models) => (models[0]!['url'] = 'http://example.org/a.onnx')),
    /models\[0\]\.url/,
  );
  assert.throws(
    spoil((models) => (models[0]!['adapter'] = 'magic')),
    /models\[0\]\.adapter/,
  );
  assert.throws(
    spoil((models) => delete models[0]!['preprocess']),
    /needs `preprocess`/,
  );
  assert.throws(
    spoil((models) => delete models.find((m) => m['adapter'] === 'arcface')!['embedding']),
    /`embedding`/,
  );
  assert.throws(
    spoil((models) => (models[1]!['id'] = models[0]!['id'])),
    /an id stands there twice/,
  );
  assert.throws(
    spoil((models) => (models[1]!['sha256'] = models[0]!['sha256'])),
    /a file stands there twice/,
  );
  const describe = (heads: unknown) =>
    spoil((models) => Object.assign(models[0]!, { adapter: 'attributes', task: 'face-attributes', heads }));
  const gender = { name: 'gender_code', values: ['female', 'male'] };
  assert.doesNotThrow(
    describe([
      gender,
      { name: 'st_age_value', values: [], scale: 100 },
      { ...gender, name: 'b', omit: 'male', least: 0.5 },
    ]),
  );
  for (const [heads, fault] of [
    [undefined, /needs `heads`/],
    [[], /heads/],
    [[gender, gender], /a head stands there twice/],
    [[{ ...gender, values: ['male'] }], /two values/],
    [[{ ...gender, values: ['male', 'male'] }], /a value stands there twice/],
    [[{ ...gender, omit: 'neither' }], /one of the values/],
    [[{ ...gender, scale: 2 }], /for numbers/],
    [[{ name: 'st_age_value', values: [], least: 0.5 }], /for values/],
    [[{ ...gender, name: 'a b' }], /name/],
  ] as const) {
    assert.throws(describe(heads), fault);
  }
  const labelled = (change: object) =>
    spoil((models) =>
      Object.assign(models[0]!, {
        adapter: 'attributes',
        task: 'liveness',
        labels: ['print', 'real', 'replay'],
        answers: { as: 'logits', right: 'one' },
        crop: { times: 2.7, shape: 'box', beyond: 'move' },
        heads: [{ name: 'alive', values: ['spoof', 'alive'], from: [['print', 'replay'], ['real']] }],
        ...change,
      }),
    );
  const alive = (from: unknown) => ({ heads: [{ name: 'alive', values: ['spoof', 'alive'], from }] });
  assert.doesNotThrow(labelled({}));
  assert.doesNotThrow(labelled(alive([[], ['real']])));
  for (const [change, fault] of [
    [alive([['real']]), /labels for each value/],
    [alive([['mask'], ['real']]), /`from` must name labels of the card/],
    [alive([['real'], ['real']]), /a label speaks for two values/],
    [alive([[], []]), /only one value can be the rest/],
    [{ labels: ['real', 'real', 'print', 'replay'] }, /a label stands there twice/],
    [{ heads: [gender, { ...alive([[], ['real']]).heads[0] }] }, /either all heads have `from` or none/],
    [{ heads: [gender], answers: { as: 'logits', right: 'each' } }, /right each by itself need `from`/],
    [{ answers: { as: 'percent', right: 'one' } }, /answers\.as/],
    [{ crop: { times: 0.5, shape: 'box', beyond: 'move' } }, /crop\.times/],
    [{ crop: { times: 4 } }, /crop\.shape/],
    [{ averagedWith: ['yolox-nano'] }, /`averagedWith` must name other models of the same task and labels/],
    [{ averagedWith: ['nobody'] }, /`averagedWith` must name/],
    [{ adapter: 'yunet', heads: undefined }, /are for models of attributes/],
  ] as const) {
    assert.throws(labelled(change), fault);
  }
  assert.doesNotThrow(labelled({ averagedWith: ['minifasnet-v2'] }));
  assert.throws(
    spoil((models) => (models[0]!['landmarks'] = true)),
    /for YOLOX models that find faces/,
  );
  assert.throws(
    spoil((models) => (models[0]!['colour'] = 'red')),
    /colour/,
  );
});

test('a scale from cosine to similarity must grow and reach from 0 to 100', () => {
  const withScale = (points: number[][]) => () => {
    const json = own();
    const model = json.models.find((one) => one['embedding'])!;
    model['embedding'] = { dimension: 128, basis: 'made up', similarity: points };
    parseCatalog(json);
  };
  assert.doesNotThrow(
    withScale([
      [0, 0],
      [1, 100],
    ]),
  );
  assert.throws(
    withScale([
      [0, 0],
      [0.5, 60],
      [0.4, 80],
      [1, 100],
    ]),
    /must grow/,
  );
  assert.throws(
    withScale([
      [0, 0],
      [0.5, 60],
      [0.6, 60],
      [1, 100],
    ]),
    /must grow/,
  );
  assert.throws(
    withScale([
      [0, 10],
      [1, 100],
    ]),
    /from 0 to 100/,
  );
});

test('similarity follows the card', () => {
  const card = {
    similarity: [
      [0, 0],
      [0.4, 60],
      [0.5, 80],
      [1, 100],
    ] as [number, number][],
  };
  assert.equal(similarity(card, 0.4), 60);
  assert.equal(similarity(card, 0.2), 30);
  assert.ok(Math.abs(similarity(card, 0.45) - 70) < 1e-9);
  assert.equal(similarity(card, 0.75), 90);
  assert.equal(similarity(card, -1), 0);
  assert.equal(similarity(card, 0), 0);
  assert.equal(similarity(card, 1), 100);
  assert.equal(similarity(card, 1.0000001), 100);
  assert.equal(similarity(card, Number.NaN), 0);
  let last = -1;
  for (let cosine = 0; cosine <= 1; cosine += 0.01) {
    const value = similarity(card, cosine);
    assert.ok(value > last, `at ${cosine}`);
    last = value;
  }
});
