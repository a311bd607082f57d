import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { settled, startOutbox, type TestOutbox } from '../../core/events/outbox.fixture.ts';
import { OutboxService } from '../../core/events/outbox.ts';
import { checkInput } from '../../core/gateway/dispatch.ts';
import { ActionRegistry } from '../../core/plugin/actions.ts';
import type { Call, PluginContext, PluginParts } from '../../core/plugin/contract.ts';
import type { OutMessage, Reaction } from '../../core/plugin/push-services.ts';
import { ReactionRegistry } from '../../core/plugin/reactions.ts';
import type { CaptureMatch, CaptureRecord, Operation } from '../../core/plugin/services.ts';
import { atEnd } from '../../core/store/fixture.ts';
import plugin from './index.ts';
import type { RuleView } from './shapes.ts';

/** The plugin over a real store and the core's outbox; receivers, actions and what is past are those of the test. */

export interface TestReaction {
  reaction: Reaction;
  /** Messages that arrived. */
  got: { message: OutMessage; rule: { id: number; name: string } }[];
  attempts: number;
  /** Does what a delivery does beyond being noted; throws where it fails. */
  manner: () => void | Promise<void>;
}

export function testReaction(id: string, change: Partial<Reaction> = {}): TestReaction {
  const made: TestReaction = {
    got: [],
    attempts: 0,
    manner: () => {},
    reaction: {
      id,
      kind: 'mail',
      name: `To ${id}`,
      topics: ['capture', 'alarm', 'test'],
      deliver: async (message, _, { rule }) => {
        made.attempts += 1;
        await made.manner();
        made.got.push({ message, rule });
      },
      ...change,
    },
  };
  return made;
}

export interface TestRules extends Omit<TestOutbox, 'outbox'> {
  outbox: OutboxService;
  parts: PluginParts<unknown>;
  zone: string;
  reactions: ReactionRegistry;
  actions: ActionRegistry;
  past: { captures: OutMessage[]; alarms: OutMessage[] };
  operations: Operation[];
  remarks: string[];
  /** What `mail` offers from now on. */
  offer(...reactions: TestReaction[]): void;
  call<T>(method: string, path: string, body?: object): Promise<T>;
  add(fields: object): Promise<RuleView>;
  /** Waits until nothing is under way and the write jobs that follow are done. */
  quiet(): Promise<void>;
  report(rule: number, reaction: string): ReturnType<OutboxService['reports']>[number] | undefined;
  /** Ends the plugin and the outbox and begins both again over the same database. */
  restart(): Promise<void>;
}

export async function startRules(t: TestContext): Promise<TestRules> {
  const base = await startOutbox(t);
  const { store, log, clock } = base;
  await store.migrate('rules', join(import.meta.dirname, 'migrations'));
  const box = {
    ...base,
    zone: 'Asia/Shanghai',
    reactions: new ReactionRegistry(),
    actions: new ActionRegistry(),
    past: { captures: [], alarms: [] },
    operations: [],
    remarks: [],
  } as unknown as TestRules;
  const mail = box.reactions.by('mail');
  box.offer = (...reactions) => mail.offer(reactions.map(({ reaction }) => reaction));
  const pastOf = (messages: () => OutMessage[]) => ({
    since: async (from: number, most: number) =>
      messages()
        .filter(({ time }) => time >= from)
        .sort((one, other) => other.time - one.time)
        .slice(0, most),
  });
  const start = async () => {
    box.parts = await plugin.setup({
      id: 'rules',
      use: {
        get outbox() {
          return box.outbox;
        },
        reactions: box.reactions,
        actions: box.actions,
        desk: { kinds: async () => ['crowd'] },
        captures: pastOf(() => box.past.captures),
        alarms: pastOf(() => box.past.alarms),
        cameras: { list: () => [{ channel: 3, name: 'Gate' }], get: () => undefined },
      },
      log: pino({ level: 'silent' }),
      clock: {
        now: () => clock.now(),
        steady: () => clock.steady(),
        get zone() {
          return box.zone;
        },
      },
      metrics: { counter: () => ({ inc: () => {} }), gauge: () => {} },
      store,
      emit: (_: unknown, payload: Operation) => void box.operations.push(payload),
      changed: () => {},
    } as unknown as PluginContext);
    await box.parts.start?.();
  };
  box.restart = async () => {
    await box.parts.stop?.();
    await box.outbox.stop();
    box.outbox = new OutboxService({ store, log, clock, random: () => 0.5 });
    await start();
  };
  box.put = async (...messages) => {
    for (const message of messages) await store.write((tx) => box.outbox.add(tx, message));
    await box.quiet();
  };
  box.quiet = async () => {
    for (let turn = 0; turn < 3; turn++) {
      await settled();
      await store.write(() => {});
    }
    await settled();
  };
  box.call = async <T>(method: string, path: string, body: object = {}) => {
    const id = /^\/rules\/(.+)$/.exec(path)?.[1];
    const pattern = id === undefined ? path : '/rules/:id';
    const found = box.parts.routes!.find((one) => one.method === method && one.path === pattern)!;
    const call = { remark: (text: string) => void box.remarks.push(text) } as unknown as Call;
    const input = {
      params: found.params && checkInput(found.params, { id }),
      query: undefined,
      body: found.body && checkInput(found.body, body),
    };
    const answer = await found.handle(input as never, call);
    return found.response!.parse(answer) as T;
  };
  box.add = (fields) => box.call('POST', '/rules', { name: 'Rule', ...fields });
  box.report = (rule, reaction) => box.outbox.reports().find(({ id }) => id === `rules/${rule}/${reaction}`);
  await start();
  atEnd(t, async () => {
    await box.parts.stop?.();
    await box.outbox.stop();
  });
  return box;
}

/** 20:00 on a Saturday in the zone of the box. */
export const NOW = Date.UTC(2026, 10, 21, 12);

export const person: CaptureMatch = {
  libraryId: 4,
  libraryName: 'Wanted',
  libraryType: 1,
  imageId: 'img-1',
  similarity: 91,
  ranking: 1,
  imagePath: 'facebase/libid4/4_1_1.png',
  personName: 'Ada',
  personGender: '0',
  personAge: '36',
  hasIdcard: false,
  hasAddress: false,
};

let last = 0;

/** As the plugin of captures puts it into the outbox. */
export function capture(change: Partial<CaptureRecord> = {}): OutMessage {
  const id = `capture-${++last}`;
  const record = {
    id,
    kind: 'face' as const,
    channel: 3,
    cameraName: 'Gate',
    position: '',
    threshold: 80,
    time: NOW,
    trackId: 1,
    quality: 73,
    box: [100, 50, 180, 160],
    boxInCrop: [32, 44, 112, 154],
    frameWidth: 1280,
    frameHeight: 720,
    cropPath: `record/${id}.jpg`,
    framePath: `record/${id}-frame.jpg`,
    aliveType: 2,
    attributes: {},
    describedBy: [],
    compared: true,
    ...change,
  };
  const { match } = record;
  return {
    id,
    topic: 'capture',
    time: record.time,
    channel: record.channel,
    ...(record.origin ? { origin: record.origin } : {}),
    body: record,
    pictures: [{ part: 'snap', path: record.cropPath }],
    shows: [`capture/${id}`, ...(match ? [`${match.libraryId}/${match.imageId}`] : [])],
  };
}

/** As the plugin of alarms does. */
export function alarm(change: Partial<OutMessage> = {}, body: Record<string, unknown> = {}): OutMessage {
  const id = `alarm-${++last}`;
  const time = change.time ?? NOW;
  return {
    id,
    topic: 'alarm',
    time,
    channel: 3,
    pictures: [],
    shows: ['4/img-1', 'capture/c-1'],
    ...change,
    body: { id: last, kind: 'key-person', channel: 3, cameraName: 'Gate', time, title: 'Ada', facts: {}, ...body },
  };
}
