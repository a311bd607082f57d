import { spawn } from 'node:child_process';
import { openFeed } from '../../drivers/video/feed.ts';

/**
 * One side of `bench:decode` in a process of its own: takes frames of a camera, and says when it has so many.
 *
 *     node … decode-side.ts <addon | process | ffmpeg> <rtsp address> <first> <last> <frames a second it wants>
 */

const [side, url = '', first, last, wanted] = process.argv.slice(2);
const WIDTH = 640;
const HEIGHT = 360;

let frames = 0;
function count(): void {
  frames += 1;
  if (frames === Number(first)) process.stdout.write('first\n');
  if (frames === Number(last)) process.stdout.write('last\n');
}

if (side === 'ffmpeg') throughPipe();
else throughFeed(side === 'process' ? 'process' : 'addon');

/** As the vision worker asks for frames: one picture for a detector of 640x640, and the frame itself. */
function throughFeed(backend: 'addon' | 'process'): void {
  openFeed({
    url,
    pictures: [{ id: 'detector', width: 640, height: 640 }],
    rate: { perSecond: Number(wanted) },
    backend,
    onFrame: (frame) => {
      const picture = frame.pictures.get('detector');
      if (picture?.width !== WIDTH || picture.height !== HEIGHT) throw new Error('the picture has another size');
      count();
    },
    onState: (state, reason) => {
      if (state === 'offline') throw new Error(reason?.message);
    },
  });
}

/** The usual way: raw video out of ffmpeg's standard output, one scaled picture a frame. */
function throughPipe(): void {
  const picture = WIDTH * HEIGHT * 3;
  const scale = ['-vf', `scale=${WIDTH}:${HEIGHT}`, '-pix_fmt', 'rgb24'];
  const words = ['-loglevel', 'fatal', '-rtsp_transport', 'tcp', '-threads', '1', '-i', url, ...scale];
  const child = spawn('ffmpeg', [...words, '-f', 'rawvideo', 'pipe:1'], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.on('exit', () => child.kill());
  process.on('SIGTERM', () => process.exit());
  let frame = Buffer.allocUnsafeSlow(picture);
  let filled = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; ) {
      const length = Math.min(chunk.length - at, picture - filled);
      chunk.copy(frame, filled, at, at + length);
      filled += length;
      at += length;
      if (filled < picture) return;
      frame = Buffer.allocUnsafeSlow(picture);
      filled = 0;
      count();
    }
  });
}
