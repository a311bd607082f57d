import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import sharp from 'sharp';
import type { PluginContext } from '../../core/plugin/contract.ts';
import type { CameraPlan, Detection } from '../../core/vision/keys.ts';
import { faceTracks, personTracks, type Task, vehicleTracks } from '../../core/vision/keys.ts';
import { planStages } from '../../core/vision/planner.ts';
import type { CameraContext, StageDeclaration, StageFrame } from '../../core/vision/stage.ts';
import { fitInside } from '../../drivers/video/frame.ts';
import { catalog, type InstalledModel } from '../../models/install.ts';
import { asset } from '../../tests/kit/assets.ts';
import plugin from './index.ts';
import detect from './stages/detect.ts';
import type { Subject } from './stages/subjects.ts';

const { stages = [] } = await plugin.setup({} as PluginContext);

const camera = (channel: number, tasks: Task[]): CameraPlan => ({
  channel,
  name: `camera ${channel}`,
  url: 'rtsp://camera/stream',
  transport: 'tcp',
  tasks,
  snapMode: 1,
  faceSizeMin: 1,
  faceSizeMax: 10_000,
});

const installed = (id: string, file = ''): InstalledModel => {
  const entry = catalog().find((one) => one.id === id);
  assert.ok(entry, `${id} is not in the catalogue`);
  return { ...entry, file };
};

const taker = (task: Task, key: StageDeclaration['in'][number]): StageDeclaration => ({
  id: `take-${task}`,
  module: 'none',
  in: [key],
  out: [],
  tasks: [task],
});

const takers = [taker('face', faceTracks), taker('body', personTracks), taker('vehicle', vehicleTracks)];
const declared = [...stages, ...takers].map((definition) => ({
  owner: 'test',
  definition,
}));
const missing = (task: string) => `no model for ${task}`;

test('a detector runs only where something takes what it finds', () => {
  const models = [installed('yunet-2023mar'), installed('yolox-nano')];
  const plan = planStages(
    [camera(1, ['face']), camera(2, ['face', 'body']), camera(3, ['cyclist'])],
    declared,
    models,
    missing,
  );
  assert.deepEqual(
    plan.cameras.map((one) => one.stages.toSorted()),
    [
      ['detect-faces', 'take-face', 'track-faces'],
      ['detect-faces', 'detect-persons', 'take-body', 'take-face', 'track-faces', 'track-persons'],
      [],
    ],
  );
  const pictures = Object.fromEntries(plan.stages.map(({ id, picture }) => [id, picture]));
  assert.deepEqual(pictures['detect-faces'], { width: 640, height: 640 });
  assert.deepEqual(pictures['detect-persons'], { width: 416, height: 416 });
});

test('only a camera that is asked for vehicles looks for them, and one whose models know none says so', () => {
  const cameras = [camera(1, ['face', 'body']), camera(2, ['vehicle'])];
  const { cameras: planned } = planStages(cameras, declared, [installed('yolox-nano')], missing);
  assert.ok(!planned[0]?.stages.includes('detect-vehicles'));
  assert.deepEqual(planned[1]?.stages.toSorted(), ['detect-vehicles', 'take-vehicle', 'track-vehicles']);
  const { reports } = planStages(cameras, declared, [installed('yunet-2023mar')], missing);
  const report = reports.find(({ channel }) => channel === 2);
  assert.deepEqual([report?.stage, report?.running], ['take-vehicle', false]);
  assert.match(report?.reason ?? '', /no model for vehicle-detection/);
});

test('without a model the report names the task', () => {
  const plan = planStages([camera(1, ['face'])], declared, [installed('yolox-nano')], missing);
  assert.deepEqual(plan.cameras[0]?.stages, []);
  assert.match(plan.reports.find(({ running }) => !running)?.reason ?? '', /no model for face-detection/);
});

/** What the stage finds on a photo, as if the photo were a frame of a stream. */
async function findOn(
  t: TestContext,
  photo: string,
  subject: Subject,
  change: Partial<CameraPlan> = {},
): Promise<{ found: Detection[]; width: number; height: number } | undefined> {
  const [id, name] =
    subject === 'face'
      ? (['yunet-2023mar', 'face_detection_yunet_2023mar.onnx'] as const)
      : (['yolox-nano', 'yolox_nano.onnx'] as const);
  const file = asset(t, 'models', name);
  const photoFile = asset(t, 'media', 'photos', photo);
  if (!file || !photoFile) return undefined;
  const model = installed(id, file);
  const log = { info: () => {}, warn: () => {} };
  const instance = await detect.create({ id: 'detect', options: { subject }, model, threads: 1, log });
  const whole = sharp(photoFile).rotate();
  const { info } = await whole.raw().toBuffer({ resolveWithObject: true });
  const size = fitInside(info, model.input);
  const { data } = await whole
    .clone()
    .removeAlpha()
    .resize({ ...size, fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  let found: Detection[] = [];
  const stage = instance.camera({ plan: { ...camera(1, []), ...change } } as CameraContext);
  await stage.process({
    video: { width: info.width, height: info.height },
    picture: { ...size, data: new Uint8Array(data) },
    scaleX: info.width / size.width,
    scaleY: info.height / size.height,
    set: (_key: unknown, value: Detection[]) => {
      found = value;
    },
  } as unknown as StageFrame);
  await instance.close?.();
  return { found, width: info.width, height: info.height };
}

const contains = ({ box }: Detection, [x, y]: [number, number]) => x > box[0] && x < box[2] && y > box[1] && y < box[3];

for (const photo of ['000_5.jpg', '008_B.jpg', '014_5.jpg', '016_8.jpg', '017_0.jpg']) {
  test(`faces are found where they are, in pixels of the photo (${photo})`, async (t) => {
    const result = await findOn(t, photo, 'face');
    const annotations = asset(t, 'media', 'photos', 'annotations.json');
    if (!result || !annotations) return;
    const { noses } = JSON.parse(await readFile(annotations, 'utf8')) as { noses: Record<string, [number, number][]> };
    const sure = result.found.filter(({ score }) => score > 0.65);
    for (const nose of noses[photo]!) assert.equal(sure.filter((face) => contains(face, nose)).length, 1, String(nose));
    assert.ok(sure.length <= noses[photo]!.length + 1, `${sure.length} found`);
    for (const { landmarks, box } of sure) {
      assert.equal(landmarks?.length, 5);
      assert.ok(box[0] >= 0 && box[1] >= 0 && box[2] <= result.width && box[3] <= result.height);
    }
  });
}

test('the region and the limits of face sizes hold on a real photo', async (t) => {
  const all = await findOn(t, '014_5.jpg', 'face');
  const left = await findOn(t, '014_5.jpg', 'face', { roi: [0, 0, 300, 533] });
  const large = await findOn(t, '014_5.jpg', 'face', { faceSizeMin: 60 });
  if (!all || !left || !large) return;
  const centre = ({ box }: Detection) => (box[0] + box[2]) / 2;
  assert.deepEqual(
    left.found,
    all.found.filter((one) => centre(one) < 300),
  );
  assert.ok(left.found.length > 0 && left.found.length < all.found.length);
  assert.ok(large.found.length > 0 && large.found.length < all.found.length);
});

test('persons are found, and nothing but persons', async (t) => {
  const result = await findOn(t, '011_3.jpg', 'person');
  if (!result) return;
  const sure = result.found.filter(({ score }) => score > 0.5);
  assert.ok(sure.length >= 2, `${sure.length} found`);
  assert.ok(result.found.every(({ label }) => label === 'person'));
});

test('a parked car of a real photo is a vehicle, though the model calls it a car, and nothing is known of its plate', async (t) => {
  const result = await findOn(t, '005_A.jpg', 'vehicle');
  if (!result) return;
  const sure = result.found.filter(({ score }) => score > 0.6);
  assert.equal(sure.length, 1, `${sure.length} found`);
  assert.deepEqual([sure[0]?.label, sure[0]?.plate], ['vehicle', undefined]);
  assert.ok(contains(sure[0]!, [3450, 2250]));
});
