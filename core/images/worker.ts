import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { Turns } from '../concurrency.ts';
import { type ExaminedPicture, PictureError } from '../plugin/face-services.ts';
import { type Joined, joinSupervisor } from '../processes/child.ts';
import { decodePicture } from './decode.ts';
import { FaceExaminer } from './faces.ts';
import { NO_MODELS } from './plan.ts';
import type { FromImageWorker, ImageSettings, ToImageWorker } from './protocol.ts';

/**
 * The image worker: decodes pictures from outside and looks at their faces. While models look at one picture, which takes
 * the thread of the event loop, the next is decoded by another; no two are decoded at once, so that only one takes the
 * memory that a large one needs. It is a child of the core, holds nothing that must survive it, and ends when the core's
 * socket closes.
 */

/** Cameras go first where processors are short: against a busy vision worker this one gets a quarter of a core. */
const NICENESS = 5;

type Examine = Extract<ToImageWorker, { type: 'examine' }>;

class ImageWorker {
  readonly #channel: Joined<FromImageWorker, ToImageWorker>['channel'];
  readonly #doing: Joined<FromImageWorker, ToImageWorker>['doing'];
  readonly #decoding = new Turns(1);
  readonly #looking = new Turns(1);
  readonly #underWay = new Set<Promise<void>>();
  /** When the step began that a picture is in; none while it waits for its turn. */
  readonly #since = new Map<number, number>();
  #settings: ImageSettings | undefined;
  #faces: Promise<FaceExaminer> | undefined;

  constructor({ channel, doing }: Joined<FromImageWorker, ToImageWorker>) {
    this.#channel = channel;
    this.#doing = doing;
    setInterval(() => this.#beat(), 1_000);
  }

  received(message: ToImageWorker, [picture]: Uint8Array[]): void {
    if (message.type === 'setup') this.#settings = message.settings;
    else if (message.type === 'stop') void this.#stop();
    else this.#begin(message, picture ?? new Uint8Array());
  }

  #begin(message: Examine, bytes: Uint8Array): void {
    this.#doing.write('a picture');
    const examined = this.#examine(message, bytes).finally(() => {
      this.#underWay.delete(examined);
      if (this.#underWay.size === 0) this.#doing.write('');
    });
    this.#underWay.add(examined);
  }

  async #examine({ number, wishes }: Examine, bytes: Uint8Array): Promise<void> {
    try {
      const picture = await this.#decoding.take(() => this.#step(number, () => decodePicture(bytes)));
      const examined = await this.#looking.take(() =>
        this.#step(number, async () => {
          this.#faces ??= this.#open();
          return (await this.#faces).examine(picture, wishes);
        }),
      );
      const { message, blobs } = packed(number, examined);
      this.#channel.send(message, blobs);
    } catch (error) {
      const fault = error instanceof PictureError && error.fault !== 'busy' ? error.fault : 'failed';
      this.#channel.send({ type: 'refused', number, fault, message: (error as Error).message.slice(0, 1_000) });
    }
  }

  async #step<Result>(number: number, work: () => Promise<Result>): Promise<Result> {
    this.#since.set(number, performance.now());
    try {
      return await work();
    } finally {
      this.#since.delete(number);
    }
  }

  /** Models are opened when the first picture is decoded: one that is damaged need not wait for them. */
  #open(): Promise<FaceExaminer> {
    const { plan, threads } = this.#settings ?? { plan: NO_MODELS, threads: 1 };
    return FaceExaminer.open(plan, threads, {
      unusable: (model, reason) => this.#log('warn', { model, reason }, 'a model is not used for pictures'),
    });
  }

  #beat(): void {
    // A beat says that pictures come to an end, not only that timers run.
    const latest = performance.now() - (this.#settings?.pictureMs ?? Number.POSITIVE_INFINITY);
    const [hung] = [...this.#since].find(([, since]) => since < latest) ?? [];
    if (hung === undefined) this.#channel.send({ type: 'beat', residentBytes: process.memoryUsage.rss() });
    else this.#channel.send({ type: 'hung', number: hung });
  }

  #log(level: 'info' | 'warn', fields: object, message: string): void {
    this.#channel.send({ type: 'log', level, fields, message });
  }

  /** Once the pictures under way are answered. */
  async #stop(): Promise<void> {
    await Promise.all(this.#underWay);
    await (await this.#faces)?.close();
    this.#channel.close();
  }
}

/** Each thread has a niceness of its own; those that come later have that of the one that made them. */
function giveWay(): void {
  try {
    for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), NICENESS);
  } catch {
    // Where the runtime or the system does not let it, both are served alike.
  }
}

/** An answer as it travels; the order of the blobs stands in the protocol. */
function packed(number: number, { width, height, jpeg, faces }: ExaminedPicture) {
  const blobs: Uint8Array[] = [];
  if (jpeg.length > 0) blobs.push(jpeg);
  const told = faces.map(({ embeddings, crop, ...face }) => {
    for (const { vector } of embeddings) {
      blobs.push(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
    }
    if (crop) blobs.push(crop);
    return { ...face, embeddings: embeddings.map(({ model }) => model), crop: crop !== undefined };
  });
  const message = { type: 'examined' as const, number, width, height, jpeg: jpeg.length > 0, faces: told };
  return { message, blobs };
}

giveWay();
const joined = joinSupervisor<FromImageWorker, ToImageWorker>((message, blobs) => worker.received(message, blobs));
const worker = new ImageWorker(joined);
