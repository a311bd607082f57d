import { ROLE_RIGHTS, type Role } from '../../core/gateway/authorization.ts';
import type { Operation } from '../../core/plugin/services.ts';

/**
 * Entries of one account in a minute: of what it did, and of what it was refused. An account that may change nothing
 * has few for both.
 */
const MANY = 600;
const FEW = 30;
/** Kinds of acts that are counted by name beyond that. */
const NAMED = 20;
/** Accounts that are counted at a time. */
const ACCOUNTS = 1000;

/** What one account did, or was refused, in this minute. */
interface Counted {
  seen: number;
  folded: number;
  acts: Map<string, number>;
  last: Operation;
}

/**
 * Keeps one account from filling the log, whose limit lets the entries of everybody else go: beyond so many in a minute
 * its acts are only counted.
 */
export class Flood {
  readonly #counted = new Map<string, Counted>();

  /** Counts an act. @returns whether it has an entry of its own */
  takes(operation: Operation): boolean {
    const key = accountOf(operation);
    let counted = this.#counted.get(key);
    if (!counted) {
      // So many accounts do not exist: nothing of them is folded, and nothing is kept of them.
      if (this.#counted.size >= ACCOUNTS) return true;
      counted = { seen: 0, folded: 0, acts: new Map(), last: operation };
      this.#counted.set(key, counted);
    }
    counted.seen += 1;
    if (counted.seen <= mostOf(operation)) return true;
    counted.folded += 1;
    counted.last = operation;
    const act = `${operation.module} ${operation.item}`;
    const times = counted.acts.get(act);
    if (times !== undefined || counted.acts.size < NAMED) counted.acts.set(act, (times ?? 0) + 1);
    return false;
  }

  /** Ends the minute. @returns one entry for each account that had more than its share */
  end(now: number): Operation[] {
    const sums: Operation[] = [];
    for (const { folded, acts, last } of this.#counted.values()) {
      if (folded === 0) continue;
      const named = [...acts].map(([act, times]) => `${times} × ${act}`);
      const detail = `${folded} more in this minute: ${named.join('; ')}`;
      sums.push({ ...last, time: now, module: 'operation-log', item: 'and more', detail });
    }
    this.#counted.clear();
    return sums;
  }
}

/** Strangers are refused under any name they like: they are one account, for each plugin that refused them. */
function accountOf({ userName, role, module, result }: Operation): string {
  if (result === 0) return `done ${userName}`;
  return role === '' ? `strangers ${module}` : `refused ${userName}`;
}

function mostOf({ role, result }: Operation): number {
  const rights = ROLE_RIGHTS[role as Role];
  const mayChange = !rights || Object.values(rights).includes('change');
  return result === 0 && mayChange ? MANY : FEW;
}
