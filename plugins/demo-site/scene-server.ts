import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { signalChild } from '../../drivers/video/signal.ts';
import type { Scene } from './scenes.ts';

/** The system's own interpreter: the GStreamer bindings are installed for no other. */
const INTERPRETER = '/usr/bin/python3';
const SCRIPT = join(import.meta.dirname, 'server/serve.py');
const NO_LIBRARY = 3;
const NO_PORT = 4;

const LISTENS_MS = 20_000;
const STOP_MS = 1_500;
/** Before each start after a fault, ms; the last holds for all that follow. */
const PAUSES = [500, 2_000, 5_000, 15_000, 60_000];
const STEADY_MS = 60_000;
/** Starts in a row without ever listening, after which the scenes are played as files. */
const TRIES = 3;

export interface SceneServerOptions {
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  /** Its addresses have changed, or it has turned out that there will be none. */
  onMoved(): void;
  interpreter?: string;
}

/**
 * The scenes as cameras on the loopback address: a child process that speaks RTSP, behind a password drawn for this run.
 * It is started again when it ends, on the same port where that is free. It ends with this process, however that ends.
 */
export class SceneServer {
  readonly #options: SceneServerOptions;
  readonly #scenes: readonly Scene[];
  readonly #password = randomBytes(18).toString('base64url');
  #child: ChildProcess | undefined;
  #port = 0;
  #listens = false;
  #impossible: string | undefined;
  #failures = 0;
  #restart: NodeJS.Timeout | undefined;
  #stopping = false;
  #settled = () => {};

  constructor(scenes: readonly Scene[], options: SceneServerOptions) {
    this.#scenes = scenes;
    this.#options = options;
  }

  /** Why there is no server and will be none; undefined while there is one or is to be one. */
  get impossible(): string | undefined {
    return this.#impossible;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Address of a scene with user and password; undefined until the server has listened once. */
  url(scene: Scene): string | undefined {
    if (this.#impossible !== undefined || this.#port === 0) return undefined;
    return `rtsp://demo:${this.#password}@127.0.0.1:${this.#port}/${scene.name}`;
  }

  /** Resolves when it listens, or when it is known that it never will. Does not reject. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#settled = resolve;
      this.#spawn();
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    this.#settled();
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.stdin?.end();
    const timer = setTimeout(() => signalChild(child, 'SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(timer);
  }

  #spawn(): void {
    const { log, onMoved, interpreter = INTERPRETER } = this.#options;
    // Not every runtime tells of a program that is not there.
    if (!existsSync(interpreter)) {
      this.#ended(NO_LIBRARY, `${interpreter} is missing`, 0);
      return;
    }
    const child = spawn(interpreter, [SCRIPT], { stdio: ['pipe', 'pipe', 'pipe'], env: environment() });
    this.#child = child;
    this.#listens = false;
    const began = performance.now();
    const timer = setTimeout(() => signalChild(child, 'SIGKILL'), LISTENS_MS);
    // A child that cannot be started, or is gone already, is told by its end.
    child.stdin.on('error', () => {});
    child.stdin.write(`${JSON.stringify(this.#configuration())}\n`);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const port = portIn(line);
      if (port === undefined || this.#stopping) return;
      clearTimeout(timer);
      const moved = port !== this.#port;
      this.#port = port;
      this.#listens = true;
      if (moved) onMoved();
      this.#settled();
    });
    createInterface({ input: child.stderr }).on('line', (line) =>
      log.warn({ line: line.slice(0, 500) }, 'demo server'),
    );
    let ended = false;
    const end = (code: number | null, how: string) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      if (!this.#stopping) this.#ended(code, how, performance.now() - began);
    };
    // What is not there will not be; that there was no room for a process passes.
    child.once('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT' || error.code === 'EACCES';
      end(missing ? NO_LIBRARY : null, error.message);
    });
    child.once('exit', (code, signal) => end(code, signal ? `killed by ${signal}` : `exit code ${code}`));
  }

  #ended(code: number | null, how: string, lasted: number): void {
    const { log, onMoved } = this.#options;
    // Somebody else has taken the port meanwhile: another one is drawn.
    if (code === NO_PORT) this.#port = 0;
    this.#failures = lasted > STEADY_MS ? 1 : this.#failures + 1;
    const never = !this.#listens && this.#port === 0 && code !== NO_PORT;
    if (code === NO_LIBRARY || (never && this.#failures >= TRIES)) {
      this.#impossible = code === NO_LIBRARY ? `the RTSP server library is not installed (${how})` : how;
      log.info({ reason: this.#impossible }, 'the scenes are played as files, not over RTSP');
      onMoved();
      this.#settled();
      return;
    }
    const pause = PAUSES[Math.min(this.#failures, PAUSES.length) - 1] ?? 0;
    log.warn({ reason: how, pause }, 'the server of the scenes ended; it is started again');
    this.#restart = setTimeout(() => this.#spawn(), pause);
    this.#restart.unref();
  }

  #configuration() {
    return {
      parent: process.pid,
      port: this.#port,
      user: 'demo',
      // Never on a command line, which everybody on the machine can read.
      password: this.#password,
      scenes: this.#scenes.map(({ name, file }) => ({ path: `/${name}`, file })),
    };
  }
}

function portIn(line: string): number | undefined {
  try {
    const { port } = JSON.parse(line) as { port?: unknown };
    return typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
  } catch {
    return undefined;
  }
}

/** The box's own settings are no business of a server of films. */
function environment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GATEHOUSE_')));
}
