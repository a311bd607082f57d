import { createRequire } from 'node:module';

/** A message on a pipeline's bus, as the addon gives it. */
export interface BusMessage {
  type: string;
  _src_element_name?: string;
  message?: string;
  debug?: string;
  'new-state'?: string;
}

/** A GStreamer element. Its properties are read and set by name; 64-bit numbers are read as text. */
export interface GstElement {
  [property: string]: unknown;
}

export interface GstAppSink extends GstElement {
  /** Waits on a libuv thread for one buffer; `null` once the pipeline has ended or is stopped. The data is a copy. */
  pull(callback: (data: Buffer | null, caps: { streamheader?: unknown }) => void): void;
}

export interface GstAppSrc extends GstElement {
  /** Hands over a copy of the data. */
  push(data: Uint8Array): void;
}

interface NativePipeline {
  play(): void;
  stop(): void;
  findChild(name: string): GstElement | undefined;
  pollBus(callback: (message: BusMessage) => void): void;
  'auto-flush-bus': boolean;
}

interface Addon {
  Pipeline: new (launch: string) => NativePipeline;
}

let addon: Addon | undefined;
let made = 0;
const idle = new Map<string, Pipeline[]>();
const releaseDeadlineMs = 2000;

/**
 * Whether the addon can be used in this process. It cannot where it is not built, under runtimes other than Node, and
 * with GATEHOUSE_VIDEO_ADDON=off in the environment.
 */
export function addonLoads(): boolean {
  if (process.env['GATEHOUSE_VIDEO_ADDON'] === 'off' || 'deno' in process.versions || 'bun' in process.versions) {
    return false;
  }
  try {
    loadAddon();
    return true;
  } catch {
    return false;
  }
}

function loadAddon(): Addon {
  addon ??= createRequire(import.meta.url)('gstreamer-superficial') as Addon;
  return addon;
}

/** How many pipelines this process has made. The addon never frees one: some 3 MB and a few descriptors each. */
export function pipelinesMade(): number {
  return made;
}

/**
 * libuv threads to give a process (UV_THREADPOOL_SIZE, read once at its start) that runs so many cameras: each
 * holds one thread for its frames and one for its bus. The number of pictures does not count with this backend: the
 * parts of a frame share one thread. The rest serve JPEG encoding, sharp, host names and files.
 */
export function threadsNeeded(cameras: number, _picturesPerCamera = 0): number {
  return 2 * cameras + 8;
}

/**
 * A pipeline that is used again and again. Take one with `Pipeline.acquire`, `play` it once, and `stop` it, which
 * puts it back for the next taker of the same launch text. What makes this possible: the text links sources that
 * grow their pads late with `:` (all pads, every time) where `!` would link them in the first run only.
 */
export class Pipeline {
  readonly #native: NativePipeline;
  readonly #launch: string;
  readonly #elements = new Map<string, GstElement>();
  #onMessage: (message: BusMessage) => void = () => {};
  /** Runs whose messages are still on the bus; the last message of each is the pipeline's arrival at NULL. */
  #staleRuns = 0;
  #halted = false;
  #polling = false;
  #pulling = false;
  #stopping: Promise<void> | undefined;
  #settled: () => void = () => {};

  private constructor(launch: string) {
    this.#launch = launch;
    this.#native = new (loadAddon().Pipeline)(launch);
    made += 1;
  }

  /** An idle pipeline of this launch text, or a new one. Throws where the text is wrong or an element is missing. */
  static acquire(launch: string): Pipeline {
    const pipeline = idle.get(launch)?.pop() ?? new Pipeline(launch);
    pipeline.#stopping = undefined;
    pipeline.#halted = false;
    return pipeline;
  }

  /** The element of this name; throws where there is none. */
  element<T extends GstElement = GstElement>(name: string): T {
    let element = this.#elements.get(name);
    if (!element) {
      element = this.#native.findChild(name);
      if (!element) throw new Error(`the pipeline has no element ${name}`);
      this.#elements.set(name, element);
    }
    return element as T;
  }

  /** Starts the pipeline. With `onMessage` its bus is read, which holds a libuv thread until `stop`. */
  play(onMessage?: (message: BusMessage) => void): void {
    // Messages must outlive the stop where they are read: the thread that waits on the bus is woken by one of
    // them, and a flush could take it away first.
    this.#native['auto-flush-bus'] = onMessage === undefined;
    this.#native.play();
    if (!onMessage) return;
    this.#onMessage = onMessage;
    this.#polling = true;
    this.#native.pollBus(this.#receive);
  }

  /** Waits for one buffer of an appsink; one wait at a time. */
  pull(sink: GstAppSink, callback: (data: Buffer | null, streamHeaders: unknown) => void): void {
    if (this.#pulling) throw new Error('a pull is under way');
    this.#pulling = true;
    sink.pull((data, caps) => {
      this.#pulling = false;
      this.#settled();
      callback(data, caps.streamheader);
    });
  }

  /**
   * Stops the pipeline and resolves once its libuv threads are free, or after two seconds where one is not; such
   * a pipeline is not used again. May be called at any time, more than once.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#onMessage = () => {};
    // The addon decides after its callback, and after what follows at once from it, whether to wait for another
    // message. Neither a stop nor the next play may fall in between: here the wait would end unnoticed, and
    // there a second one would begin and hold a thread for good.
    await nextTurn();
    this.#native.stop();
    this.#halted = true;
    if (this.#polling) this.#staleRuns += 1;
    const free = await this.#threadsFree();
    await nextTurn();
    if (!free) return;
    const sameText = idle.get(this.#launch);
    if (sameText) sameText.push(this);
    else idle.set(this.#launch, [this]);
  }

  #threadsFree(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), releaseDeadlineMs);
      this.#settled = () => {
        if (this.#polling || this.#pulling) return;
        clearTimeout(timer);
        this.#settled = () => {};
        resolve(true);
      };
      this.#settled();
    });
  }

  readonly #receive = (message: BusMessage): void => {
    const arrivedAtNull =
      message.type === 'state-changed' &&
      message['new-state'] === 'GST_STATE_NULL' &&
      message._src_element_name?.startsWith('pipeline') === true;
    const stale = this.#staleRuns > 0;
    if (stale && arrivedAtNull) this.#staleRuns -= 1;
    if (this.#halted) {
      // The first message after the stop is the last one the addon polls for; the rest wait on the bus.
      this.#polling = false;
      this.#settled();
      return;
    }
    if (stale) return;
    this.#onMessage(message);
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
