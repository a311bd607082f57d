import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseCatalog, parseDemoCatalog } from './catalog.ts';
import { demoModels, makeshiftModel, usableModels } from './install.ts';

const card = (id: string, content: string, change: object = {}) => ({
  id,
  name: id,
  description: 'made up',
  task: 'face-detection',
  adapter: null,
  input: { width: 64, height: 64 },
  labels: ['face'],
  licence: 'Apache-2.0',
  size: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
  recommended: false,
  madeFor: 'demo',
  ...change,
});

async function place(t: TestContext): Promise<{ dataDir: string; folder: string }> {
  const root = await mkdtemp(join(tmpdir(), 'gatehouse-demo-models-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const folder = join(root, 'demo');
  await mkdir(folder);
  return { dataDir: join(root, 'data'), folder };
}

test('models that come with the box are ready without being installed; a damaged one is named', async (t) => {
  const { dataDir, folder } = await place(t);
  const models = [card('demo-faces', 'faces'), card('demo-persons', 'persons'), card('demo-plates', 'plates')];
  await writeFile(join(folder, 'catalog.json'), JSON.stringify({ models }));
  await writeFile(join(folder, 'demo-faces.onnx'), 'faces');
  await writeFile(join(folder, 'demo-persons.onnx'), 'PERSONS');
  const found = await usableModels(dataDir, folder);
  assert.deepEqual(
    found.models.map(({ id, file, madeFor }) => [id, file, madeFor]),
    [['demo-faces', join(folder, 'demo-faces.onnx'), 'demo']],
  );
  assert.equal(found.faults.length, 2);
  assert.match(found.faults[0]!, /demo-persons, .* is damaged/);
  assert.match(found.faults[1]!, /demo-plates, .* is missing/);
});

test('models that are averaged know those of each other that are there', async (t) => {
  const { dataDir, folder } = await place(t);
  const averaged = (id: string, ...others: string[]) =>
    card(id, id, {
      adapter: 'attributes',
      task: 'liveness',
      preprocess: { channels: 'BGR', mean: [0, 0, 0], std: [1, 1, 1], fit: 'stretch', fill: 0 },
      heads: [{ name: 'alive', values: ['spoof', 'alive'] }],
      averagedWith: others,
    });
  const models = [averaged('one', 'two', 'three'), averaged('two', 'one'), averaged('three', 'one')];
  await writeFile(join(folder, 'catalog.json'), JSON.stringify({ models }));
  for (const id of ['one', 'two']) await writeFile(join(folder, `${id}.onnx`), id);
  const found = await usableModels(dataDir, folder);
  assert.deepEqual(
    found.models.map(({ id, others }) => [id, others?.map((other) => other.id)]),
    [
      ['one', ['two']],
      ['two', ['one']],
    ],
  );
});

test('a wrong catalogue of the demo costs its models only', async (t) => {
  const { dataDir, folder } = await place(t);
  assert.deepEqual(await usableModels(dataDir, folder), { models: [], faults: [] });
  for (const text of ['{', JSON.stringify({ models: [card('demo-faces', 'faces', { task: 'juggling' })] })]) {
    await writeFile(join(folder, 'catalog.json'), text);
    const { models, faults } = await usableModels(dataDir, folder);
    assert.deepEqual(models, []);
    assert.match(faults[0]!, /^the models that come with the box cannot be used/);
    await assert.rejects(demoModels(folder));
  }
});

test('the two catalogues are kept apart', () => {
  const own = card('faces', 'faces', { madeFor: undefined });
  assert.throws(() => parseDemoCatalog({ models: [own] }), /made for the demo/);
  assert.throws(() => parseDemoCatalog({ models: [card('a', 'a', { url: 'https://example.org/a' })] }), /has a url/);
  assert.throws(() => parseDemoCatalog({ models: [card('yunet-2023mar', 'a')] }), /stands in both/);
  assert.throws(() => parseCatalog({ models: [own] }), /no url/);
  assert.throws(
    () => parseCatalog({ models: [card('a', 'a', { url: 'https://example.org/a' })] }),
    /made for the demo/,
  );
});

test('the models in the repository are whole', async (t) => {
  const { dataDir } = await place(t);
  assert.deepEqual((await usableModels(dataDir)).faults, []);
});

test('what is said of a real camera on a demo model names the command', () => {
  assert.match(makeshiftModel('face-detection'), /rendered scenes .*npm run models -- install yunet-2023mar$/);
  assert.match(makeshiftModel('juggling'), /no other is known yet$/);
});
