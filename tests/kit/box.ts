import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { signalChild } from '../../drivers/video/signal.ts';
import { type Lane, runtime } from './runtime.ts';
import { until } from './wait.ts';

const root = resolve(import.meta.dirname, '../..');
export const ADMIN_PASSWORD = 'Gate-house-1';

/** What every message answers with. */
export interface Answer<T = unknown> {
  code: number;
  data: T;
  msg: string;
}

export interface BoxSetup {
  /** Data folder; a fresh one that goes with the box by default. */
  dataFolder?: string;
  /** Ports of an earlier box; free ones by default. */
  ports?: { http: number; https: number };
  /** More environment, over the test's usual one. An undefined value takes a variable away. */
  environment?: Record<string, string | undefined>;
  /** Folder with models to install before the start. */
  models?: string;
  /** Module that starts the box, from the root of the repository; `core/main.ts` by default. */
  main?: string;
  /** The lane whose runtime the box runs under; that of this process by default. */
  lane?: Lane;
}

/** A Gatehouse in a process of its own, as its user starts it, on ports of its own. */
export class TestBox {
  readonly url: string;
  readonly dataFolder: string;
  readonly child: ChildProcess;
  readonly ports: { http: number; https: number };
  sessionId = '';
  readonly #lines: string[];
  readonly #ownsFolder: boolean;

  constructor(parts: {
    url: string;
    dataFolder: string;
    child: ChildProcess;
    ports: { http: number; https: number };
    lines: string[];
    ownsFolder: boolean;
  }) {
    this.url = parts.url;
    this.dataFolder = parts.dataFolder;
    this.child = parts.child;
    this.ports = parts.ports;
    this.#lines = parts.lines;
    this.#ownsFolder = parts.ownsFolder;
  }

  /** Everything the box has printed so far. */
  get output(): string {
    return this.#lines.join('');
  }

  /** Calls a numbered message with the box's session, or another one. */
  async call<T = unknown>(
    id: number | string,
    parameters: object = {},
    sessionId: string = this.sessionId,
  ): Promise<Answer<T>> {
    const response = await fetch(`${this.url}/api/json`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(sessionId ? { sessionid: sessionId } : {}) },
      body: JSON.stringify({ msg_id: String(id), ...parameters }),
    });
    return (await response.json()) as Answer<T>;
  }

  /** Calls a REST route and gives its status and JSON. */
  async rest<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
    sessionId: string = this.sessionId,
  ): Promise<{ status: number; body: T }> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(sessionId ? { sessionid: sessionId } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text.startsWith('{') ? JSON.parse(text) : text) as T };
  }

  /** Signs in and keeps the session for later calls. */
  async login(name = 'admin', password = ADMIN_PASSWORD): Promise<string> {
    const answer = await this.call<string>(257, { user_name: name, user_pwd: password }, '');
    if (answer.code !== 0) throw new Error(`login answered ${answer.code}: ${answer.msg}`);
    this.sessionId = answer.data;
    return answer.data;
  }

  /** Ends the box; its exit code, or the signal that ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((done) => child.once('exit', done));
      signalChild(child, signal);
      const timer = setTimeout(() => signalChild(child, 'SIGKILL'), 15_000);
      await gone;
      clearTimeout(timer);
    }
    if (this.#ownsFolder) await rm(this.dataFolder, { recursive: true, force: true });
    return child.exitCode ?? child.signalCode ?? 0;
  }
}

/** Boots a box over HTTP, without demo, and waits until it answers. Call `stop` at the end. */
export async function startBox(setup: BoxSetup = {}): Promise<TestBox> {
  const ownsFolder = setup.dataFolder === undefined;
  const dataFolder = setup.dataFolder ?? (await mkdtemp(join(tmpdir(), 'gatehouse-test-')));
  if (setup.models) await installModels(setup.models, dataFolder);
  const ports = setup.ports ?? { http: await freePort(), https: await freePort() };
  const environment: Record<string, string | undefined> = {
    ...process.env,
    GATEHOUSE_DATA_DIR: dataFolder,
    GATEHOUSE_HOST: '127.0.0.1',
    GATEHOUSE_HTTP_PORT: String(ports.http),
    GATEHOUSE_HTTPS_PORT: String(ports.https),
    GATEHOUSE_PROTOCOL: 'http',
    GATEHOUSE_ADMIN_PASSWORD: ADMIN_PASSWORD,
    GATEHOUSE_DEMO: '0',
    GATEHOUSE_FETCH_MODELS: '0',
    ...setup.environment,
  };
  const https = environment['GATEHOUSE_PROTOCOL'] !== 'http';
  const url = https ? `https://127.0.0.1:${ports.https}` : `http://127.0.0.1:${ports.http}`;
  const { command, run } = runtime(setup.lane);
  const child = spawn(command, [...run, setup.main ?? 'core/main.ts'], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => lines.push(String(chunk)));
  child.stderr?.on('data', (chunk: Buffer) => lines.push(String(chunk)));
  // A test that dies must not leave its box behind.
  const killChild = () => child.kill('SIGKILL');
  process.once('exit', killChild);
  child.once('exit', () => process.off('exit', killChild));
  const box = new TestBox({ url, dataFolder, child, ports, lines, ownsFolder });
  try {
    const answers = () => / answers at http/.test(lines.join(''));
    const ended = () => child.exitCode ?? child.signalCode;
    await until('the box to answer', () => ended() !== null || answers(), 60_000);
    if (!answers()) throw new Error(`the box ended: ${ended()}`);
  } catch (error) {
    await box.stop('SIGKILL');
    throw new Error(`${(error as Error).message}\n${box.output}`);
  }
  return box;
}

async function installModels(folder: string, dataFolder: string): Promise<void> {
  const { command, run } = runtime();
  const child = spawn(command, [...run, 'models/cli.ts', 'install', '--from', folder], {
    cwd: root,
    env: { ...process.env, GATEHOUSE_DATA_DIR: dataFolder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const code = await new Promise((done) => child.once('exit', done));
  if (code !== 0) throw new Error(`models could not be installed from ${folder}`);
}

/** A TCP port nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? done(address.port) : failed(new Error('no port'))));
    });
  });
}
