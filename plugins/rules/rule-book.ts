import { asc, eq } from 'drizzle-orm';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { Store } from '../../core/store/database.ts';
import { KeptRows } from '../../core/store/kept-rows.ts';
import { MOST_RULES } from './rule.ts';
import { type Rule, rules } from './tables.ts';

export type NewRule = Omit<Rule, 'id' | 'createdAt'>;

/** The rules: kept in the database, and in memory, because every record asks. */
export class RuleBook {
  readonly #rows: KeptRows<Rule>;

  constructor(store: Store) {
    this.#rows = new KeptRows(store, (read) => read.select().from(rules).orderBy(asc(rules.id)).all());
  }

  list(): readonly Rule[] {
    return this.#rows.list();
  }

  find(id: number): Rule | undefined {
    return this.list().find((one) => one.id === id);
  }

  /** @throws ContractError `noSuchData` */
  get(id: number): Rule {
    const found = this.find(id);
    if (!found) throw new ContractError(CODE.noSuchData, 'there is no such rule');
    return found;
  }

  /** @throws ContractError where there are too many */
  add(rule: NewRule, createdAt: number): Promise<Rule> {
    return this.#rows.write((tx) => {
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
    return this.#rows.write((tx) => {
      const changed = tx.update(rules).set(change).where(eq(rules.id, id)).returning().get();
      if (!changed) throw new ContractError(CODE.noSuchData, 'there is no such rule');
      return changed;
    });
  }

  async remove(id: number): Promise<void> {
    await this.#rows.write((tx) => tx.delete(rules).where(eq(rules.id, id)).run());
  }
}
