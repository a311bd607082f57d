import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog, type InstalledModel, similarity } from '../../models/install.ts';
import { model } from '../vision/plan.fixture.ts';
import { embeddingModelOf, planImages } from './plan.ts';

const demo = { madeFor: 'demo', recommended: false } as const;
const embedding = { dimension: 128, similarity: [[0, 0] as [number, number], [1, 100] as [number, number]], basis: '' };
const ids = (models: InstalledModel[]) => models.map(({ id }) => id);

test('what a real camera gets comes first, then what one of the demo gets', () => {
  const plan = planImages([
    model('demo-detector', 'person-detection', { ...demo, also: ['face-detection'], landmarks: true }),
    model('yunet', 'face-detection', { adapter: 'yunet' }),
    model('without-landmarks', 'face-detection', { adapter: 'ultralight' }),
    model('demo-faces', 'face-embedding', { ...demo, adapter: 'arcface', embedding }),
    model('second', 'face-embedding', { recommended: false, adapter: 'arcface', embedding }),
    model('first', 'face-embedding', { adapter: 'arcface', embedding }),
    model('demo-looks', 'face-attributes', { ...demo, adapter: 'attributes' }),
  ]);
  assert.deepEqual(ids(plan.detectors), ['yunet', 'demo-detector']);
  assert.deepEqual(ids(plan.embedders), ['first', 'demo-faces']);
  assert.deepEqual(ids(plan.attributes), ['demo-looks']);
});

test('models of the demo alone serve pictures, too; without any there is nothing', () => {
  const plan = planImages([model('demo-faces', 'face-embedding', { ...demo, adapter: 'arcface', embedding })]);
  assert.deepEqual(ids(plan.embedders), ['demo-faces']);
  assert.deepEqual(plan.detectors, []);
  assert.deepEqual(planImages([model('ultralight', 'face-detection', { adapter: 'ultralight' })]).detectors, []);
});

test('cosines and similarities of a card lead to one another', () => {
  const cards = catalog().filter(({ task }) => task === 'face-embedding');
  assert.ok(cards.length > 0);
  for (const card of cards) {
    const told = embeddingModelOf({ ...card, file: '' })!;
    assert.equal(told.dimension, card.embedding!.dimension);
    for (const [cosine, wanted] of card.embedding!.similarity) {
      assert.equal(told.similarity(cosine), wanted);
      if (wanted > 0) assert.ok(Math.abs(told.cosine(wanted) - cosine) < 1e-9, `${wanted}`);
    }
    for (let wanted = 0.5; wanted <= 100; wanted += 0.5) {
      assert.ok(Math.abs(similarity(card.embedding!, told.cosine(wanted)) - wanted) < 1e-9, `${wanted}`);
    }
    // Every cosine has at least the similarity 0.
    assert.equal(told.cosine(0), -1);
    assert.equal(told.cosine(120), 1);
  }
  assert.equal(embeddingModelOf(model('none', 'face-embedding')), undefined);
});
