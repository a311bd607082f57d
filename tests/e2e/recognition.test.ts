import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { asset } from '../kit/assets.ts';
import { startBox } from '../kit/box.ts';
import { until } from '../kit/wait.ts';

/** From a face before a camera to its comparison with people, through the whole box: worker, image process, index. */

interface Databases {
  databases: { name: string; type: number; pictures: number; origin: string | null; cameras: unknown[] }[];
}

interface Records {
  records: { kind: string; compared: boolean; match: { libraryName: string; similarity: number } | null }[];
}

/** A folder with nothing but a model that describes faces; undefined where the assets are not there. */
function faceModel(t: TestContext): string | undefined {
  const file = asset(t, 'models', 'mobilefacenet_foamliu.onnx');
  if (!file) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-face-model-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(file, join(folder, 'model.onnx'));
  return folder;
}

test('the people of the demo are enrolled, who comes is compared with them, and all of it leaves', async (t) => {
  const models = faceModel(t);
  if (!models) return;
  const box = await startBox({ models, environment: { GATEHOUSE_DEMO: '1' } });
  t.after(() => box.stop());
  await box.login();
  const faces = async () => (await box.rest<Records>('GET', '/p/captures/captures?kind=face&limit=50')).body.records;
  const databases = async () => (await box.rest<Databases>('GET', '/p/portraits/databases')).body.databases;

  await until(
    'the demo to run',
    async () => (await box.rest<{ mode: string }>('GET', '/p/demo-site/site')).body.mode === 'on',
  );
  await box.rest('POST', '/p/demo-site/start', { scenes: ['lobby'] });
  const pictures = async () => (await databases()).map((one) => [one.name, one.type, one.pictures, one.origin]);
  const enrolled = async () => (await databases()).reduce((sum, one) => sum + one.pictures, 0);
  await until('everybody to be enrolled', async () => (await enrolled()) === 9, 60_000);
  assert.deepEqual(await pictures(), [
    ['Demo staff', 2, 8, 'demo'],
    ['Demo watch list', 1, 1, 'demo'],
  ]);
  const { data } = await box.call<{ camera: { lib_ids: string }[] }>(516);
  assert.deepEqual(
    data.camera.map((one) => one.lib_ids),
    ['1,2'],
  );

  const seen = await until(
    'a face that was compared',
    async () => (await faces()).find(({ compared, match }) => compared && match),
    60_000,
  );
  assert.match(seen.match?.libraryName ?? '', /^Demo /);
  assert.doesNotMatch(box.output, /Lin Yue|Arthur|lin-yue/, 'the log names nobody');

  const left = await box.rest('POST', '/p/demo-site/leave', { confirm: true });
  const { complete, people } = left.body as { complete: boolean; people: number };
  assert.deepEqual([complete, people, await databases()], [true, 9, []]);
  // One that was on its way may come after the others are gone.
  await until('the captures to be gone', async () => (await faces()).length === 0);
});
