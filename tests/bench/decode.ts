import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startRtspServer } from '../kit/rtsp-server.ts';
import { cpuOf, interleave, median, medianRatio, round, table, verdict } from './kit.ts';

/**
 * CPU of one decoded and scaled frame of an RTSP camera (H.264, 720p, 25 frames a second; a picture of 640x360 in RGB)
 * through the driver, ÷ the same by `gst-launch-1.0` into nothing. Beside it ffmpeg writing raw video to a pipe that
 * Node reads. Nobody leaves a frame out; the driver hands over the whole frame beside the picture. Below that the
 * same with every fifth frame scaled and handed over, which is what the box asks for by itself.
 *
 *     npm run bench:decode
 */
const AT_MOST = 1.15;
const ROUNDS = 5;
const FPS = 25;
/** Analysed frames a second, as the box asks for by itself. */
const SOME = 5;
/** Before and during what is measured, s. */
const WARM_UP_S = 4;
const MEASURED_S = 8;
const CLIP_FRAMES = 8 * FPS;

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-decode-'));
const clip = join(folder, 'clip.mp4');
// A moving ball behind faint noise, so that the stream has the bits of a real one.
const video = `video/x-raw,width=1280,height=720,framerate=${FPS}/1`;
const source = (pattern: string) => `videotestsrc num-buffers=${CLIP_FRAMES} pattern=${pattern} ! ${video}`;
const mixed = 'compositor name=mix sink_0::alpha=1 sink_1::alpha=0.08 ! videoconvert';
const encoded = `x264enc bitrate=4000 speed-preset=veryfast key-int-max=50 ! mp4mux ! filesink location=${clip}`;
execFileSync('gst-launch-1.0', [
  '-q',
  ...`${mixed} ! ${encoded} ${source('ball')} ! mix.sink_0 ${source('snow')} ! mix.sink_1`.split(' '),
]);

function end(child: ChildProcess): Promise<unknown> {
  const gone = once(child, 'exit');
  child.kill();
  return gone;
}

/** CPU of a decoded frame, ms, of a side that counts by itself the frames it is handed, so many a second. */
async function counted(side: string, perSecond = FPS): Promise<number> {
  const file = join(import.meta.dirname, 'decode-side.ts');
  const first = WARM_UP_S * perSecond;
  // A rate above the stream's own leaves nothing out.
  const wanted = perSecond === FPS ? 10 * FPS : perSecond;
  const numbers = [first, first + MEASURED_S * perSecond, wanted].map(String);
  const args = ['--import', 'tsx', file, side, camera.url('/'), ...numbers];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let before = 0;
  let cpu = Number.NaN;
  for await (const line of createInterface(child.stdout)) {
    if (line === 'first') before = cpuOf(child.pid ?? 0);
    if (line !== 'last') continue;
    cpu = cpuOf(child.pid ?? 0) - before;
    break;
  }
  await end(child);
  return (cpu * 1000) / (MEASURED_S * FPS);
}

/**
 * CPU of a decoded frame, ms, of gst-launch: it drops none, so that time counts the frames.
 * @param thinned elements that let only some through to be scaled
 */
async function bare(thinned = ''): Promise<number> {
  const source = `rtspsrc location=${camera.url('/')} protocols=tcp latency=200`;
  const decoded = `${source} ! rtph264depay ! h264parse ! avdec_h264 max-threads=1`;
  const scaled = 'videoscale ! videoconvert ! video/x-raw,format=RGB,width=640,height=360';
  const words = `${decoded} ! ${thinned}${scaled} ! fakesink sync=false`.split(' ');
  const child = spawn('gst-launch-1.0', ['-q', ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
  const later = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));
  await later(WARM_UP_S);
  const before = cpuOf(child.pid ?? 0);
  const since = performance.now();
  await later(MEASURED_S);
  const cpu = cpuOf(child.pid ?? 0) - before;
  const frames = ((performance.now() - since) * FPS) / 1000;
  if (child.exitCode !== null) throw new Error('gst-launch has ended early');
  await end(child);
  return (cpu * 1000) / frames;
}

const camera = await startRtspServer({ streams: [{ path: '/', codec: 'h264', file: clip, loop: true }] });
const withFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
try {
  const cpu = await interleave(ROUNDS, {
    bare: () => bare(),
    addon: () => counted('addon'),
    process: () => counted('process'),
    ffmpeg: () => (withFfmpeg ? counted('ffmpeg') : Number.NaN),
    bareOfSome: () => bare(`videorate drop-only=true ! video/x-raw,framerate=${SOME}/1 ! `),
    addonOfSome: () => counted('addon', SOME),
  });
  const row = (what: string, values: number[], limit: number[]) => {
    if (values.some(Number.isNaN)) return [what, 'not available', '', '', ''];
    const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)].map(round);
    return [what, middle ?? '', least ?? '', most ?? '', round(medianRatio(values, limit))];
  };
  console.log(`${ROUNDS} rounds of ${MEASURED_S * FPS} frames, CPU of all processes that take part`);
  table(
    ['CPU per decoded frame, ms', 'median', 'least', 'most', '÷ gst-launch'],
    [
      row('gst-launch to fakesink', cpu.bare, cpu.bare),
      row('driver, addon in the process', cpu.addon, cpu.bare),
      row('driver, process of its own', cpu.process, cpu.bare),
      row('ffmpeg rawvideo through a pipe', cpu.ffmpeg, cpu.bare),
      row(`gst-launch, ${SOME} of ${FPS} scaled`, cpu.bareOfSome, cpu.bareOfSome),
      row(`driver, ${SOME} of ${FPS} handed over`, cpu.addonOfSome, cpu.bareOfSome),
    ],
  );
  verdict([
    { what: 'driver ÷ gst-launch, every frame', value: medianRatio(cpu.addon, cpu.bare), atMost: AT_MOST },
    {
      what: `driver ÷ gst-launch, ${SOME} of ${FPS}`,
      value: medianRatio(cpu.addonOfSome, cpu.bareOfSome),
      atMost: AT_MOST,
    },
  ]);
} finally {
  await camera.stop();
  rmSync(folder, { recursive: true, force: true });
}
