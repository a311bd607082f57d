import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { addonMissing } from '../../tests/kit/runtime.ts';
import { until } from '../../tests/kit/wait.ts';
import type { Fault } from './fault.ts';
import type { VideoFrame } from './frame.ts';
import { pipelinesMade } from './gst.ts';
import { openGstLaunch } from './gst-launch.ts';
import { openSource } from './source.ts';
import { openSuperficial } from './superficial.ts';

const backends = { addon: openSuperficial, process: openGstLaunch };
let folder: string;

function make(name: string, encodeAndMux: string, width = 160): void {
  const source = `videotestsrc num-buffers=20 ! video/x-raw,width=${width},height=120,framerate=20/1`;
  const launch = `-q ${source} ! ${encodeAndMux} ! filesink location=${join(folder, name)}`;
  execFileSync('gst-launch-1.0', launch.split(' '));
}

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'video-files-'));
  make('clip.mp4', 'x264enc speed-preset=ultrafast ! mp4mux');
  make('clip.mkv', 'x264enc speed-preset=ultrafast ! matroskamux');
  make('clip.avi', 'jpegenc ! avimux');
  make('huge.mkv', 'jpegenc ! matroskamux', 9000);
  make('broken.mp4', 'x264enc speed-preset=ultrafast ! mp4mux');
  truncateSync(join(folder, 'broken.mp4'), 200);
  execFileSync(
    'gst-launch-1.0',
    `-q audiotestsrc num-buffers=20 ! audioconvert ! opusenc ! matroskamux ! filesink location=${join(folder, 'sound.mkv')}`.split(
      ' ',
    ),
  );
});
after(() => rmSync(folder, { recursive: true }));

for (const [name, backend] of [
  ['clip.mp4', 'addon'],
  ['clip.mkv', 'addon'],
  ['clip.avi', 'addon'],
  ['clip.mp4', 'process'],
  ['clip.avi', 'process'],
] as const) {
  const skip = backend === 'addon' && addonMissing();
  test(`${name} with ${backend} plays at its own pace and over again, with times that grow`, { skip }, async (t) => {
    const frames: VideoFrame[] = [];
    let ended: Fault | undefined;
    const started = performance.now();
    const source = openSource(
      {
        url: `file:${name}`,
        filesFolder: folder,
        pictures: [{ id: 'a', width: 96, height: 96 }],
        rate: { perSecond: 10 },
        onFrame: (frame) => void frames.push(frame),
        onEnd: (reason) => {
          ended = reason;
        },
      },
      backends[backend],
    );
    t.after(() => source.stop());
    // A second of video holds ten frames at this rate; 25 are in the third time through.
    await until('three times through', () => {
      assert.equal(ended, undefined);
      return frames.length >= 25;
    });
    assert.ok(performance.now() - started > 2000, 'it does not run ahead of its own clock');
    for (let index = 1; index < frames.length; index += 1) assert.ok(frames[index]!.pts > frames[index - 1]!.pts);
    assert.equal(frames[0]!.width, 160);
    await source.stop();
    assert.equal(pipelinesMade(), addonMissing() ? 0 : 1, 'one pipeline serves every loop and every file');
  });
}

for (const [name, backend] of ['broken.mp4', 'sound.mkv', 'huge.mkv'].flatMap((file) => [
  [file, 'addon'] as const,
  [file, 'process'] as const,
])) {
  const skip = backend === 'addon' && addonMissing();
  test(`${name} with ${backend} ends with a reason`, { skip }, async (t) => {
    let ended: Fault | undefined;
    const source = openSource(
      {
        url: `file:${name}`,
        filesFolder: folder,
        pictures: [],
        rate: { perSecond: 5 },
        onFrame: () => assert.fail('there is nothing to see'),
        onEnd: (reason) => {
          ended = reason;
        },
      },
      backends[backend],
    );
    t.after(() => source.stop());
    const reason = await until('the end', () => ended);
    assert.equal(reason.code, 'decode', reason.message);
    assert.match(reason.message, /holds no video/);
    assert.ok(!reason.message.includes(folder));
  });
}
