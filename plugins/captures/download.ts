import { instantToLocal } from '../../core/clock.ts';
import { type CsvFields, csvFile } from '../../core/csv.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { captureKey } from '../../core/plugin/capture-services.ts';
import { type ExportEntry, type Exports, exportKey } from '../../core/plugin/export-services.ts';
import type { Store } from '../../core/store/database.ts';
import type { CaptureRow } from './tables.ts';

/** What is exported: captures of faces, or faces that were recognised with the person's picture. */
export type DownloadKind = 'catch' | 'alarm';

export interface Download {
  /** Below `/ws/`. */
  path: string;
  password: string;
  /** Ids of the captures in it. */
  exported: string[];
}

interface Column {
  /** Named as in the messages. */
  name: string;
  value(row: CaptureRow, zone: string): string | number;
}

const CAPTURE_COLUMNS: readonly Column[] = [
  { name: 'snap_id', value: ({ id }) => id },
  { name: 'trigger', value: ({ time }, zone) => instantToLocal(time, zone) },
  { name: 'channel', value: ({ channel }) => channel },
  { name: 'camera_name', value: ({ cameraName }) => cameraName },
  { name: 'position', value: ({ position }) => position },
  { name: 'quality', value: ({ quality }) => quality },
  { name: 'alive_type', value: ({ aliveType }) => aliveType },
  { name: 'face_attr', value: ({ attributes }) => pairs(attributes) },
  { name: 'compared', value: ({ compared }) => Number(compared) },
  { name: 'lib_id', value: ({ libId }) => libId ?? '' },
  { name: 'lib_name', value: ({ libName }) => libName ?? '' },
  { name: 'lib_type', value: ({ libType }) => libType ?? '' },
  { name: 'similarity', value: ({ similarity }) => (similarity === null ? '' : Math.round(similarity)) },
  { name: 'threshold', value: ({ threshold }) => threshold },
];

/** Number of identity card and address are shown to those who ask for one person, and are in no archive. */
const PERSON_COLUMNS: readonly Column[] = [
  { name: 'img_id', value: ({ imageId }) => imageId ?? '' },
  { name: 'person_name', value: ({ personName }) => personName ?? '' },
  { name: 'person_gender', value: ({ personGender }) => personGender ?? '' },
  { name: 'person_age', value: ({ personAge }) => personAge ?? '' },
];

export interface DownloadParts {
  store: Pick<Store, 'blobs'>;
  zone: string;
  /** Undefined while nobody makes archives. */
  exports: Exports | undefined;
}

/**
 * Makes an archive of captures: their pictures, and behind them `index.csv` with a line for each. A capture whose picture
 * is gone by then is left out.
 * @throws ContractError -2100 when nothing is left to export; -1 when nobody makes archives, or no more now
 */
export async function download(
  kind: DownloadKind,
  rows: readonly CaptureRow[],
  parts: DownloadParts,
): Promise<Download> {
  if (!parts.exports) {
    throw new ContractError(CODE.unknownError, 'nothing can be exported: the plugin "exports" is not running');
  }
  if (rows.length === 0) throw new ContractError(CODE.nothingToExport);
  const exported: string[] = [];
  // By the capture as well: with somebody who is erased go captures that do not say whom they show.
  const shows = rows.flatMap(({ id, libId, imageId }) => [
    captureKey(id),
    ...(libId === null || !imageId ? [] : [exportKey(libId, imageId)]),
  ]);
  const { path, password } = await parts.exports.archive(
    kind,
    'records',
    entriesOf(kind, rows, parts, (id) => exported.push(id)),
    [...new Set(shows)],
  );
  return { path, password, exported };
}

async function* entriesOf(
  kind: DownloadKind,
  rows: readonly CaptureRow[],
  { store, zone }: DownloadParts,
  added: (id: string) => void,
): AsyncGenerator<ExportEntry, void> {
  const ofAlarms = kind === 'alarm';
  const columns = ofAlarms ? [...CAPTURE_COLUMNS, ...PERSON_COLUMNS] : CAPTURE_COLUMNS;
  const pictures = ofAlarms ? ['picture', 'library_picture'] : ['picture'];
  const lines: CsvFields[] = [['number', ...columns.map(({ name }) => name), ...pictures]];
  for (const row of rows) {
    const crop = await bytesOf(store, row.cropPath);
    if (!crop) continue;
    const number = String(lines.length).padStart(4, '0');
    const name = `${number}_${instantToLocal(row.time, zone).replace(/[ :]/g, '-')}${extension(row.cropPath)}`;
    yield { name, data: crop };
    // It may have been replaced or erased since.
    const enrolled = ofAlarms && row.imagePath ? await bytesOf(store, row.imagePath) : undefined;
    const enrolledName = enrolled ? `${number}_library${extension(row.imagePath ?? '')}` : '';
    if (enrolled) yield { name: enrolledName, data: enrolled };
    const files = ofAlarms ? [name, enrolledName] : [name];
    lines.push([lines.length, ...columns.map(({ value }) => value(row, zone)), ...files]);
    added(row.id);
  }
  if (lines.length === 1) throw new ContractError(CODE.nothingToExport, 'the pictures of these captures are gone');
  yield { name: 'index.csv', data: csvFile(lines) };
}

async function bytesOf({ blobs }: Pick<Store, 'blobs'>, path: string): Promise<Uint8Array | undefined> {
  const file = await blobs.open(path);
  return file?.bytes();
}

function extension(path: string): string {
  return /\.[a-z0-9]{1,8}$/.exec(path)?.[0] ?? '';
}

function pairs(attributes: Record<string, string>): string {
  return Object.entries(attributes)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');
}
