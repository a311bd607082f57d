import type { MqttEvent } from './event-schema.ts';
import { cameraKey } from './topics.ts';

/** Events in the form ONVIF gives them over MQTT: `onvif-ej/<topic without tns1>/&<values of the source>`. */

export interface OnvifEvent {
  /** Below the prefix. */
  topic: string;
  body: { UtcTime: string; Source: Record<string, string>; Data: Record<string, string> };
}

const TOPIC = {
  face: 'RuleEngine/Recognition/Face',
  body: 'RuleEngine/ObjectDetection/Object',
  vehicle: 'RuleEngine/ObjectDetection/Object',
} as const;
const RULE = { face: 'Face', body: 'Body', vehicle: 'Vehicle' } as const;
/** Classes of objects, in ONVIF's words. */
const CLASS = { body: 'Human', vehicle: 'Vehicle' } as const;

export function onvifEvent(event: MqttEvent): OnvifEvent {
  const source = cameraKey(event.channel);
  const alarm = event.type === 'alarm';
  const rule = alarm ? 'Alarm' : RULE[event.kind];
  return {
    topic: `onvif-ej/${alarm ? 'RuleEngine/Gatehouse/Alarm' : TOPIC[event.kind]}/&${source}/Gatehouse/${rule}`,
    body: {
      UtcTime: event.time,
      Source: { VideoSource: source, AnalyticsConfiguration: 'Gatehouse', Rule: rule },
      Data: alarm
        ? { Kind: event.kind }
        : event.kind === 'face'
          ? { Likelihood: String((event.match?.similarity ?? 0) / 100) }
          : { ClassTypes: CLASS[event.kind] },
    },
  };
}

/** A camera came or went. */
export function signalLoss(channel: number, online: boolean, time: number): OnvifEvent {
  const source = cameraKey(channel);
  return {
    topic: `onvif-ej/VideoSource/SignalLoss/&${source}`,
    body: {
      UtcTime: new Date(time).toISOString(),
      Source: { Source: source },
      Data: { State: String(!online) },
    },
  };
}
