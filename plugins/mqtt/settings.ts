import { z } from 'zod';
import { secret } from '../../core/plugin/config.ts';

const TOPIC = /^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/;
const SCHEMES = ['mqtt:', 'mqtts:', 'ws:', 'wss:'];

/** Certificates and keys; a field of one line takes their line breaks away, and they are put back. */
function pem() {
  return z
    .string()
    .max(30_000)
    .refine((text) => text === '' || /^\*+$/.test(text) || /-----BEGIN [A-Z ]+-----/.test(text), 'must be in PEM form')
    .meta({ secret: true });
}

function topic() {
  return z.string().max(100).regex(TOPIC, 'must be letters, digits, - and _, with / between parts');
}

/** What is wrong with the address of a broker. */
function addressFault(text: string): string | undefined {
  if (text === '') return undefined;
  if (!URL.canParse(text)) return 'must be an address like mqtts://broker.example:8883';
  const { protocol, hostname, username, password } = new URL(text);
  if (!SCHEMES.includes(protocol)) return 'must begin with mqtt://, mqtts://, ws:// or wss://';
  if (username || password) return 'must not hold user or password: they have fields of their own';
  return hostname === '' ? 'must name the broker' : undefined;
}

export const settings = z.object({
  url: z
    .string()
    .trim()
    .max(200)
    .superRefine((text, context) => {
      const fault = addressFault(text);
      if (fault) context.addIssue({ code: 'custom', message: fault });
    })
    .default('')
    .describe('Address of the broker: mqtt://, mqtts://, ws:// or wss://; empty: none'),
  user: z.string().max(200).default('').describe('User name at the broker'),
  password: secret(['url', 'user', 'ca']).default('').describe('Password at the broker'),
  ca: pem().default('').describe('Certificate of the authority that signed the broker’s, PEM; empty: the usual ones'),
  certificate: pem().default('').describe('Certificate this box shows to the broker, PEM'),
  key: pem().default('').describe('Key of that certificate, PEM'),
  protocol: z.enum(['5', '3.1.1']).default('5').describe('Version of MQTT'),
  prefix: topic().default('gatehouse').describe('First part of every topic; another one for each box'),
  homeAssistant: z.boolean().default(true).describe('Home Assistant finds the box and its cameras by itself'),
  discoveryPrefix: topic().default('homeassistant').describe('Where Home Assistant looks for devices'),
  captures: z.boolean().default(true).describe('Send an event for each capture'),
  alarms: z.boolean().default(true).describe('Send an event for each alarm'),
  people: z.boolean().default(true).describe('Tell how many people each camera sees at the moment'),
  onvif: z.boolean().default(false).describe('Send events in the form of ONVIF as well (onvif-ej)'),
  demo: z.boolean().default(false).describe('Send what the scenes of the demo site show'),
  names: z
    .boolean()
    .default(false)
    .describe('Send who was recognised. Whoever reads the broker can then follow people'),
  pictures: z
    .boolean()
    .default(false)
    .describe('Send pictures of faces. They are biometric data: only over a broker that few can read'),
  commandCameras: z.boolean().default(false).describe('Commands may switch cameras off and on'),
  commandAlarms: z.boolean().default(false).describe('Commands may acknowledge alarms'),
  commandActions: z.boolean().default(false).describe('Commands may run actions, such as opening a door'),
});

export type Settings = z.output<typeof settings>;

/** PEM with its line breaks, whatever became of them on the way here. */
export function wholePem(text: string): string {
  return text.replace(/(-----BEGIN ([A-Z ]+)-----)([\s\S]*?)(-----END \2-----)/g, (_, begin, __, body, end) => {
    const lines =
      String(body)
        .replace(/\s+/g, '')
        .match(/.{1,64}/g) ?? [];
    return `${[begin, ...lines, end].join('\n')}\n`;
  });
}
