import { z } from 'zod';
import type { CaptureMatch, CaptureRecord } from '../../core/plugin/capture-services.ts';
import { CAPTURE_KINDS } from '../../core/vision/keys.ts';
import { type CaptureRow, plateOf } from './tables.ts';

const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);

/** A capture as the pages get it. */
export const captureView = z.object({
  id: z.string(),
  kind: z.enum(CAPTURE_KINDS),
  channel: z.int(),
  origin: z.enum(['demo']).nullable().describe('demo: of a scene of the demo site'),
  cameraName: z.string(),
  position: z.string(),
  time: z.number().describe('ms since 1970 UTC'),
  quality: z.int(),
  box: box.describe('left, top, right, bottom in the frame, pixels'),
  boxInCrop: box,
  frameWidth: z.int(),
  frameHeight: z.int(),
  cropPath: z.string().describe('behind /ws/'),
  framePath: z.string(),
  aliveType: z.int().describe('0 unknown, 1 not alive, 2 alive'),
  attributes: z.record(z.string(), z.string()),
  describedBy: z.array(z.string()).describe('ids of the models that said what is known of looks and liveness'),
  compared: z.boolean().describe('false: nobody knows whether it shows a stranger'),
  match: z
    .object({
      libraryId: z.int(),
      libraryName: z.string(),
      libraryType: z.int(),
      imageId: z.string(),
      imagePath: z.string().describe("of the database's picture, behind /ws/; empty when it is not known"),
      personName: z.string(),
      similarity: z.number(),
      ranking: z.int(),
      threshold: z.int().describe('of the camera at that moment; from this similarity on it is that person'),
    })
    .nullable(),
  plate: z
    .object({
      text: z.string().describe("letters and digits; '' where they could not be read surely"),
      score: z.number().describe('how sure the least sure of them is, 0 to 1'),
      box: box.describe('in the crop'),
      path: z.string().describe('of the plate cut out, behind /ws/'),
    })
    .nullable()
    .describe('of a vehicle'),
  trackId: z.int(),
});

export type CaptureView = z.output<typeof captureView>;

/** The view of a stored capture. */
export function viewOfRow(row: CaptureRow): CaptureView {
  const { id, kind, channel, origin, cameraName, position, time, quality, box, boxInCrop, frameWidth, frameHeight } =
    row;
  const { cropPath, framePath, aliveType, attributes, describedBy, compared, trackId, libId, similarity } = row;
  const match =
    libId === null || similarity === null
      ? null
      : {
          libraryId: libId,
          libraryName: row.libName ?? '',
          libraryType: row.libType ?? 0,
          imageId: row.imageId ?? '',
          imagePath: row.imagePath ?? '',
          personName: row.personName ?? '',
          similarity,
          ranking: row.ranking ?? 0,
          threshold: row.threshold,
        };
  const place = { channel, origin, cameraName, position };
  const pictures = { box, boxInCrop, frameWidth, frameHeight, cropPath, framePath };
  return {
    id,
    kind,
    ...place,
    time,
    quality,
    ...pictures,
    aliveType,
    attributes,
    describedBy,
    compared,
    match,
    plate: plateOf(row) ?? null,
    trackId,
  };
}

/** The view of a capture that has just been recorded. */
export function viewOfRecord(record: CaptureRecord): CaptureView {
  const { crop: _crop, frame: _frame, plateCrop: _plateCrop, threshold, match, plate = null, ...rest } = record;
  return { ...rest, origin: rest.origin ?? null, match: match ? { ...shown(match), threshold } : null, plate };
}

/** Of the person the name and the picture: more stands in the database, for those who may see people. */
function shown(match: CaptureMatch) {
  const { libraryId, libraryName, libraryType, imageId, imagePath, personName, similarity, ranking } = match;
  return { libraryId, libraryName, libraryType, imageId, imagePath, personName, similarity, ranking };
}
