import type { Logger } from 'pino';
import { dataFolderOf } from '../../models/data-folder.ts';
import { type Box, startBox } from '../box.ts';
import { type Config, loadConfig } from '../config.ts';
import { CODE, ContractError } from '../gateway/errors.ts';
import { ListenError } from '../gateway/server.ts';
import { createLog, type RecentLog } from '../log.ts';
import { StoreInUseError } from '../store/errors.ts';
import { STEADY_MS, Starts } from './starts.ts';

/** The good configuration of a box that runs for months is not the one of its start. */
const KEEP_GOOD_MS = 3_600_000;

export interface ProcessOptions {
  version: string;
  environment: Record<string, string | undefined>;
  recentLog: RecentLog;
  /** Told where the box answers, at each start. */
  answers(box: Box, config: Config): void;
  /** The box could not be started anew by itself. */
  lost(error: Error): void;
}

/** One box in this process: keeps the record of its starts, and starts it anew when somebody leaves safe mode. */
export class BoxProcess {
  readonly #options: ProcessOptions;
  #starts: Starts | undefined;
  #box: Box | undefined;
  #timers: NodeJS.Timeout[] = [];
  #stopping = false;
  #restarting = false;
  log: Logger;

  constructor(options: ProcessOptions) {
    this.#options = options;
    this.log = createLog('info', options.recentLog);
  }

  /** @throws Error when the box cannot be started, also in the mode its earlier starts have led to */
  async start(): Promise<void> {
    const { environment, version, recentLog } = this.#options;
    const starts = new Starts({ dataFolder: dataFolderOf(environment), version, environment, now: Date.now });
    this.#starts = starts;
    starts.begin();
    try {
      const config = this.#config(starts);
      this.log = createLog(config.logLevel, recentLog);
      if (starts.mode !== 'normal') {
        const reasons = starts.failed.map(({ reason }) => reason);
        this.log.error({ module: 'start', mode: starts.mode, reasons }, 'starts failed: this one is in safe mode');
      }
      const restart = { check: () => this.#check(), go: () => void this.#restart() };
      const box = await startBox({ config, version, log: this.log, recentLog, starts, restart });
      this.#box = box;
      const good = () => starts.steady(box.good());
      this.#timers = [setTimeout(good, STEADY_MS), setInterval(good, KEEP_GOOD_MS)];
      for (const timer of this.#timers) timer.unref();
      this.#options.answers(box, config);
    } catch (error) {
      // Another configuration frees no port and ends no other box.
      const elsewhere = error instanceof ListenError || error instanceof StoreInUseError;
      if (elsewhere) starts.notCounted();
      else starts.failedWith((error as Error).message);
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#timers) clearTimeout(timer);
    // A box that answered until somebody stopped it had started well.
    if (this.#box) this.#starts?.steady(this.#box.good());
    else this.#starts?.notCounted();
    await this.#box?.stop();
  }

  /** The process is about to end for a fault. */
  failed(reason: string): void {
    this.#starts?.failedWith(reason);
  }

  /** As it is configured, or as the box last ran well; the environment and the file are heard again when they change. */
  #config(starts: Starts): Config {
    const { environment } = this.#options;
    const good = starts.mode === 'normal' ? undefined : starts.lastGood();
    if (good) return { ...(good.config as Config), dataFolder: dataFolderOf(environment) };
    return this.#configured();
  }

  #configured(): Config {
    const { environment } = this.#options;
    return loadConfig(environment, environment['GATEHOUSE_INSTALLED'] === '1');
  }

  /** A normal start that is known to fail would leave nobody to ask for another. */
  #check(): void {
    try {
      this.#configured();
    } catch (error) {
      throw new ContractError(CODE.wrongParameter, `the box would not start: ${(error as Error).message}`);
    }
  }

  async #restart(): Promise<void> {
    // Two who ask at once get one restart: a second would find the data folder in use.
    if (this.#stopping || this.#restarting) return;
    this.#restarting = true;
    this.log.info({ module: 'start' }, 'the box is started anew');
    for (const timer of this.#timers) clearTimeout(timer);
    try {
      await this.#box?.stop();
      this.#box = undefined;
      await this.start();
    } catch (error) {
      this.#options.lost(error as Error);
    } finally {
      this.#restarting = false;
    }
  }
}
