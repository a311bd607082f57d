import assert from 'node:assert/strict';
import { z } from 'zod';

/**
 * What Home Assistant takes as the description of a device (MQTT device discovery), as far as this box uses it: the names,
 * short forms and values of its own schemas (`components/mqtt` of its source: schemas, abbreviations and the platforms;
 * read in November 2026). Stricter than those, which drop what they do not know from a component without a word.
 */

const id = z.string().regex(/^[A-Za-z0-9_-]+$/);
/** Topics to publish to and to subscribe by name: without wildcards. */
const topic = z.string().regex(/^[^#+\0]{1,200}$/);

const entity = {
  unique_id: id,
  name: z.string().min(1),
  icon: z.string().startsWith('mdi:').optional(),
  entity_category: z.enum(['config', 'diagnostic']).optional(),
  availability_topic: topic.optional(),
};

const platforms = {
  binary_sensor: z.strictObject({
    p: z.literal('binary_sensor'),
    ...entity,
    state_topic: topic,
    device_class: z.enum(['connectivity', 'motion', 'occupancy', 'problem']).optional(),
    payload_on: z.string().optional(),
    payload_off: z.string().optional(),
  }),
  sensor: z.strictObject({
    p: z.literal('sensor'),
    ...entity,
    state_topic: topic,
    device_class: z.enum(['timestamp']).optional(),
    state_class: z.enum(['measurement', 'total', 'total_increasing']).optional(),
  }),
  event: z.strictObject({
    p: z.literal('event'),
    ...entity,
    state_topic: topic,
    event_types: z.array(z.string().min(1)).min(1),
  }),
  image: z.strictObject({
    p: z.literal('image'),
    ...entity,
    image_topic: topic,
    image_encoding: z.literal('b64'),
    content_type: z.enum(['image/jpeg', 'image/png']),
  }),
  switch: z.strictObject({
    p: z.literal('switch'),
    ...entity,
    command_topic: topic,
    state_topic: topic,
  }),
  button: z.strictObject({
    p: z.literal('button'),
    ...entity,
    command_topic: topic,
    payload_press: z.string().optional(),
  }),
};

type Platform = keyof typeof platforms;

/** A component that is to go: its platform alone. */
const removed = z.strictObject({ p: z.enum(Object.keys(platforms) as [Platform, ...Platform[]]) });

const device = z.strictObject({
  dev: z.strictObject({
    ids: z.array(id).min(1),
    name: z.string().min(1),
    mf: z.string(),
    mdl: z.string(),
    sw: z.string().optional(),
    via_device: id.optional(),
  }),
  o: z.strictObject({ name: z.string().min(1), sw: z.string().optional(), url: z.url().optional() }),
  cmps: z.record(id, z.union([z.discriminatedUnion('p', Object.values(platforms) as never), removed])),
  availability_topic: topic.optional(),
  state_topic: topic.optional(),
  qos: z.union([z.literal(0), z.literal(1), z.literal(2)]),
});

type Component = { p: Platform } & Record<string, unknown>;
export interface Device extends Omit<z.output<typeof device>, 'cmps'> {
  cmps: Record<string, Component>;
}

/** What Home Assistant has after these messages. Fails for what it would refuse. */
export function homeAssistantSees(configs: ReadonlyMap<string, string>): Map<string, Device> {
  const devices = new Map<string, Device>();
  const ids: string[] = [];
  for (const [where, text] of configs) {
    const [, objectId] = /^homeassistant\/device\/([A-Za-z0-9_-]+)\/config$/.exec(where) ?? [];
    assert.ok(objectId, `no topic of discovery: ${where}`);
    if (text === '') continue;
    const found = device.parse(JSON.parse(text)) as Device;
    found.cmps = Object.fromEntries(Object.entries(found.cmps).filter(([, one]) => Object.keys(one).length > 1));
    ids.push(...Object.values(found.cmps).map((one) => String(one['unique_id'])));
    devices.set(objectId, found);
  }
  assert.equal(new Set(ids).size, ids.length, 'ids of components are unique');
  return devices;
}
