import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { realTime } from '../../core/outbox/clock.ts';
import { OutboxService } from '../../core/outbox/outbox.ts';
import { ActionRegistry } from '../../core/plugin/actions.ts';
import type { CaptureRecord } from '../../core/plugin/capture-services.ts';
import type { Call, PluginContext, PluginParts } from '../../core/plugin/contract.ts';
import type { AlarmDesk, CameraSwitches, OutMessage } from '../../core/plugin/push-services.ts';
import { type CameraInfo, camerasChanged, type Operation } from '../../core/plugin/services.ts';
import type { Store } from '../../core/store/database.ts';
import { atEnd, temporaryStore } from '../../core/store/fixture.ts';
import type { LiveFrame } from '../../core/vision/keys.ts';
import { tell } from '../../tests/kit/plugin.ts';
import { alarmMessage, captureMatch, captureRecord } from '../../tests/kit/records.ts';
import { captureMessage } from '../captures/telling.ts';
import plugin from './index.ts';
import type { StateView } from './routes.ts';

/** The plugin over a real store and the core's outbox; cameras, alarms and actions are those of the test. */

export const SERIAL = 'GH-1';

export const camera = (channel: number, change: Partial<CameraInfo> = {}): CameraInfo => ({
  channel,
  name: `Gate ${channel}`,
  position: '',
  description: '',
  threshold: 80,
  libraryIds: [],
  tasks: ['face', 'body'],
  enabled: true,
  online: true,
  ...change,
});

let lastCapture = 0;

/** A capture in the outbox, without pictures. */
export function capture(change: Partial<OutMessage> = {}, body: Partial<CaptureRecord> = {}): OutMessage {
  const id = `capture-${++lastCapture}`;
  const record = captureRecord({ id, cameraName: 'Gate 3', threshold: 80, time: change.time ?? Date.now(), ...body });
  return { ...captureMessage(record), pictures: [], ...change };
}

export const match = captureMatch({ similarity: 91.2 });

export function alarm(change: Partial<OutMessage> = {}, body: Record<string, unknown> = {}): OutMessage {
  return alarmMessage({ time: Date.now(), ...change }, { id: 12, cameraName: 'Gate 3', ...body });
}

export interface TestPlugin {
  store: Store;
  outbox: OutboxService;
  parts: PluginParts<unknown>;
  cameras: Map<number, CameraInfo>;
  switched: Map<number, boolean>;
  acknowledged: { id: number; by: string; note: string }[];
  actions: ActionRegistry;
  operations: Operation[];
  log: string[];
  watchers: Map<number, (frame: LiveFrame) => void>;
  /** Moves the steady clock, ms. */
  later(ms: number): void;
  /** Puts messages into the outbox, one job each. */
  put(...messages: OutMessage[]): Promise<void>;
  camerasChanged(): void;
  state(): StateView;
  /** Stops it and sets it up anew over the same database. */
  restart(config?: object): Promise<void>;
}

/** Starts the plugin with a broker at this port, if any. */
export async function startPlugin(t: TestContext, config: object, allowLoopback = true): Promise<TestPlugin> {
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line) => void lines.push(line) });
  const { store } = await temporaryStore(t, { log });
  await store.migrate('mqtt', join(import.meta.dirname, 'migrations'));
  let ahead = 0;
  const clock = { now: () => Date.now(), steady: () => performance.now() + ahead, zone: 'UTC' };
  const outbox = new OutboxService({ store, log, clock: realTime(clock) });
  await outbox.start();
  const box = {
    store,
    outbox,
    cameras: new Map([[3, camera(3)]]),
    switched: new Map([[3, true]]),
    acknowledged: [],
    actions: new ActionRegistry(),
    operations: [],
    log: lines,
    watchers: new Map(),
  } as unknown as TestPlugin;
  atEnd(t, async () => {
    await box.parts.stop?.();
    await outbox.stop();
  });

  const switches: CameraSwitches = {
    enabled: (channel) => box.switched.get(channel),
    setEnabled: async (channel, enabled) => {
      box.switched.set(channel, enabled);
      box.camerasChanged();
    },
  };
  const desk: AlarmDesk = {
    acknowledge: async (id, by, note) => {
      if (id > 100) return false;
      box.acknowledged.push({ id, by, note });
      return true;
    },
    kinds: async () => ['crowd'],
  };
  box.restart = async (changed = config) => {
    await box.parts?.stop?.();
    box.parts = await plugin.setup({
      id: 'mqtt',
      config: plugin.config!.parse(changed),
      use: {
        host: { version: '0.1.0' },
        vision: {
          watch: (channel: number, _: boolean, onFrame: (frame: LiveFrame) => void) => {
            box.watchers.set(channel, onFrame);
            return () => box.watchers.delete(channel);
          },
        },
        outbox,
        outgoing: { allowLoopback },
        identity: { serial: SERIAL, deviceId: 'north-gate' },
        cameras: { list: () => [...box.cameras.values()], get: (channel: number) => box.cameras.get(channel) },
        switches,
        desk,
        actions: box.actions,
      },
      log,
      clock,
      metrics: { counter: () => ({ inc: () => {} }), gauge: () => {} },
      store,
      emit: (_: unknown, payload: Operation) => void box.operations.push(payload),
      changed: () => {},
    } as unknown as PluginContext);
    await box.parts.start?.();
  };
  box.later = (ms) => {
    ahead += ms;
  };
  box.put = async (...messages) => {
    for (const message of messages) await store.write((tx) => outbox.add(tx, message));
  };
  box.camerasChanged = () => void tell(box.parts, camerasChanged, { channel: 3 });
  box.state = () => {
    const found = box.parts.routes!.find(({ path }) => path === '/state')!;
    return found.response!.parse(found.handle({} as never, {} as Call)) as StateView;
  };
  await box.restart();
  return box;
}
