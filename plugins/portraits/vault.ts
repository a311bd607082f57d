import { createHash } from 'node:crypto';
import type { Secrets } from '../../core/store/secrets.ts';

/** What is sealed of a person beside the embeddings, and the name of a file that is or was to be a picture. */
export type SealedField = 'idcard' | 'addr' | 'file';

/**
 * Seals what is sensitive of a person. Each value is bound to its place: the path of the picture it belongs to, which is
 * never used a second time, and what it is. So none can be moved to another person's row.
 */
export class Vault {
  readonly #secrets: Secrets;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  /**
   * '' stays '': that nothing is known is no secret.
   * @param place path of the picture, or of what else is one of its kind for ever
   */
  sealText(place: string, field: SealedField, text: string): string {
    return text === '' ? '' : this.#secrets.seal(text, `${place}:${field}`);
  }

  /** @throws SecretError where it was sealed with another key, or for another place */
  openText(place: string, field: SealedField, sealed: string): string {
    return sealed === '' ? '' : this.#secrets.open(sealed, `${place}:${field}`);
  }

  sealVector(imgPath: string, model: string, vector: Float32Array): Buffer {
    const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
    return this.#secrets.sealBytes(bytes, `${imgPath}:embedding:${model}`);
  }

  /** @throws SecretError as `openText` */
  openVector(imgPath: string, model: string, sealed: Uint8Array): Float32Array {
    const bytes = this.#secrets.openBytes(sealed, `${imgPath}:embedding:${model}`);
    // Copied: floats begin at a multiple of four bytes.
    return new Float32Array(new Uint8Array(bytes).buffer);
  }

  /** Tells the same bytes again, and nobody without the box's key what they were. */
  digest(picture: Uint8Array): string {
    return this.#secrets.lookupHash(createHash('sha256').update(picture).digest('base64'));
  }
}
