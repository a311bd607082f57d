import { createHash } from 'node:crypto';

/** Pictures remembered; the oldest goes. */
const MOST = 100;

/** Pictures that ended the worker: for a while they are not tried again, however often they are sent. */
export class GivenUp {
  readonly #restMs: number;
  readonly #pictures: { length: number; digest: string; until: number }[] = [];

  constructor(restMs: number) {
    this.#restMs = restMs;
  }

  add(picture: Uint8Array, now: number): void {
    this.#pictures.push({ length: picture.length, digest: digestOf(picture), until: now + this.#restMs });
    if (this.#pictures.length > MOST) this.#pictures.shift();
  }

  has(picture: Uint8Array, now: number): boolean {
    // Digests of large pictures take milliseconds: only where there is one as long.
    const alike = this.#pictures.filter(({ length, until }) => length === picture.length && until > now);
    if (alike.length === 0) return false;
    const digest = digestOf(picture);
    return alike.some((one) => one.digest === digest);
  }
}

function digestOf(picture: Uint8Array): string {
  return createHash('sha256').update(picture).digest('hex');
}
