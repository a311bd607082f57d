import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Picture, writeClip } from './clip.ts';

const folder = mkdtempSync(join(tmpdir(), 'clip-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const [WIDTH, HEIGHT, COUNT] = [96, 64, 12];

/** A bright bar that moves over a dark ground. */
function* frames(): Generator<Picture> {
  for (let frame = 0; frame < COUNT; frame += 1) {
    const data = new Uint8ClampedArray(WIDTH * HEIGHT * 4).fill(255);
    for (let n = 0; n < WIDTH * HEIGHT; n += 1) {
      const value = Math.floor((n % WIDTH) / 8) === frame ? 230 : 40;
      data.set([value, value, value], n * 4);
    }
    yield { width: WIDTH, height: HEIGHT, data };
  }
}

test('a clip is H.264 that can be decoded back, and the same each time', async () => {
  const [first, second] = [join(folder, 'a.mp4'), join(folder, 'b.mp4')];
  assert.equal(await writeClip(first, frames(), { fps: 6, kbps: 400 }), COUNT);
  await writeClip(second, frames(), { fps: 6, kbps: 400 });
  assert.deepEqual(readFileSync(first), readFileSync(second));

  const probe = ['-v', 'error', '-show_streams', '-show_frames', '-of', 'json', first];
  const { streams, frames: seen } = JSON.parse(execFileSync('ffprobe', probe, { encoding: 'utf8' })) as {
    streams: {
      codec_name: string;
      profile: string;
      pix_fmt: string;
      width: number;
      height: number;
      r_frame_rate: string;
    }[];
    frames: { key_frame: number }[];
  };
  assert.equal(streams.length, 1);
  const { codec_name, profile, pix_fmt, width, height, r_frame_rate } = streams[0]!;
  assert.deepEqual(
    [codec_name, profile, pix_fmt, width, height, r_frame_rate],
    ['h264', 'Main', 'yuv420p', WIDTH, HEIGHT, '6/1'],
  );
  assert.equal(seen.length, COUNT);
  assert.deepEqual([seen[0]!.key_frame, seen[6]!.key_frame], [1, 1]);
  const file = readFileSync(first);
  assert.ok(file.indexOf('moov') < file.indexOf('mdat'), 'plays while it loads');

  const raw = execFileSync('ffmpeg', ['-v', 'error', '-i', first, '-f', 'rawvideo', '-pix_fmt', 'gray', '-']);
  assert.equal(raw.length, WIDTH * HEIGHT * COUNT);
  for (let frame = 0; frame < COUNT; frame += 1) {
    const row = raw.subarray(frame * WIDTH * HEIGHT + 32 * WIDTH, frame * WIDTH * HEIGHT + 33 * WIDTH);
    assert.equal(Math.floor(row.indexOf(Math.max(...row)) / 8), frame, 'the bar is where it was drawn');
  }
});

test('wrong frames and an encoder that fails are told', async () => {
  const path = join(folder, 'c.mp4');
  await assert.rejects(writeClip(path, [], { fps: 5, kbps: 100 }), /at least one frame/);
  await assert.rejects(writeClip(path, frames(), { fps: 0, kbps: 100 }), RangeError);
  const odd = { width: 33, height: 20, data: new Uint8ClampedArray(33 * 20 * 4) };
  await assert.rejects(writeClip(path, [odd], { fps: 5, kbps: 100 }), /even/);
  const other = { width: 32, height: 32, data: new Uint8ClampedArray(32 * 32 * 4) };
  await assert.rejects(writeClip(path, [...frames(), other], { fps: 5, kbps: 100 }), /frame 12 is not 96 x 64/);
  await assert.rejects(writeClip(join(folder, 'none', 'd.mp4'), frames(), { fps: 5, kbps: 100 }), /ffmpeg ended/);
});
