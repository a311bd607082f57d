import { z } from 'zod';
import type { AlarmRow } from './tables.ts';

/** An alarm as the pages get it. */
export const alarmView = z.object({
  id: z.int().describe('in the order they came'),
  kind: z.string().describe('key-person'),
  source: z.string().describe('plugin'),
  channel: z.int(),
  cameraName: z.string(),
  time: z.number().describe('ms since 1970 UTC'),
  title: z.string(),
  pictures: z.array(
    z.object({ path: z.string().describe('behind /ws/'), label: z.enum(['seen', 'library', 'frame']) }),
  ),
  captureId: z.string().nullable(),
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
  origin: z.enum(['demo']).nullable().describe('demo: of a scene of the demo site'),
  state: z.enum(['open', 'acknowledged']),
  acknowledgedBy: z.string().nullable(),
  acknowledgedAt: z.number().nullable(),
  note: z.string().nullable(),
});

export type AlarmView = z.output<typeof alarmView>;

/** The row is what is shown: whom it shows stands in a table of its own, and stays there. */
export function viewOf(row: AlarmRow): AlarmView {
  return row;
}
