import { z } from 'zod';
import { type PushedCapture, recognised } from '../../core/events/push-body.ts';
import type { OutMessage } from '../../core/plugin/push-services.ts';
import type { AlarmEvent, CaptureEvent, MqttEvent } from './event-schema.ts';
import type { Settings } from './settings.ts';

/** What of an alarm leaves the box; everything else in its message stays. */
const alarmBody = z.object({
  id: z.int().optional(),
  kind: z.string(),
  cameraName: z.string(),
  title: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
});

/**
 * The event of a message. Whom it shows is in it only where names are allowed: also titles and facts of alarms hold names.
 * @returns undefined for what is neither a capture nor an alarm
 */
export function eventOf(message: OutMessage, { names }: Pick<Settings, 'names'>): MqttEvent | undefined {
  const { id, time, channel = 0, origin, topic } = message;
  const common = {
    id,
    time: new Date(time).toISOString(),
    channel,
    ...(origin === 'demo' ? { demo: true as const } : {}),
  };
  if (topic === 'capture') return captureEvent(common, message.body as unknown as PushedCapture, names);
  return topic === 'alarm' ? alarmEvent(common, message.body, names) : undefined;
}

type Common = Pick<CaptureEvent, 'id' | 'time' | 'channel' | 'demo'>;

function captureEvent(common: Common, record: PushedCapture, names: boolean): CaptureEvent {
  const { kind, cameraName, quality, box, frameWidth, frameHeight, aliveType, attributes, compared, plate } = record;
  const match = recognised(record);
  return {
    type: 'capture',
    ...common,
    camera: cameraName,
    kind,
    quality,
    box,
    frame: { width: frameWidth, height: frameHeight },
    ...(aliveType === 0 ? {} : { alive: aliveType === 2 }),
    attributes,
    compared,
    // Whose vehicle it is can be looked up by its number.
    ...(plate ? { plate: { ...(names && plate.text ? { text: plate.text } : {}), score: plate.score } } : {}),
    ...(match
      ? {
          match: {
            similarity: Math.round(match.similarity),
            libraryType: match.libraryType,
            ...(names ? { libraryName: match.libraryName, personName: match.personName } : {}),
          },
        }
      : {}),
  };
}

function alarmEvent(common: Common, body: unknown, names: boolean): AlarmEvent | undefined {
  const parsed = alarmBody.safeParse(body);
  if (!parsed.success) return undefined;
  const { id, kind, cameraName, title, facts } = parsed.data;
  return {
    type: 'alarm',
    ...common,
    camera: cameraName,
    ...(id === undefined ? {} : { alarm: id }),
    kind,
    ...(names ? { title, facts } : {}),
  };
}
