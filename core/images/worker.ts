import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { type ExaminedPicture, PictureError } from '../plugin/face-services.ts';
import { type Joined, joinSupervisor } from '../processes/child.ts';
import { decodePicture } from './decode.ts';
import { FaceExaminer } from './faces.ts';
import { NO_MODELS } from './plan.ts';
import type { FromImageWorker, ImageSettings, ToImageWorker } from './protocol.ts';

/**
 * The image worker: decodes pictures from outside and looks at their faces, one picture after another. It is a child of
 * the core, holds nothing that must survive it, and ends when the core's socket closes.
 */

/** Cameras go first where processors are short: against a busy vision worker this one gets a quarter of a core. */
const NICENESS = 5;

class ImageWorker {
  readonly #channel: Joined<FromImageWorker, ToImageWorker>['channel'];
  readonly #doing: Joined<FromImageWorker, ToImageWorker>['doing'];
  #settings: ImageSettings | undefined;
  #faces: Promise<FaceExaminer> | undefined;
  #work: Promise<void> = Promise.resolve();
  #since: number | undefined;

  constructor({ channel, doing }: Joined<FromImageWorker, ToImageWorker>) {
    this.#channel = channel;
    this.#doing = doing;
    setInterval(() => this.#beat(), 1_000);
  }

  /** One message after another: a stop waits for the picture under way. */
  received(message: ToImageWorker, [picture]: Uint8Array[]): void {
    this.#work = this.#work.then(async () => {
      if (message.type === 'setup') this.#settings = message.settings;
      else if (message.type === 'examine') await this.#examine(message, picture ?? new Uint8Array());
      else await this.#stop();
    });
  }

  async #examine({ number, wishes }: Extract<ToImageWorker, { type: 'examine' }>, bytes: Uint8Array): Promise<void> {
    this.#since = performance.now();
    this.#doing.write('a picture');
    try {
      const picture = await decodePicture(bytes);
      this.#faces ??= this.#open();
      const { message, blobs } = packed(number, await (await this.#faces).examine(picture, wishes));
      this.#channel.send(message, blobs);
    } catch (error) {
      const fault = error instanceof PictureError && error.fault !== 'busy' ? error.fault : 'failed';
      this.#channel.send({ type: 'refused', number, fault, message: (error as Error).message.slice(0, 1_000) });
    } finally {
      this.#doing.write('');
      this.#since = undefined;
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
    const took = this.#since === undefined ? 0 : performance.now() - this.#since;
    if (took > (this.#settings?.pictureMs ?? Number.POSITIVE_INFINITY)) return;
    this.#channel.send({ type: 'beat', residentBytes: process.memoryUsage.rss() });
  }

  #log(level: 'info' | 'warn', fields: object, message: string): void {
    this.#channel.send({ type: 'log', level, fields, message });
  }

  async #stop(): Promise<void> {
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
