import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VideoFrame } from '../../drivers/video/frame.ts';
import { data } from '../plugin/keys.ts';
import { CameraRunner, type RunningStage } from './camera-runner.ts';
import type { CameraPlan, CameraStatus } from './keys.ts';
import type { CameraStage } from './stage.ts';

const counted = data<number>('counted@1');

const PLAN: CameraPlan = {
  channel: 4,
  name: 'Yard',
  url: 'rtsp://camera/',
  transport: 'tcp',
  tasks: ['body'],
  snapMode: 1,
  faceSizeMin: 60,
  faceSizeMax: 1000,
};

function frame(time: number): VideoFrame {
  const full = { width: 64, height: 48 } as VideoFrame['full'];
  const picture = { width: 32, height: 24, data: new Uint8Array(32 * 24 * 3) };
  return { pts: time * 1e6, time, width: 64, height: 48, pictures: new Map([['32x32', picture]]), full };
}

function stage(id: string, behaviour: CameraStage, more: Partial<RunningStage['planned']> = {}): RunningStage {
  return { planned: { id, module: '', in: [], out: [], tells: [], options: {}, ...more }, stage: behaviour };
}

function run(stages: RunningStage[]) {
  const seen = { analysed: [] as number[], failed: [] as string[], statuses: [] as CameraStatus[] };
  const runner = new CameraRunner(PLAN, stages, {
    analysed: ({ time }) => seen.analysed.push(time),
    stageFailed: (id, error) => seen.failed.push(`${id}: ${error.message}`),
    status: (status) => seen.statuses.push(status),
  });
  return { runner, seen };
}

test('the newest frame waits, older ones are dropped and counted', async () => {
  const { runner, seen } = run([]);
  runner.stateChanged('online');
  for (const time of [1, 2, 3]) runner.offer(frame(time));
  assert.equal(runner.ready, true);
  await runner.turn();
  assert.equal(runner.ready, false);
  assert.deepEqual(seen.analysed, [3]);
  const { framesAnalysed, framesDropped, width } = runner.status();
  assert.deepEqual([framesAnalysed, framesDropped, width], [1, 2, 64]);
});

test('values go from stage to stage; one that fails stops only those that need it', async () => {
  const got: number[] = [];
  let broken = false;
  const { runner, seen } = run([
    stage(
      'count',
      {
        process(one) {
          if (broken) throw new Error('no');
          one.set(counted, one.picture.width * one.scaleX);
        },
      },
      { out: [counted.id], picture: { width: 32, height: 32 } },
    ),
    stage('use', { process: (one) => void got.push(one.get(counted)) }, { in: [counted.id] }),
    stage('alone', { process: (one) => one.draw({ trackId: 1, label: 'x', score: 1, box: [0, 0, 1, 1] }) }),
    stage('greedy', { process: (one) => void one.get(counted) }),
  ]);
  runner.offer(frame(1));
  await runner.turn();
  broken = true;
  runner.offer(frame(2));
  await runner.turn();
  assert.deepEqual(got, [64]);
  assert.deepEqual(seen.analysed, [1, 2]);
  assert.deepEqual(seen.failed, [
    'greedy: stage "greedy" does not declare counted@1 as input',
    'count: no',
    'greedy: stage "greedy" does not declare counted@1 as input',
  ]);
});

test('the end of the stream is told after the frame in hand, never into it', async () => {
  const order: string[] = [];
  const { runner } = run([
    stage('slow', {
      async process() {
        order.push('begins');
        await new Promise((resolve) => setTimeout(resolve, 20));
        order.push('ends');
      },
      streamEnded: () => void order.push('stream ended'),
    }),
  ]);
  runner.stateChanged('online');
  runner.offer(frame(1));
  const turn = runner.turn();
  await runner.close();
  await runner.finished();
  assert.deepEqual(order, ['begins', 'ends', 'stream ended']);
  await turn;
});

test('a closed camera enters no stage by itself: it is finished when its last turn was given', async () => {
  const order: string[] = [];
  const { runner } = run([stage('last', { process: () => {}, streamEnded: () => void order.push('stream ended') })]);
  runner.stateChanged('online');
  await runner.close();
  const end = runner.finished().then(() => order.push('finished'));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(order, []);
  assert.equal(runner.ready, true);
  await runner.turn();
  await end;
  assert.deepEqual(order, ['stream ended', 'finished']);
});

test('a stream that is back before its end was told: the end comes first, and a frame between two ends is dropped', async () => {
  const order: string[] = [];
  const { runner } = run([
    stage('look', {
      process: (one) => void order.push(`frame ${one.video.time}`),
      streamEnded: () => void order.push('end'),
    }),
  ]);
  runner.stateChanged('online');
  runner.offer(frame(1));
  runner.stateChanged('offline');
  await runner.turn();
  runner.stateChanged('online');
  runner.stateChanged('offline');
  runner.stateChanged('online');
  runner.offer(frame(2));
  await runner.turn();
  assert.deepEqual(order, ['frame 1', 'end', 'end', 'frame 2']);
  runner.stateChanged('offline');
  runner.stateChanged('online');
  runner.offer(frame(3));
  runner.stateChanged('offline');
  await runner.turn();
  assert.deepEqual(order.slice(4), ['end']);
});

test('a camera that ends at once tells the end of those it sees and takes no further frame', async () => {
  const order: string[] = [];
  const { runner } = run([
    stage('look', { process: () => void order.push('frame'), streamEnded: () => void order.push('end') }),
  ]);
  runner.stateChanged('online');
  runner.offer(frame(1));
  const closed = runner.close(true);
  assert.equal(runner.ready, true, 'before the stream is closed');
  runner.offer(frame(2));
  await runner.turn();
  await closed;
  await runner.finished();
  assert.deepEqual(order, ['end']);
});
