import { type Joined, joinSupervisor } from '../processes/child.ts';
import { Blocks, NoRoomError } from './blocks.ts';
import { CapacityError, Partitions } from './partitions.ts';
import { type FromGallery, type GallerySettings, type ToGallery, unpackFaces, unpackVector } from './protocol.ts';
import { ScanThreads } from './scan-threads.ts';

/**
 * The process of the gallery: holds all known faces in memory and searches them. It is a child of the core, keeps nothing
 * that must survive it, and does one thing after another, so that a search sees whatever was said before it.
 */
class GalleryProgram {
  readonly #channel: Joined<FromGallery, ToGallery>['channel'];
  #settings: GallerySettings | undefined;
  #partitions: Partitions | undefined;
  #threads: ScanThreads | undefined;
  #work: Promise<void> = Promise.resolve();
  #searchBegan: number | undefined;

  constructor({ channel }: Joined<FromGallery, ToGallery>) {
    this.#channel = channel;
    setInterval(() => this.#beat(), 1_000);
  }

  received(message: ToGallery, blobs: Uint8Array[]): void {
    const at = performance.now();
    this.#work = this.#work.then(async () => {
      try {
        await this.#handle(message, blobs, at);
      } catch (error) {
        // A gallery that cannot be set up ends; for anything else the core waits for an answer.
        if (!('request' in message)) throw error;
        this.#refuse(message.request, error as Error);
      }
    });
  }

  async #handle(message: ToGallery, blobs: Uint8Array[], at: number): Promise<void> {
    if (message.type === 'setup') return this.#setUp(message.settings);
    if (message.type === 'stop') {
      await this.#threads?.end();
      this.#channel.close();
      return;
    }
    const [partitions, threads] = [this.#partitions, this.#threads];
    if (!partitions || !threads) throw new Error('the gallery is not set up');
    const { request } = message;
    if (message.type === 'search') {
      if (performance.now() - at <= message.deadline) return this.#search(message, blobs, partitions, threads);
      this.#channel.send({ type: 'refused', request, fault: 'late', message: 'its time was over before its turn' });
      return;
    }
    if (message.type === 'put') {
      partitions.put(unpackFaces(message.models, message.faces, blobs[0] ?? new Uint8Array()));
    } else if (message.type === 'remove') partitions.remove(message.ids);
    else if (message.type === 'remove-library') partitions.removeLibrary(message.library);
    else partitions.clear();
    this.#channel.send({ type: 'changed', request, faces: partitions.faces });
  }

  async #search(
    { request, model, libraries, most, least, ids }: Extract<ToGallery, { type: 'search' }>,
    blobs: Uint8Array[],
    partitions: Partitions,
    threads: ScanThreads,
  ): Promise<void> {
    const vector = unpackVector(blobs[0] ?? new Uint8Array());
    const stretches = partitions.stretches(model, vector.length, libraries);
    this.#searchBegan = performance.now();
    try {
      const limits = { ...(least === undefined ? {} : { least }), ...(ids ? { ids } : {}) };
      const hits = await threads.search({ vector, stretches, most, ...limits });
      const told = hits.map(({ id, library, cosine }): [number, number, number] => [id, library, cosine]);
      this.#channel.send({ type: 'found', request, hits: told });
    } finally {
      this.#searchBegan = undefined;
    }
  }

  async #setUp(settings: GallerySettings): Promise<void> {
    const blocks = new Blocks(settings.memory);
    this.#settings = settings;
    this.#partitions = new Partitions(blocks, settings.capacity);
    this.#threads = await ScanThreads.start(blocks, settings.threads, (reason) => {
      process.stderr.write(`a thread of the gallery ended: ${reason}\n`);
      process.exit(1);
    });
  }

  #refuse(request: number, error: Error): void {
    const full = error instanceof CapacityError || error instanceof NoRoomError;
    this.#channel.send({ type: 'refused', request, fault: full ? 'full' : 'wrong', message: error.message });
  }

  /** A beat says that searches come to an end, not only that timers run. */
  #beat(): void {
    const searching = this.#searchBegan === undefined ? 0 : performance.now() - this.#searchBegan;
    if (searching > (this.#settings?.searchMs ?? Number.POSITIVE_INFINITY)) return;
    this.#channel.send({ type: 'beat', residentBytes: process.memoryUsage.rss() });
  }
}

const joined = joinSupervisor<FromGallery, ToGallery>((message, blobs) => program.received(message, blobs));
const program = new GalleryProgram(joined);
