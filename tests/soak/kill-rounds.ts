import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startBox, type TestBox } from '../kit/box.ts';
import { until } from '../kit/wait.ts';
import { WireClient } from '../kit/wire-client.ts';
import { faultsOf, hashOf, pictureOf, type StoredCapture, storedCaptures } from './data-check.ts';

/**
 * A box that captures from its cameras is ended with SIGKILL and started again, over and over. What it acknowledged, by a push or by
 * the answer to a query, must be there after every start: the same id, both pictures as they were.
 */

export interface KillSetup {
  /** Folder with the models and the clips of the test assets. */
  assets: string;
  dataFolder: string;
  clips: readonly string[];
  /** Draws when a box is ended, so that a run can be played again. */
  random: () => number;
}

export interface RoundReport {
  round: number;
  /** Captures acknowledged before the kill: by a push, and by a query alone. */
  pushed: number;
  queried: number;
  /** Captures that were on the disk but acknowledged to nobody. */
  unacknowledged: number;
  /** Files of captures that were under way when the box was ended. */
  underWay: number;
  /** Time from the kill until the worker had ended, and from the start until the box answered; ms. */
  workerGoneMs: number;
  startMs: number;
  faults: string[];
}

/** What a client knows of a capture: hashes of its pictures, where it has seen them. */
interface Acknowledged {
  cropHash?: string;
  frameHash?: string;
}

const FED_PER_SECOND = 120;
const FED_BYTES = 100_000;
/** Channels above are the feeder's. */
const CAMERAS_UP_TO = 28;
const CAMERA = { camera_mode: 'VIDEO', protocol: 'rtsp', threshold: 75, snap_mode: 3, task_type: 'face,body' };
/** A worker sees the end of the core's socket at once; GStreamer's threads take a moment to die. */
const WORKER_GONE_MS = 5_000;

export class KillRun {
  readonly #setup: KillSetup;
  /** The newest last. */
  readonly #acknowledged = new Map<string, Acknowledged>();
  #box: TestBox | undefined;
  #round = 0;

  constructor(setup: KillSetup) {
    this.#setup = setup;
  }

  /** Captures acknowledged in all rounds so far. */
  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  /** First start: models and cameras. */
  async prepare(): Promise<void> {
    const { assets, clips } = this.#setup;
    this.#box = await this.#start(`${assets}/models`);
    for (const clip of clips) {
      const { code, msg } = await this.#box.call(513, { ...CAMERA, camera_name: clip, url: `file:${clip}` });
      if (code !== 0) throw new Error(`the camera ${clip} was refused: ${msg}`);
    }
  }

  /** Lets the box capture, ends it, starts it again and looks. The box runs afterwards. */
  async round(): Promise<RoundReport> {
    const box = this.#box;
    if (!box) throw new Error('prepare() comes first');
    this.#round += 1;
    const { random, dataFolder } = this.#setup;
    const known = this.#acknowledged.size;
    const client = await WireClient.connect(box.url);
    await client.subscribe((await box.call<{ key: string }>(1286)).data.key);
    const asking = new Asking(box);
    // Beside what the cameras see: with more captures under way, a kill meets some in every step of their storing.
    await box.rest('PUT', '/p/feeder/rate', { perSecond: FED_PER_SECOND, bytes: FED_BYTES });
    const wanted = 1 + Math.floor(random() * 40);
    await until(`${wanted} pushes`, () => client.pushes().length >= wanted && client.pushes().some(ofCamera), 60_000);
    // Anywhere between two captures, or in the middle of one.
    await pause(random() * 150);
    const worker = workerOf(await box.rest<Overview>('GET', '/p/system/overview'));
    const killedAt = performance.now();
    box.child.kill('SIGKILL');
    await box.stop('SIGKILL');
    const queried = await asking.stop();
    this.#note(client, queried);
    client.close();
    const faults: string[] = [];
    const workerGoneMs = await gone(worker, dataFolder, killedAt, faults);
    const underWay = readdirSync(join(dataFolder, 'staged')).length;
    const before = storedCaptures(dataFolder);
    const lastNumber = Math.max(0, ...before.flatMap(({ numbers }) => numbers));

    const startedAt = Date.now();
    const began = performance.now();
    this.#box = await this.#start();
    const startMs = performance.now() - began;
    faults.push(...faultsOf(dataFolder, startedAt, lastNumber), ...(await this.#missing(before, lastNumber)));
    const pushed = client.pushes().length;
    return {
      round: this.#round,
      pushed,
      queried: this.#acknowledged.size - known - pushed,
      unacknowledged: before.filter(({ id }) => !this.#acknowledged.has(id)).length,
      underWay,
      workerGoneMs,
      startMs,
      faults,
    };
  }

  async stop(): Promise<void> {
    await this.#box?.stop();
  }

  async #start(models?: string): Promise<TestBox> {
    const { assets, dataFolder } = this.#setup;
    const box = await startBox({
      dataFolder,
      main: 'tests/soak/box-main.ts',
      environment: { GATEHOUSE_CLIP_FOLDER: `${assets}/media/video`, GATEHOUSE_LOG_LEVEL: 'warn' },
      ...(models ? { models } : {}),
    });
    await box.login();
    return box;
  }

  #note(client: WireClient, queried: ReadonlySet<string>): void {
    for (const push of client.pushes()) {
      const data = push['data'] as { snap_id: string; snap_buf: string; snap_frame: string };
      this.#acknowledged.set(data.snap_id, {
        cropHash: hashOf(pictureIn(data.snap_buf)),
        frameHash: hashOf(pictureIn(data.snap_frame)),
      });
    }
    for (const id of queried) if (!this.#acknowledged.has(id)) this.#acknowledged.set(id, {});
  }

  /** What of the acknowledged is not as it was, and what came after that looks older than it. */
  async #missing(before: StoredCapture[], lastNumber: number): Promise<string[]> {
    const box = this.#box!;
    const { dataFolder } = this.#setup;
    const faults: string[] = [];
    const rows = new Map(storedCaptures(dataFolder).map((row) => [row.id, row]));
    for (const [id, first] of this.#acknowledged) {
      const row = rows.get(id);
      if (!row) {
        faults.push(`acknowledged, but gone: ${id}`);
        continue;
      }
      for (const [index, key] of (['cropHash', 'frameHash'] as const).entries()) {
        const picture = pictureOf(dataFolder, row.paths[index]!);
        if ('fault' in picture) faults.push(picture.fault);
        else if (first[key] !== undefined && first[key] !== picture.hash)
          faults.push(`${row.paths[index]} has changed`);
        // From now on every reading must give the same.
        else first[key] = picture.hash;
      }
    }
    const lastMoment = Math.max(0, ...before.map(({ moment }) => moment));
    for (const row of before) rows.delete(row.id);
    for (const { id, numbers, moment } of rows.values()) {
      if (Math.min(...numbers) > lastNumber && moment > lastMoment) continue;
      faults.push(`${id} came after the restart with numbers ${numbers} and moment ${moment} from before it`);
    }
    const [newest] = [...this.#acknowledged.keys()].slice(-1);
    const shown = await box.rest<{ id: string; cropPath: string }>('GET', `/p/captures/captures/${newest}`);
    const picture = await fetch(`${box.url}/ws/${shown.body.cropPath}`, { headers: { sessionid: box.sessionId } });
    if (shown.status !== 200 || shown.body.id !== newest || picture.status !== 200) {
      faults.push(`${newest} is answered with ${shown.status}, its picture with ${picture.status}`);
    }
    return faults;
  }
}

interface Overview {
  workers: { pid?: number }[];
}

function workerOf({ body }: { body: Overview }): number {
  const pid = body.workers[0]?.pid;
  if (pid === undefined) throw new Error('no vision worker runs');
  return pid;
}

function ofCamera(push: Record<string, unknown>): boolean {
  return (push['data'] as { channel: number }).channel <= CAMERAS_UP_TO;
}

/** Asks for the newest captures all the time; what an answer named is acknowledged. */
class Asking {
  readonly #seen = new Set<string>();
  readonly #done: Promise<void>;
  #stopped = false;

  constructor(box: TestBox) {
    this.#done = this.#ask(box);
  }

  async stop(): Promise<ReadonlySet<string>> {
    this.#stopped = true;
    await this.#done;
    return this.#seen;
  }

  async #ask(box: TestBox): Promise<void> {
    while (!this.#stopped) {
      try {
        const faces = await box.call<{ record: { snap_id: string }[] }>(1037, { qry_len: 20 });
        const { body } = await box.rest<{ records: { id: string }[] }>('GET', '/p/captures/captures?limit=20');
        for (const { snap_id: id } of faces.data.record) this.#seen.add(id);
        for (const { id } of body.records) this.#seen.add(id);
      } catch {
        // The box was ended in the middle of an answer: nothing was acknowledged.
      }
      await pause(100);
    }
  }
}

function pictureIn(uri: string): Buffer {
  return Buffer.from(uri.slice(uri.indexOf(',') + 1), 'base64');
}

/** Waits until the worker and everything else of the box has ended; the time since the kill, ms. */
async function gone(worker: number, dataFolder: string, killedAt: number, faults: string[]): Promise<number> {
  try {
    await until('the processes of the box to end', () => processesOf(dataFolder).length === 0, WORKER_GONE_MS);
  } catch {
    faults.push(`processes ${processesOf(dataFolder).join(', ')} (worker ${worker}) outlive the core`);
  }
  return performance.now() - killedAt;
}

/** Living processes that were started for this data folder. */
function processesOf(dataFolder: string): number[] {
  const wanted = `GATEHOUSE_DATA_DIR=${dataFolder}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        // A process that has ended and waits to be asked after has no environment any more.
        return readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(wanted);
      } catch {
        return false;
      }
    })
    .map(Number);
}
