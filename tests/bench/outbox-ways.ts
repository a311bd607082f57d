import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Destination, OutMessage, OutPicture } from '../../core/plugin/push-services.ts';
import type { Store } from '../../core/store/database.ts';
import { Broker } from '../../plugins/mqtt/broker.ts';
import { destination } from '../../plugins/mqtt/delivery.ts';
import { eventOf } from '../../plugins/mqtt/events.ts';
import { TestBroker } from '../../plugins/mqtt/mosquitto.fixture.ts';
import { settings } from '../../plugins/mqtt/settings.ts';
import { openClient } from '../../plugins/mqtt/stream.ts';
import { Topics } from '../../plugins/mqtt/topics.ts';
import { captureForm } from '../../plugins/push-http/pushes.ts';
import { Sender } from '../../plugins/push-http/sender.ts';
import { freePort } from '../kit/box.ts';
import { until } from '../kit/wait.ts';

/** The ways messages leave the box, each beside the bare transport with the same bodies. */
export interface Way {
  name: string;
  /** Of every message: they are there already. */
  pictures: OutPicture[];
  destination: Pick<Destination, 'deliver' | 'window' | 'deadline'>;
  /** Sends a message that many times without the outbox, so many at once. */
  bare(message: OutMessage, count: number, atOnce: number): Promise<void>;
  /** What came since the start, and how late it was since the last time this was asked, ms. */
  ask(): Promise<{ received: number; late: number[] }>;
  end(): Promise<void>;
}

/** A receiver in a process of its own that tells what it got when it is asked. */
class Receiver {
  readonly #child: ChildProcess;
  readonly #lines;

  constructor(script: string, ...options: string[]) {
    const path = join(import.meta.dirname, script);
    this.#child = spawn(process.execPath, ['--import', 'tsx', path, ...options], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#lines = createInterface({ input: this.#child.stdout! });
  }

  async line(): Promise<string> {
    return String(((await once(this.#lines, 'line')) as [string])[0]);
  }

  async ask(): Promise<{ received: number; late: number[] }> {
    const answer = this.line();
    this.#child.stdin!.write('?\n');
    return JSON.parse(await answer) as { received: number; late: number[] };
  }

  end(): void {
    this.#child.stdin!.end();
  }
}

/** Bytes of a face and of a frame in full HD, as cameras' pictures have them. */
const PICTURES = { snap: 14_000, frame: 150_000 } as const;

/** HTTP: the plugin's own forms with their pictures, one after another, as receivers know it. */
export async function http(store: Store, files: string): Promise<Way> {
  const receiver = new Receiver('outbox-receiver.ts');
  const url = `http://127.0.0.1:${await receiver.line()}/push`;
  const sender = new Sender(new URL(url), { kind: 'system' }, { allowLoopback: true });
  const settings = { deviceId: 'bench', zone: 'UTC' };
  const pictures: OutPicture[] = [];
  for (const [part, size] of Object.entries(PICTURES) as [keyof typeof PICTURES, number][]) {
    const picture = { part, path: `record/channel1/${part}/1_1.jpg` };
    const staged = await store.blobs.stage({ path: picture.path, bytes: randomBytes(size), owner: 'bench' });
    await store.write((tx) => tx.addBlob(staged), { staged: [staged] });
    pictures.push(picture);
  }
  return {
    name: 'HTTP',
    pictures,
    destination: {
      deliver: async (message, picture, { signal }) => {
        await sender.send(await captureForm(message, 'bench', settings, picture, () => true), signal);
      },
    },
    // With nothing between the files and the receiver.
    bare: async (message, count) => {
      const read = (path: string) => readFile(join(files, path));
      for (let sent = 0; sent < count; sent++) {
        const form = await captureForm({ ...message, pictures }, 'bench', settings, read, () => true);
        await sender.send(form, new AbortController().signal);
      }
    },
    ask: () => receiver.ask(),
    end: async () => {
      sender.close();
      receiver.end();
    },
  };
}

/** MQTT: the plugin's own connection and events over a Mosquitto, and its client alone with as many unacknowledged. */
export async function mqtt(): Promise<Way> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-mqtt-'));
  const mosquitto = new TestBroker(await freePort(), folder);
  const lines = [`listener ${mosquitto.port} 127.0.0.1`, 'allow_anonymous true', 'log_dest stderr', 'user root'];
  // A listener that falls behind is to get all of it: of more than a thousand the broker would drop the rest.
  lines.push('max_queued_messages 0', '');
  await writeFile(join(folder, 'mosquitto.conf'), lines.join('\n'));
  await mosquitto.start();
  const url = `mqtt://127.0.0.1:${mosquitto.port}`;
  const config = settings.parse({ url });
  const topics = new Topics(config.prefix, config.discoveryPrefix);
  const rules = { allowLoopback: true };
  const connection = { ...config, clientId: 'bench', willTopic: topics.available, keepSession: true };
  const broker = new Broker({
    settings: connection,
    rules,
    subscriptions: { [topics.homeAssistantStatus]: { qos: 1 } },
    now: () => Date.now(),
    onConnected: () => {},
    onMessage: () => {},
    onChanged: () => {},
  });
  const receiver = new Receiver('outbox-listener.ts', url, topics.events);
  await receiver.line();
  broker.start();
  await until('a connection', () => broker.state.state === 'connected');
  const alone = openClient({ ...connection, clientId: 'bench-alone', willTopic: 'bench/available' }, rules);
  await new Promise((done) => alone.once('connect', done));
  const way = destination({
    topics,
    settings: config,
    now: () => Date.now(),
    publish: (topic, payload) => broker.publish(topic, payload),
    retain: () => {},
    learnKind: () => {},
  });
  return {
    name: 'MQTT',
    pictures: [],
    destination: way,
    bare: (message, count, atOnce) =>
      new Promise((resolve, reject) => {
        let begun = 0;
        let acknowledged = 0;
        const next = () => {
          if (begun === count) return;
          begun += 1;
          alone.publish(topics.events, JSON.stringify(eventOf(message, config)), { qos: 1 }, (error) => {
            acknowledged += 1;
            if (error) reject(error);
            else if (acknowledged === count) resolve();
            else next();
          });
        };
        for (let one = 0; one < atOnce; one++) next();
      }),
    ask: () => receiver.ask(),
    end: async () => {
      receiver.end();
      await broker.stop();
      await alone.endAsync(true);
      await mosquitto.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
