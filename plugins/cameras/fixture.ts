import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { checkInput } from '../../core/gateway/dispatch.ts';
import type { Caller, PluginContext, PluginParts, Subscriber } from '../../core/plugin/contract.ts';
import type { EventKey } from '../../core/plugin/keys.ts';
import {
  type CameraDatabases,
  type CameraDirectory,
  cameraDatabases,
  cameraDirectory,
  type GuestCameras,
  guestCameras,
  type ProbeResult,
  type StageReport,
  type Vision,
} from '../../core/plugin/services.ts';
import type { Store } from '../../core/store/database.ts';
import { temporaryStore } from '../../core/store/fixture.ts';
import { type CameraPlan, type CameraStatus, cameraStatusChanged, type LiveFrame } from '../../core/vision/keys.ts';
import type { Answer } from '../../tests/kit/box.ts';
import { admin, callBy, callRoute, sendMessage, serviceOf, tell } from '../../tests/kit/plugin.ts';
import plugin from './index.ts';

/** The plugin in a box of its own: a real store in a temporary folder, and a vision that does what the test says. */

const MIGRATIONS = join(import.meta.dirname, 'migrations');

/** Stands in for the vision worker: no stream is ever opened. */
export class TestVision implements Vision {
  plans: CameraPlan[] = [];
  readonly states = new Map<number, CameraStatus>();
  readonly watchers: { channel: number; picture: boolean; onFrame: (frame: LiveFrame) => void }[] = [];
  readonly probed: string[] = [];
  stageReports: StageReport[] = [];
  picture: { jpeg: Uint8Array; time: number; width: number; height: number } | undefined;
  answerProbe: () => Promise<ProbeResult> = async () => ({ ok: false, code: 'refused', message: 'nobody answers' });

  setCameras(plans: CameraPlan[]): void {
    this.plans = plans;
  }
  status(channel: number): CameraStatus | undefined {
    return this.states.get(channel);
  }
  stages(): StageReport[] {
    return this.stageReports;
  }
  workers() {
    return [];
  }
  missingModels() {
    return [];
  }
  modelFaults() {
    return [];
  }
  async snapshot() {
    return this.picture;
  }
  probe(url: string): Promise<ProbeResult> {
    this.probed.push(url);
    return this.answerProbe();
  }
  watch(channel: number, picture: boolean, onFrame: (frame: LiveFrame) => void): () => void {
    const watcher = { channel, picture, onFrame };
    this.watchers.push(watcher);
    return () => this.watchers.splice(this.watchers.indexOf(watcher), 1);
  }
}

export const status = (channel: number, change: Partial<CameraStatus> = {}): CameraStatus => ({
  channel,
  state: 'online',
  since: 1000,
  analysedFps: 5,
  framesAnalysed: 10,
  framesDropped: 0,
  reconnects: 0,
  ...change,
});

export interface TestBox {
  store: Store;
  vision: TestVision;
  parts: PluginParts<unknown>;
  config: { computeUnits: number };
  emitted: { event: string; payload: unknown }[];
  changes: string[];
  remarks: string[];
  directory: CameraDirectory;
  guests: GuestCameras;
  databases: CameraDatabases;
  /** Steady clock, ms. */
  steady: number;
  /** Sends a numbered message as the gateway would. */
  send(id: number, parameters: Record<string, unknown>): Promise<Answer>;
  /** Calls a route; gives its answer or throws ContractError. */
  call(method: string, path: string, body?: unknown, caller?: Caller): Promise<unknown>;
  open(
    topic: string,
    params: unknown,
    caller?: Caller,
  ): { sent: { data: unknown; bytes?: Uint8Array }[]; close(): void };
  tellStatus(status: CameraStatus): Promise<void>;
  /** Tells what another plugin tells. */
  hear<T>(event: EventKey<T>, payload: T): void;
  /** Sets the plugin up anew over the same database, as after a restart. */
  restart(): Promise<void>;
}

/** Starts the plugin; the folder is removed when the test ends. */
export async function startBox(t: TestContext): Promise<TestBox> {
  const { store } = await temporaryStore(t);
  await store.migrate('cameras', MIGRATIONS);

  const box = { store, vision: new TestVision(), emitted: [], changes: [], remarks: [] } as unknown as TestBox;
  box.config = { computeUnits: 16 };
  box.steady = 0;
  box.restart = async () => {
    const context = {
      id: 'cameras',
      config: box.config,
      use: { vision: box.vision },
      log: pino({ level: 'silent' }),
      clock: { now: () => 1000, steady: () => box.steady, zone: 'UTC' },
      store,
      secrets: store.keys.for('cameras'),
      emit: (event: { id: string }, payload: unknown) => box.emitted.push({ event: event.id, payload }),
      changed: (what: string) => box.changes.push(what),
    } as unknown as PluginContext;
    box.parts = await plugin.setup(context);
    await box.parts.start?.();
    box.directory = serviceOf(box.parts, cameraDirectory);
    box.guests = serviceOf(box.parts, guestCameras);
    box.databases = serviceOf(box.parts, cameraDatabases);
  };
  await box.restart();

  box.send = (id, parameters) => sendMessage(box.parts, id, parameters, callBy(admin, box.remarks));
  box.call = (method, path, body, caller = admin) =>
    callRoute(box.parts, method, path, { body }, callBy(caller, box.remarks));
  box.open = (id, params, caller = admin) => {
    const found = box.parts.topics?.find((one) => one.id === id);
    if (!found) throw new Error(`no topic ${id}`);
    const sent: { data: unknown; bytes?: Uint8Array }[] = [];
    const subscriber: Subscriber = {
      caller,
      send: (data, bytes) => sent.push({ data, ...(bytes ? { bytes } : {}) }) > 0,
    };
    return { sent, close: found.open(checkInput(found.params, params), subscriber) };
  };
  box.tellStatus = async (told) => {
    box.vision.states.set(told.channel, told);
    await tell(box.parts, cameraStatusChanged, told);
  };
  box.hear = (event, payload) => void tell(box.parts, event, payload);
  return box;
}

/** A complete 513 for a stream camera. */
export const rtspCamera = (change: Record<string, unknown> = {}) => ({
  camera_mode: 'VIDEO',
  protocol: 'rtsp',
  url: 'rtsp://admin:secret-1@10.0.0.9:554/stream1',
  threshold: 75,
  camera_name: 'Gate',
  snap_mode: 1,
  ...change,
});
