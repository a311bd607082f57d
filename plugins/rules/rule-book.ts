import { asc, eq } from 'drizzle-orm';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { Store, Tx } from '../../core/store/database.ts';
import { MOST_RULES } from './rule.ts';
import { type Rule, rules } from './tables.ts';

export type NewRule = Omit<Rule, 'id' | 'createdAt'>;

/** The rules: kept in the database, and in memory, because every record asks. */
export class RuleBook {
  readonly #store: Store;
  #all: readonly Rule[] = [];

  constructor(store: Store) {
    this.#store = store;
    this.#load();
  }

  list(): readonly Rule[] {
    return this.#all;
  }

  find(id: number): Rule | undefined {
    return this.#all.find((one) => one.id === id);
  }

  /** @throws ContractError `noSuchData` */
  get(id: number): Rule {
    const found = this.find(id);
    if (!found) throw new ContractError(CODE.noSuchData, 'there is no such rule');
    return found;
  }

  /** @throws ContractError where there are too many */
  add(rule: NewRule, createdAt: number): Promise<Rule> {
    return this.#write((tx) => {
      if (tx.select({ id: rules.id }).from(rules).all().length >= MOST_RULES) {
        throw new ContractError(CODE.wrongParameter, `there may be ${MOST_RULES} rules: remove one first`);
      }
      return tx
        .insert(rules)
        .values({ ...rule, createdAt })
        .returning()
        .get();
    });
  }

  /** @throws ContractError `noSuchData` */
  change(id: number, change: Partial<NewRule>): Promise<Rule> {
    return this.#write((tx) => {
      const changed = tx.update(rules).set(change).where(eq(rules.id, id)).returning().get();
      if (!changed) throw new ContractError(CODE.noSuchData, 'there is no such rule');
      return changed;
    });
  }

  async remove(id: number): Promise<void> {
    await this.#write((tx) => tx.delete(rules).where(eq(rules.id, id)).run());
  }

  #write<T>(job: (tx: Tx) => T): Promise<T> {
    return this.#store.write((tx) => {
      tx.afterCommit(() => this.#load());
      return job(tx);
    });
  }

  #load(): void {
    this.#all = this.#store.read.select().from(rules).orderBy(asc(rules.id)).all();
  }
}
