import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { GuestDatabase, GuestPerson, GuestPortraits, Images } from '../../core/plugin/face-services.ts';
import type { Library } from './library.ts';
import type { PortraitDatabase } from './shapes.ts';

/** Where somebody cannot be enrolled now, it is tried again after, ms. */
const AGAIN_MS = 60_000;
/** Names that are tried for a database whose own is taken: "Demo staff 2" and so on. */
const MOST_NAMES = 20;

export interface DemoStaffOptions {
  library: Pick<
    Library,
    'databases' | 'createDatabase' | 'removeDatabase' | 'get' | 'enrol' | 'wasErased' | 'forgetErased'
  >;
  images: Pick<Images, 'onModels'>;
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  /** ms; shorter in tests */
  againMs?: number;
}

interface Wanted {
  libId: number;
  person: GuestPerson;
}

/**
 * The people of the demo: databases that come with its scenes, and leave with them. Who is erased by hand stays away.
 * Enrolling is nobody's to wait for: it may stand behind a long import, and whoever removes a database meanwhile makes it
 * fail.
 */
export class DemoStaff implements GuestPortraits {
  readonly #options: DemoStaffOptions;
  readonly #forgetModels: () => void;
  #turns: Promise<unknown> = Promise.resolve();
  #missing: Wanted[] = [];
  /** Those whose picture was not taken as it is, until there are other models. */
  #refused: Wanted[] = [];
  #enrolling = false;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: DemoStaffOptions) {
    this.#options = options;
    this.#forgetModels = options.images.onModels(() => {
      this.#missing.push(...this.#refused.splice(0));
      this.#enrolSoon(0);
    });
  }

  /** People who are still to be enrolled. */
  get missing(): number {
    return this.#missing.length;
  }

  bring(origin: 'demo', databases: readonly GuestDatabase[]): Promise<number[]> {
    return this.#turn(async () => {
      const ids: number[] = [];
      const wanted: Wanted[] = [];
      for (const database of databases) {
        const { libId } = this.#there(origin, database.type) ?? (await this.#create(origin, database));
        ids.push(libId);
        for (const person of database.people) wanted.push({ libId, person });
      }
      this.#missing = wanted;
      this.#refused = [];
      this.#enrolSoon(0);
      return ids;
    });
  }

  remove(origin: 'demo'): Promise<number> {
    return this.#turn(async () => {
      // First, so that an enrolment under way is the last.
      this.#missing = [];
      this.#refused = [];
      const { library, log } = this.#options;
      let pictures = 0;
      for (const database of library.databases()) {
        if (database.origin !== origin) continue;
        pictures += (await library.removeDatabase(database.libId, { alsoBound: true })).pictures;
      }
      await library.forgetErased(origin);
      log.info({ pictures }, 'the databases of the demo were removed');
      return pictures;
    });
  }

  /** What is under way ends by itself. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#forgetModels();
    clearTimeout(this.#timer);
    this.#missing = [];
    await this.#turns;
  }

  #turn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turns.then(act);
    this.#turns = done.catch(() => {});
    return done;
  }

  #there(origin: 'demo', type: GuestDatabase['type']): PortraitDatabase | undefined {
    return this.#options.library.databases().find((one) => one.origin === origin && one.libType === type);
  }

  /** @throws ContractError */
  async #create(origin: 'demo', { name, type }: GuestDatabase): Promise<PortraitDatabase> {
    for (let number = 1; ; number += 1) {
      try {
        const tried = number === 1 ? name : `${name} ${number}`;
        return await this.#options.library.createDatabase(tried, type, origin);
      } catch (error) {
        if (!isRefusal(error, CODE.databaseExists) || number === MOST_NAMES) throw error;
      }
    }
  }

  #enrolSoon(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped || this.#missing.length === 0) return;
    this.#timer = setTimeout(() => void this.#enrolMissing(), ms);
    this.#timer.unref();
  }

  /** Does not reject. */
  async #enrolMissing(): Promise<void> {
    if (this.#enrolling) return;
    this.#enrolling = true;
    const wait = await this.#enrolEach();
    this.#enrolling = false;
    if (wait !== undefined) this.#enrolSoon(wait);
  }

  /** How long to wait before going on, ms; undefined when nobody is missing any more. */
  async #enrolEach(): Promise<number | undefined> {
    const { log, againMs = AGAIN_MS } = this.#options;
    for (let next = this.#missing[0]; next && !this.#stopped; next = this.#missing[0]) {
      try {
        await this.#enrol(next);
      } catch (error) {
        // Somebody may have asked for others meanwhile, or for none.
        if (this.#missing[0] !== next) continue;
        const { message } = error as Error;
        // Without a code of its own it is a fault of the moment: no model yet, or too much to do.
        if (!(error instanceof ContractError) || error.code === CODE.unknownError) {
          log.warn({ missing: this.#missing.length, reason: message }, 'people of the demo cannot be enrolled yet');
          return againMs;
        }
        log.warn({ code: error.code, reason: message }, 'somebody of the demo was not enrolled');
        this.#refused.push(next);
      }
      if (this.#missing[0] === next) this.#missing.shift();
    }
    return undefined;
  }

  /** @throws ContractError */
  async #enrol({ libId, person }: Wanted): Promise<void> {
    const { library } = this.#options;
    const { key, name, gender, age } = person;
    // Whom somebody erased stays away for as long as the demo is there.
    if (library.get(libId, key) || library.wasErased(libId, key)) return;
    try {
      await library.enrol({
        libId,
        imgId: key,
        picture: await readable(person),
        person: { name, gender: gender === 'female' ? '0' : '1', age: String(age), idcard: '', address: '' },
        quality: 'low',
        lane: 'batch',
      });
    } catch (error) {
      // Enrolled under another id: there all the same.
      if (!isRefusal(error, CODE.imageExists)) throw error;
    }
  }
}

/** @throws ContractError -1104, so that one picture that cannot be read holds up nobody else */
async function readable(person: GuestPerson): Promise<Uint8Array> {
  try {
    return await person.picture();
  } catch {
    throw new ContractError(CODE.damagedImage, 'the picture cannot be read');
  }
}

function isRefusal(error: unknown, code: ContractError['code']): boolean {
  return error instanceof ContractError && error.code === code;
}
