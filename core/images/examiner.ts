import type { Logger } from 'pino';
import { type ExaminedPicture, type ExamineWishes, PictureError } from '../plugin/face-services.ts';
import type { WorkerReport } from '../plugin/services.ts';
import { type ChildEnd, type ChildLimits, ChildSupervisor } from '../processes/child-supervisor.ts';
import { unpack } from './answers.ts';
import { GivenUp } from './given-up.ts';
import { type Lane, Line, type LineLimits } from './line.ts';
import type { ImagePlan } from './plan.ts';
import type { FromImageWorker, ImageSettings, ToImageWorker } from './protocol.ts';
import { UnderWay } from './under-way.ts';

const MIB = 1024 ** 2;

export const EXAMINER_LIMITS = {
  /** Of each lane. */
  line: { count: 100, bytes: 64 * MIB } as LineLimits,
  /** A picture waits no longer for its turn, ms: longer than one that hangs is waited for. */
  waitMs: { prompt: 45_000, batch: 600_000 } as Record<Lane, number>,
  /** The worker ends when it has had nothing to do for so long, ms. */
  idleMs: 2 * 60_000,
  /** A picture that ended the worker is not tried again for so long, ms. */
  restMs: 15 * 60_000,
};
export type ExaminerLimits = typeof EXAMINER_LIMITS;

/**
 * Decoding 40 megapixels takes up to 320 MiB for a moment, the models some 150 MiB. Restarts are quick, since what the
 * worker died of is given up with it.
 */
const CHILD: Partial<ChildLimits> = {
  silenceMs: 10_000,
  pauses: [50, 500, 1_000, 3_000],
  residentBytes: 600 * MIB,
  mostResidentBytes: 1_024 * MIB,
};

const MOST_FAILED_STARTS = 3;

export interface ExaminerOptions {
  settings: ImageSettings;
  log: Logger;
  /** What the health page shows has changed. */
  changed?(): void;
  limits?: Partial<ExaminerLimits>;
  childLimits?: Partial<ChildLimits>;
}

interface Job {
  picture: Uint8Array;
  bytes: number;
  lane: Lane;
  wishes: Omit<ExamineWishes, 'lane'>;
  timer: NodeJS.Timeout | undefined;
  /** The worker ended while it had this one: the next time it has no other beside it. */
  suspect: boolean;
  /** What the worker examines it by. */
  plan: ImagePlan;
  resolve(picture: ExaminedPicture): void;
  reject(error: PictureError): void;
}

type Supervisor = ChildSupervisor<ImageSettings, ToImageWorker, FromImageWorker>;

const RESTING: WorkerReport = { name: 'images', state: 'stopped', failures: 0, restarts: 0, renewals: 0 };

/**
 * Hands pictures to the image worker, no more than keep it busy, so that what waits can still be put in order here. The
 * worker is started for the first picture, and ended when none has come for a while. Where it ends over several pictures
 * each is tried alone, so that only the one that ends it is given up.
 */
export class Examiner {
  readonly #options: ExaminerOptions;
  readonly #limits: ExaminerLimits;
  readonly #line: Line<Job>;
  readonly #givenUp: GivenUp;
  #settings: ImageSettings;
  /** Workers in a row that ended before they could be given a picture. */
  #failedStarts = 0;
  #supervisor: Supervisor | undefined;
  /** The start or the end of the supervisor, while it takes its time. */
  #changing: Promise<void> | undefined;
  #up = false;
  readonly #underWay = new UnderWay<Job>();
  #numbers = 0;
  #idle: NodeJS.Timeout | undefined;
  #stopped = false;
  /** Of the supervisors before this one. */
  #before: Pick<WorkerReport, 'restarts' | 'renewals'> & Partial<WorkerReport> = { restarts: 0, renewals: 0 };

  constructor(options: ExaminerOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#limits = { ...EXAMINER_LIMITS, ...options.limits };
    this.#line = new Line(this.#limits.line);
    this.#givenUp = new GivenUp(this.#limits.restMs);
  }

  /** `stopped` also while there is nothing to do. */
  get report(): WorkerReport {
    const now = this.#supervisor?.report ?? RESTING;
    const restarts = this.#before.restarts + now.restarts;
    return { ...this.#before, ...now, onDemand: true, restarts, renewals: this.#before.renewals + now.renewals };
  }

  /** Pictures that wait, and those under way. */
  get waiting(): number {
    return this.#line.length + this.#underWay.size;
  }

  /** @throws PictureError */
  examine(picture: Uint8Array, { lane = 'prompt', ...wishes }: ExamineWishes): Promise<ExaminedPicture> {
    return new Promise((resolve, reject) => {
      if (this.#stopped) throw new PictureError('busy', 'the box is being stopped');
      if (this.#givenUp.has(picture, performance.now())) {
        throw new PictureError('failed', 'the picture ended the image worker before, and is not tried again for now');
      }
      const bytes = picture.length;
      const { plan } = this.#settings;
      const job: Job = { picture, bytes, lane, wishes, timer: undefined, suspect: false, plan, resolve, reject };
      if (!this.#line.add(job)) throw new PictureError('busy', 'too many pictures wait to be examined');
      job.timer = setTimeout(() => this.#late(job), this.#limits.waitMs[lane]);
      this.#goOn();
    });
  }

  /** Other models: the worker is renewed, and the pictures under way are examined by the new one if need be. */
  configure(settings: ImageSettings): void {
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
    this.#settings = settings;
    // The next picture waits for the next worker.
    this.#up = false;
    this.#supervisor?.configure(settings, 'other models');
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const { guilty, again } = this.#underWay.ended(true);
    for (const job of [...guilty, ...again]) this.#line.putBack(job);
    this.#refuseAll('busy', 'the box is being stopped');
    await this.#changing;
    await this.#endWorker();
  }

  #late(job: Job): void {
    this.#line.remove(job);
    job.reject(new PictureError('busy', 'the picture waited too long for others to be examined'));
    this.#goOn();
  }

  /** Does what can be done next: starts the worker, gives it pictures, or lets it rest. */
  #goOn(): void {
    if (this.#stopped || this.#changing) return;
    if (this.#line.length === 0) {
      if (!this.#supervisor || this.#idle || this.#underWay.size > 0) return;
      this.#idle = setTimeout(() => this.#change(this.#endWorker()), this.#limits.idleMs);
      this.#idle.unref();
      return;
    }
    this.#rouse();
    if (!this.#supervisor) {
      this.#change(this.#startWorker());
    } else if (this.#up) {
      const next = () => this.#line.next((job) => this.#underWay.takes(job));
      for (let job = next(); job; job = next()) this.#send(job);
    }
  }

  #rouse(): void {
    clearTimeout(this.#idle);
    this.#idle = undefined;
  }

  #change(change: Promise<void>): void {
    this.#changing = change
      .catch((error: unknown) => this.#options.log.error({ module: 'images', err: error }, 'the image worker failed'))
      .finally(() => {
        this.#changing = undefined;
        this.#goOn();
      });
  }

  #refuseAll(fault: 'busy' | 'failed', message: string): void {
    for (const job of this.#line.takeAll()) {
      clearTimeout(job.timer);
      job.reject(new PictureError(fault, message));
    }
  }

  #send(job: Job): void {
    clearTimeout(job.timer);
    this.#numbers += 1;
    job.plan = this.#settings.plan;
    this.#underWay.add(this.#numbers, job);
    this.#supervisor?.send({ type: 'examine', number: this.#numbers, wishes: job.wishes }, [job.picture]);
  }

  async #startWorker(): Promise<void> {
    const { log, childLimits } = this.#options;
    const supervisor: Supervisor = new ChildSupervisor({
      name: 'images',
      module: new URL('./worker.ts', import.meta.url),
      // glibc would keep a heap for each of libvips' threads.
      environment: { MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '2' },
      limits: { ...CHILD, ...childLimits },
      log,
      events: {
        message: (message, blobs) => this.#received(message, blobs),
        up: () => this.#isUp(),
        down: (end) => this.#down(end),
      },
    });
    this.#supervisor = supervisor;
    try {
      await supervisor.start(this.#settings);
    } catch (error) {
      log.error({ module: 'images', err: error }, 'the image worker cannot be started');
      this.#supervisor = undefined;
      this.#refuseAll('failed', 'the image worker cannot be started');
      await supervisor.stop();
    }
    this.#options.changed?.();
  }

  async #endWorker(): Promise<void> {
    this.#rouse();
    const supervisor = this.#supervisor;
    if (!supervisor) return;
    this.#up = false;
    await supervisor.stop();
    const { restarts, renewals, lastError, lastRenewal } = this.report;
    this.#before = { restarts, renewals, ...(lastError ? { lastError } : {}), ...(lastRenewal ? { lastRenewal } : {}) };
    this.#supervisor = undefined;
    this.#options.changed?.();
  }

  #isUp(): void {
    this.#up = true;
    this.#failedStarts = 0;
    this.#options.changed?.();
    this.#goOn();
  }

  #down({ reason, renewed }: ChildEnd): void {
    this.#failedStarts += this.#up || renewed ? 0 : 1;
    this.#up = false;
    const { guilty, again } = this.#underWay.ended(renewed);
    for (const job of guilty) this.#giveUp(job, reason);
    // Each goes before all others: the last of them first.
    for (const job of again.reverse()) this.#tryAgain(job);
    // It is tried again, ever more rarely; meanwhile nobody shall wait for nothing.
    if (this.#failedStarts >= MOST_FAILED_STARTS)
      this.#refuseAll('failed', `the image worker does not start (${reason})`);
    this.#options.changed?.();
    this.#goOn();
  }

  #tryAgain(job: Job): void {
    this.#line.putBack(job);
    job.timer = setTimeout(() => this.#late(job), this.#limits.waitMs[job.lane]);
  }

  #giveUp({ picture, bytes, lane, reject }: Job, reason: string): void {
    this.#givenUp.add(picture, performance.now());
    this.#options.log.warn({ module: 'images', reason, bytes, lane }, 'a picture was given up: the image worker ended');
    reject(new PictureError('failed', `the image worker ended over the picture (${reason})`));
  }

  #received(message: FromImageWorker, blobs: Uint8Array[]): void {
    const { log } = this.#options;
    switch (message.type) {
      case 'beat':
        return;
      case 'hung':
        this.#underWay.hangs(message.number);
        return;
      case 'log':
        log[message.level === 'warn' ? 'warn' : 'info']({ module: 'images', ...message.fields }, message.message);
        return;
      case 'examined':
      case 'refused': {
        const job = this.#underWay.answered(message.number);
        if (!job) return;
        try {
          job.resolve(unpack(message, blobs, job.plan));
        } catch (error) {
          const known = error instanceof PictureError;
          if (!known) log.warn({ module: 'images', reason: String(error) }, 'the image worker gave a wrong answer');
          job.reject(known ? error : new PictureError('failed', 'the image worker gave a wrong answer'));
        }
        this.#goOn();
      }
    }
  }
}
