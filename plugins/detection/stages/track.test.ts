import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Box, CameraPlan, Detection, OverlayBox, Tracks } from '../../../core/vision/keys.ts';
import type { CameraContext, CameraStage } from '../../../core/vision/stage.ts';
import type { VideoFrame } from '../../../drivers/video/frame.ts';
import { i420Layout } from '../../../drivers/video/frame.ts';
import { DETECTIONS, TRACKS } from './subjects.ts';
import track from './track.ts';

const WALL = 1_700_000_000_000;

interface Seen {
  tracks: Tracks;
  drawn: OverlayBox[];
}

async function street(subject: 'person' | 'face' = 'person') {
  const log = { info: () => {}, warn: () => {} };
  const instance = await track.create({ id: 't', options: { subject }, threads: 1, log });
  const stage: CameraStage = instance.camera({ plan: {} as CameraPlan } as CameraContext);
  let wall = WALL;
  return {
    stage,
    /** Sets the wall clock off by so much, as a time server may. */
    setClock: (ms: number) => {
      wall += ms;
    },
    frame: async (at: number, found: Box[], size = { width: 640, height: 480 }, score = 0.9): Promise<Seen> => {
      const full = { ...size, data: new Uint8Array(), layout: i420Layout(size.width, size.height) };
      const video = { pts: at * 1e6, time: wall + at, ...size, pictures: new Map(), full } as unknown as VideoFrame;
      const detections: Detection[] = found.map((box) => ({ label: subject, score, box }));
      const seen: Partial<Seen> & { drawn: OverlayBox[] } = { drawn: [] };
      await stage.process({
        video,
        get picture(): never {
          throw new Error('no picture');
        },
        scaleX: 1,
        scaleY: 1,
        get: (key) => {
          assert.equal(key, DETECTIONS[subject]);
          return detections as never;
        },
        set: (key, value) => {
          assert.equal(key, TRACKS[subject]);
          seen.tracks = value as Tracks;
        },
        draw: (box) => seen.drawn.push(box),
      });
      return seen as Seen;
    },
  };
}

test('a camera that is started anew gives no number that its former tracks had', async () => {
  const numbers = async (from: number) => {
    const { frame, setClock } = await street();
    setClock(from);
    const found = Array.from({ length: 20 }, (_, n): Box => [n * 30, 100, n * 30 + 20, 200]);
    return (await frame(0, found)).tracks.active.map(({ id }) => id);
  };
  const all = [...(await numbers(0)), ...(await numbers(1000))];
  assert.equal(new Set(all).size, 40);
  assert.ok(all.every((id) => Number.isSafeInteger(id) && id > 0 && id < 2 ** 31));
});

const walker = (at: number): Box => [50 + at / 10, 100, 110 + at / 10, 300];

test('a walker is one track: confirmed at the second sighting, drawn from then on', async () => {
  const { frame } = await street();
  const first = await frame(0, [walker(0)]);
  assert.deepEqual([first.tracks.active.length, first.tracks.active[0]?.confirmed, first.drawn.length], [1, false, 0]);
  const { id } = first.tracks.active[0]!;
  for (let at = 200; at <= 2000; at += 200) {
    const { tracks, drawn } = await frame(at, [walker(at)]);
    const [one] = tracks.active;
    assert.equal(tracks.active.length, 1);
    assert.equal(one?.id, id);
    assert.deepEqual([one.label, one.confirmed, one.observed], ['person', true, true]);
    assert.deepEqual(one.detection?.box, walker(at));
    assert.deepEqual([one.firstTime, one.lastTime], [WALL, WALL + at]);
    assert.deepEqual(
      drawn.map(({ trackId, label, box }) => ({ trackId, label, box })),
      [{ trackId: id, label: 'person', box: one.box }],
    );
  }
});

test('a box outlives one missed frame on the live picture, the track a few seconds', async () => {
  const { frame } = await street();
  for (const at of [0, 200, 400]) await frame(at, [walker(at)]);
  const missed = await frame(600, []);
  assert.deepEqual([missed.tracks.active.length, missed.drawn.length], [1, 1]);
  assert.equal(missed.tracks.active[0]?.observed, false);
  assert.equal(missed.tracks.active[0]?.detection, undefined);
  const later = await frame(800, []);
  assert.deepEqual([later.tracks.active.length, later.drawn.length], [1, 0]);
  const gone = await frame(4000, []);
  assert.deepEqual([gone.tracks.active.length, gone.tracks.ended.length], [0, 1]);
  assert.deepEqual([gone.tracks.ended[0]?.firstTime, gone.tracks.ended[0]?.lastTime], [WALL, WALL + 400]);
  assert.equal(gone.tracks.ended[0]?.confirmed, true);
});

test('at two frames a second a box outlives one missed frame as well; where they come every other second, none', async () => {
  for (const [step, drawn] of [
    [500, [1, 0]],
    [2000, [0, 0]],
  ] as const) {
    const { frame } = await street();
    const still: Box = [200, 100, 260, 300];
    for (const n of [0, 1, 2]) await frame(n * step, [still]);
    const missed = [await frame(3 * step, []), await frame(4 * step, [])];
    assert.deepEqual(
      missed.map((one) => one.drawn.length),
      drawn,
    );
  }
});

test('who is last seen walking out of the picture leaves no box at its border', async () => {
  const { frame } = await street();
  const leaving = (at: number): Box => [440 + at / 2, 100, 500 + at / 2, 300];
  for (const at of [0, 200]) await frame(at, [leaving(at)]);
  const half = await frame(300, [leaving(300)]);
  assert.equal(half.drawn.length, 1);
  const gone = await frame(500, []);
  assert.deepEqual([gone.tracks.active.length, gone.drawn.length], [1, 0]);
});

test('a wall clock that is set does not break a track', async () => {
  const { frame, setClock } = await street();
  const { tracks } = await frame(0, [walker(0)]);
  for (const at of [200, 400]) await frame(at, [walker(at)]);
  setClock(-3_600_000);
  const after = await frame(600, [walker(600)]);
  assert.equal(after.tracks.active[0]?.id, tracks.active[0]?.id);
  assert.deepEqual(after.tracks.ended, []);
});

test('another picture size ends the tracks, and ids never return', async () => {
  const { frame } = await street();
  await frame(0, [walker(0), [300, 100, 360, 300]]);
  const before = await frame(200, [walker(200), [300, 100, 360, 300]]);
  const after = await frame(400, [walker(400)], { width: 1280, height: 720 });
  assert.deepEqual(after.tracks.ended.map(({ id }) => id).sort(), before.tracks.active.map(({ id }) => id).sort());
  assert.equal(after.tracks.active.length, 1);
  assert.ok(after.tracks.active[0]!.id > Math.max(...before.tracks.active.map(({ id }) => id)));
});

test('after the end of a stream tracks start afresh', async () => {
  const { frame, stage } = await street();
  await frame(0, [walker(0)]);
  const before = await frame(200, [walker(200)]);
  await stage.streamEnded?.();
  const after = await frame(400, [walker(400)]);
  assert.deepEqual([after.tracks.active.length, after.tracks.ended.length], [1, 0]);
  assert.notEqual(after.tracks.active[0]?.id, before.tracks.active[0]?.id);
});

test('a weak find keeps a face going but starts none', async () => {
  const { frame } = await street('face');
  const box: Box = [100, 100, 160, 180];
  assert.equal((await frame(0, [box], undefined, 0.5)).tracks.active.length, 0);
  await frame(200, [box], undefined, 0.9);
  await frame(400, [box], undefined, 0.9);
  const weak = await frame(600, [box], undefined, 0.4);
  assert.deepEqual([weak.tracks.active.length, weak.tracks.active[0]?.observed], [1, true]);
});
