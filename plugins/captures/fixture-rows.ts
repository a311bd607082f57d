import type { TestContext } from 'node:test';
import { localToInstant } from '../../core/clock.ts';
import { type Answer, fill, row, startPlugin, type TestPlugin } from './fixture.ts';
import type { NewCaptureRow } from './tables.ts';

/** Thousands of captures to search in. */

export interface Page<T = Record<string, unknown>> {
  record: T[];
  result_num: number;
  total_num: number;
}

export const ZONE = 'America/New_York';
export const FROM = localToInstant('2026-10-20 00:00:00', ZONE);
export const MINUTE = 60_000;

/** Some thousands of captures over three weeks, with equal times among them and a change of the clock inside. */
export const many: NewCaptureRow[] = Array.from({ length: 6000 }, (_, i) =>
  row({
    kind: i % 3 === 0 ? 'face' : 'body',
    channel: 1 + (i % 7),
    time: FROM + Math.floor(i / 2) * 10 * MINUTE + (i % 5) * 137,
    quality: (i * 37) % 101,
    aliveType: (i % 4 === 0 ? 2 : i % 3) as 0 | 1 | 2,
    trackId: i,
    ...(i % 9 === 0
      ? {
          libId: 1 + (i % 2),
          libName: i % 2 ? 'Staff' : 'Wanted',
          libType: i % 2 ? 2 : 1,
          imageId: `img-${i}`,
          similarity: 40 + (i % 60) + 0.4,
          ranking: 1,
          threshold: 80,
        }
      : {}),
  }),
);

/** Newest first, and of one moment the one that was stored later. */
export const ordered = many
  .map((one, i) => ({ ...one, place: i }))
  .sort((a, b) => b.time - a.time || b.place - a.place);
export const ids = (rows: { id: string }[]) => rows.map(({ id }) => id);
export const snapIds = ({ data }: Answer<Page>) => data.record.map((one) => one['snap_id']);

export async function filled(t: TestContext): Promise<TestPlugin> {
  const box = await startPlugin(t);
  box.clock.zone = ZONE;
  await fill(box.store, many);
  return box;
}
