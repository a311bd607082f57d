import { csvFile } from '../../core/csv.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { Tx } from '../../core/store/database.ts';
import { StoreBusyError, StoreFullError } from '../../core/store/errors.ts';
import { AlreadyThereError } from './enrolment.ts';
import { maskedFileName, readFileName } from './file-name.ts';
import type { Library } from './library.ts';
import type { Portrait } from './shapes.ts';

/** One picture of a batch: bytes are made when its turn comes. */
export interface BatchPicture {
  /** As the client names the file: it says who is in it. */
  file: string;
  /** @throws ContractError */
  bytes(): Uint8Array;
}

/** Why a picture was not taken. */
export interface Refusal {
  /** '' where none was given. */
  imgId: string;
  code: number;
  text: string;
  /** The enrolled picture that is in its way. */
  image?: number;
}

export interface BatchResult extends Refusal {
  file: string;
  /** 0, or why it was not taken. */
  code: number;
}

/** Pictures of one batch that are on their way at once: one is examined while others are read and stored. */
const AT_ONCE = 4;

export interface BatchOptions {
  libId: number;
  quality: 'low' | 'high';
  /** Why nothing more is begun; undefined while the batch may go on. */
  over(): string | undefined;
  /** Picture number so and so is stored, or with undefined taken back, in this write job. */
  stored(tx: Tx, at: number, portrait: Portrait | undefined): void;
  /** Picture number so and so is not. */
  refused(at: number, refusal: Refusal): Promise<void>;
  /** An error of the box, no refusal. */
  failed(error: unknown): void;
}

/**
 * Enrols many pictures, each in or out on its own.
 * @returns how many are out
 */
export async function enrolBatch(
  library: Pick<Library, 'enrol'>,
  pictures: readonly BatchPicture[],
  { libId, quality, over, stored, refused, failed }: BatchOptions,
): Promise<number> {
  let out = 0;
  const waiting = pictures.entries();
  const worker = async () => {
    for (const [at, picture] of waiting) {
      let imgId = '';
      try {
        const reason = over();
        if (reason) throw new ContractError(CODE.unknownError, `${reason}: send this one again`);
        const named = readFileName(picture.file);
        imgId = named.imgId;
        const alongside = (tx: Tx, portrait: Portrait | undefined) => stored(tx, at, portrait);
        await library.enrol({ libId, picture: picture.bytes(), ...named, quality, lane: 'batch', alongside });
      } catch (error) {
        out += 1;
        await refused(at, { imgId, ...told(error, failed) });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, pictures.length) }, worker));
  return out;
}

/**
 * A row for each picture, in their order: file, img_id, code, text. Whoever may see people may read it, so that what is
 * sensitive in names of files is masked, as in every list.
 */
export function resultList(results: readonly BatchResult[]): string {
  return csvFile([
    ['file', 'img_id', 'code', 'text'],
    ...results.map(({ file, imgId, code, text }) => [maskedFileName(file), imgId, code, text]),
  ]);
}

function told(error: unknown, failed: (error: unknown) => void): Omit<Refusal, 'imgId'> {
  if (error instanceof AlreadyThereError) return { code: error.code, text: error.message, image: error.image };
  if (error instanceof ContractError) return { code: error.code, text: error.message };
  if (error instanceof StoreFullError || error instanceof StoreBusyError) {
    return { code: CODE.unknownError, text: error.message };
  }
  // The other pictures have a chance of their own.
  failed(error);
  return { code: CODE.internalError, text: 'internal error' };
}
