import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { CameraRunner, pictureId, type RunningStage } from '../../core/vision/camera-runner.ts';
import type { CameraPlan } from '../../core/vision/keys.ts';
import { personDetections, personTracks } from '../../core/vision/keys.ts';
import type { CameraContext, StageModule } from '../../core/vision/stage.ts';
import { prepareGraph } from '../../drivers/inference/onnx-graph.ts';
import { openFeed } from '../../drivers/video/feed.ts';
import type { VideoFrame } from '../../drivers/video/frame.ts';
import { catalog } from '../../models/install.ts';
import detect from '../../plugins/detection/stages/detect.ts';
import track from '../../plugins/detection/stages/track.ts';
import { assetFolder } from '../kit/assets.ts';
import { interleave, median, medianRatio, table, verdict } from './kit.ts';

/**
 * Analysed frames a second ÷ calls a second of the runtime's own `session.run`: YOLOX-nano, one thread, with the same
 * cameras being decoded on both sides. Our side adds conversion, decoding of outputs, tracking and the hand-over between
 * stages. Rounds of the sides are interleaved; the median of their ratios counts.
 *
 *     npm run bench:analysis
 *
 * Exits with 1 where a ratio is below the promised one.
 */
const PROMISED = 0.92;
const CAMERAS = 4;
const ROUNDS = 100;
/** Short, so that what else the machine does falls on all sides alike. */
const ROUND_MS = 300;
const INPUT = 416;

const assets = assetFolder();
const entry = catalog().find((model) => model.id === 'yolox-nano');
if (!assets || !entry) throw new Error('needs the models: set GATEHOUSE_TEST_ASSETS');
const model = { ...entry, file: join(assets, 'models', 'yolox_nano.onnx') };
const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'));
const noise = `videotestsrc num-buffers=500 pattern=ball ! video/x-raw,width=1280,height=720,framerate=25/1 ! x264enc bitrate=3900 speed-preset=veryfast ! mp4mux ! filesink location=${folder}/clip.mp4`;
execFileSync('gst-launch-1.0', ['-q', ...noise.split(' ')]);

/** Frames that arrived since they were last asked for: both sides are under the same decoding load. */
let newest: VideoFrame | undefined;
let arrived = 0;
const feeds = Array.from({ length: CAMERAS }, () =>
  openFeed({
    url: 'file:clip.mp4',
    filesFolder: folder,
    pictures: [{ id: pictureId({ width: INPUT, height: INPUT }), width: INPUT, height: INPUT }],
    rate: { perSecond: 5 },
    onFrame: (frame) => {
      newest = frame;
      arrived += 1;
    },
    onState: () => {},
  }),
);

async function runningStage(module: StageModule, planned: RunningStage['planned']): Promise<RunningStage> {
  const log = { info() {}, warn() {} };
  const instance = await module.create({ id: planned.id, options: planned.options, model, threads: 1, log });
  return { planned, stage: instance.camera({ plan } as CameraContext) };
}

const plan: CameraPlan = {
  channel: 1,
  name: 'bench',
  url: 'file:clip.mp4',
  transport: 'tcp',
  tasks: ['body'],
  snapMode: 1,
  faceSizeMin: 60,
  faceSizeMax: 1000,
};
const common = { module: '', tells: [], options: { subject: 'person' } };
const stages = [
  await runningStage(detect, {
    ...common,
    id: 'detect-persons',
    in: [],
    out: [personDetections.id],
    picture: { width: INPUT, height: INPUT },
  }),
  await runningStage(track, { ...common, id: 'track-persons', in: [personDetections.id], out: [personTracks.id] }),
];
const runner = new CameraRunner(plan, stages, {
  analysed() {},
  status() {},
  stageFailed(stage, error) {
    throw new Error(`${stage}: ${error.message}`);
  },
});

/** The runtime by itself, on an input of so many rows: no driver or adapter of ours around it. */
async function rawLoop(rows: number): Promise<() => Promise<unknown>> {
  const shape = [1, 3, rows, INPUT];
  const session = await InferenceSession.create(prepareGraph(await readFile(model.file), shape), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  });
  const feeds = {
    [session.inputNames[0] ?? '']: new Tensor('float32', new Float32Array(3 * rows * INPUT).fill(114), shape),
  };
  return () => session.run(feeds);
}

const square = await rawLoop(INPUT);
// The stages compute only the part of the square that a 16:9 picture covers: the bare loop over the same part.
const covered = await rawLoop(Math.ceil((INPUT * 9) / 16 / 32) * 32);

async function round(step: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  let steps = 0;
  while (performance.now() - began < ROUND_MS) {
    await step();
    steps += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return (steps * 1000) / (performance.now() - began);
}

while (!newest) await new Promise((resolve) => setTimeout(resolve, 50));
const rates = await interleave(ROUNDS, {
  square: () => round(square),
  covered: () => round(covered),
  ours: () =>
    round(() => {
      runner.offer(newest as VideoFrame);
      return runner.turn();
    }),
});
await Promise.all(feeds.map((feed) => feed.stop()));
await rm(folder, { recursive: true, force: true });

console.log(`${CAMERAS} cameras decoded meanwhile, ${arrived} frames handed over; medians of ${ROUNDS} rounds\n`);
const sides = { square: `session.run at ${INPUT}x${INPUT}`, covered: 'session.run on what the picture covers' };
const ratio = (side: keyof typeof sides) => medianRatio(rates.ours, rates[side]);
table(
  ['side', 'calls/s', 'ours ÷ this'],
  [
    ['frames analysed', median(rates.ours).toFixed(1), ''],
    [sides.square, median(rates.square).toFixed(1), ratio('square').toFixed(3)],
    [sides.covered, median(rates.covered).toFixed(1), ratio('covered').toFixed(3)],
  ],
);
console.log();
verdict([
  { what: `frames analysed ÷ ${sides.square}`, value: ratio('square'), atLeast: PROMISED },
  { what: `frames analysed ÷ ${sides.covered}`, value: ratio('covered'), atLeast: PROMISED },
]);
process.exit();
