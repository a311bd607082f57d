import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { GuestDatabase, GuestPortraits } from '../../core/plugin/face-services.ts';

/** The people of the scenes: `people/people.json` in their folder, and a picture beside it for each. */

const MOST_PEOPLE = 50;
const MOST_BYTES = 1024 * 1024;
/** Where the databases cannot be made now, it is tried again after, ms. */
const AGAIN_MS = 15_000;

const listSchema = z
  .array(
    z.object({
      picture: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}\.jpg$/),
      name: z.string().min(1).max(100),
      gender: z.enum(['female', 'male']),
      age: z.int().min(0).max(120),
      /** `watch`: somebody whose coming is to be told at once. */
      list: z.enum(['staff', 'watch']),
    }),
  )
  .max(MOST_PEOPLE);

const DATABASES = [
  { list: 'staff', type: 2, name: 'Demo staff' },
  { list: 'watch', type: 1, name: 'Demo watch list' },
] as const;

/**
 * Reads who is known in the scenes of a folder. A folder may have nobody.
 * @throws Error that says what is wrong with the list
 */
export async function readPeople(folder: string): Promise<GuestDatabase[]> {
  const file = join(folder, 'people', 'people.json');
  let text: string;
  try {
    text = (await small(file)).toString();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new Error(`the list of people cannot be read: ${(error as Error).message}`);
  }
  const parsed = listSchema.safeParse(asJson(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`the list of people is wrong: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  return DATABASES.map(({ list, type, name }) => ({
    type,
    name,
    people: parsed.data
      .filter((one) => one.list === list)
      .map(({ picture, list: _, ...person }) => ({
        ...person,
        key: picture.replace(/\.jpg$/, ''),
        picture: () => small(join(folder, 'people', picture)),
      })),
  })).filter(({ people }) => people.length > 0);
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A file that is one, and fits into memory: reading a pipe would never end. */
async function small(file: string): Promise<Buffer> {
  const stats = await stat(file);
  if (!stats.isFile() || stats.size > MOST_BYTES) throw new Error('it is no file of up to 1 MiB');
  return readFile(file);
}

export interface SitePeopleOptions {
  /** Undefined while nobody keeps portraits. */
  portraits(): GuestPortraits | undefined;
  /** `come` is to be called again, in a turn of its own. */
  again(): void;
  log: { warn(fields: object, message: string): void };
}

/** Brings the people of the scenes into the box, and takes them away again. */
export class SitePeople {
  readonly #options: SitePeopleOptions;
  #databases: readonly GuestDatabase[] = [];
  #ids: number[] = [];
  #triedWith: GuestPortraits | undefined;
  #there = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SitePeopleOptions) {
    this.#options = options;
  }

  /** Databases that the scenes are to be compared with, as far as they are there. */
  get libraryIds(): readonly number[] {
    return this.#ids;
  }

  /** Reads who is known in the scenes; gives what is wrong, in a sentence. Does not reject. */
  async read(folder: string): Promise<string | undefined> {
    try {
      this.#databases = await readPeople(folder);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** The plugin that keeps them has come, or was started anew, and has not been asked yet. */
  get waited(): boolean {
    const portraits = this.#options.portraits();
    return this.#databases.length > 0 && portraits !== undefined && portraits !== this.#triedWith;
  }

  /**
   * Makes the databases where they are not there yet. What fails is tried again. Does not reject.
   * @param note called before anything is made
   */
  async come(note: () => Promise<void>): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#databases.length === 0) return;
    const portraits = this.#options.portraits();
    if (this.#there && portraits === this.#triedWith) return;
    this.#triedWith = portraits;
    this.#there = false;
    try {
      if (portraits) {
        await note();
        this.#ids = await portraits.bring('demo', this.#databases);
        this.#there = true;
        return;
      }
    } catch (error) {
      this.#options.log.warn({ reason: (error as Error).message }, 'the databases of the demo could not be made yet');
    }
    this.#timer = setTimeout(() => this.#options.again(), AGAIN_MS);
    this.#timer.unref();
  }

  /** Nothing is tried again any more. The databases stay. */
  rest(): void {
    clearTimeout(this.#timer);
  }

  /**
   * Takes the databases away, with everybody in them.
   * @returns how many pictures went
   * @throws Error where that cannot be done now
   */
  async leave(): Promise<number> {
    this.rest();
    this.#ids = [];
    this.#triedWith = undefined;
    this.#there = false;
    const portraits = this.#options.portraits();
    if (!portraits) throw new Error('no plugin keeps portraits now');
    return portraits.remove('demo');
  }
}
