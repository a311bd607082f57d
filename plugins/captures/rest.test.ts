import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eq } from 'drizzle-orm';
import { instantToLocal, localToInstant } from '../../core/clock.ts';
import { CODE } from '../../core/gateway/errors.ts';
import { CAPTURE_KINDS, type CaptureKind } from '../../core/vision/keys.ts';
import { fill, row, startPlugin } from './fixture.ts';
import { FROM, filled, ids, MINUTE, ordered } from './rows.fixture.ts';
import { captures, type NewCaptureRow } from './tables.ts';
import type { CaptureView } from './view.ts';

interface Listed {
  records: CaptureView[];
  total: number;
  next: string | null;
}

test('the list goes on behind its cursor, whatever is recorded meanwhile', async (t) => {
  const box = await filled(t);
  for (const [query, fits] of [
    [{}, () => true],
    [{ kind: 'body', minQuality: '70' }, (one) => one.kind === 'body' && one.quality >= 70],
    [
      { channel: '2', from: String(FROM + 1e8), to: String(FROM + 9e8) },
      (one) => one.channel === 2 && one.time >= FROM + 1e8 && one.time < FROM + 9e8,
    ],
  ] as [Record<string, string>, (one: NewCaptureRow) => boolean][]) {
    const expected = ids(ordered.filter(fits));
    const found: string[] = [];
    let before = '';
    let asked = 0;
    for (;;) {
      const { records, total, next } = await box.call<Listed>('GET', '/captures', {
        query: { ...query, before, limit: '200' },
      });
      if (asked++ === 0) {
        assert.equal(total, expected.length);
        await fill(box.store, [row({ kind: 'body', channel: 2, time: FROM + 1e11, quality: 100, trackId: -1 })]);
      }
      found.push(...ids(records));
      if (next === null) break;
      before = next;
    }
    assert.deepEqual(found, expected);
    await box.store.write((tx) => void tx.delete(captures).where(eq(captures.trackId, -1)).run());
  }
  for (const query of [
    { before: 'x' },
    { before: '-1' },
    { limit: 0 },
    { limit: 201 },
    { kind: 'car' },
    { minQuality: 101 },
  ]) {
    await assert.rejects(box.call('GET', '/captures', { query }), { code: CODE.wrongParameter });
  }
});

test('one capture, and what is none', async (t) => {
  const box = await startPlugin(t);
  const matched = row({
    libId: 4,
    libName: 'Staff',
    libType: 2,
    imageId: 'i',
    imagePath: 'facebase/libid4/4_1_1.jpg',
    personName: 'Ada',
    similarity: 88.6,
    ranking: 1,
    threshold: 75,
  });
  await fill(box.store, [matched]);
  const found = await box.call<CaptureView>('GET', `/captures/${matched.id}`);
  assert.deepEqual(found.match, {
    libraryId: 4,
    libraryName: 'Staff',
    libraryType: 2,
    imageId: 'i',
    imagePath: 'facebase/libid4/4_1_1.jpg',
    personName: 'Ada',
    similarity: 88.6,
    ranking: 1,
    threshold: 75,
  });
  assert.deepEqual([found.box, found.cropPath, found.cameraName], [matched.box, matched.cropPath, 'Gate']);
  await assert.rejects(box.call('GET', '/captures/none'), { code: CODE.noSuchData });
  await assert.rejects(box.call('POST', '/captures/delete', { body: { ids: ['none'] } }), { code: CODE.noSuchData });
  assert.deepEqual(await box.call('POST', '/captures/delete', { body: { ids: [matched.id, 'none'] } }), { deleted: 1 });
  await assert.rejects(box.call('POST', '/captures/delete-all', { body: {} }), { code: CODE.wrongParameter });
  await box.call('POST', '/captures/delete-all', { body: { confirm: true } });
});

test('the summary counts the local day hour by hour, also on the days the clock is changed', async (t) => {
  const box = await startPlugin(t);
  interface Summary {
    today: Record<CaptureKind, number>;
    hours: number[];
    newest: CaptureView[];
  }
  for (const [zone, date] of [
    ['Asia/Shanghai', '2026-11-21'],
    ['Asia/Kathmandu', '2026-11-21'],
    // 25 hours, 01:00 twice.
    ['America/New_York', '2026-11-01'],
    // 23 hours, no 02:00.
    ['America/New_York', '2026-03-08'],
  ] as const) {
    box.clock.zone = zone;
    const start = localToInstant(`${date} 00:00:00`, zone);
    box.clock.time = start + 12 * 3_600_000;
    await box.send(1045);
    const rows: NewCaptureRow[] = [];
    for (let time = start - 30 * MINUTE; time < start + 27 * 3_600_000; time += 20 * MINUTE) {
      rows.push(row({ time, kind: CAPTURE_KINDS[Math.min(2, rows.length % 4)]! }));
    }
    await fill(box.store, rows);
    const today = rows.filter(({ time }) => instantToLocal(time, zone).startsWith(date));
    const hours = new Array<number>(24).fill(0);
    for (const { time } of today) hours[Number(instantToLocal(time, zone).slice(11, 13))]! += 1;
    const summary = await box.call<Summary>('GET', '/summary');
    assert.deepEqual(summary.hours, hours, `${zone} ${date}`);
    for (const one of CAPTURE_KINDS) assert.equal(summary.today[one], today.filter(({ kind }) => kind === one).length);
    assert.deepEqual(ids(summary.newest), ids(rows.slice(-12).reverse()));
  }
});
