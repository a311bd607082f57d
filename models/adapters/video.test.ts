import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { asset } from '../../tests/kit/assets.ts';
import { catalog } from '../catalog.ts';
import { createDetector, intersectionOverUnion } from './index.ts';
import type { Box, Detection, RgbPicture } from './types.ts';

const person = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]);
const referenceSchema = z.object({
  presence: z.array(z.tuple([z.number(), z.number()])),
  detections: z.array(z.object({ frame: z.number(), people: z.array(person) })),
});

/** The video is 768 x 432; scaled to the model's width. */
const WIDTH = 416;
const HEIGHT = 234;
const FACTOR = 768 / WIDTH;
const EVERY = 5;

/** Every fifth frame of a video, scaled by GStreamer as for a camera. */
async function* frames(file: string): AsyncGenerator<{ frame: number; picture: RgbPicture }> {
  const decode = 'qtdemux ! h264parse ! avdec_h264 max-threads=1 ! videoscale ! videoconvert';
  const pipeline = `${decode} ! video/x-raw,format=RGB,width=${WIDTH},height=${HEIGHT} ! fdsink fd=1 sync=false`;
  const child = spawn('gst-launch-1.0', ['-q', 'filesrc', `location=${file}`, '!', ...pipeline.split(' ')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  try {
    const size = WIDTH * HEIGHT * 3;
    const data = new Uint8Array(size);
    let filled = 0;
    let frame = 0;
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; ) {
        const part = chunk.subarray(at, at + size - filled);
        data.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled < size) continue;
        if (frame % EVERY === 0) yield { frame, picture: { width: WIDTH, height: HEIGHT, data } };
        frame += 1;
        filled = 0;
      }
    }
    const [code] = await ended;
    assert.equal(code, 0, 'gst-launch-1.0 failed');
  } finally {
    child.kill('SIGKILL');
  }
}

/** Times in which somebody is seen, in frames; a gap of one look does not end one. */
class Presences {
  readonly seen: [number, number][] = [];

  look(frame: number, people: number): void {
    if (people === 0) return;
    const last = this.seen.at(-1);
    if (last && frame - last[1] <= 2 * EVERY) last[1] = frame;
    else this.seen.push([frame, frame]);
  }
}

class Comparison {
  expected = 0;
  matched = 0;
  extra = 0;
  /** Sums over the matched people. */
  overlap = 0;
  scoreOff = 0;
  readonly presences = new Presences();

  add(frame: number, found: Detection[], people: z.infer<typeof person>[]): void {
    this.presences.look(frame, found.length);
    const left = [...found];
    for (const [x1, y1, x2, y2, score] of people) {
      this.expected += 1;
      const want: Box = [x1 / FACTOR, y1 / FACTOR, x2 / FACTOR, y2 / FACTOR];
      const at = left.findIndex(({ box }) => intersectionOverUnion(box, want) >= 0.8);
      if (at < 0) continue;
      const [match] = left.splice(at, 1);
      this.matched += 1;
      this.overlap += intersectionOverUnion(match!.box, want);
      this.scoreOff += Math.abs(match!.score - score);
    }
    this.extra += left.length;
  }
}

test('people walking past are found as by the independent reference, with the whole and the trimmed input', async (t) => {
  const video = asset(t, 'media', 'video', 'one-by-one-person-detection.mp4');
  const facts = asset(t, 'media', 'video', 'one-by-one-reference.json');
  const file = asset(t, 'models', 'yolox_nano.onnx');
  if (!video || !facts || !file) return;
  const reference = referenceSchema.parse(JSON.parse(readFileSync(facts, 'utf8')));
  const people = new Map(reference.detections.map((one) => [one.frame, one.people]));
  const model = { ...catalog().find((entry) => entry.id === 'yolox-nano')!, file };
  const settings = { labels: ['person'] };
  const whole = await createDetector(model, settings);
  const trimmed = await createDetector(model, { ...settings, trim: true });
  t.after(() => Promise.all([whole.close(), trimmed.close()]));
  const results = { whole: new Comparison(), trimmed: new Comparison() };
  let looked = 0;
  for await (const { frame, picture } of frames(video)) {
    const expected = people.get(frame);
    assert.ok(expected, `the reference has no frame ${frame}`);
    results.whole.add(frame, await whole.detect(picture), expected);
    results.trimmed.add(frame, await trimmed.detect(picture), expected);
    looked += 1;
  }
  assert.equal(looked, reference.detections.length);
  for (const [name, { expected, matched, extra, overlap, scoreOff, presences }] of Object.entries(results)) {
    t.diagnostic(`${name}: ${matched} of ${expected} people matched, ${extra} more`);
    assert.ok(expected >= 200);
    assert.ok(matched / expected >= 0.95, `${name}: only ${matched} of ${expected} people matched`);
    assert.ok(extra <= 2, `${name}: ${extra} people that are not there`);
    // Swapped colours give 0.96 and 0.023, a black border 0.977 and 0.004: finding the people is not enough.
    assert.ok(overlap / matched >= 0.985, `${name}: boxes overlap by ${overlap / matched} only`);
    assert.ok(scoreOff / matched <= 0.008, `${name}: scores are off by ${scoreOff / matched}`);
    assert.equal(presences.seen.length, reference.presence.length, name);
    for (const [i, [from, to]] of presences.seen.entries()) {
      const [wantFrom, wantTo] = reference.presence[i]!;
      const off = Math.max(Math.abs(from - wantFrom), Math.abs(to - wantTo));
      assert.ok(off <= 2 * EVERY, `${name}: presence ${from}..${to} where ${wantFrom}..${wantTo} is expected`);
    }
  }
});
