import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { made, madeEmbedder, picture, RED, refused, start } from './fixture.ts';

/** A better model for faces comes while another is in force. */

test('faces are described by the model in force and by the one that is coming', async (t) => {
  const { folder, detector, embedder, demoEmbedder } = await made(t);
  const better = await madeEmbedder(folder, 'better-faces');
  const taken: string[] = [];
  const { service } = await start(t, [detector, { ...embedder, preferred: true }, better, demoEmbedder], {
    takeOver: async (ids) => void taken.push(...ids),
  });
  assert.deepEqual(
    service.models().map(({ id, coming }) => [id, coming]),
    [
      ['made-faces', undefined],
      ['demo-faces', undefined],
      ['better-faces', true],
    ],
  );
  const { faces } = await service.examine(await picture(RED), { embeddings: true });
  assert.deepEqual(
    faces[0]?.embeddings.map(({ model }) => model),
    ['made-faces', 'demo-faces', 'better-faces'],
  );
  await service.takeOver(['better-faces']);
  assert.deepEqual(taken, ['better-faces']);
});

test('without the one that is coming faces are described all the same; without the one in force they are not', async (t) => {
  const { folder, detector, embedder } = await made(t);
  const broken = await madeEmbedder(folder, 'broken-faces');
  writeFileSync(broken.file, 'this is no model');
  const bytes = await picture(RED);
  const coming = await start(t, [detector, { ...embedder, preferred: true }, broken]);
  const { faces } = await coming.service.examine(bytes, { embeddings: true });
  assert.deepEqual(
    faces[0]?.embeddings.map(({ model }) => model),
    ['made-faces'],
  );
  const inForce = await start(t, [detector, embedder, { ...broken, preferred: true }]);
  await assert.rejects(inForce.service.examine(bytes, { embeddings: true }), refused('no-model'));
});
