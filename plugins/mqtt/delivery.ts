import { type Destination, type OutMessage, type OutPicture, RefusedError } from '../../core/plugin/push-services.ts';
import { type Leave, MOST_UNDER_WAY } from './broker.ts';
import type { CaptureEvent, MqttEvent } from './event-schema.ts';
import { eventOf } from './events.ts';
import { onvifEvent } from './onvif.ts';
import type { Settings } from './settings.ts';
import type { Topics } from './topics.ts';

/** An alarm that has waited longer is no longer one of the moment: it is in the events, and switches nothing, ms. */
const FRESH_MS = 5 * 60_000;
/** Longer than the broker has for acknowledging: then the connection is begun anew first. */
const DEADLINE_MS = 20_000;

export type Publish = (topic: string, payload: string, leave: Leave) => Promise<void>;

export interface DeliveryParts {
  topics: Topics;
  settings: Settings;
  now(): number;
  publish: Publish;
  /** Keeps a value with the broker. */
  retain(topic: string, value: string): void;
  learnKind(kind: string): void;
}

type ReadPicture = (path: string) => Promise<Uint8Array | undefined>;

/** Where captures and alarms go: arrived is what the broker has acknowledged. */
export function destination(parts: DeliveryParts): Destination {
  const { settings } = parts;
  const newest = new Newest();
  return {
    id: 'mqtt/main',
    name: 'MQTT',
    deadline: DEADLINE_MS,
    // Over one connection, which keeps what is published in order.
    window: MOST_UNDER_WAY,
    wants: ({ topic, origin }) =>
      (origin !== 'demo' || settings.demo) &&
      ((topic === 'capture' && settings.captures) || (topic === 'alarm' && settings.alarms)),
    deliver: async (message, picture, leave) => {
      const event = eventOf(message, settings);
      if (!event) throw new RefusedError('this is no event that is known here');
      const sent = [parts.publish(parts.topics.events, JSON.stringify(event), leave)];
      if (settings.onvif) sent.push(onvif(parts, event, leave));
      if (event.type === 'capture') sent.push(...captured(parts, newest, event, message, picture, leave));
      else sent.push(...alarmed(parts, event.kind, event, message, leave));
      // Most are one publication.
      await (sent.length === 1 ? sent[0] : Promise.all(sent));
    },
  };
}

function onvif({ topics, publish }: DeliveryParts, event: MqttEvent, leave: Leave): Promise<void> {
  const { topic, body } = onvifEvent(event);
  return publish(`${topics.prefix}/${topic}`, JSON.stringify(body), leave);
}

/** The states a capture changes. What comes late changes none: the broker tells of the newest. */
function captured(
  parts: DeliveryParts,
  newest: Newest,
  event: CaptureEvent,
  { pictures, time }: OutMessage,
  picture: ReadPicture,
  leave: Leave,
): Promise<void>[] {
  const { topics, settings } = parts;
  const { channel, kind, match } = event;
  const subject = `${channel} ${kind}`;
  if (!newest.is(subject, time, parts.now())) return [];
  parts.retain(topics.state(channel, kind), event.time);
  // After an outage all that waited comes at once: it is no news, and nobody shall be greeted in the morning for the night.
  if (kind !== 'face' || parts.now() - time > FRESH_MS) return [];
  const sent: Promise<void>[] = [];
  // Names and pictures are never kept by the broker: nobody could take them back when somebody is erased.
  const name = settings.names ? match?.personName : undefined;
  if (name) sent.push(parts.publish(topics.state(channel, 'person'), name, leave));
  if (settings.pictures) {
    const isNewest = () => newest.is(subject, time, parts.now());
    sent.push(sendPicture(parts, topics.image(channel), pictures, picture, isNewest, leave));
  }
  return sent;
}

async function sendPicture(
  parts: DeliveryParts,
  topic: string,
  pictures: OutPicture[],
  picture: ReadPicture,
  isNewest: () => boolean,
  leave: Leave,
): Promise<void> {
  const path = pictures.find(({ part }) => part === 'snap')?.path;
  const bytes = path === undefined ? undefined : await picture(path);
  // While it was read, a newer one may have gone out, or somebody been erased.
  if (!bytes || leave.signal.aborted || !isNewest()) return;
  try {
    await parts.publish(topic, Buffer.from(bytes).toString('base64'), leave);
  } catch (error) {
    // A broker that takes no message as large as this still takes the event.
    if (!(error instanceof RefusedError)) throw error;
  }
}

function alarmed(
  parts: DeliveryParts,
  kind: string,
  event: MqttEvent,
  { time }: OutMessage,
  leave: Leave,
): Promise<void>[] {
  if (parts.now() - time > FRESH_MS) return [];
  parts.learnKind(kind);
  const { type: _, kind: __, ...facts } = event as Extract<MqttEvent, { type: 'alarm' }>;
  const state = parts.topics.state(event.channel, 'alarm');
  return [parts.publish(state, JSON.stringify({ event_type: kind, ...facts }), leave)];
}

/** Which of several moments is the newest, for each subject. */
export class Newest {
  readonly #times = new Map<string, number>();

  /** One that lies ahead is of a clock that has been set back since, and counts no more. */
  is(subject: string, time: number, now: number): boolean {
    const last = this.#times.get(subject) ?? 0;
    if (time < last && last <= now) return false;
    this.#times.set(subject, time);
    return true;
  }
}
