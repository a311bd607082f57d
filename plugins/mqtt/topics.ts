/** Names of topics and of things in them. Ids hold letters, digits, - and _ only. */

export const cameraKey = (channel: number) => `camera-${channel}`;

/** Channel of a camera's key, undefined where it is none. */
export function channelOf(key: string): number | undefined {
  const number = /^camera-([1-9]\d{0,5})$/.exec(key)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** A text as an id. */
export const idOf = (text: string) => text.replace(/[^A-Za-z0-9_-]/g, '_');

export type Feature = 'online' | 'people' | 'enabled' | 'alarm' | 'face' | 'body' | 'vehicle' | 'person';

export class Topics {
  readonly prefix: string;
  readonly #discovery: string;

  constructor(prefix: string, discoveryPrefix: string) {
    this.prefix = prefix;
    this.#discovery = discoveryPrefix;
  }

  /** `online` or `offline`, retained. */
  get available(): string {
    return `${this.prefix}/available`;
  }

  /** Every capture and alarm. */
  get events(): string {
    return `${this.prefix}/events`;
  }

  /** What a rule publishes. */
  rule(id: number | string): string {
    return `${this.prefix}/rules/${id}`;
  }

  state(channel: number, feature: Feature): string {
    return `${this.prefix}/${cameraKey(channel)}/${feature}/state`;
  }

  /** The newest face as a picture. */
  image(channel: number): string {
    return `${this.prefix}/${cameraKey(channel)}/face/image`;
  }

  /** Switches a camera. */
  enable(channel: number | '+'): string {
    return `${this.prefix}/${channel === '+' ? channel : cameraKey(channel)}/enabled/set`;
  }

  get acknowledge(): string {
    return `${this.prefix}/alarms/acknowledge`;
  }

  runAction(id: string): string {
    return `${this.prefix}/actions/${id}/run`;
  }

  /** Where Home Assistant reads what a device has. */
  config(objectId: string): string {
    return `${this.#discovery}/device/${objectId}/config`;
  }

  /** Where Home Assistant says that it has started. */
  get homeAssistantStatus(): string {
    return `${this.#discovery}/status`;
  }
}
