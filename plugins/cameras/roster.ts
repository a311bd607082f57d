import { isDeepStrictEqual } from 'node:util';
import { eq } from 'drizzle-orm';
import { z } from 'zod';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { JobDb, Store } from '../../core/store/database.ts';
import type { Secrets } from '../../core/store/secrets.ts';
import { TASKS } from '../../core/vision/keys.ts';
import { behaviourFields } from './behaviour.ts';
import type { Bindings } from './bindings.ts';
import {
  type Camera,
  type CameraChange,
  CHANNELS,
  changed,
  DECODINGS,
  DEFAULT_SETTINGS,
  MODES,
  type NewCamera,
  SNAP_MODES,
  type StreamFacts,
  UNITS,
  VARIANTS,
} from './camera.ts';
import { checkRegion, regionOn } from './geometry.ts';
import { withStoredSecrets } from './stream-url.ts';
import { cameras as table } from './tables.ts';

type Row = typeof table.$inferSelect;

export interface RosterOptions {
  store: Store;
  secrets: Secrets;
  log: Record<'warn' | 'error', (fields: object, message: string) => void>;
  /** Computing units of the box, asked at each use. */
  units(): number;
  bindings: Pick<Bindings, 'checkIn'>;
  /** What was seen at an address, if somebody looked at it lately. */
  seenAt(url: string): StreamFacts | undefined;
  /** Called after a change is on the disk. */
  onChanged(channel: number): void;
}

/**
 * The cameras of the box: their rows, and a copy in memory that is only ever changed by a commit. What two requests at
 * once may not both have (a channel, the last units) is decided inside the write job, and jobs run one after another.
 */
export class Roster {
  readonly #options: RosterOptions;
  readonly #cameras = new Map<number, Camera>();

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  /** Reads every camera from the database. */
  load(): void {
    this.#cameras.clear();
    for (const row of this.#options.store.read.select().from(table).all()) {
      this.#cameras.set(row.channel, this.#fromRow(row));
    }
  }

  /** In the order of their channels. */
  list(): Camera[] {
    return [...this.#cameras.values()].sort((a, b) => a.channel - b.channel);
  }

  get(channel: number): Camera | undefined {
    return this.#cameras.get(channel);
  }

  /** @throws ContractError `noSuchCamera` */
  find(channel: number): Camera {
    const camera = this.#cameras.get(channel);
    if (!camera) throw new ContractError(CODE.noSuchCamera, `no camera has channel ${channel}`);
    return camera;
  }

  /** Channels in use. */
  channels(): Set<number> {
    return new Set(this.#cameras.keys());
  }

  get unitsUsed(): number {
    return unitsOf(this.list());
  }

  /**
   * Adds a stream camera.
   * @param channel undefined takes the lowest free one
   * @throws ContractError `channelTaken`, `notEnoughComputingPower`, `noSuchDatabase`, or `wrongParameter`: the region
   *   is too large, the address holds a password of stars
   */
  async add(settings: NewCamera, channel?: number): Promise<Camera> {
    const added = await this.#options.store.write((tx) => {
      const others = tx.select({ channel: table.channel, mode: table.mode }).from(table).all();
      const taken = new Set(others.map((other) => other.channel));
      const free = channel ?? lowestFree(taken);
      if (free === undefined) throw new ContractError(CODE.channelTaken, `all ${CHANNELS} channels are taken`);
      if (taken.has(free)) throw new ContractError(CODE.channelTaken, `channel ${free} is taken by a camera`);
      const used = unitsOf(others);
      const units = this.#options.units();
      if (used + UNITS.VIDEO > units) {
        throw new ContractError(
          CODE.notEnoughComputingPower,
          `a stream camera needs ${UNITS.VIDEO} units of computing power, ${used} of ${units} are in use`,
        );
      }
      const url = withStoredSecrets(settings.url, undefined);
      const bare: Camera = {
        ...DEFAULT_SETTINGS,
        channel: free,
        mode: 'VIDEO',
        protocol: 'rtsp',
        name: settings.name,
        url,
        threshold: settings.threshold,
        snapMode: settings.snapMode,
        stream: this.#options.seenAt(url),
      };
      const camera = changed(bare, { ...settings, url }, bare.stream);
      if (camera.roi) checkRegion(camera.roi, camera.stream);
      this.#options.bindings.checkIn(tx, camera.libraryIds);
      tx.insert(table).values(this.#toRow(camera)).run();
      tx.afterCommit(() => this.#cameras.set(free, camera));
      return camera;
    });
    this.#options.onChanged(added.channel);
    return added;
  }

  /**
   * Changes what is given and keeps the rest.
   * @throws ContractError `noSuchCamera`, `noSuchDatabase`, or `wrongParameter`: the region does not fit, a masked
   *   password cannot be filled in
   */
  async modify(channel: number, change: CameraChange, check?: (before: Camera) => void): Promise<Camera> {
    const next = await this.#options.store.write((tx) => {
      const before = this.#stored(tx, channel);
      check?.(before);
      const url = change.url === undefined ? undefined : withStoredSecrets(change.url, before.url);
      const camera = changed(before, { ...change, url }, url === undefined ? undefined : this.#options.seenAt(url));
      if (change.roi) checkRegion(change.roi, camera.stream);
      this.#options.bindings.checkIn(tx, camera.libraryIds, before.libraryIds);
      const { channel: _, sealedUrl, ...rest } = this.#toRow(camera);
      // An address that this box cannot open stays as it is: its key may come back.
      tx.update(table)
        .set(url === undefined ? rest : { ...rest, sealedUrl })
        .where(eq(table.channel, channel))
        .run();
      tx.afterCommit(() => this.#cameras.set(channel, camera));
      return camera;
    });
    this.#options.onChanged(channel);
    return next;
  }

  /** @throws ContractError `noSuchCamera` */
  async remove(channel: number): Promise<Camera> {
    const removed = await this.#options.store.write((tx) => {
      const camera = this.#stored(tx, channel);
      tx.delete(table).where(eq(table.channel, channel)).run();
      tx.afterCommit(() => this.#cameras.delete(channel));
      return camera;
    });
    this.#options.onChanged(channel);
    return removed;
  }

  /**
   * Keeps what a stream was seen to be, so that it is known while the camera is offline. Unknown cameras and facts
   * that are known already cost nothing. A region goes with a picture whose size changes.
   * @param url the address that was looked at, undefined where that is not known; facts about another one than the camera's
   *   are dropped
   */
  async learn(channel: number, facts: StreamFacts, url: string | undefined): Promise<void> {
    const fits = (camera: Camera | undefined) => {
      if (camera?.url === undefined || camera.url !== url) return undefined;
      const stream = { ...camera.stream, ...facts };
      if (isDeepStrictEqual(stream, camera.stream)) return undefined;
      return { ...camera, stream, roi: camera.roi && regionOn(camera.roi, camera.stream, stream) };
    };
    const before = this.#cameras.get(channel);
    if (!before || !fits(before)) return;
    const now = await this.#options.store.write((tx) => {
      const row = tx.select().from(table).where(eq(table.channel, channel)).get();
      const camera = row && fits(this.#fromRow(row));
      if (!camera) return;
      const { streamWidth, streamHeight, streamFps, roi } = this.#toRow(camera);
      tx.update(table).set({ streamWidth, streamHeight, streamFps, roi }).where(eq(table.channel, channel)).run();
      tx.afterCommit(() => this.#cameras.set(channel, camera));
      return camera;
    });
    if (!now || isDeepStrictEqual(now.roi, before.roi)) return;
    this.#options.log.warn(
      { channel, before: before.roi, now: now.roi },
      'the picture has another size: the region was fitted',
    );
    this.#options.onChanged(channel);
  }

  #stored(tx: JobDb, channel: number): Camera {
    const row = tx.select().from(table).where(eq(table.channel, channel)).get();
    if (!row) throw new ContractError(CODE.noSuchCamera, `no camera has channel ${channel}`);
    return this.#fromRow(row);
  }

  #toRow(camera: Camera): Row {
    const { url, stream, origin: _, filesFolder: __, ...plain } = camera;
    return {
      ...plain,
      sealedUrl: url === undefined ? '' : this.#options.secrets.seal(url, place(camera.channel)),
      streamWidth: stream?.width ?? null,
      streamHeight: stream?.height ?? null,
      streamFps: stream?.fps ?? null,
    };
  }

  #fromRow(row: Row): Camera {
    const { sealedUrl, streamWidth, streamHeight, streamFps, ...plain } = row;
    const stream =
      streamWidth && streamHeight
        ? { width: streamWidth, height: streamHeight, ...(streamFps ? { fps: streamFps } : {}) }
        : undefined;
    return { ...plain, ...stored.parse(plain), url: this.#open(row.channel, sealedUrl), stream };
  }

  #open(channel: number, sealedUrl: string): string | undefined {
    try {
      return this.#options.secrets.open(sealedUrl, place(channel));
    } catch (error) {
      this.#options.log.error({ channel, err: error }, 'the address of a camera cannot be opened: enter it again');
      return undefined;
    }
  }
}

/** What a column holds as text or number and the program knows more narrowly. */
const stored = z.object({
  mode: z.enum(MODES),
  protocol: z.enum(VARIANTS),
  transport: z.enum(['tcp', 'udp']),
  decoding: z.enum(DECODINGS),
  snapMode: z.literal(SNAP_MODES),
  tasks: z.array(z.enum(TASKS)),
  behaviour: z.object(behaviourFields),
});

/** Where a sealed address belongs: moved to another row it does not open. */
const place = (channel: number) => `camera:${channel}`;

function lowestFree(taken: Set<number>): number | undefined {
  for (let channel = 1; channel <= CHANNELS; channel++) if (!taken.has(channel)) return channel;
  return undefined;
}

function unitsOf(cameras: { mode: string }[]): number {
  return cameras.reduce((sum, { mode }) => sum + (UNITS[mode as keyof typeof UNITS] ?? 0), 0);
}
