import { randomUUID } from 'node:crypto';
import { captureKey } from '../../core/plugin/capture-services.ts';
import type { OutMessage } from '../../core/plugin/push-services.ts';
import type { AlarmRow } from './tables.ts';

const PART = { seen: 'snap', library: 'library', frame: 'frame' } as const;

/**
 * What other systems hear of an alarm.
 * @param shows whom it shows (`exportKey`)
 */
export function alarmMessage(row: AlarmRow, shows: readonly string[]): OutMessage {
  const { id, kind, source, channel, cameraName, time, title, captureId, facts, origin } = row;
  return {
    id: randomUUID(),
    topic: 'alarm',
    time,
    channel,
    ...(origin ? { origin } : {}),
    body: { id, kind, source, channel, cameraName, time, title, facts, ...(captureId ? { captureId } : {}) },
    pictures: row.pictures.map(({ path, label }) => ({ part: PART[label], path })),
    shows: [...new Set([...shows, ...(captureId ? [captureKey(captureId)] : [])])],
  };
}
