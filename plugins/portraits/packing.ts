import { instantToLocal } from '../../core/clock.ts';
import { csvFile } from '../../core/csv.ts';
import { EntryNames } from '../../core/entry-names.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { Clock } from '../../core/plugin/contract.ts';
import { type ExportEntry, type Exports, exportKey } from '../../core/plugin/export-services.ts';
import type { Library } from './library.ts';
import { masked } from './person.ts';
import type { Portrait } from './shapes.ts';

/** So many people go into one archive. */
export const MOST_IN_ARCHIVE = 500;

const COLUMNS = ['file', 'img_id', 'name', 'gender', 'age', 'idcard', 'address', 'create_time'];

export interface PackingParts {
  library: Pick<Library, 'picture' | 'get'>;
  clock: Pick<Clock, 'zone'>;
  /** Undefined while nobody makes files for download. */
  exports(): Exports | undefined;
}

export interface Packed {
  /** Below `/ws/`. */
  path: string;
  password: string;
  /** How many are in it. */
  count: number;
  /** Image ids of those who are not: erased meanwhile, or damaged. */
  failed: string[];
}

/**
 * People with their pictures and a list of them as an encrypted archive. What is sensitive stays masked.
 * @throws ContractError where nobody is left, and while nobody makes files for download
 */
export async function packPeople(
  { library, clock, exports }: PackingParts,
  portraits: readonly Portrait[],
): Promise<Packed> {
  const maker = exports();
  if (!maker) throw new ContractError(CODE.unknownError, 'nothing can be exported: the plugin exports is not running');
  const failed: string[] = [];
  const shows = portraits.map(({ libId, imgId }) => exportKey(libId, imgId));

  async function* entries(): AsyncGenerator<ExportEntry> {
    const rows: string[][] = [];
    // The same as the archive gives: ids that are equal but for case would take each other's place on some systems.
    const names = new EntryNames();
    for (const portrait of portraits) {
      const data = await library.picture(portrait);
      // Erased since it was looked up, or damaged.
      if (!data || !library.get(portrait.libId, portrait.imgId)) {
        failed.push(portrait.imgId);
        continue;
      }
      const name = names.take(`${portrait.imgId}.jpg`);
      rows.push(listed(name, portrait, clock.zone));
      yield { name, data };
    }
    if (rows.length === 0) throw new ContractError(CODE.nothingToExport);
    yield { name: 'index.csv', data: csvFile([COLUMNS, ...rows]) };
  }

  const { path, password } = await maker.archive('face', 'people', entries(), shows);
  return { path, password, count: portraits.length - failed.length, failed };
}

function listed(file: string, portrait: Portrait, zone: string): string[] {
  const { imgId, name, gender, age, hasIdcard, hasAddress, createTime } = portrait;
  return [file, imgId, name, gender, age, masked(hasIdcard), masked(hasAddress), instantToLocal(createTime, zone)];
}
