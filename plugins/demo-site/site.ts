import { availableParallelism } from 'node:os';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { AlarmArchive } from '../../core/plugin/alarm-services.ts';
import type { CaptureArchive } from '../../core/plugin/capture-services.ts';
import type { GuestPortraits } from '../../core/plugin/face-services.ts';
import type { CameraDirectory, GuestCameras } from '../../core/plugin/services.ts';
import { guestOf } from './guest.ts';
import { SitePeople } from './people.ts';
import { removeTraces } from './removing.ts';
import { SceneServer } from './scene-server.ts';
import { readScenes, type Scene, type SceneFolder } from './scenes.ts';
import { atStart, MOST_SCENES, madeRoom, type State, started } from './state.ts';

/** Captures of the demo that are kept: it runs for days on a box somebody forgot, and must not fill its disk. */
const MOST_CAPTURES = 1_000;
/** So many captures from one look at how many there are to the next. */
const LOOK_EVERY = 100;
/** Captures that were on their way when the demo was left come within this time, ms. */
const LATE_MS = 500;
/** Where what was recorded cannot be removed now, it is tried again after, ms. */
const AGAIN_MS = 15_000;

export interface SiteOptions {
  /** Folder of the scenes. */
  folder: string;
  /** The Python that serves them, where not the system's own. */
  interpreter?: string;
  wanted: boolean | undefined;
  firstStart: boolean;
  cameras: CameraDirectory;
  guests: GuestCameras;
  /** Undefined while nobody keeps captures. */
  archive(): CaptureArchive | undefined;
  /** Undefined while nobody keeps alarms. */
  alarms(): AlarmArchive | undefined;
  /** Undefined while nobody keeps portraits. */
  portraits(): GuestPortraits | undefined;
  stored(): State | undefined;
  store(state: State): Promise<void>;
  now(): number;
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  changed(): void;
}

/** What was taken away with the demo. */
export interface Removed {
  cameras: number;
  captures: number;
  /** Pictures of people who were enrolled. */
  people: number;
  /** False: the rest is still being removed, also after a restart. */
  complete: boolean;
}

/** The demo site: which scenes run, and why not. Its acts run one after another. */
export class DemoSite {
  readonly #options: SiteOptions;
  #state: State | undefined;
  readonly #people: SitePeople;
  #found: SceneFolder = { scenes: [], faults: [] };
  #server: SceneServer | undefined;
  #turns: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  /** Why the last try to remove what was recorded failed. */
  #eraseFault: string | undefined;
  /** The folder has been read. */
  #opened = false;
  #recorded = 0;
  #stopped = false;

  constructor(options: SiteOptions) {
    this.#options = options;
    const { portraits, log } = options;
    this.#people = new SitePeople({ portraits, log, again: () => this.#peopleAgain() });
  }

  get state(): State | undefined {
    return this.#state;
  }

  /** Not to run by its configuration. */
  get forbidden(): boolean {
    return this.#options.wanted === false;
  }

  get scenes(): readonly Scene[] {
    return this.#found.scenes;
  }

  get faults(): readonly string[] {
    return this.#found.faults;
  }

  /** How scenes come to the box now; undefined while none do. */
  get way(): 'rtsp' | 'file' | undefined {
    if (!this.#server) return undefined;
    return this.#server.impossible === undefined ? 'rtsp' : 'file';
  }

  /** Channel of a running scene. */
  channelOf(scene: string): number | undefined {
    return this.#options.guests.channels().get(scene);
  }

  /** Reads the scenes and takes up the state. Does not reject. */
  open(): Promise<void> {
    return this.#turn(async () => {
      const { folder, wanted, firstStart, log, stored, now } = this.#options;
      this.#found = await readScenes(folder);
      const fault = await this.#people.read(folder);
      if (fault !== undefined) this.#found.faults.push(fault);
      for (const reason of this.#found.faults) log.warn({ reason }, 'a scene of the demo site is left out');
      this.#opened = true;
      const before = stored();
      const realCameras = this.#realCameras().length;
      const scenes = this.#usual();
      const state = atStart(before, { wanted, firstStart, realCameras, scenes, now: now() });
      this.#state = state && this.#withScenes(state);
      if (this.#state && this.#state !== before) await this.#keep(this.#state);
      await this.#makeRoom();
      await this.#apply();
      // Also what came late, when the box stopped before that was removed.
      const late = this.#state?.mode === 'left' && (await this.recordedCaptures()) > 0;
      if (this.#state?.erasing || late) this.#eraseSoon(0);
    }).catch((error: Error) => {
      this.#options.log.warn({ reason: error.message }, 'the demo site could not be started');
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#people.rest();
    // First, so that nothing waits for one that does not come up.
    await this.#server?.stop();
    await this.#turns;
    this.#options.guests.show([]);
    await this.#server?.stop();
  }

  /** Cameras have come or gone. */
  camerasChanged(): void {
    if (!this.#opened || this.#state?.mode !== 'on') return;
    this.#turn(() => this.#makeRoom()).catch((error: Error) => {
      this.#options.log.warn({ reason: error.message }, 'the demo site could not make room');
    });
  }

  /** A capture of the demo was recorded, perhaps after everybody thought it was gone. */
  recorded(): void {
    if (this.#state?.mode === 'left') {
      // Also while the others are being removed: that takes only those there were when it began.
      this.#eraseSoon(LATE_MS);
      return;
    }
    if (this.#people.waited) this.#peopleAgain();
    this.#recorded += 1;
    if (this.#recorded % LOOK_EVERY !== 0) return;
    const { archive, log } = this.#options;
    archive()
      ?.erase('demo', MOST_CAPTURES)
      .catch((error: Error) => log.warn({ reason: error.message }, 'old captures of the demo could not be removed'));
  }

  /**
   * Runs these scenes, or those that ran last.
   * @throws ContractError when it must not run, or for a scene that is not there
   */
  start(names?: string[]): Promise<void> {
    return this.#turn(async () => {
      if (this.forbidden) throw new ContractError(CODE.wrongParameter, 'GATEHOUSE_DEMO=0 keeps the demo site off');
      // What was promised to go would stay among what comes.
      if (this.#state?.erasing) {
        const why = this.#eraseFault ? `: ${this.#eraseFault}` : '';
        throw new ContractError(CODE.wrongParameter, `what the demo recorded before is still being removed${why}`);
      }
      const scenes = this.#checked(names ?? this.#usual(this.#state?.scenes));
      await this.#keep(started(this.#state, scenes, this.#realCameras().length, this.#options.now()));
      // A camera that came while that was being stored was told of too early.
      await this.#makeRoom();
      await this.#apply();
    });
  }

  /** Ends the scenes; what they recorded stays. */
  halt(): Promise<void> {
    return this.#turn(async () => {
      if (this.#state?.mode !== 'on' && this.#state?.mode !== 'aside') return;
      await this.#keep({ ...this.#state, mode: 'stopped', since: this.#options.now() });
      await this.#apply();
    });
  }

  /** Whether it stays when there are real cameras; one that stepped aside comes back with it. */
  beside(beside: boolean): Promise<void> {
    return this.#turn(async () => {
      if (!this.#state) return;
      const back = beside && this.#state.mode === 'aside' && !this.forbidden;
      const { asideFor: _, ...kept } = this.#state;
      await this.#keep({
        ...(back ? { ...kept, mode: 'on', since: this.#options.now() } : this.#state),
        beside,
      });
      await this.#makeRoom();
      await this.#apply();
    });
  }

  /** Compares the scenes with these portrait databases; undefined: with those of their own people. */
  compare(databases: number[] | undefined): Promise<void> {
    return this.#turn(async () => {
      if (!this.#state) return;
      const { databases: _, ...state } = this.#state;
      await this.#keep(databases ? { ...state, databases } : state);
      this.#show();
    });
  }

  /** Takes the scenes away with everything that was recorded of them. What a crash interrupts goes on afterwards. */
  leave(): Promise<Removed> {
    return this.#turn(async () => {
      const { now, guests, log } = this.#options;
      const cameras = guests.channels().size;
      const scenes = this.#state?.scenes ?? [];
      const people = this.#state?.people ? { people: this.#state.people } : {};
      await this.#keep({ mode: 'left', scenes, beside: false, since: now(), erasing: true, ...people });
      await this.#apply();
      const erased = await this.#erase();
      const removed = { cameras, captures: 0, people: 0, ...erased };
      log.info(removed, 'the demo site was left');
      return { ...removed, complete: erased !== undefined };
    });
  }

  /** Captures of the demo there are now. */
  async recordedCaptures(): Promise<number> {
    return (await this.#options.archive()?.count('demo')) ?? 0;
  }

  #turn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turns.then(act);
    this.#turns = done.catch(() => {});
    return done;
  }

  async #keep(state: State): Promise<void> {
    await this.#options.store(state);
    this.#state = state;
    this.#options.changed();
  }

  #realCameras(): string[] {
    return this.#options.cameras
      .list()
      .filter(({ origin }) => origin === undefined)
      .map(({ name }) => name);
  }

  async #makeRoom(): Promise<void> {
    if (!this.#state) return;
    const next = madeRoom(this.#state, this.#realCameras(), this.#options.now());
    if (next === this.#state) return;
    await this.#keep(next);
    this.#options.log.info({ camera: next.asideFor }, 'the demo site makes room for a real camera');
    await this.#apply();
  }

  /** Those of the names that are there, else the first of the folder: as many as there are processors. */
  #usual(names: readonly string[] = []): string[] {
    const there = this.#found.scenes.map(({ name }) => name);
    const chosen = names.filter((name) => there.includes(name));
    return chosen.length > 0 ? chosen : there.slice(0, Math.min(MOST_SCENES, Math.max(1, availableParallelism())));
  }

  /** Another folder, or another version of the box, may have none of those that ran: then the usual ones do. */
  #withScenes(state: State): State {
    const there = this.#found.scenes.some(({ name }) => state.scenes.includes(name));
    if (there || this.forbidden || this.#found.scenes.length === 0) return state;
    return { ...state, scenes: this.#usual() };
  }

  #checked(names: string[]): string[] {
    const wanted = [...new Set(names)];
    const unknown = wanted.find((name) => !this.#found.scenes.some((scene) => scene.name === name));
    if (unknown !== undefined) throw new ContractError(CODE.noSuchData, `there is no scene "${unknown}"`);
    if (wanted.length === 0) throw new ContractError(CODE.wrongParameter, 'choose at least one scene');
    if (wanted.length > MOST_SCENES) {
      throw new ContractError(CODE.wrongParameter, `at most ${MOST_SCENES} scenes run at the same time`);
    }
    return wanted;
  }

  get #runs(): boolean {
    return this.#state?.mode === 'on' && !this.forbidden && !this.#stopped && this.#found.scenes.length > 0;
  }

  /** Makes what runs fit the state. */
  async #apply(): Promise<void> {
    if (!this.#runs) {
      this.#people.rest();
      this.#options.guests.show([]);
      const server = this.#server;
      this.#server = undefined;
      await server?.stop();
    } else {
      if (!this.#server) {
        // All that are there: another choice needs no other server.
        this.#server = new SceneServer(this.#found.scenes, {
          log: this.#options.log,
          onMoved: () => this.#show(),
          ...(this.#options.interpreter ? { interpreter: this.#options.interpreter } : {}),
        });
        await this.#server.start();
      }
      await this.#bringPeople();
      this.#show();
    }
    this.#options.changed();
  }

  /** Brings the databases of who is known in the scenes. */
  #bringPeople(): Promise<void> {
    return this.#people.come(async () => {
      // First, so that leaving takes away what a crash kept from being known.
      if (this.#state && !this.#state.people) await this.#keep({ ...this.#state, people: true });
    });
  }

  #peopleAgain(): void {
    this.#turn(async () => {
      if (!this.#runs) return;
      await this.#bringPeople();
      this.#show();
    }).catch((error: Error) => {
      this.#options.log.warn({ reason: error.message }, 'the people of the demo could not be brought');
    });
  }

  #show(): void {
    const wanted = new Set(this.#runs ? this.#state?.scenes : []);
    const scenes = this.#found.scenes.filter(({ name }) => wanted.has(name));
    const { folder, guests } = this.#options;
    const libraryIds = this.#state?.databases ?? this.#people.libraryIds;
    guests.show(scenes.map((scene) => guestOf(scene, { url: this.#server?.url(scene), folder, libraryIds })));
  }

  #eraseSoon(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#turn(async () => {
        if (this.#state?.mode === 'left' && !this.#stopped) await this.#erase();
      }).catch((error: Error) =>
        this.#options.log.warn({ reason: error.message }, 'what the demo recorded is still there'),
      );
    }, ms);
    this.#timer.unref();
  }

  /** What went; undefined where some of it is still to go. */
  async #erase(): Promise<Pick<Removed, 'captures' | 'people'> | undefined> {
    const { archive, alarms, log } = this.#options;
    const people = this.#state?.people && (() => this.#people.leave());
    try {
      const removed = await removeTraces({ archive: archive(), alarms: alarms(), people });
      if (this.#state?.erasing) {
        const { people: _, ...state } = this.#state;
        await this.#keep({ ...state, erasing: false });
      }
      this.#eraseFault = undefined;
      return removed;
    } catch (error) {
      const reason = (error as Error).message;
      // A plugin that is switched off stays so for months.
      if (reason !== this.#eraseFault) log.warn({ reason }, 'what the demo recorded could not be removed yet');
      this.#eraseFault = reason;
      this.#eraseSoon(AGAIN_MS);
      return undefined;
    }
  }
}
