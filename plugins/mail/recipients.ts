import { asc, eq } from 'drizzle-orm';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { Store, Tx } from '../../core/store/database.ts';
import { KeptRows } from '../../core/store/kept-rows.ts';
import { type Recipient, recipients } from './tables.ts';

/** Everybody who gets mail, at most. */
export const MOST_RECIPIENTS = 20;

export type RecipientFields = Omit<Recipient, 'id' | 'createdAt'>;

/** Who gets mail. Every record asks. */
export class Recipients {
  readonly #rows: KeptRows<Recipient>;

  constructor(store: Store, changed: () => void) {
    this.#rows = new KeptRows(
      store,
      (read) => read.select().from(recipients).orderBy(asc(recipients.id)).all(),
      changed,
    );
  }

  list(): readonly Recipient[] {
    return this.#rows.list();
  }

  /** @throws ContractError `noSuchData` */
  get(id: number): Recipient {
    const found = this.list().find((one) => one.id === id);
    if (!found) throw new ContractError(CODE.noSuchData, 'no such recipient');
    return found;
  }

  /** @throws ContractError for an address that is there, or one too many */
  async add(fields: RecipientFields, createdAt: number): Promise<void> {
    await this.#rows.write((tx) => {
      refuseTaken(tx, fields.address);
      if (tx.select().from(recipients).all().length >= MOST_RECIPIENTS) {
        throw new ContractError(CODE.wrongParameter, `at most ${MOST_RECIPIENTS} recipients are possible`);
      }
      tx.insert(recipients)
        .values({ ...fields, createdAt })
        .run();
    });
  }

  /** @throws ContractError `noSuchData`, `wrongParameter` for an address that is there */
  async change(id: number, fields: RecipientFields): Promise<void> {
    await this.#rows.write((tx) => {
      refuseTaken(tx, fields.address, id);
      const { changes } = tx.update(recipients).set(fields).where(eq(recipients.id, id)).run();
      if (Number(changes) === 0) throw new ContractError(CODE.noSuchData, 'no such recipient');
    });
  }

  async remove(id: number): Promise<void> {
    await this.#rows.write((tx) => tx.delete(recipients).where(eq(recipients.id, id)).run());
  }
}

function refuseTaken(tx: Tx, address: string, but?: number): void {
  const same = tx
    .select()
    .from(recipients)
    .all()
    .find((one) => one.address.toLowerCase() === address.toLowerCase());
  if (same && same.id !== but) {
    throw new ContractError(CODE.wrongParameter, 'address: this address gets mail already');
  }
}
