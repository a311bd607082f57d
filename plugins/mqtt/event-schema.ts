import { z } from 'zod';
import { CAPTURE_KINDS } from '../../core/vision/keys.ts';

/** What stands in `<prefix>/events`, one JSON object each. `schema/events.schema.json` is made from it. */

const instant = z.string().describe('ISO 8601, UTC');
const box = z.tuple([z.number(), z.number(), z.number(), z.number()]).describe('left, top, right, bottom in pixels');

const common = {
  id: z.string().describe('the same where an event is sent twice'),
  time: instant,
  channel: z.int(),
  camera: z.string().describe('name of the camera'),
  demo: z.literal(true).optional().describe('of a scene of the demo site'),
};

const captureEvent = z.object({
  type: z.literal('capture'),
  ...common,
  kind: z.enum(CAPTURE_KINDS),
  quality: z.number().describe('0 to 100'),
  box: box.describe('in the whole frame: left, top, right, bottom in pixels'),
  frame: z.object({ width: z.number(), height: z.number() }),
  alive: z.boolean().optional().describe('whether a live person stood there; absent: not known'),
  attributes: z.record(z.string(), z.string()),
  compared: z.boolean().describe('compared with the portrait databases; if not, nobody knows whether it is a stranger'),
  plate: z
    .object({
      text: z
        .string()
        .optional()
        .describe('letters and digits alone; only where names are allowed and it was read surely'),
      score: z.number().describe('how sure the least sure of them is, 0 to 1'),
    })
    .optional()
    .describe('number plate of a vehicle, where one was found'),
  match: z
    .object({
      similarity: z.number().describe('0 to 100'),
      libraryType: z.int().describe('1 key personnel, 2 whitelist'),
      libraryName: z.string().optional(),
      personName: z.string().optional(),
    })
    .optional()
    .describe('whom it shows; the names only where names are allowed'),
});

const alarmEvent = z.object({
  type: z.literal('alarm'),
  ...common,
  alarm: z.int().optional().describe('its number, for acknowledging it'),
  kind: z.string().describe('key-person, …'),
  title: z.string().optional().describe('only where names are allowed'),
  facts: z
    .record(z.string(), z.union([z.string(), z.number()]))
    .optional()
    .describe('only where names are allowed'),
});

export const mqttEvent = z.discriminatedUnion('type', [captureEvent, alarmEvent]);

export type CaptureEvent = z.output<typeof captureEvent>;
export type AlarmEvent = z.output<typeof alarmEvent>;
export type MqttEvent = z.output<typeof mqttEvent>;

/** The JSON schema that is given to users. */
export function eventJsonSchema(): object {
  return { title: 'Gatehouse events over MQTT', ...z.toJSONSchema(mqttEvent, { io: 'input' }) };
}
