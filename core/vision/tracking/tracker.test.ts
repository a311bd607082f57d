import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { asset } from '../../../tests/kit/assets.ts';
import type { Box } from '../keys.ts';
import { type Track, Tracker, type TrackerOptions, type TrackInput } from './tracker.ts';

/** A standing person of the given height with the middle of the feet at x, y. */
function person(x: number, y: number, height: number, score = 0.9): TrackInput<undefined> {
  return { box: [x - height / 5, y - height, x + height / 5, y], score };
}

function ids(tracks: readonly Track<unknown>[]): number[] {
  return tracks.map((track) => track.id);
}

test('a walker at irregular times keeps one id and shows the right speed, place and payload', () => {
  const tracker = new Tracker<string>();
  let last: Track<string> | undefined;
  const times = [0, 200, 410, 580, 1150, 1340, 1600, 1620, 2300, 2500, 2710, 2900];
  for (const time of times) {
    const input = { ...person(100 + 0.15 * time, 500, 250), payload: `seen at ${time}` };
    const { active, ended } = tracker.update([input], time);
    assert.deepEqual(ids(active), [1]);
    assert.deepEqual(ended, []);
    last = active[0];
    assert.equal(last?.detection, input);
  }
  assert.ok(last);
  assert.ok(Math.abs(last.velocity[0] - 150) < 20, `velocity ${last.velocity[0]}`);
  assert.ok(Math.abs(last.velocity[1]) < 15);
  assert.ok(Math.abs((last.box[0] + last.box[2]) / 2 - 535) < 6);
  assert.equal(last.state, 'confirmed');
  assert.equal(last.detection?.payload, 'seen at 2900');
  assert.deepEqual([last.firstTime, last.lastTime, last.hits], [0, 2900, times.length]);
});

test('a track is tentative, confirmed, lost and ended, with a lifetime in ms at every frame rate', () => {
  for (const step of [40, 200, 500]) {
    const tracker = new Tracker({ lostMs: 2000 });
    assert.equal(tracker.update([person(300, 500, 250)], 0).active[0]?.state, 'tentative');
    assert.equal(tracker.update([person(301, 500, 250)], step).active[0]?.state, 'confirmed');
    let time = step;
    for (;;) {
      time += step;
      const { active, ended } = tracker.update([], time);
      if (ended[0]) {
        assert.deepEqual(active, []);
        assert.equal(ended[0].state, 'lost');
        assert.equal(ended[0].observed, false);
        assert.equal(ended[0].lastTime, step);
        break;
      }
      assert.equal(active[0]?.state, 'lost');
      assert.equal(active[0]?.detection, undefined);
    }
    assert.ok(time - step > 2000 && time - step <= 2000 + step, `ended ${time - step} ms after its last sighting`);
  }
});

test('what is seen once ends as tentative', () => {
  const tracker = new Tracker();
  tracker.update([person(300, 500, 250)], 0);
  tracker.update([], 600);
  const { ended } = tracker.update([], 1200);
  assert.deepEqual(
    ended.map((track) => [track.state, track.hits]),
    [['tentative', 1]],
  );
});

test('somebody is followed where frames come more than a second apart', () => {
  // Every 25th frame of a camera of 25, 20, 15 and 10 frames a second.
  for (const step of [1001, 1250, 1667, 2500]) {
    for (const speed of [0, 0.1]) {
      const tracker = new Tracker({ frame: { width: 1920, height: 1080 } });
      tracker.update([person(300, 900, 500)], 0);
      for (let time = step; time <= 4 * step; time += step) {
        const { active } = tracker.update([person(300 + speed * time, 900, 500)], time);
        assert.deepEqual(
          active.map(({ id, state }) => [id, state]),
          [[1, 'confirmed']],
          `${step} ms apart, ${speed} pixels/ms`,
        );
      }
    }
  }
  const seldom = new Tracker();
  seldom.update([person(300, 500, 250)], 0);
  assert.deepEqual(seldom.update([], 2000).ended, []);
  assert.equal(seldom.update([], 4000).ended[0]?.state, 'tentative');
});

test('somebody who stands there is confirmed where frames come many seconds apart; one gap still ends all', () => {
  const tracker = new Tracker();
  const standing = [person(300, 500, 250)];
  const seen = [0, 1, 2, 3, 4].map((n) => tracker.update(standing, n * 5_000).active);
  assert.equal(seen.at(-1)?.[0]?.state, 'confirmed');
  assert.equal(new Set(seen.slice(2).map(([track]) => track?.id)).size, 1);
  const often = new Tracker();
  for (let n = 0; n < 10; n += 1) often.update(standing, n * 200);
  const [before] = often.update(standing, 2_000).active;
  assert.notEqual(often.update(standing, 8_000).active[0]?.id, before?.id);
});

test('a low score keeps a track going but never starts or confirms one', () => {
  const tracker = new Tracker();
  assert.deepEqual(tracker.update([person(300, 500, 250, 0.4)], 0).active, []);
  assert.deepEqual(tracker.update([person(300, 500, 250, 0.52)], 200).active, []);
  tracker.update([person(300, 500, 250, 0.8)], 400);
  assert.equal(tracker.update([person(302, 500, 250, 0.3)], 600).active[0]?.observed, false);
  tracker.update([person(302, 500, 250, 0.8)], 800);
  const kept = tracker.update([person(304, 500, 250, 0.3)], 1000).active;
  assert.deepEqual(
    kept.map((track) => [track.id, track.observed, track.score, track.state]),
    [[1, true, 0.3, 'confirmed']],
  );
  assert.equal(tracker.update([person(304, 500, 250, 0.05)], 1200).active[0]?.observed, false);
});

test('boxes that never meet are one runner', () => {
  const tracker = new Tracker();
  for (let i = 0; i < 8; i++) {
    const { active } = tracker.update([person(60 + 150 * i, 500, 250)], i * 200);
    assert.deepEqual(ids(active), [1]);
  }
});

test('a person of another size does not take over a track on the same spot, soon or late', () => {
  for (const factor of [0.45, 2.2]) {
    for (const unseen of [200, 1000, 2800]) {
      const tracker = new Tracker();
      for (let i = 0; i < 5; i++) tracker.update([person(300, 400, 180)], i * 200);
      const { active } = tracker.update([person(300, 310 + 90 * factor, 180 * factor)], 800 + unseen);
      assert.deepEqual(
        active.map((track) => [track.id, track.observed]),
        [
          [1, false],
          [2, true],
        ],
        `${factor} times the size after ${unseen} ms`,
      );
    }
  }
});

test('somebody who stops and turns to the camera keeps the face he had', () => {
  const walking: Box[] = [
    [857, 222, 894, 265],
    [835, 231, 873, 275],
    [813, 241, 850, 284],
    [789, 242, 828, 288],
    [762, 260, 804, 306],
    [742, 258, 785, 307],
  ];
  const tracker = new Tracker();
  for (const [n, box] of walking.entries()) tracker.update([{ box, score: 0.85 }], n * 200);
  const turned: Box = [756, 279, 799, 329];
  assert.deepEqual(ids(tracker.update([{ box: turned, score: 0.87 }], 1200).active), [1]);
});

test('two who meet and turn back keep their own size', () => {
  const tracker = new Tracker();
  let last: Track<undefined>[] = [];
  for (let i = 0; i <= 20; i++) {
    const x = 200 + Math.min(i, 20 - i) * 20;
    last = tracker.update([person(x, 600, 300), person(640 - x + 100, 560, 190)], i * 200).active;
  }
  assert.deepEqual(
    last.map((track) => Math.round((track.box[3] - track.box[1]) / 10) * 10),
    [300, 190],
  );
});

test('who left the picture does not come back as the next to enter, however long tracks are kept', () => {
  const frame = { width: 1000, height: 700 };
  const clipped = (x: number): TrackInput<undefined> => {
    const { box, score } = person(x, 600, 300);
    return { box: [box[0], box[1], Math.min(box[2], frame.width), box[3]], score };
  };
  const tracker = new Tracker({ lostMs: 10_000, frame });
  let time = 0;
  for (let x = 700; x <= 1030; x += 36) tracker.update([clipped(x)], (time += 200));
  for (let i = 0; i < 12; i++) tracker.update([], (time += 200));
  for (let x = 1030; x >= 800; x -= 36) {
    const { active } = tracker.update([clipped(x)], (time += 200));
    assert.deepEqual(ids(active), [2]);
  }
});

test('broken boxes and scores are ignored and counted', () => {
  const tracker = new Tracker({ frame: { width: 1000, height: 700 } });
  const good = person(300, 500, 250);
  const broken: TrackInput<undefined>[] = [
    { box: [Number.NaN, 0, 10, 10], score: 0.9 },
    { box: [0, 0, Infinity, 10], score: 0.9 },
    { box: [10, 0, 0, 10], score: 0.9 },
    { box: [0, 0, 0.5, 10], score: 0.9 },
    { box: [0, 0, 1e9, 1e9], score: 0.9 },
    { box: [0, 0, 10] as unknown as Box, score: 0.9 },
    { box: [2000, 100, 2100, 300], score: 0.9 },
    { ...good, score: Number.NaN },
    { ...good, score: -0.2 },
    { ...good, score: 87 },
  ];
  const { active } = tracker.update([...broken, good], 0);
  assert.deepEqual(ids(active), [1]);
  assert.deepEqual(tracker.counters, { rejected: broken.length, dropped: 0 });
});

test('a clock that stumbles keeps tracks; a gap of minutes or a jump far back ends them', () => {
  const tracker = new Tracker();
  const see = (time: number) => tracker.update([person(300, 500, 250)], time);
  for (const time of [10_000, 10_200, 10_400, 10_300, 10_300, 10_500]) assert.deepEqual(ids(see(time).active), [1]);
  const gap = see(700_000);
  assert.deepEqual([ids(gap.ended), ids(gap.active)], [[1], [2]]);
  see(700_200);
  const back = see(5);
  assert.deepEqual([ids(back.ended), ids(back.active)], [[2], [3]]);
  assert.ok(see(205).active[0]?.box.every(Number.isFinite));
  const far = see(Number.MAX_SAFE_INTEGER);
  assert.deepEqual([ids(far.ended), ids(far.active)], [[3], [4]]);
  assert.throws(() => see(Number.NaN), /time must be finite/);
});

test('detections and tracks are bounded, the best come first, the rest is counted', () => {
  const crowd = Array.from({ length: 260 }, (_, i) =>
    person(40 + (i % 20) * 60, 60 + Math.floor(i / 20) * 50, 40, 0.6 + i / 1000),
  );
  const tracker = new Tracker();
  const { active } = tracker.update(crowd, 0);
  assert.equal(active.length, 200);
  assert.ok(active.every((track) => track.score > 0.655));
  assert.equal(tracker.counters.dropped, 60);
  const small = new Tracker({ maxTracks: 3 });
  assert.equal(small.update(crowd.slice(0, 5), 0).active.length, 3);
  assert.equal(small.counters.dropped, 2);
});

test('many at the same moment over and over do not pile up', () => {
  const tracker = new Tracker();
  for (let i = 0; i < 2000; i++) assert.equal(tracker.update([person(300, 500, 250)], 0).active.length, 1);
});

test('flush ends every track, reset forgets them, and ids are never used again', () => {
  const tracker = new Tracker();
  tracker.update([person(300, 500, 250), person(700, 500, 250)], 0);
  tracker.update([person(300, 500, 250)], 200);
  assert.deepEqual(
    tracker.flush().map((track) => [track.id, track.state, track.observed]),
    [
      [1, 'lost', false],
      [2, 'tentative', false],
    ],
  );
  assert.deepEqual(tracker.flush(), []);
  assert.deepEqual(ids(tracker.update([person(300, 500, 250)], 100).active), [3]);
  tracker.reset();
  assert.deepEqual(ids(tracker.update([person(300, 500, 250)], 0).active), [4]);
});

test('options out of range are refused by name', () => {
  const refused: [TrackerOptions, RegExp][] = [
    [{ highScore: 1.5 }, /highScore must be 0\.\.1, got 1.5/],
    [{ lowScore: 0.7 }, /lowScore is above highScore/],
    [{ lostMs: Number.NaN }, /lostMs/],
    [{ maxTracks: 1000 }, /maxTracks must be 1\.\.200/],
    [{ confirmHits: 0 }, /confirmHits/],
    [{ frame: { width: 0, height: 10 } }, /frame.width/],
  ];
  for (const [options, message] of refused) assert.throws(() => new Tracker(options), message);
  assert.ok(new Tracker({ highScore: undefined }));
});

interface Reference {
  presence: [from: number, to: number][];
  detections: { frame: number; people: [number, number, number, number, number][] }[];
}

test('six people who come and go one by one on a real video at 2 frames a second', (t) => {
  const path = asset(t, 'media', 'video', 'one-by-one-reference.json');
  if (!path) return;
  const reference = JSON.parse(readFileSync(path, 'utf8')) as Reference;
  for (const options of [{ frame: { width: 768, height: 432 } }, {}]) {
    const tracker = new Tracker(options);
    const ended: Track<undefined>[] = [];
    for (const { frame, people } of reference.detections) {
      const inputs = people.map(([x1, y1, x2, y2, score]) => ({ box: [x1, y1, x2, y2] as Box, score }));
      ended.push(...tracker.update(inputs, frame * 100).ended);
    }
    ended.push(...tracker.flush());
    const confirmed = ended.filter((track) => track.state === 'lost');
    assert.equal(confirmed.length, 6);
    confirmed.forEach((track, index) => {
      const [from, to] = reference.presence[index]!;
      // One frame of 500 ms: people come in with scores too low to start a track.
      assert.ok(Math.abs(track.firstTime - from * 100) <= 500, `track ${index} starts at ${track.firstTime}`);
      assert.ok(Math.abs(track.lastTime - to * 100) <= 500, `track ${index} ends at ${track.lastTime}`);
    });
  }
});

test('ten tracks cost well under a millisecond a frame', () => {
  const tracker = new Tracker();
  const spent: number[] = [];
  for (let i = 0; i < 600; i++) {
    const inputs = Array.from({ length: 10 }, (_, k) =>
      person(60 + k * 110 + 30 * Math.sin(i / 9 + k), 500 + 5 * k, 200),
    );
    const start = performance.now();
    const { active } = tracker.update(inputs, i * 200);
    spent.push(performance.now() - start);
    assert.equal(active.length, 10);
  }
  // About 0.03 ms on one core of a small machine; the bound allows for a busy one.
  const median = spent.sort((a, b) => a - b)[300]!;
  assert.ok(median < 1, `median ${median.toFixed(3)} ms`);
});

test('where one disappears and another appears at the same place, looks tell that it is another', () => {
  const [red, blue] = [new Float32Array(36).fill(20), new Float32Array(36).fill(90)];
  for (const [looks, expected] of [
    [
      [red, blue],
      [1, 2],
    ],
    [
      [red, red],
      [1, 1],
    ],
    [
      [undefined, blue],
      [1, 1],
    ],
  ] as const) {
    const tracker = new Tracker();
    const seen = (look: Float32Array | undefined, time: number) => {
      const { active } = tracker.update([{ ...person(300, 500, 250), ...(look ? { look } : {}) }], time);
      return active.find((track) => track.observed)?.id;
    };
    seen(looks[0], 0);
    assert.deepEqual([seen(looks[0], 200), seen(looks[1], 400)], expected);
    // And back: the first is still waited for.
    assert.equal(seen(looks[0], 600), 1);
  }
});

test('two who meet and turn back keep their tracks where they look different; by their ways alone they would change them', () => {
  const [red, blue] = [new Float32Array(36).fill(20), new Float32Array(36).fill(90)];
  const tracksOf = (looks?: TrackerOptions['looks']) => {
    const tracker = new Tracker({ ...(looks ? { looks } : {}) });
    const given = (look: Float32Array) => (looks ? { look } : {});
    let last: number[] = [];
    for (let n = 0; n <= 16; n += 1) {
      const way = 30 * Math.min(n, 16 - n);
      const left = { ...person(200 + way, 500, 250), ...given(red) };
      const right = { ...person(680 - way, 500, 250), ...given(blue) };
      // Where they meet, one hides the other.
      const { active } = tracker.update(Math.abs(n - 8) < 2 ? [left] : [left, right], 200 * n);
      last = [left, right].map((input) => active.find(({ detection }) => detection === input)?.id ?? 0);
    }
    return last;
  };
  assert.deepEqual(tracksOf('body'), [1, 2]);
  assert.deepEqual(tracksOf(), [2, 1]);
});
