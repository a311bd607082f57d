import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Box, CameraPlan, Detection } from '../../../core/vision/keys.ts';
import type { CameraContext, StageFrame } from '../../../core/vision/stage.ts';
import { constantModel, ModelFolder, madeCard } from '../../../tests/kit/onnx.ts';
import detect from './detect.ts';
import { shareDetector } from './shared-detector.ts';
import { DETECTIONS, type Subject } from './subjects.ts';

const INPUT = { width: 32, height: 32 };
const LABELS = ['person', 'face', 'helmet'];
const WIDTH = 5 + LABELS.length + 10;
/** Cells at strides 8, 16 and 32. */
const CELLS = 16 + 4 + 1;

/** A detector that finds one person and one weak face in every picture. */
async function made(t: Parameters<typeof ModelFolder.make>[0]) {
  const rows = new Float32Array(CELLS * WIDTH);
  const points = [0.3, 0.3, 0.7, 0.3, 0.5, 0.5, 0.3, 0.7, 0.7, 0.7];
  rows.set([0.5, 0.5, 0, 0, 0.9, 1, 0, 0, ...points], 20 * WIDTH);
  rows.set([0.5, 0.5, 0, 0, 0.2, 0, 1, 0, ...points], 5 * WIDTH);
  rows.set([0.5, 0.5, 0, 0, 0.8, 0, 1, 0, ...points], 6 * WIDTH);
  const file = await (await ModelFolder.make(t)).put('detector', constantModel(INPUT, [...rows]));
  return madeCard({
    id: 'made-detector',
    task: 'person-detection',
    also: ['face-detection'],
    adapter: 'yolox',
    file,
    input: INPUT,
    labels: LABELS,
    landmarks: true,
    preprocess: { channels: 'RGB', mean: [0, 0, 0], std: [1, 1, 1], fit: 'letterbox', fill: 114 },
  });
}

const picture = () => ({ ...INPUT, data: new Uint8Array(INPUT.width * INPUT.height * 3) });

test('a model that two share looks at a picture once, and both get its finds', async (t) => {
  const model = await made(t);
  const [one, two] = await Promise.all([shareDetector(model, 1), shareDetector(model, 1)]);
  const first = picture();
  const finds = one.detect(first);
  assert.equal(two.detect(first), finds);
  assert.notEqual(two.detect(picture()), finds);
  assert.deepEqual((await finds).map(({ label }) => label).sort(), ['face', 'face', 'person']);
  await one.close();
  await one.close();
  assert.equal((await two.detect(picture())).length, 3);
  await two.close();
  await assert.rejects(two.detect(picture()), /closed/);
  const again = await shareDetector(model, 1);
  assert.equal((await again.detect(picture())).length, 3);
  await again.close();
});

test('a file that cannot be opened is tried again', async (t) => {
  const model = await made(t);
  const gone = { ...model, file: `${model.file}.gone` };
  await assert.rejects(shareDetector(gone, 1), /is missing/);
  await assert.rejects(shareDetector(gone, 1), /is missing/);
});

test('the stages of persons and faces take their own from the same look, each from its own score on', async (t) => {
  const model = await made(t);
  const log = { info: () => {}, warn: () => {} };
  const plan = { faceSizeMin: 1, faceSizeMax: 1000 } as CameraPlan;
  const look = picture();
  const findings = new Map<Subject, Detection[]>();
  for (const subject of ['person', 'face'] as const) {
    const instance = await detect.create({ id: `detect-${subject}`, options: { subject }, model, threads: 1, log });
    t.after(() => instance.close?.());
    const frame = {
      video: { width: 64, height: 64 },
      picture: look,
      scaleX: 2,
      scaleY: 2,
      set: (key: unknown, value: Detection[]) => {
        assert.equal(key, DETECTIONS[subject]);
        findings.set(subject, value);
      },
    } as unknown as StageFrame;
    await instance.camera({ plan } as CameraContext).process(frame);
  }
  const boxes = (subject: Subject) => findings.get(subject)?.map(({ box }): Box => box);
  assert.deepEqual(boxes('person'), [[0, 0, 64, 64]]);
  // Cell 6 of stride 8: column 2, row 1. The face of 0.2 counts nowhere: faces are asked for from 0.3 on.
  assert.deepEqual(boxes('face'), [[32, 16, 48, 32]]);
  const [left] = findings.get('face')?.[0]?.landmarks ?? [];
  assert.deepEqual(left?.map(Math.round), [37, 21]);
});
