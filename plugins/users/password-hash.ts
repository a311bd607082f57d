import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { CODE, ContractError } from '../../core/gateway/errors.ts';

/** Cost of one hash: 128 * n * r bytes of memory (32 MiB) and some 80 ms on a small box. */
export interface HashCost {
  n: number;
  r: number;
  p: number;
}

export const COST: HashCost = { n: 2 ** 15, r: 8, p: 1 };

const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** What a stored hash may ask for at most; a damaged row must not take the box's memory. */
const HIGHEST: HashCost = { n: 2 ** 18, r: 16, p: 4 };
const FORM = /^scrypt\$n=(\d{1,7}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{43})$/;

export interface HasherOptions {
  cost?: HashCost;
  /** Hashes worked on at once; each holds its memory and a thread of the pool. */
  parallel?: number;
  /** Hashes that may wait. */
  waiting?: number;
}

/**
 * Hashes and checks passwords with scrypt. Stored form: `scrypt$n=32768,r=8,p=1$<salt>$<key>` in base64url, so that
 * the cost can grow and old hashes are still understood.
 */
export class PasswordHasher {
  readonly #cost: HashCost;
  readonly #parallel: number;
  readonly #capacity: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  /** Checked in place of an account that does not exist, so that both take the same time. */
  readonly #nobody: string;

  constructor({ cost = COST, parallel = 2, waiting = 100 }: HasherOptions = {}) {
    this.#cost = cost;
    this.#parallel = parallel;
    this.#capacity = waiting;
    this.#nobody = stored(cost, randomBytes(SALT_BYTES), randomBytes(KEY_BYTES));
  }

  /** Hashes waiting for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** @throws ContractError `unknownError` when too many are waiting already */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    return stored(this.#cost, salt, await this.#derive(password, salt, this.#cost));
  }

  /**
   * Whether the password is the one behind `hash`; false, after the same time, where there is no hash.
   * @throws ContractError `unknownError` when too many are waiting already; Error when `hash` is damaged
   */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    const { cost, salt, key } = parse(hash ?? this.#nobody);
    const derived = await this.#derive(password, salt, cost);
    return timingSafeEqual(derived, key) && hash !== undefined;
  }

  /** Whether `hash` was made with a cost other than today's. */
  outdated(hash: string): boolean {
    const { cost } = parse(hash);
    return cost.n !== this.#cost.n || cost.r !== this.#cost.r || cost.p !== this.#cost.p;
  }

  async #derive(password: string, salt: Buffer, cost: HashCost): Promise<Buffer> {
    await this.#turn();
    try {
      return await derive(password, salt, cost);
    } finally {
      // The place goes from hand to hand, so that nobody who comes later slips in between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  async #turn(): Promise<void> {
    if (this.#running < this.#parallel) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.length >= this.#capacity) throw tooMany();
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

/** The refusal of a flood. */
export function tooMany(): ContractError {
  return new ContractError(CODE.unknownError, 'too many passwords are being checked: try again in a moment');
}

function derive(password: string, salt: Buffer, { n, r, p }: HashCost): Promise<Buffer> {
  const maxmem = 128 * n * r + 128 * r * p + 1024 * 1024;
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, KEY_BYTES, { N: n, r, p, maxmem }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function stored({ n, r, p }: HashCost, salt: Buffer, key: Buffer): string {
  return `scrypt$n=${n},r=${r},p=${p}$${salt.toString('base64url')}$${key.toString('base64url')}`;
}

function parse(hash: string): { cost: HashCost; salt: Buffer; key: Buffer } {
  const [, n, r, p, salt, key] = FORM.exec(hash) ?? [];
  const cost = { n: Number(n), r: Number(r), p: Number(p) };
  if (!salt || !key || cost.n > HIGHEST.n || cost.r > HIGHEST.r || cost.p > HIGHEST.p) {
    throw new Error('a stored password hash is damaged: set a new password for the account with "npm run users"');
  }
  return { cost, salt: Buffer.from(salt, 'base64url'), key: Buffer.from(key, 'base64url') };
}
