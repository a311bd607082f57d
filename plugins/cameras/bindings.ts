import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { CameraDatabases } from '../../core/plugin/services.ts';
import type { Tx } from '../../core/store/database.ts';
import type { Camera } from './camera.ts';
import { cameras as table } from './tables.ts';

type Known = Parameters<CameraDatabases['register']>[0];

/**
 * Which portrait databases cameras are bound to. Whoever keeps the databases says inside the same write job whether there
 * is one, and asks there before one goes: so neither a camera nor a database can slip past the other.
 */
export class Bindings implements CameraDatabases {
  readonly #guests: () => readonly Pick<Camera, 'libraryIds'>[];
  #known: Known | undefined;

  /** @param guests cameras that stand in no row */
  constructor(guests: () => readonly Pick<Camera, 'libraryIds'>[]) {
    this.#guests = guests;
  }

  register(known: Known): () => void {
    this.#known = known;
    return () => {
      if (this.#known === known) this.#known = undefined;
    };
  }

  boundIn(tx: Tx, libraryId: number): boolean {
    const own = tx.select({ libraryIds: table.libraryIds }).from(table).all();
    return [...own, ...this.#guests()].some(({ libraryIds }) => libraryIds.includes(libraryId));
  }

  /**
   * While nobody keeps databases, nobody knows which there are, and all may be bound.
   * @param before what the camera is bound to: what has gone since may stay, so that the rest can be changed
   * @throws ContractError -117
   */
  checkIn(tx: Tx, libraryIds: readonly number[], before: readonly number[] = []): void {
    const known = this.#known;
    if (!known) return;
    const missing = libraryIds.find((id) => !before.includes(id) && !known(tx, id));
    if (missing === undefined) return;
    throw new ContractError(CODE.noSuchDatabase, `there is no portrait database ${missing}`, '', 'libraryIds');
  }
}
