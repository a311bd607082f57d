import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Destination, OutMessage } from '../../core/plugin/push-services.ts';
import { Broker } from '../../plugins/mqtt/broker.ts';
import { destination } from '../../plugins/mqtt/delivery.ts';
import { eventOf } from '../../plugins/mqtt/events.ts';
import { TestBroker } from '../../plugins/mqtt/mosquitto.fixture.ts';
import { settings } from '../../plugins/mqtt/settings.ts';
import { openClient } from '../../plugins/mqtt/stream.ts';
import { Topics } from '../../plugins/mqtt/topics.ts';
import { freePort } from '../kit/box.ts';
import { until } from '../kit/wait.ts';

/** The ways messages leave the box, each beside the bare transport with the same bodies. */
export interface Way {
  name: string;
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

const sentAt = (message: OutMessage) => String((message.body['attributes'] as Record<string, string>)['sent-at'] ?? 0);

/** HTTP: one after another, as receivers know it. */
export async function http(): Promise<Way> {
  const receiver = new Receiver('outbox-receiver.ts');
  const url = `http://127.0.0.1:${await receiver.line()}/push`;
  // With a deadline, as whoever sends to others needs one.
  const send = async (message: OutMessage, signal = new AbortController().signal): Promise<void> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-sent-at': sentAt(message) },
      body: JSON.stringify(message.body),
      signal,
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${response.status}`);
  };
  return {
    name: 'HTTP',
    destination: { deliver: (message, _picture, { signal }) => send(message, signal) },
    bare: async (message, count) => {
      for (let sent = 0; sent < count; sent++) await send(message);
    },
    ask: () => receiver.ask(),
    end: async () => receiver.end(),
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
