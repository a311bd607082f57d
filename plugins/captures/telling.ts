import { type PushedCapture, recognised } from '../../core/events/push-body.ts';
import { type CaptureMatch, type CaptureRecord, captureKey } from '../../core/plugin/capture-services.ts';
import { exportKey } from '../../core/plugin/export-services.ts';
import type { OutMessage, OutPicture } from '../../core/plugin/push-services.ts';
import { type CaptureRow, plateOf } from './tables.ts';

/**
 * What other systems hear of a capture. Of a stranger they hear how alike the nearest of a database is, and not who that
 * is: it is somebody else, whose erasure must neither take the message along nor leave a name waiting in it.
 */
export function captureMessage({
  crop: _crop,
  frame: _frame,
  plateCrop: _plateCrop,
  match,
  ...record
}: CaptureRecord): OutMessage {
  const { id, time, channel, origin } = record;
  const known = recognised({ ...record, match });
  const pictures: OutPicture[] = [
    { part: 'snap', path: record.cropPath },
    { part: 'frame', path: record.framePath },
  ];
  if (record.plate) pictures.push({ part: 'plate', path: record.plate.path });
  if (known?.imagePath) pictures.push({ part: 'library', path: known.imagePath });
  return {
    id,
    topic: 'capture',
    time,
    channel,
    ...(origin ? { origin } : {}),
    body: { ...record, ...(match ? { match: known ?? nobody(match) } : {}) },
    pictures,
    shows: [captureKey(id), ...(known ? [exportKey(known.libraryId, known.imageId)] : [])],
  };
}

/** How near the nearest is, without who it is. */
function nobody({ libraryId, libraryName, libraryType, similarity, ranking }: CaptureMatch): CaptureMatch {
  const unnamed = { imageId: '', imagePath: '', personName: '', personGender: '', personAge: '' };
  const found = { libraryId, libraryName, libraryType, similarity, ranking };
  return { ...found, ...unnamed, hasIdcard: false, hasAddress: false };
}

/** The same of a capture that was stored before. */
export function pastMessage(row: CaptureRow): OutMessage {
  return captureMessage({ ...recordOf(row), crop: NO_BYTES, frame: NO_BYTES });
}

const NO_BYTES = new Uint8Array();

function recordOf(row: CaptureRow): PushedCapture {
  const {
    moment: _moment,
    origin,
    libId,
    libName,
    libType,
    imageId,
    similarity,
    ranking,
    imagePath,
    enrolledAt,
    plateText: _text,
    plateScore: _score,
    plateBox: _box,
    platePath: _path,
    ...more
  } = row;
  const { personName, personGender, personAge, hasIdcard, hasAddress, ...record } = more;
  const plate = plateOf(row);
  const found = { ...record, ...(origin ? { origin } : {}), ...(plate ? { plate } : {}) };
  if (libId === null || similarity === null) return found;
  const match: CaptureMatch = {
    libraryId: libId,
    libraryName: libName ?? '',
    libraryType: libType ?? 0,
    imageId: imageId ?? '',
    similarity,
    ranking: ranking ?? 0,
    imagePath: imagePath ?? '',
    ...(enrolledAt === null ? {} : { enrolledAt }),
    personName: personName ?? '',
    personGender: personGender ?? '',
    personAge: personAge ?? '',
    hasIdcard: hasIdcard ?? false,
    hasAddress: hasAddress ?? false,
  };
  return { ...found, match };
}
