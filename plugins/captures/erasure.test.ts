import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNotNull } from 'drizzle-orm';
import type { EnrolledPicture } from '../../core/plugin/capture-services.ts';
import { fill, matched, people, row, startPlugin, type TestPlugin } from './fixture.ts';
import { captures, type NewCaptureRow } from './tables.ts';

/** What goes with somebody who is erased beside the captures that were recognised as them. */

const NOON = Date.UTC(2026, 10, 21, 12);
const LIBRARY = 4;

/** Stores captures by name and gives those that stay when somebody is erased. */
async function leftAfter(
  box: TestPlugin,
  rows: Record<string, Partial<NewCaptureRow>>,
  { shown = people('img-1'), takenFrom = [] }: { shown?: EnrolledPicture[]; takenFrom?: string[] } = {},
) {
  await fill(
    box.store,
    Object.entries(rows).map(([id, change]) => row({ time: NOON, trackId: 7, ...change, id })),
  );
  const { captures: gone } = await box.archive.eraseOf(LIBRARY, shown, takenFrom);
  const left = box.store.read.select({ id: captures.id }).from(captures).all();
  assert.equal(gone, Object.keys(rows).length - left.length, 'each is counted once');
  assert.equal(new Set(box.erased.flat()).size, gone, 'and told');
  return left.map(({ id }) => id).sort();
}

test('captures of the same track go, but not those that were recognised as somebody else', async (t) => {
  const box = await startPlugin(t);
  const left = await leftAfter(box, {
    known: { ...matched() },
    blurred: { time: NOON - 3_000, ...matched({ similarity: 60, imageId: 'img-9' }) },
    'not compared': { time: NOON + 50_000 },
    'another picture of that name': { time: NOON + 1_000, ...matched({ imageId: 'img-2' }) },
    'somebody else': { time: NOON + 2_000, ...matched({ imageId: 'img-3', personName: 'Bea' }) },
    'that name in another database': { time: NOON + 3_000, ...matched({ libraryId: 5, imageId: 'x' }) },
    'a number that was given anew': { time: NOON + 70_000 },
    'another track': { time: NOON + 1, trackId: 8 },
    'another camera': { time: NOON + 2, channel: 2 },
    'of the demo': { time: NOON + 3, origin: 'demo' },
    'a body of that number': { time: NOON + 4, kind: 'body', box: [500, 0, 600, 300] },
  });
  assert.deepEqual(left, [
    'a body of that number',
    'a number that was given anew',
    'another camera',
    'another track',
    'of the demo',
    'somebody else',
    'that name in another database',
  ]);
});

test('the body around a face of the same frame goes with its track', async (t) => {
  const box = await startPlugin(t);
  const face = { box: [100, 40, 140, 90] as [number, number, number, number], ...matched() };
  const left = await leftAfter(box, {
    face,
    body: { kind: 'body', trackId: 3, box: [80, 30, 170, 400] },
    'body a little later': { kind: 'body', trackId: 3, time: NOON + 4_000, box: [300, 30, 390, 400] },
    'of its track': { time: NOON + 9_000, box: [500, 40, 540, 90] },
    'body of that': { kind: 'body', trackId: 11, time: NOON + 9_000, box: [480, 30, 570, 400] },
    'larger body behind': { kind: 'body', trackId: 4, box: [60, 10, 260, 420] },
    'body beside': { kind: 'body', trackId: 5, box: [400, 30, 490, 400] },
    'body whose feet are there': { kind: 'body', trackId: 6, box: [110, 5, 130, 80] },
    'body of another moment': { kind: 'body', trackId: 8, time: NOON + 1, box: [80, 30, 170, 400] },
    'body of another camera': { kind: 'body', trackId: 3, channel: 2, box: [80, 30, 170, 400] },
  });
  assert.deepEqual(left, [
    'body beside',
    'body of another camera',
    'body of another moment',
    'body whose feet are there',
    'larger body behind',
  ]);
});

test('the capture somebody was enrolled from goes with its track, whatever it was recognised as', async (t) => {
  const box = await startPlugin(t);
  const second = Math.floor(NOON / 1000);
  const path = (kind: string, number: number) => `record/channel1/${kind}/${second}_${number}.jpg`;
  const left = await leftAfter(
    box,
    {
      chosen: { cropPath: path('face', 1), time: NOON + 900 },
      'of its track': { time: NOON + 20_000 },
      'by its frame': { framePath: path('frame', 2), trackId: 9 },
      'another of that second': { cropPath: path('face', 3), trackId: 10 },
    },
    {
      takenFrom: [path('face', 1), path('frame', 2), path('face', 99), 'nowhere.jpg', '', 'record/x/99999999999_1.jpg'],
    },
  );
  assert.deepEqual(left, ['another of that second']);
});

test('of those who had an id one after the other each leaves with their own captures', async (t) => {
  const box = await startPlugin(t);
  const of = (imagePath: string, trackId: number, similarity = 93) => ({
    trackId,
    ...matched({ imagePath, similarity }),
  });
  const rows = {
    former: of('facebase/4/1_1.jpg', 1),
    'like the former': of('facebase/4/1_1.jpg', 2, 60),
    present: of('facebase/4/2_2.jpg', 3),
    'like the present': of('facebase/4/2_2.jpg', 4, 60),
    'from before pictures were told': { ...of('', 5), imagePath: null },
  };
  const left = await leftAfter(box, rows, { shown: [{ imageId: 'img-1', imagePath: 'facebase/4/1_1.jpg' }] });
  assert.deepEqual(left, ['like the former', 'like the present', 'present']);
  const nearest = box.store.read.select({ id: captures.id }).from(captures).where(isNotNull(captures.imageId)).all();
  assert.deepEqual(nearest.map(({ id }) => id).sort(), ['like the present', 'present']);
});

test('of somebody seen often all goes, in steps, each with its track', async (t) => {
  const box = await startPlugin(t);
  const rows: Record<string, Partial<NewCaptureRow>> = {};
  for (let at = 0; at < 120; at++) {
    const place = { time: NOON + at * 120_000, trackId: at };
    rows[`known ${at}`] = { ...place, ...matched() };
    rows[`unknown ${at}`] = { ...place, time: place.time + 1_000 };
  }
  rows['a stranger'] = { time: NOON + 500, trackId: 500 };
  assert.deepEqual(await leftAfter(box, rows), ['a stranger']);
});
