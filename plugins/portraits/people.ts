import { and, asc, count, desc, eq, gte, inArray, lt, or } from 'drizzle-orm';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { Clock } from '../../core/plugin/contract.ts';
import type { Store } from '../../core/store/database.ts';
import { contains, type Databases } from './databases.ts';
import { checkedChange } from './person.ts';
import { type ImageRow, toPortrait } from './rows.ts';
import type { Page, PersonFields, Portrait, PortraitQuery } from './shapes.ts';
import { portraitImages } from './tables.ts';
import type { Vault } from './vault.ts';

export interface PeopleParts {
  store: Store;
  databases: Databases;
  vault: Vault;
  clock: Pick<Clock, 'now'>;
}

/** Reads and changes what is told of those who are enrolled. */
export class People {
  readonly #store: Store;
  readonly #databases: Databases;
  readonly #vault: Vault;
  readonly #clock: Pick<Clock, 'now'>;

  constructor({ store, databases, vault, clock }: PeopleParts) {
    this.#store = store;
    this.#databases = databases;
    this.#vault = vault;
    this.#clock = clock;
  }

  get(libId: number, imgId: string): Portrait | undefined {
    const row = this.#row(libId, imgId);
    return row && toPortrait(row);
  }

  /** @throws ContractError -117, -126 */
  need(libId: number, imgId: string): Portrait {
    return toPortrait(this.#need(libId, imgId));
  }

  /** Those of these numbers that are there, by number. */
  byIds(ids: readonly number[]): Map<number, Portrait> {
    if (ids.length === 0) return new Map();
    const rows = this.#store.read
      .select()
      .from(portraitImages)
      .where(inArray(portraitImages.id, [...ids]))
      .all();
    return new Map(rows.map((row) => [row.id, toPortrait(row)]));
  }

  /** Those of these ids that are there, in the order asked for. */
  byImgIds(libId: number, imgIds: readonly string[]): Portrait[] {
    return imgIds.flatMap((imgId) => this.get(libId, imgId) ?? []);
  }

  /** @throws ContractError -117 */
  async page({ libId, search, from, to, newestFirst, limit, offset }: PortraitQuery): Promise<Page<Portrait>> {
    this.#databases.need(libId);
    const { personName, imgId, createTime, id } = portraitImages;
    const condition = and(
      eq(portraitImages.libId, libId),
      search === undefined ? undefined : or(contains(personName, search), contains(imgId, search)),
      from === undefined ? undefined : gte(createTime, from),
      to === undefined ? undefined : lt(createTime, to),
    );
    const order = newestFirst ? desc : asc;
    const { query } = this.#store;
    const [rows, total] = await query.batch([
      query
        .select()
        .from(portraitImages)
        .where(condition)
        .orderBy(order(createTime), order(id))
        .limit(limit)
        .offset(offset),
      query.select({ n: count() }).from(portraitImages).where(condition),
    ]);
    return { rows: rows.map(toPortrait), total: total[0]?.n ?? 0 };
  }

  /** @throws ContractError -117, -126, -3596 */
  async modify(libId: number, imgId: string, change: Partial<PersonFields>): Promise<Portrait> {
    const plain = checkedChange(change);
    const { imgPath } = this.#need(libId, imgId);
    const row = await this.#store.write((tx) =>
      tx
        .update(portraitImages)
        .set({
          personName: plain.name,
          personGender: plain.gender,
          personAge: plain.age,
          personIdcard: plain.idcard === undefined ? undefined : this.#vault.sealText(imgPath, 'idcard', plain.idcard),
          personAddr: plain.address === undefined ? undefined : this.#vault.sealText(imgPath, 'addr', plain.address),
          updateTime: this.#clock.now(),
        })
        // By the path too: with the id somebody else may have come meanwhile, for whom nothing was sealed.
        .where(
          and(eq(portraitImages.libId, libId), eq(portraitImages.imgId, imgId), eq(portraitImages.imgPath, imgPath)),
        )
        .returning()
        .get(),
    );
    if (!row) throw new ContractError(CODE.noSuchImage);
    return toPortrait(row);
  }

  /** @throws ContractError -117, -126, -1 where it was sealed with another key */
  readClear(libId: number, imgId: string): PersonFields {
    const row = this.#need(libId, imgId);
    try {
      return {
        name: row.personName,
        gender: row.personGender,
        age: row.personAge,
        idcard: this.#vault.openText(row.imgPath, 'idcard', row.personIdcard),
        address: this.#vault.openText(row.imgPath, 'addr', row.personAddr),
      };
    } catch (error) {
      // SecretError says which key is missing, and nothing of what was sealed.
      throw new ContractError(CODE.unknownError, (error as Error).message);
    }
  }

  /** The stored JPEG. */
  async picture(portrait: Pick<Portrait, 'imgPath'>): Promise<Uint8Array | undefined> {
    const file = await this.#store.blobs.open(portrait.imgPath);
    return file?.bytes();
  }

  /** @throws ContractError -117, -126 */
  #need(libId: number, imgId: string): ImageRow {
    this.#databases.need(libId);
    const row = this.#row(libId, imgId);
    if (!row) throw new ContractError(CODE.noSuchImage);
    return row;
  }

  #row(libId: number, imgId: string): ImageRow | undefined {
    if (!this.#databases.get(libId)) return undefined;
    return this.#store.read
      .select()
      .from(portraitImages)
      .where(and(eq(portraitImages.libId, libId), eq(portraitImages.imgId, imgId)))
      .get();
  }
}
