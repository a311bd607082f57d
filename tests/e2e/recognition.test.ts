import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import WebSocket from 'ws';
import { asset } from '../kit/assets.ts';
import { startBox, type TestBox } from '../kit/box.ts';
import { until } from '../kit/wait.ts';

/** From a face before a camera to its comparison with people, through the whole box: worker, image process, index. */

interface Databases {
  databases: { name: string; type: number; pictures: number; origin: string | null; cameras: unknown[] }[];
}

interface Records {
  records: { id: string; kind: string; compared: boolean; match: { libraryName: string; similarity: number } | null }[];
}

interface Captured {
  state: string;
  faces: number;
}

interface FoundCaptures {
  face: object | null;
  hits: { id: string; channel: number; similarity: number }[];
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

interface LiveFrame {
  overlay: { label: string; who?: { kind: string; name?: string } }[];
}

/** Whom the live page of a channel is told to be before the camera, from now on. */
function whoIsLive(t: TestContext, box: TestBox, channel: number): Map<string, string | undefined> {
  const told = new Map<string, string | undefined>();
  const socket = new WebSocket(`${box.url.replace('http', 'ws')}/live`, { headers: { sessionid: box.sessionId } });
  t.after(() => socket.terminate());
  socket.on('open', () => {
    socket.send(JSON.stringify({ op: 'subscribe', id: 1, topic: 'cameras.boxes', params: { channel } }));
  });
  socket.on('message', (message) => {
    const { data } = JSON.parse(String(message)) as { data?: LiveFrame };
    for (const { who } of data?.overlay ?? []) if (who) told.set(who.kind, who.name);
  });
  return told;
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
  await box.rest('PUT', '/p/system/plugins/captures/config', { keepDays: 30, timingSeconds: 3, keepFaces: true });
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
  const live = whoIsLive(t, box, 32);
  await until('somebody to be called by name or a stranger on the live picture', () => live.size > 0, 60_000);
  for (const [kind, name] of live) assert.equal(name === undefined, kind === 'stranger');

  const captured = async () => (await box.rest<Captured>('GET', '/p/portraits/captured-faces')).body;
  await until('the captures to be searchable', async () => (await captured()).state === 'ready', 60_000);
  const search = (body: object) => box.rest<FoundCaptures>('POST', '/p/portraits/search-captures', body);
  // The first that was described and not too poor.
  const same = await until('a capture that is found by itself', async () => {
    for (const { id } of await faces()) {
      const { body } = await search({ captureId: id, most: 1 });
      if (body.face === null && body.hits[0]?.id === id) return body.hits[0];
    }
    return undefined;
  });
  assert.ok(same.similarity > 99.9 && same.channel === 32);
  assert.doesNotMatch(box.output, /Lin Yue|Arthur|lin-yue/, 'the log names nobody');

  const left = await box.rest('POST', '/p/demo-site/leave', { confirm: true });
  const { complete, people } = left.body as { complete: boolean; people: number };
  assert.deepEqual([complete, people, await databases()], [true, 9, []]);
  // One that was on its way may come after the others are gone.
  await until('the captures to be gone', async () => (await faces()).length === 0);
  await until('their faces to be gone', async () => (await captured()).faces === 0);
});
