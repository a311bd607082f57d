import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { threadsNeeded } from '../../drivers/video/feed.ts';
import type { WorkerReport } from '../plugin/services.ts';
import { MessageChannel } from './channel.ts';
import type { FromWorker, PlannedCamera, ToWorker, WorkerSettings } from './protocol.ts';

/** A worker that has not beaten for this long is killed; queued inferences are far shorter. */
const SILENCE_MS = 15_000;
const STOP_MS = 4_000;
const RESTART_PAUSES = [200, 1_000, 2_000, 5_000, 10_000, 30_000];
/** A worker that has run this long had no trouble: the next restart is quick again. */
const STEADY_MS = 60_000;
/** The addon never frees a pipeline: each one made holds a few handles and some MB. Past this the worker is renewed. */
const MAX_PIPELINES = 400;
const MAX_RESIDENT = 2 * 1024 ** 3;
const MAX_CHANNELS = 32;

export interface SupervisorEvents {
  message(message: FromWorker, blobs: Uint8Array[]): void;
  /** A worker stands and wants its cameras. */
  up(): void;
  down(reason: string): void;
}

/** Keeps one vision worker running: starts it, watches its beat, restarts it with growing pauses, renews it. */
export class WorkerSupervisor {
  readonly #log: Logger;
  readonly #events: SupervisorEvents;
  #settings: WorkerSettings | undefined;
  #folder: string | undefined;
  #server: Server | undefined;
  #child: ChildProcess | undefined;
  #channel: MessageChannel<ToWorker, FromWorker> | undefined;
  #token = '';
  #lastBeat = 0;
  #startedAt = 0;
  #failures = 0;
  #restarts = 0;
  #resident: number | undefined;
  #lastError: string | undefined;
  #watch: NodeJS.Timeout | undefined;
  #restart: NodeJS.Timeout | undefined;
  #stopping = false;
  /** The worker was asked to stop so that a new one takes its place. */
  #renewing = false;

  constructor(log: Logger, events: SupervisorEvents) {
    this.#log = log;
    this.#events = events;
  }

  get report(): WorkerReport {
    const state = this.#channel ? 'running' : this.#restart ? 'restarting' : this.#child ? 'starting' : 'stopped';
    return {
      state,
      ...(this.#child?.pid ? { pid: this.#child.pid } : {}),
      restarts: this.#restarts,
      ...(this.#resident ? { residentBytes: this.#resident } : {}),
      ...(this.#lastError ? { lastError: this.#lastError } : {}),
    };
  }

  async start(settings: WorkerSettings): Promise<void> {
    this.#settings = settings;
    this.#folder = await mkdtemp(join(tmpdir(), 'gatehouse-'));
    this.#server = createServer((socket) => this.#connected(socket));
    await new Promise<void>((resolve, reject) => {
      this.#server?.once('error', reject);
      this.#server?.listen(join(this.#folder ?? '', 'vision.sock'), resolve);
    });
    this.#spawn();
    this.#watch = setInterval(() => this.#checkBeat(), 1_000);
    this.#watch.unref();
  }

  /** Takes other stages or settings: the worker is renewed when they differ. */
  configure(settings: WorkerSettings): void {
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
    this.#settings = settings;
    this.#renew('other stages or models');
  }

  /** False: no worker stands; `up` will be told when one does. */
  send(message: ToWorker): boolean {
    this.#channel?.send(message);
    return this.#channel !== undefined;
  }

  setCameras(cameras: PlannedCamera[]): boolean {
    return this.send({ type: 'cameras', cameras });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#watch);
    clearTimeout(this.#restart);
    await this.#endChild();
    this.#server?.close();
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }

  #spawn(): void {
    this.#restart = undefined;
    this.#token = randomBytes(24).toString('hex');
    this.#startedAt = performance.now();
    this.#lastBeat = performance.now();
    const module = fileURLToPath(new URL('./worker.ts', import.meta.url));
    // The process that decodes what strangers send needs no password.
    const { GATEHOUSE_ADMIN_PASSWORD: _, ...environment } = process.env;
    const child = spawn(process.execPath, [...runtimeArguments(), module], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...environment,
        GATEHOUSE_WORKER_SOCKET: join(this.#folder ?? '', 'vision.sock'),
        GATEHOUSE_WORKER_TOKEN: this.#token,
        // Each waiting pull holds one of libuv's threads; with too few, cameras starve one another.
        UV_THREADPOOL_SIZE: String(threadsNeeded(MAX_CHANNELS, 2)),
      },
    });
    this.#child = child;
    child.on('error', (error) => this.#ended(child, error.message));
    child.on('exit', (code, signal) => this.#ended(child, signal ? `killed by ${signal}` : `exit code ${code}`));
  }

  #connected(socket: Socket): void {
    socket.on('error', (error) => this.#log.debug({ module: 'vision', reason: error.message }, 'worker socket broke'));
    const channel = new MessageChannel<ToWorker, FromWorker>(socket, (message, blobs) => {
      if (message.type === 'hello') {
        if (message.token !== this.#token || !this.#settings) return socket.destroy();
        this.#channel = channel;
        channel.send({ type: 'setup', settings: this.#settings });
        this.#events.up();
        return;
      }
      if (channel !== this.#channel) return;
      if (message.type === 'beat') this.#beaten(message);
      this.#events.message(message, blobs);
    });
    // Whoever is not the worker does not say hello in time.
    setTimeout(() => {
      if (channel !== this.#channel) socket.destroy();
    }, 10_000).unref();
  }

  #beaten(beat: { residentBytes: number; pipelinesOpened: number }): void {
    this.#lastBeat = performance.now();
    this.#resident = beat.residentBytes;
    if (performance.now() - this.#startedAt > STEADY_MS) this.#failures = 0;
    if (beat.pipelinesOpened > MAX_PIPELINES) this.#renew(`${beat.pipelinesOpened} pipelines were opened`);
    else if (beat.residentBytes > MAX_RESIDENT && performance.now() - this.#startedAt > STEADY_MS)
      this.#renew('it holds too much memory');
  }

  #checkBeat(): void {
    const silent = performance.now() - this.#lastBeat;
    if (!this.#child || silent < SILENCE_MS) return;
    this.#lastError = `no sign of life for ${Math.round(silent / 1000)} s`;
    this.#log.error({ module: 'vision', reason: this.#lastError }, 'vision worker hangs and is killed');
    this.#child.kill('SIGKILL');
    this.#lastBeat = performance.now();
  }

  #renew(why: string): void {
    if (!this.#child || this.#renewing) return;
    this.#renewing = true;
    this.#log.info({ module: 'vision', reason: why }, 'vision worker is renewed');
    void this.#endChild();
  }

  async #endChild(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.#channel?.send({ type: 'stop' });
    const timer = setTimeout(() => child.kill('SIGKILL'), this.#channel ? STOP_MS : 0);
    await gone;
    clearTimeout(timer);
  }

  #ended(child: ChildProcess, how: string): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    this.#channel = undefined;
    this.#resident = undefined;
    if (this.#stopping) return;
    const renewing = this.#renewing;
    this.#renewing = false;
    if (!renewing) {
      this.#lastError = how;
      this.#log.error({ module: 'vision', reason: how }, 'vision worker ended; it is started again');
    }
    const pause = renewing ? 0 : (RESTART_PAUSES[Math.min(this.#failures, RESTART_PAUSES.length - 1)] ?? 0);
    if (!renewing) {
      this.#failures += 1;
      this.#restarts += 1;
    }
    this.#events.down(renewing ? 'the vision worker is being renewed' : `the vision worker ended (${how})`);
    this.#restart = setTimeout(() => this.#spawn(), pause);
  }
}

/** What stands between the runtime and the module of a child: as this process was started, or as Deno wants it. */
function runtimeArguments(): string[] {
  return 'deno' in process.versions ? ['run', '-A', '--node-modules-dir=manual'] : process.execArgv;
}
