import type { TestContext } from 'node:test';
import { localToInstant } from '../../core/clock.ts';
import type { Answer } from '../../tests/kit/box.ts';
import { fill, row, startPlugin, type TestPlugin } from './fixture.ts';
import { type captures, MOMENTS_PER_MS, type NewCaptureRow } from './tables.ts';

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
    aliveType: (i % 4 === 0 ? 2 : (i % 5) % 3) as 0 | 1 | 2,
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
          compared: true,
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

const ATTRIBUTES = {
  cap_style: 'hat_style_type_none',
  gender_code: 'female',
  glass_style: 'glasses_style_type_none',
  mustache_style: 'mustache_style_type_none',
  st_respirator: 'st_respirator_mouth',
  respirator_color: 'color_type_none',
  st_age: 'st_adult',
  st_age_value: '26.000000',
  st_expression: 'st_angry',
};

/**
 * What eight cameras at the doors of a site record in a time, oldest first: five faces to a body, nine faces in ten
 * compared, a fifth of these most like somebody of key personnel.
 * @param from ms
 * @param to ms; the last one is recorded before
 */
export function* recorded(captureCount: number, from: number, to: number): Generator<typeof captures.$inferInsert> {
  const step = (to - from) / captureCount;
  // Not random, so that every run asks the same questions of the same rows.
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const below = (end: number) => Math.floor(random() * end);
  for (let i = 0; i < captureCount; i++) {
    const time = Math.floor(from + i * step);
    const channel = 1 + below(8);
    const isFace = i % 6 !== 5;
    const library =
      below(5) === 0 ? { libId: 1, libName: 'Wanted', libType: 1 } : { libId: 2, libName: 'Staff', libType: 2 };
    const name = `${Math.floor(time / 1000)}_${i}`;
    yield {
      ...row({
        kind: isFace ? 'face' : 'body',
        channel,
        cameraName: `Door ${channel}`,
        position: `Building ${channel}, ground floor`,
        time,
        trackId: i,
        quality: below(101),
        box: [412.5 + below(100), 120.25, 98.5, 120.75],
        boxInCrop: [39.4, 48.3, 98.5, 120.75],
        frameWidth: 1920,
        frameHeight: 1080,
        cropPath: `record/channel${channel}/${isFace ? 'face' : 'body'}/${name}.jpg`,
        framePath: `record/channel${channel}/frame/${name}.jpg`,
        aliveType: below(3) as 0 | 1 | 2,
        attributes: isFace ? ATTRIBUTES : {},
        ...(isFace && below(10) > 0
          ? {
              ...library,
              imageId: `00000000-0000-4000-8000-${String(below(5000)).padStart(12, '0')}`,
              similarity: random() * 100,
              ranking: 1,
              compared: true,
            }
          : {}),
      }),
      moment: time * MOMENTS_PER_MS + (i % MOMENTS_PER_MS),
    };
  }
}
