import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EmbeddingModel, FaceHit } from '../../core/plugin/face-services.ts';
import { Likenesses, type LikenessParts } from './likeness.ts';

const model = (id: string, madeFor: 'demo' | 'real') =>
  ({
    id,
    madeFor,
    cosine: (wanted: number) => wanted / 100,
    similarity: (cosine: number) => cosine * 100,
  }) as unknown as EmbeddingModel;

test('somebody who is erased while another model still searches is named by neither', async () => {
  const databases = [
    { libId: 1, libName: 'Staff', libType: 2 },
    { libId: 2, libName: 'Demo', libType: 2, origin: 'demo' },
  ];
  const people = new Map([11, 12].map((id) => [id, { id, libId: id - 10 }]));
  let answerDemo: (hits: FaceHit[]) => void = () => {};
  const searched: string[] = [];
  const likenesses = new Likenesses({
    databases: { list: () => databases, get: (id: number) => databases.find(({ libId }) => libId === id) },
    people: { byIds: (ids: number[]) => new Map(ids.flatMap((id) => (people.has(id) ? [[id, people.get(id)]] : []))) },
    index: {
      search: ({ model: id }: { model: string }) => {
        searched.push(id);
        return id === 'real'
          ? Promise.resolve([{ id: 11, library: 1, cosine: 0.9 }])
          : new Promise((resolve) => {
              answerDemo = resolve;
            });
      },
    },
    images: { models: () => [model('real', 'real'), model('demo', 'demo')] },
    waiting: () => 0,
  } as unknown as LikenessParts);
  const vector = new Float32Array([1, 0]);
  const embeddings = ['real', 'demo'].map((id) => ({ model: id, vector }));
  const ask = () => likenesses.nearest({ embeddings }, { libIds: [1, 2], threshold: 0, most: 5 });
  const told = ask();
  await new Promise(setImmediate);
  assert.deepEqual(searched.sort(), ['demo', 'real']);
  people.delete(11);
  answerDemo([{ id: 12, library: 2, cosine: 0.8 }]);
  assert.deepEqual(
    (await told).map(({ portrait, similarity }) => [portrait.id, similarity]),
    [[12, 80]],
  );
});
