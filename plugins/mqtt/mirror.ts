import type { Action, CameraSwitches } from '../../core/plugin/push-services.ts';
import type { CameraInfo } from '../../core/plugin/services.ts';
import { type BoxFacts, boxObjectId, cameraObjectId, describeBox, describeCamera, withRemoved } from './discovery.ts';
import type { People } from './people.ts';
import type { Retained } from './retained.ts';
import type { Settings } from './settings.ts';
import type { Topics } from './topics.ts';

export interface MirrorParts {
  retained: Retained;
  topics: Topics;
  settings: Settings;
  box: BoxFacts;
  /** Undefined while nobody can say. */
  cameras(): CameraInfo[] | undefined;
  switches(): CameraSwitches | undefined;
  actions(): Action[];
  people: People;
}

/** Kinds of alarms that every box may raise. */
const KINDS = ['key-person'];
const MOST_KINDS = 100;
/** Home Assistant shows a sensor whose state is this as unknown. */
const NOT_KNOWN = 'None';
const onOff = (on: boolean) => (on ? 'ON' : 'OFF');

/** Keeps what the broker keeps of the box and its cameras in line with what there is. */
export class Mirror {
  readonly #parts: MirrorParts;
  readonly #kinds = new Set(KINDS);

  constructor(parts: MirrorParts) {
    this.#parts = parts;
  }

  /** Kinds of alarms that may come: Home Assistant must have been told of them before. */
  learnKinds(kinds: readonly string[]): void {
    const before = this.#kinds.size;
    for (const kind of kinds.slice(0, MOST_KINDS)) if (before < MOST_KINDS) this.#kinds.add(kind);
    if (this.#kinds.size > before) this.sync();
  }

  /** Cameras, actions or settings may have changed: describes what there is, and takes back what is gone. */
  sync(): void {
    const { retained, topics, settings } = this.#parts;
    const cameras = this.#cameras();
    // What cannot be asked for at the moment is not gone.
    if (!cameras) return;
    const kept = new Set([topics.available]);
    retained.set(topics.available, 'online');
    for (const [topic, description] of this.#descriptions(cameras)) {
      kept.add(topic);
      retained.set(topic, description);
    }
    for (const { channel, tasks } of cameras) {
      kept.add(topics.state(channel, 'online'));
      if (settings.people) kept.add(topics.state(channel, 'people'));
      if (this.#parts.switches()?.enabled(channel) !== undefined) kept.add(topics.state(channel, 'enabled'));
      // Their values come with captures, and those of before a restart are with the broker.
      if (settings.captures) kept.add(topics.state(channel, 'face')).add(topics.state(channel, 'body'));
      if (settings.captures && tasks.includes('vehicle')) kept.add(topics.state(channel, 'vehicle'));
    }
    this.#parts.people.watch(settings.people ? cameras.map(({ channel }) => channel) : []);
    this.states();
    retained.keepOnly(kept);
  }

  /** The states of this moment. */
  states(): void {
    const { retained, topics, settings, people, switches } = this.#parts;
    for (const { channel, online } of this.#cameras() ?? []) {
      retained.set(topics.state(channel, 'online'), onOff(online));
      if (settings.people) {
        const count = online ? people.count(channel) : undefined;
        retained.set(topics.state(channel, 'people'), count === undefined ? NOT_KNOWN : String(count));
      }
      const enabled = switches()?.enabled(channel);
      if (enabled !== undefined) retained.set(topics.state(channel, 'enabled'), onOff(enabled));
    }
  }

  /** Publishes everything once more, descriptions before states. */
  again(): void {
    this.sync();
    const { retained, topics } = this.#parts;
    const cameras = this.#cameras() ?? [];
    retained.again([topics.available, ...this.#descriptions(cameras).map(([topic]) => topic)]);
  }

  #cameras(): CameraInfo[] | undefined {
    const { cameras, settings } = this.#parts;
    return cameras()?.filter(({ origin }) => settings.demo || origin !== 'demo');
  }

  #descriptions(cameras: CameraInfo[]): [topic: string, description: string][] {
    const { topics, settings, box, retained, switches, actions } = this.#parts;
    if (!settings.homeAssistant) return [];
    const kinds = [...this.#kinds].sort();
    const devices = [
      [boxObjectId(box), describeBox(this.#parts, actions())] as const,
      ...cameras.map((camera) => {
        const switchable = switches()?.enabled(camera.channel) !== undefined;
        return [cameraObjectId(box, camera.channel), describeCamera(this.#parts, camera, kinds, switchable)] as const;
      }),
    ];
    return devices.map(([objectId, device]) => {
      const topic = topics.config(objectId);
      return [topic, JSON.stringify(withRemoved(device, retained.components(topic)))];
    });
  }
}
