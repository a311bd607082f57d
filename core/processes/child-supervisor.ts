import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { WorkerReport } from '../plugin/services.ts';
import { MessageChannel } from './channel.ts';
import { type Beat, DOING_VARIABLE, SOCKET_VARIABLE, TOKEN_VARIABLE } from './child.ts';
import { readDoing } from './doing.ts';
import { makeMeetingFolder, SOCKET } from './meeting-folder.ts';

/** What a child is held to. */
export interface ChildLimits {
  /** One that has not said hello for this long is killed, ms. */
  startMs: number;
  /** One that has not beaten for this long is killed, ms. */
  silenceMs: number;
  /** How long it may take to end when it is asked to, ms. */
  stopMs: number;
  /** Before each start after a fault, ms; the last holds for all that follow, so it is never started more often. */
  pauses: readonly number[];
  /** One that has run this long had no trouble: the next restart is quick again. Nor is it renewed earlier, ms. */
  steadyMs: number;
  /** Memory from which it is renewed. */
  residentBytes: number;
  /** Memory at which it is killed at once: nothing but a fault takes so much, and the box needs the rest. */
  mostResidentBytes: number;
}

const GIB = 1024 ** 3;
export const CHILD_LIMITS: ChildLimits = {
  startMs: 60_000,
  silenceMs: 15_000,
  stopMs: 4_000,
  pauses: [200, 1_000, 2_000, 5_000, 10_000, 30_000],
  steadyMs: 60_000,
  residentBytes: 2 * GIB,
  mostResidentBytes: 3 * GIB,
};

/** How a child ended. */
export interface ChildEnd {
  /** In a sentence's words: "exit code 1". */
  reason: string;
  /** It was asked to, and another takes its place at once. */
  renewed: boolean;
  /** What it noted last, where it was killed because it hung or took all memory. */
  stuckIn?: string;
  /** What it noted last, where native code crashed. Another of its threads may be to blame. */
  crashedIn?: string;
}

/** How processes end that crash; not SIGKILL, which the kernel sends where memory runs out. */
const CRASHES: ReadonlySet<string | null> = new Set(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP']);

export interface ChildEvents<From> {
  message(message: From, blobs: Uint8Array[]): void;
  /** A child stands and has its settings. */
  up(): void;
  down(end: ChildEnd): void;
}

export interface ChildOptions<From> {
  /** For the log and the report. */
  name: string;
  /** The child's main module, which calls `joinSupervisor`. */
  module: URL;
  environment?: Record<string, string>;
  limits?: Partial<ChildLimits>;
  log: Logger;
  events: ChildEvents<From>;
}

type Told = { type: string };

/**
 * Keeps one child process running: starts it, watches its beat and its memory, restarts it with growing pauses, renews
 * it. It gets `{ type: 'setup', settings }` first and `{ type: 'stop' }` last; what goes between is its owner's affair.
 */
export class ChildSupervisor<Settings, To extends Told, From extends Told> {
  readonly #options: ChildOptions<From>;
  readonly #limits: ChildLimits;
  #settings: Settings | undefined;
  #folder = '';
  #server: Server | undefined;
  #child: ChildProcess | undefined;
  #channel: MessageChannel<Told, Told> | undefined;
  #token = '';
  #lastBeat = 0;
  #startedAt = 0;
  #killedFor: string | undefined;
  #renewedFor: string | undefined;
  #watch: NodeJS.Timeout | undefined;
  #restart: NodeJS.Timeout | undefined;
  #starting: Promise<void> = Promise.resolve();
  #stopping = false;
  readonly #told: Pick<WorkerReport, 'restarts' | 'failures' | 'renewals'> & Partial<WorkerReport> = {
    restarts: 0,
    failures: 0,
    renewals: 0,
  };

  constructor(options: ChildOptions<From>) {
    this.#options = options;
    this.#limits = { ...CHILD_LIMITS, ...options.limits };
  }

  get report(): WorkerReport {
    const state = this.#channel ? 'running' : this.#restart ? 'restarting' : this.#child ? 'starting' : 'stopped';
    const pid = this.#child?.pid;
    return { name: this.#options.name, state, ...(pid ? { pid } : {}), ...this.#told };
  }

  async start(settings: Settings): Promise<void> {
    this.#settings = settings;
    await this.#meet();
    this.#spawn();
    this.#watch = setInterval(() => void this.#look(), 1_000);
    this.#watch.unref();
  }

  /** Takes other settings: the child is renewed when they differ. */
  configure(settings: Settings, why: string): void {
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
    this.#settings = settings;
    this.#renew(why);
  }

  /** False: no child stands; `up` will be told when one does. */
  send(message: To, blobs: Uint8Array[] = []): boolean {
    this.#channel?.send(message, blobs);
    return this.#channel !== undefined;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#watch);
    clearTimeout(this.#restart);
    await this.#starting;
    await this.#endChild();
    this.#server?.close();
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }

  #path(name: typeof SOCKET | 'doing'): string {
    return join(this.#folder, name);
  }

  /** Makes the place where children find their supervisor. */
  async #meet(): Promise<void> {
    this.#folder = await makeMeetingFolder();
    const server = createServer((socket) => this.#connected(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#path(SOCKET), resolve);
    });
  }

  async #startAgain(): Promise<void> {
    this.#restart = undefined;
    delete this.#told.nextStartAt;
    try {
      // Systems tidy their temporary files after some days, sockets that nobody seems to use among them.
      if (!existsSync(this.#path(SOCKET))) {
        this.#server?.close();
        await this.#meet();
      }
      if (!this.#stopping) this.#spawn();
    } catch (error) {
      // A machine out of memory refuses processes with an exception.
      if (!this.#stopping) this.#failed((error as Error).message, undefined);
    }
  }

  #spawn(): void {
    this.#token = randomBytes(24).toString('hex');
    this.#startedAt = this.#lastBeat = performance.now();
    // A process that reads what strangers send needs no password.
    const { GATEHOUSE_ADMIN_PASSWORD: _, ...environment } = process.env;
    const child = spawn(process.execPath, [...runtimeArguments(), fileURLToPath(this.#options.module)], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...environment,
        ...this.#options.environment,
        [SOCKET_VARIABLE]: this.#path(SOCKET),
        [TOKEN_VARIABLE]: this.#token,
        [DOING_VARIABLE]: this.#path('doing'),
      },
    });
    this.#child = child;
    child.on('error', (error) => this.#ended(child, error.message));
    child.on('exit', (code, signal) => {
      this.#ended(child, signal ? `killed by ${signal}` : `exit code ${code}`, CRASHES.has(signal));
    });
  }

  #connected(socket: Socket): void {
    const { log, events, name } = this.#options;
    socket.on('error', (error) => log.debug({ module: name, reason: error.message }, 'the socket of a child broke'));
    const channel = new MessageChannel<Told, Told>(socket, (message, blobs) => {
      if (message.type === 'hello') {
        if ((message as { token?: unknown }).token !== this.#token) return socket.destroy();
        this.#channel = channel;
        this.#lastBeat = performance.now();
        channel.send({ type: 'setup', settings: this.#settings } as Told);
        events.up();
        return;
      }
      if (channel !== this.#channel) return;
      if (message.type === 'beat') this.#beaten(message as Beat);
      events.message(message as From, blobs);
    });
    // Whoever is not the child does not say hello in time.
    setTimeout(() => {
      if (channel !== this.#channel) socket.destroy();
    }, 10_000).unref();
  }

  #beaten({ residentBytes, renew }: Beat): void {
    this.#lastBeat = performance.now();
    this.#told.residentBytes = residentBytes;
    const steady = performance.now() - this.#startedAt > this.#limits.steadyMs;
    if (steady) this.#told.failures = 0;
    if (renew) this.#renew(renew);
    else if (steady && residentBytes > this.#limits.residentBytes) this.#renew(`it holds ${mebibytes(residentBytes)}`);
  }

  /** Once a second: whether it still beats, and whether it takes all memory faster than it beats. */
  async #look(): Promise<void> {
    const child = this.#child;
    if (!child?.pid || this.#killedFor) return;
    // What takes memory without end is silent meanwhile, too: the memory says more.
    const resident = await residentBytesOf(child.pid);
    // Only now: where this process stood still itself, the beats that came meanwhile are read during that wait.
    const silent = performance.now() - this.#lastBeat;
    const mute = silent >= (this.#channel ? this.#limits.silenceMs : this.#limits.startMs);
    if (resident > this.#limits.mostResidentBytes) this.#kill(child, `it took ${mebibytes(resident)} of memory`);
    else if (mute) this.#kill(child, `it gave no sign of life for ${Math.round(silent / 1000)} s`);
  }

  #kill(child: ChildProcess, why: string): void {
    if (child !== this.#child) return;
    this.#killedFor = why;
    child.kill('SIGKILL');
  }

  #renew(why: string): void {
    if (!this.#child || this.#renewedFor) return;
    const { log, name } = this.#options;
    this.#renewedFor = why;
    log.info({ module: name, reason: why }, `${name} worker is renewed`);
    void this.#endChild();
  }

  async #endChild(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.#channel?.send({ type: 'stop' });
    const timer = setTimeout(() => child.kill('SIGKILL'), this.#channel ? this.#limits.stopMs : 0);
    await gone;
    clearTimeout(timer);
  }

  #ended(child: ChildProcess, how: string, crashed = false): void {
    if (child !== this.#child) return;
    const doing = readDoing(this.#path('doing'));
    const { events } = this.#options;
    const [renewedFor, killedFor] = [this.#renewedFor, this.#killedFor];
    this.#child = this.#channel = this.#renewedFor = this.#killedFor = undefined;
    delete this.#told.residentBytes;
    if (this.#stopping) return;
    const reason = killedFor ?? how;
    // One that was asked to end and had to be killed for a fault meanwhile did not simply end.
    const renewed = renewedFor !== undefined && killedFor === undefined;
    if (renewed) {
      this.#told.renewals += 1;
      this.#told.lastRenewal = renewedFor;
      this.#startIn(0);
    } else this.#failed(reason, doing);
    const noted = killedFor ? { stuckIn: doing } : crashed && !renewed ? { crashedIn: doing } : {};
    events.down({ reason, renewed, ...(doing ? noted : {}) });
  }

  /** Counts it, and starts the next child after a pause that grows with the failures. */
  #failed(reason: string, doing: string | undefined): void {
    const { log, name } = this.#options;
    const { pauses } = this.#limits;
    const pause = pauses[Math.min(this.#told.failures, pauses.length - 1)] ?? 0;
    this.#told.failures += 1;
    this.#told.restarts += 1;
    this.#told.lastError = reason;
    this.#told.nextStartAt = Date.now() + pause;
    log.error({ module: name, reason, doing, pause }, `${name} worker ended; it is started again`);
    this.#startIn(pause);
  }

  #startIn(pause: number): void {
    this.#restart = setTimeout(() => {
      this.#starting = this.#startAgain();
    }, pause);
  }
}

/** Memory a process holds, by the kernel's word; 0 where it does not say. */
async function residentBytesOf(pid: number): Promise<number> {
  try {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kibibytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MiB`;
}

/** What stands between the runtime and the module of a child: as this process was started, or as Deno wants it. */
function runtimeArguments(): string[] {
  return 'deno' in process.versions ? ['run', '-A', '--node-modules-dir=manual'] : process.execArgv;
}
