import { csvFile } from '../../core/csv.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { StoreBusyError, StoreFullError } from '../../core/store/errors.ts';
import { readFileName } from './file-name.ts';
import type { Library } from './library.ts';

/** One picture of a batch: bytes are made when its turn comes. */
export interface BatchPicture {
  /** As the client names the file: it says who is in it. */
  file: string;
  /** @throws ContractError */
  bytes(): Uint8Array;
}

export interface BatchResult {
  file: string;
  imgId: string;
  /** 0, or why it was not taken. */
  code: number;
  text: string;
}

/** Pictures of one batch that are on their way at once: one is examined while others are read and stored. */
const AT_ONCE = 4;

export interface BatchOptions {
  libId: number;
  quality: 'low' | 'high';
  /** Steady clock, ms. */
  now(): number;
  /** What has not begun so long after the start is refused, ms. */
  limitMs: number;
  /** An error of the box, no refusal. */
  failed(error: unknown): void;
}

/**
 * Enrols many pictures, each in or out on its own.
 * @returns what became of each, in their order
 */
export async function enrolBatch(
  library: Pick<Library, 'enrol'>,
  pictures: readonly BatchPicture[],
  { libId, quality, now, limitMs, failed }: BatchOptions,
): Promise<BatchResult[]> {
  const end = now() + limitMs;
  const results: BatchResult[] = [];
  const waiting = pictures.entries();
  const worker = async () => {
    for (const [at, picture] of waiting) {
      const { file } = picture;
      let imgId = '';
      try {
        if (now() > end) throw new ContractError(CODE.unknownError, 'the batch took too long: send this one again');
        const named = readFileName(file);
        imgId = named.imgId;
        const { portrait } = await library.enrol({ libId, picture: picture.bytes(), ...named, quality, lane: 'batch' });
        results[at] = { file, imgId: portrait.imgId, code: CODE.ok, text: 'stored' };
      } catch (error) {
        results[at] = { file, imgId, ...told(error, failed) };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, pictures.length) }, worker));
  return results;
}

/** A row for each picture: file, img_id, code, text. */
export function resultList(results: readonly BatchResult[]): string {
  return csvFile([
    ['file', 'img_id', 'code', 'text'],
    ...results.map(({ file, imgId, code, text }) => [file, imgId, code, text]),
  ]);
}

function told(error: unknown, failed: (error: unknown) => void): { code: number; text: string } {
  if (error instanceof ContractError) return { code: error.code, text: error.message };
  if (error instanceof StoreFullError || error instanceof StoreBusyError) {
    return { code: CODE.unknownError, text: error.message };
  }
  // The other pictures have a chance of their own.
  failed(error);
  return { code: CODE.internalError, text: 'internal error' };
}
