import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { signalChild } from '../../drivers/video/signal.ts';
import { freePort } from '../../tests/kit/box.ts';
import { skip } from '../../tests/kit/runtime.ts';
import { until } from '../../tests/kit/wait.ts';

/** A real Mosquitto for tests, and somebody who listens at it. */

const PROGRAM = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', 'mosquitto'].find(
  (path) => spawnSync(path, ['-h'], { stdio: 'ignore' }).error === undefined,
);

/** Skips the test where no Mosquitto is installed. */
export function mosquittoMissing(t: TestContext): boolean {
  if (PROGRAM) return false;
  skip(t, 'Mosquitto is not installed');
  return true;
}

export interface BrokerSetup {
  /** Lines of its configuration beside port and folder. */
  lines?: string[];
  /** Lines of its list of who may read and write what. */
  rights?: string[];
  user?: { name: string; password: string };
}

export class TestBroker {
  readonly port: number;
  readonly folder: string;
  #child: ChildProcess | undefined;
  #output = '';

  constructor(port: number, folder: string) {
    this.port = port;
    this.folder = folder;
  }

  get output(): string {
    return this.#output;
  }

  async start(): Promise<void> {
    this.#output = '';
    const child = spawn(PROGRAM!, ['-c', join(this.folder, 'mosquitto.conf')], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    process.once('exit', () => child.kill('SIGKILL'));
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#output += String(chunk);
    });
    await until('Mosquitto to run', () => {
      if (child.exitCode !== null) throw new Error(`it ended: ${this.#output}`);
      return /mosquitto version .* running/.test(this.#output);
    });
  }

  /** Ends it; what it keeps is on the disk then, unless it is killed. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once('exit', done));
    signalChild(child, signal);
    await gone;
  }
}

export async function startBroker(t: TestContext, { lines = [], rights, user }: BrokerSetup = {}): Promise<TestBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-mosquitto-'));
  const broker = new TestBroker(await freePort(), folder);
  t.after(async () => {
    await broker.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const passwords = join(folder, 'passwords');
  if (user) {
    await writeFile(passwords, `${user.name}:${user.password}\n`, { mode: 0o600 });
    await promisify(execFile)('mosquitto_passwd', ['-U', passwords]);
  }
  if (rights) await writeFile(join(folder, 'rights'), `${rights.join('\n')}\n`, { mode: 0o600 });
  await writeFile(
    join(folder, 'mosquitto.conf'),
    [
      `listener ${broker.port} 127.0.0.1`,
      ...lines,
      ...(rights ? [`acl_file ${join(folder, 'rights')}`] : []),
      user ? `password_file ${passwords}` : 'allow_anonymous true',
      'persistence true',
      `persistence_location ${folder}/`,
      'max_queued_messages 20000',
      // Started by root it would take another name and could not write to this folder.
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      'log_dest stderr',
      '',
    ].join('\n'),
  );
  await broker.start();
  return broker;
}

export interface Heard {
  topic: string;
  text: string;
  retained: boolean;
}

/** Listens to everything at a broker, as another system would. */
export class Observer {
  readonly heard: Heard[] = [];
  /** The newest under each topic. */
  readonly newest = new Map<string, string>();
  readonly client: MqttClient;

  constructor(client: MqttClient) {
    this.client = client;
    client.on('message', (topic, payload, { retain }) => {
      const text = payload.toString('utf8');
      this.heard.push({ topic, text, retained: retain });
      this.newest.set(topic, text);
    });
  }

  of(topic: string): string[] {
    return this.heard.filter((one) => one.topic === topic).map(({ text }) => text);
  }

  json(topic: string): Record<string, unknown>[] {
    return this.of(topic).map((text) => JSON.parse(text) as Record<string, unknown>);
  }

  say(topic: string, text: string, retain = false): Promise<unknown> {
    return this.client.publishAsync(topic, text, { qos: 1, retain });
  }
}

export async function observe(
  t: TestContext,
  broker: TestBroker,
  options: IClientOptions = {},
  url = `mqtt://127.0.0.1:${broker.port}`,
): Promise<Observer> {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 50, ...options });
  t.after(() => client.end(true));
  const observer = new Observer(client);
  await client.subscribeAsync('#', { qos: 1 });
  return observer;
}
