import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/**
 * How a box starts: as it is configured; with the configuration it last ran well with; or with the essential plugins
 * only, so that somebody can sign in and mend it.
 */
export const START_MODES = ['normal', 'last-good', 'essentials'] as const;
export type StartMode = (typeof START_MODES)[number];

/** Starts in a row that ended before the box had run steadily, after which the next one takes another way. */
export const FAILED_STARTS = { lastGood: 3, essentials: 6 } as const;

/** A box that has answered for so long has started well, ms. */
export const STEADY_MS = 30_000;

const failedStart = z.object({ at: z.number(), reason: z.string() });
export type FailedStart = z.output<typeof failedStart>;

const storedSetting = z.object({ key: z.string(), value: z.string(), sealed: z.boolean() });
const settingRows = z.array(storedSetting);

const lastGood = z.object({
  savedAt: z.number(),
  /** The checked configuration, without the data folder and the first password. */
  config: z.record(z.string(), z.unknown()),
  /** Plugins that were there. */
  plugins: z.array(z.string()),
  /** Stored settings of plugins; secrets stay sealed. */
  settings: settingRows,
});
export type LastGood = z.output<typeof lastGood>;

const putBack = z.object({
  at: z.number(),
  /** Settings that were put back to how they were in the last good configuration. */
  keys: z.array(z.string()),
  /** Those settings as they stood before. */
  settings: settingRows,
  /** Written before the settings are changed: where it still stands at a start, that has to be done again. */
  underWay: z.literal(true).optional(),
});
export type PutBack = z.output<typeof putBack>;

const record = z.object({
  /** Of what the failed starts had in common; when it changes, somebody has acted and they no longer count. */
  fingerprint: z.string(),
  /** A start that has not yet turned out well or badly, on which boot of the machine. */
  open: z.object({ at: z.number(), bootId: z.string() }).optional(),
  failed: z.array(failedStart),
});

export interface StartsOptions {
  dataFolder: string;
  version: string;
  environment: Record<string, string | undefined>;
  now: () => number;
  /** Identifies this boot of the machine: what a power cut ended says nothing against the configuration. */
  bootId?: string;
}

/** `GATEHOUSE_SAFE_MODE`: `off` never counts starts, `essentials` starts so whatever the record says. */
const WISHES = ['auto', 'off', 'essentials'];

/**
 * The record of starts in the data folder (`starts.json`), the last good configuration beside it (`last-good.json`),
 * and what was put back (`put-back.json`). Written at once and durably, since the next line may end the process.
 */
export class Starts {
  readonly mode: StartMode;
  readonly #options: StartsOptions;
  readonly #fingerprint: string;
  readonly #bootId: string;
  readonly #counts: boolean;
  #failed: FailedStart[];
  #undecided = false;

  /** @throws Error for a wrong `GATEHOUSE_SAFE_MODE`; files that cannot be read count as not there */
  constructor(options: StartsOptions) {
    this.#options = options;
    this.#bootId = options.bootId ?? bootId();
    const wish = options.environment['GATEHOUSE_SAFE_MODE'] || 'auto';
    if (!WISHES.includes(wish)) throw new Error(`GATEHOUSE_SAFE_MODE is "${wish}"; it may be ${WISHES.join(', ')}`);
    this.#counts = wish === 'auto';
    this.#fingerprint = fingerprint(options);
    const known = readJson(this.#file('starts.json'), record);
    this.#failed = known?.fingerprint === this.#fingerprint ? known.failed : [];
    if (known?.open?.bootId === this.#bootId && known.fingerprint === this.#fingerprint) {
      this.#failed.push({ at: known.open.at, reason: 'the process ended without a word' });
    }
    const times = this.#failed.length;
    const counted: StartMode =
      times >= FAILED_STARTS.essentials ? 'essentials' : times >= FAILED_STARTS.lastGood ? 'last-good' : 'normal';
    this.mode = wish === 'essentials' ? 'essentials' : this.#counts ? counted : 'normal';
  }

  /** The failed starts that led here, the oldest first. */
  get failed(): readonly FailedStart[] {
    return this.#failed;
  }

  /** The configuration the box last ran well with; undefined when it never did. */
  lastGood(): LastGood | undefined {
    return readJson(this.#file('last-good.json'), lastGood);
  }

  /** What was put back when safe mode began; undefined when nothing was, or when it has been left since. */
  putBack(): PutBack | undefined {
    return readJson(this.#file('put-back.json'), putBack);
  }

  rememberPutBack(done: PutBack | undefined): void {
    this.#write('put-back.json', done ?? null);
  }

  /** A start begins; from here on an end counts as a failed one until `steady` or `stopped`. */
  begin(): void {
    this.#undecided = true;
    this.#save({ open: true });
  }

  /** The start failed, or the process is about to end for a fault. Nothing once the box has run steadily. */
  failedWith(reason: string): void {
    if (!this.#undecided) return;
    this.#undecided = false;
    this.#failed.push({ at: this.#options.now(), reason: reason.slice(0, 500) });
    this.#save({ open: false });
  }

  /** The start ended for a reason another configuration would not help: a taken port, a second box. */
  notCounted(): void {
    this.#undecided = false;
    this.#save({ open: false });
  }

  /** The box runs. In normal mode this is the good configuration from now on. */
  steady(good: Omit<LastGood, 'savedAt'>): void {
    this.#undecided = false;
    if (this.mode === 'normal') {
      this.#failed = [];
      this.#write('last-good.json', { savedAt: this.#options.now(), ...good });
    }
    this.#save({ open: false });
  }

  /** Forgets the failed starts: the next start is a normal one. */
  forget(): void {
    this.#undecided = false;
    this.#failed = [];
    this.#save({ open: false });
  }

  #save({ open }: { open: boolean }): void {
    if (!this.#counts) return;
    // Bounded: what matters is how many there were, and the latest reasons.
    const failed = this.#failed.slice(-20);
    const started = open ? { open: { at: this.#options.now(), bootId: this.#bootId } } : {};
    this.#write('starts.json', { fingerprint: this.#fingerprint, failed, ...started });
  }

  #file(name: string): string {
    return join(this.#options.dataFolder, name);
  }

  /** A box with a full or read-only disk must start all the same: then this start goes unrecorded. */
  #write(name: string, value: unknown): void {
    const file = this.#file(name);
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      const beside = `${file}.new`;
      const handle = openSync(beside, 'w', 0o600);
      try {
        writeSync(handle, JSON.stringify(value));
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      renameSync(beside, file);
    } catch (error) {
      process.stderr.write(`Gatehouse cannot keep its record of starts: ${(error as Error).message}\n`);
    }
  }
}

function readJson<Schema extends z.ZodType>(file: string, schema: Schema): z.output<Schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Of the program's version, `gatehouse.json` and the environment's settings. */
function fingerprint({ version, dataFolder, environment }: StartsOptions): string {
  let file = '';
  try {
    file = readFileSync(join(dataFolder, 'gatehouse.json'), 'utf8');
  } catch {
    // No file is a configuration, too.
  }
  const settings = Object.entries(environment)
    .filter(([name]) => name.startsWith('GATEHOUSE_') && name !== 'GATEHOUSE_ADMIN_PASSWORD')
    .sort(([a], [b]) => a.localeCompare(b));
  return createHash('sha256')
    .update(JSON.stringify([version, file, settings]))
    .digest('hex');
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
