import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { settled, startOutbox, type TestOutbox } from '../../core/outbox/fixture.ts';
import { OutboxService } from '../../core/outbox/outbox.ts';
import { ActionRegistry } from '../../core/plugin/actions.ts';
import type { CaptureRecord } from '../../core/plugin/capture-services.ts';
import type { PluginContext, PluginParts } from '../../core/plugin/contract.ts';
import type { OutMessage, Reaction } from '../../core/plugin/push-services.ts';
import { ReactionRegistry } from '../../core/plugin/reactions.ts';
import type { Operation } from '../../core/plugin/services.ts';
import { atEnd } from '../../core/store/fixture.ts';
import { admin, callBy, callRoute } from '../../tests/kit/plugin.ts';
import { alarmMessage, captureMatch, captureRecord } from '../../tests/kit/records.ts';
import { captureMessage } from '../captures/telling.ts';
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
  /** What the log warned of. */
  warnings: string[];
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
    warnings: [],
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
      log: pino({ level: 'warn' }, { write: (line) => void box.warnings.push(line) }),
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
  box.call = (method, path, body = {}) => callRoute(box.parts, method, path, { body }, callBy(admin, box.remarks));
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

export const person = captureMatch({ libraryName: 'Wanted', libraryType: 1, hasIdcard: false, hasAddress: false });

let last = 0;

/** As the plugin of captures puts it into the outbox. */
export function capture(change: Partial<CaptureRecord> = {}): OutMessage {
  const id = `capture-${++last}`;
  return captureMessage(captureRecord({ id, time: NOW, ...change }));
}

/** As the plugin of alarms does. */
export function alarm(change: Partial<OutMessage> = {}, body: Record<string, unknown> = {}): OutMessage {
  return alarmMessage({ time: NOW, shows: ['4/img-1', 'capture/c-1'], ...change }, body);
}
