import type { IncomingMessage } from 'node:http';
import { CODE, ContractError } from './errors.ts';

/** What a body may cost, asked while it comes. */
export interface Allowance {
  /** Why a body that has grown to so many bytes is refused, or undefined. */
  tooMuch(size: number): ContractError | undefined;
  /** Why one is refused that has come for so long with so many bytes, or undefined. */
  tooSlow(ms: number, size: number): ContractError | undefined;
}

/**
 * A body on its way in, taken from its connection: a web stream in between costs several times what everything else
 * about a small request does.
 */
export class BodyReading {
  readonly #allowance: Allowance;
  readonly #underWay: Set<BodyReading>;
  readonly #began = performance.now();
  #chunks: Uint8Array[] = [];
  #size = 0;
  #settled = false;
  #resolve!: (bytes: Uint8Array<ArrayBuffer>) => void;
  #reject!: (error: ContractError) => void;
  /** The whole body; rejects with ContractError. What still comes after a refusal is thrown away. */
  readonly whole = new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
    this.#resolve = resolve;
    this.#reject = reject;
  });

  /** @param underWay readings that are looked at now and then; this one is among them until it has ended */
  constructor(incoming: IncomingMessage, allowance: Allowance, underWay: Set<BodyReading>) {
    this.#allowance = allowance;
    this.#underWay = underWay;
    underWay.add(this);
    if (incoming.readableEnded) this.#end();
    else if (incoming.destroyed) this.#break();
    else {
      incoming.on('data', (chunk: Buffer) => this.#take(chunk));
      incoming.on('end', () => this.#end());
      incoming.on('error', () => this.#break());
      incoming.on('close', () => this.#break());
    }
  }

  /** To be called now and then: refuses a body that comes too slowly. */
  look(): void {
    const refusal = this.#allowance.tooSlow(performance.now() - this.#began, this.#size);
    if (refusal) this.#refuse(refusal);
  }

  #take(chunk: Buffer): void {
    if (this.#settled) return;
    this.#size += chunk.byteLength;
    const refusal = this.#allowance.tooMuch(this.#size);
    if (refusal) this.#refuse(refusal);
    else this.#chunks.push(chunk);
  }

  #end(): void {
    if (this.#settled) return;
    this.#settle();
    this.#resolve(joined(this.#chunks, this.#size));
  }

  #break(): void {
    if (!this.#settled) this.#refuse(new ContractError(CODE.wrongParameter, 'the body ended early'));
  }

  #refuse(refusal: ContractError): void {
    this.#settle();
    this.#chunks = [];
    this.#reject(refusal);
  }

  #settle(): void {
    this.#settled = true;
    this.#underWay.delete(this);
  }
}

/** One array of all; the chunks are let go one by one. */
function joined(chunks: Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks.splice(0)) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
