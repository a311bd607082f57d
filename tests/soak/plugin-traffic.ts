import { setTimeout as pause } from 'node:timers/promises';
import type { TestBox } from '../kit/box.ts';
import { until } from '../kit/wait.ts';
import { WireClient } from '../kit/wire-client.ts';

/** What clients keep asking: the plugin, and one request whose answer shows that it is whole. */
interface Asked {
  plugin: string;
  ask(box: TestBox): Promise<{ ok: boolean; text: string }>;
}

const message = (plugin: string, id: number): Asked => ({
  plugin,
  ask: async (box) => {
    const { code, msg, data } = await box.call(id);
    return { ok: code === 0 && data !== '', text: `message ${id}: ${code} ${msg}` };
  },
});
const route = (plugin: string, path: string, field: string): Asked => ({
  plugin,
  ask: async (box) => {
    const { status, body } = await box.rest<Record<string, unknown>>('GET', path);
    return { ok: status === 200 && body[field] !== undefined, text: `${path}: ${status}` };
  },
});

const ASKED: Asked[] = [
  message('device', 1281),
  message('device', 1301),
  message('portraits', 1028),
  message('cameras', 516),
  message('captures', 1046),
  message('push-ws', 1286),
  route('users', '/p/users/me', 'name'),
  route('operation-log', '/p/operation-log/entries?limit=1', 'entries'),
  route('push-ws', '/p/push-ws/subscribers', 'subscribers'),
];

const CLIENTS = 2;
const PAUSE_MS = 20;
/** No push for so long after the last capture: there are none under way. */
const QUIET_MS = 300;

/** Clients of a box: one loop for each thing asked, subscribers to captures, and captures for them. */
export class Traffic {
  readonly #box: TestBox;
  #clients: WireClient[] = [];
  #touched: string[] = [];
  /** How often each plugin was touched. */
  readonly #touches = new Map<string, number>();
  #stopped = false;
  #loops: Promise<void>[] = [];
  #madeBefore = 0;
  #perSecond = 0;
  answers = 0;
  slowest = 0;
  wrong: string[] = [];

  private constructor(box: TestBox) {
    this.#box = box;
  }

  static async start(box: TestBox): Promise<Traffic> {
    const traffic = new Traffic(box);
    await traffic.subscribeAgain();
    traffic.#loops = ASKED.map((asked) => traffic.#loop(asked));
    return traffic;
  }

  /** From now on only these plugins may be away; an answer that was asked for before or after counts for neither. */
  mayFail(plugins: string[]): void {
    this.#touched = plugins;
    for (const plugin of plugins) this.#touches.set(plugin, (this.#touches.get(plugin) ?? 0) + 1);
  }

  async #loop({ plugin, ask }: Asked): Promise<void> {
    while (!this.#stopped) {
      const away = this.#touched.includes(plugin);
      const touches = this.#touches.get(plugin);
      const began = performance.now();
      const { ok, text } = await ask(this.#box).catch((error: Error) => ({ ok: false, text: error.message }));
      if (!away && this.#touches.get(plugin) === touches) {
        this.answers += 1;
        this.slowest = Math.max(this.slowest, performance.now() - began);
        if (!ok && this.wrong.length < 20) this.wrong.push(`${plugin} was not touched: ${text}`);
      }
      await pause(PAUSE_MS);
    }
  }

  /** Connects the subscribers anew: with its plugin, a subscription ends. */
  async subscribeAgain(): Promise<void> {
    for (const client of this.#clients) client.close();
    const { data } = await this.#box.call<{ key: string }>(1286);
    this.#clients = [];
    for (let i = 0; i < CLIENTS; i += 1) {
      const client = await WireClient.connect(this.#box.url);
      await client.subscribe(data.key);
      this.#clients.push(client);
    }
    // What was under way while a plugin was away belongs to nobody.
    await this.#rate(0);
    for (let seen = -1; seen !== this.#pushed(); ) {
      seen = this.#pushed();
      await pause(QUIET_MS);
    }
  }

  /** Lets captures be made, so many a second. */
  async feed(perSecond: number): Promise<void> {
    this.#perSecond = perSecond;
    for (const client of this.#clients) client.frames.length = 0;
    this.#madeBefore = (await this.#rate(perSecond)).made;
  }

  /** Waits until so many captures more have been made. */
  async fed(captures: number): Promise<void> {
    const { made } = await this.#rate(this.#perSecond);
    await until('captures', async () => (await this.#rate(this.#perSecond)).made >= made + captures);
  }

  /** Ends the captures, and waits until all have been pushed or none come any more. */
  async settled(): Promise<{ made: number; pushed: number }> {
    const made = (await this.#rate(0)).made - this.#madeBefore;
    await until('all captures to be pushed', () => this.#pushed() >= made, 10_000).catch(() => {});
    return { made, pushed: this.#pushed() };
  }

  #pushed(): number {
    return Math.min(...this.#clients.map((client) => client.pushes().length));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
    for (const client of this.#clients) client.close();
  }

  async #rate(perSecond: number): Promise<{ made: number }> {
    const { status, body } = await this.#box.rest<{ made: number }>('PUT', '/p/feeder/rate', {
      perSecond,
      bytes: 5_000,
    });
    if (status !== 200) throw new Error(`the feeder answers ${status}`);
    return body;
  }
}
