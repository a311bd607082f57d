import { eq } from 'drizzle-orm';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { AddressError, type AddressRules, pushUrl } from '../../core/net/addresses.ts';
import { isMask } from '../../core/plugin/config.ts';
import type { Store } from '../../core/store/database.ts';
import { SecretError, type Secrets } from '../../core/store/secrets.ts';
import type { NewTarget, TargetChange } from './shapes.ts';
import { pushTargets, type TargetRow } from './tables.ts';
import type { Trust } from './trust.ts';

/** Each has its own lanes, connections and heartbeat. */
export const MOST_TARGETS = 16;

export interface TargetsOptions {
  store: Store;
  secrets: Secrets;
  rules: AddressRules;
  now(): number;
}

/** The receivers that are set up. */
export class Targets {
  readonly #options: TargetsOptions;

  constructor(options: TargetsOptions) {
    this.#options = options;
  }

  list(): TargetRow[] {
    return this.#options.store.read.select().from(pushTargets).orderBy(pushTargets.id).all();
  }

  /** @throws ContractError where there is none */
  get(id: number): TargetRow {
    return existing(this.#options.store.read.select().from(pushTargets).where(eq(pushTargets.id, id)).get());
  }

  /** The one that clients know. */
  wire(): TargetRow | undefined {
    return this.list().find(({ wire }) => wire);
  }

  /** The key in clear; undefined where it was sealed by another box, or changed. */
  keyOf(row: TargetRow): string | undefined {
    if (row.sealedKey === '') return '';
    try {
      return this.#options.secrets.open(row.sealedKey, PLACE);
    } catch (error) {
      if (error instanceof SecretError) return undefined;
      throw error;
    }
  }

  /** @throws ContractError naming the field that is wrong */
  async add(target: NewTarget, wire = false): Promise<TargetRow> {
    if (this.list().length >= MOST_TARGETS) {
      throw new ContractError(CODE.wrongParameter, `there may be ${MOST_TARGETS} receivers: remove one first`);
    }
    const { key, ...values } = target;
    const url = this.address(values.url);
    checkTrust(url, values);
    if (isMask(key)) throw new ContractError(CODE.wrongParameter, 'enter the key', '', 'key');
    const { store, now } = this.#options;
    const row = {
      ...values,
      url: String(url),
      name: values.name.trim() || url.host,
      sealedKey: this.#seal(key),
      wire,
      createdAt: now(),
    };
    return store.write((tx) => tx.insert(pushTargets).values(row).returning().get());
  }

  /** @throws ContractError naming the field that is wrong */
  async change(id: number, { key, ...values }: TargetChange): Promise<TargetRow> {
    // In one job: of two changes at once, neither takes back what the other one made.
    return this.#options.store.write((tx) => {
      const before = existing(tx.select().from(pushTargets).where(eq(pushTargets.id, id)).get());
      const url = this.address(values.url ?? before.url);
      const merged = { ...before, ...values, url: String(url) };
      checkTrust(url, merged);
      const kept = key === undefined || (isMask(key) && before.sealedKey !== '');
      if (kept) requireSameReceiver(before, url);
      const row = {
        ...merged,
        name: this.#nameOf(merged.name.trim(), before, url),
        // The same key sealed anew would look like another receiver.
        sealedKey: kept || this.keyOf(before) === key ? before.sealedKey : this.#seal(key),
      };
      return tx.update(pushTargets).set(row).where(eq(pushTargets.id, id)).returning().get();
    });
  }

  /** A receiver that nobody named is called by its host, by the new one where it moves. */
  #nameOf(name: string, before: TargetRow, url: URL): string {
    return name === '' || name === new URL(before.url).host ? url.host : name;
  }

  async remove(id: number): Promise<void> {
    await this.#options.store.write((tx) => tx.delete(pushTargets).where(eq(pushTargets.id, id)).run());
  }

  /** @throws ContractError where an address cannot be pushed to */
  address(text: string): URL {
    try {
      return pushUrl(text, this.#options.rules);
    } catch (error) {
      if (error instanceof AddressError) throw new ContractError(CODE.wrongParameter, error.message, '', 'url');
      throw error;
    }
  }

  /** The key for a test: the one given, or the kept one where it goes to the same receiver. */
  keyFor(key: string | undefined, id: number | undefined, url: URL): string {
    if (key !== undefined && !isMask(key)) return key;
    if (id === undefined) return '';
    const row = this.get(id);
    requireSameReceiver(row, url);
    return this.keyOf(row) ?? '';
  }

  #seal(key: string): string {
    return key === '' ? '' : this.#options.secrets.seal(key, PLACE);
  }
}

const PLACE = 'push-target-key';

function existing(row: TargetRow | undefined): TargetRow {
  if (!row) throw new ContractError(CODE.noSuchData, 'there is no such receiver');
  return row;
}

export function trustOf({ trust, fingerprint }: Pick<TargetRow, 'trust' | 'fingerprint'>): Trust {
  return trust === 'pinned' && fingerprint ? { kind: 'pinned', fingerprint } : { kind: 'system' };
}

/** A pinned certificate without its fingerprint would be none at all. */
export function checkTrust(url: URL, { trust, fingerprint }: Pick<TargetRow, 'trust' | 'fingerprint'>): void {
  if (trust !== 'pinned') return;
  if (url.protocol !== 'https:') {
    throw new ContractError(CODE.wrongParameter, 'only an https address can have a pinned certificate', '', 'trust');
  }
  if (!fingerprint) {
    throw new ContractError(CODE.wrongParameter, 'look at the certificate and confirm it', '', 'fingerprint');
  }
}

/** A key nobody has entered again goes to nobody else: whoever may change the address would learn it. */
function requireSameReceiver(before: TargetRow, url: URL): void {
  if (before.sealedKey === '' || new URL(before.url).origin === url.origin) return;
  throw new ContractError(CODE.wrongParameter, 'enter the key again: the address is another one', '', 'key');
}
