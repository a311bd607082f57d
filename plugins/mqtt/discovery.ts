import type { Action } from '../../core/plugin/push-services.ts';
import type { CameraInfo } from '../../core/plugin/services.ts';
import type { Settings } from './settings.ts';
import { cameraKey, idOf, type Topics } from './topics.ts';

/** What Home Assistant is told of the box and its cameras, so that it shows them without being set up. */

export interface BoxFacts {
  /** Serial number: what everything is known by. */
  serial: string;
  /** For people. */
  name: string;
  version: string;
}

/** A device's description, in the form of Home Assistant's device discovery. */
export interface DeviceDescription {
  dev: { ids: string[]; name: string; mf: string; mdl: string; sw?: string; via_device?: string };
  o: { name: string; sw: string };
  cmps: Record<string, Record<string, unknown> & { p: string }>;
  qos: 1;
  availability_topic?: string;
}

export interface DescriptionParts {
  topics: Topics;
  box: BoxFacts;
  settings: Pick<
    Settings,
    'people' | 'alarms' | 'captures' | 'pictures' | 'names' | 'commandCameras' | 'commandActions'
  >;
}

export const boxObjectId = ({ serial }: BoxFacts) => `gatehouse_${idOf(serial)}`;
export const cameraObjectId = (box: BoxFacts, channel: number) => `${boxObjectId(box)}_${cameraKey(channel)}`;

type Components = DeviceDescription['cmps'];

/** The box itself, with a button for each action that commands may run. */
export function describeBox(
  { topics, box, settings }: DescriptionParts,
  actions: readonly Action[],
): DeviceDescription {
  const id = boxObjectId(box);
  const components: Components = {
    online: {
      p: 'binary_sensor',
      name: 'Online',
      device_class: 'connectivity',
      entity_category: 'diagnostic',
      state_topic: topics.available,
      payload_on: 'online',
      payload_off: 'offline',
    },
  };
  for (const action of settings.commandActions ? actions : []) {
    components[`action_${action.id}`] = {
      p: 'button',
      name: action.name,
      command_topic: topics.runAction(action.id),
      payload_press: 'PRESS',
      availability_topic: topics.available,
    };
  }
  return {
    dev: { ids: [id], name: box.name, mf: 'Gatehouse', mdl: 'Recognition box', sw: box.version },
    o: { name: 'Gatehouse', sw: box.version },
    cmps: named(id, components),
    qos: 1,
  };
}

/**
 * A camera.
 * @param kinds of alarms it may raise
 * @param switchable commands may switch it
 */
export function describeCamera(
  { topics, box, settings }: DescriptionParts,
  { channel, name, tasks }: Pick<CameraInfo, 'channel' | 'name' | 'tasks'>,
  kinds: readonly string[],
  switchable: boolean,
): DeviceDescription {
  const id = cameraObjectId(box, channel);
  const vehicles = tasks.includes('vehicle');
  const { people, alarms, captures, pictures, names, commandCameras } = settings;
  const components: Components = {
    online: {
      p: 'binary_sensor',
      name: 'Online',
      device_class: 'connectivity',
      state_topic: topics.state(channel, 'online'),
    },
    ...(people
      ? {
          people: {
            p: 'sensor',
            name: 'People',
            icon: 'mdi:account-group',
            state_class: 'measurement',
            state_topic: topics.state(channel, 'people'),
          },
        }
      : {}),
    ...(alarms && kinds.length > 0
      ? {
          alarm: {
            p: 'event',
            name: 'Alarm',
            event_types: [...kinds],
            state_topic: topics.state(channel, 'alarm'),
          },
        }
      : {}),
    ...(captures ? { face: moment('Last face', topics.state(channel, 'face')) } : {}),
    ...(captures ? { body: moment('Last person', topics.state(channel, 'body')) } : {}),
    ...(captures && vehicles ? { vehicle: moment('Last vehicle', topics.state(channel, 'vehicle')) } : {}),
    ...(captures && names
      ? { person: { p: 'sensor', name: 'Last recognised', state_topic: topics.state(channel, 'person') } }
      : {}),
    ...(captures && pictures
      ? {
          image: {
            p: 'image',
            name: 'Last face',
            image_topic: topics.image(channel),
            image_encoding: 'b64',
            content_type: 'image/jpeg',
          },
        }
      : {}),
    ...(commandCameras && switchable
      ? {
          enabled: {
            p: 'switch',
            name: 'Enabled',
            state_topic: topics.state(channel, 'enabled'),
            command_topic: topics.enable(channel),
          },
        }
      : {}),
  };
  return {
    dev: { ids: [id], name, mf: 'Gatehouse', mdl: 'Camera', via_device: boxObjectId(box) },
    o: { name: 'Gatehouse', sw: box.version },
    cmps: named(id, components),
    qos: 1,
    availability_topic: topics.available,
  };
}

/** Components a device no longer has are told by their platform alone: Home Assistant then removes them. */
export function withRemoved(device: DeviceDescription, ever: Readonly<Record<string, string>>): DeviceDescription {
  const gone = Object.entries(ever).filter(([id]) => !(id in device.cmps));
  return { ...device, cmps: { ...device.cmps, ...Object.fromEntries(gone.map(([id, p]) => [id, { p }])) } };
}

function moment(name: string, topic: string) {
  return { p: 'sensor', name, device_class: 'timestamp', state_topic: topic };
}

function named(objectId: string, components: Components): Components {
  return Object.fromEntries(
    Object.entries(components).map(([id, one]) => [id, { ...one, unique_id: `${objectId}_${id}` }]),
  );
}
