import { z } from 'zod';

/** What `/p/portraits` answers; the pages take their types from here. */

const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);

/** Whether faces can be compared: while the index loads or is down, searches are refused. */
export const indexView = z.object({
  state: z.enum(['loading', 'ready', 'down']),
  faces: z.int(),
  total: z.int().describe('while it loads: how many there will be'),
  reason: z.string().nullable().describe('why it is down, or what stands in its way'),
});

export const databaseView = z.object({
  id: z.int(),
  name: z.string(),
  type: z.int().describe('1 key personnel, 2 whitelist'),
  pictures: z.int(),
  createTime: z.number().describe('ms since 1970 UTC'),
  updateTime: z.number(),
  origin: z.enum(['demo']).nullable().describe('demo: it belongs to the demo site and leaves with it'),
  cameras: z
    .array(z.object({ channel: z.int(), name: z.string() }))
    .describe('that compare with it; a bound database cannot be deleted'),
});

export const databasesView = z.object({ databases: z.array(databaseView), index: indexView });

/** A person's picture without what is sensitive. */
export const portraitView = z.object({
  database: z.int(),
  imageId: z.string(),
  path: z.string().describe('behind /ws/'),
  name: z.string(),
  gender: z.string().describe("'0' female, '1' male, '' not known"),
  age: z.string(),
  hasIdcard: z.boolean(),
  hasAddress: z.boolean(),
  quality: z.int().describe('0 to 100'),
  createTime: z.number().describe('ms since 1970 UTC'),
  updateTime: z.number(),
});

export const portraitsView = z.object({
  portraits: z.array(portraitView),
  total: z.int().describe('that match, on this page and others'),
});

/** What is sensitive of a person, in clear. */
export const clearView = z.object({ idcard: z.string(), address: z.string() });

/** People with their pictures as an archive. */
export const exportView = z.object({
  path: z.string().describe('behind /ws/, for a day'),
  password: z.string(),
  count: z.int().describe('people in it'),
  total: z.int().describe('people in the database'),
});

/** What is gone. */
export const receiptView = z.object({
  pictures: z.int(),
  embeddings: z.int(),
  captures: z.int().describe('captures that were recognised as one of them'),
  alarms: z.int(),
  messages: z.int().describe('to other systems: they waited, or had been given up'),
  exports: z.int().describe('files for download that showed one of them'),
  unfinished: z
    .boolean()
    .describe('something could not be removed yet; it is tried again within minutes, and not counted'),
});

export const nearView = z.object({
  portrait: portraitView,
  databaseName: z.string(),
  databaseType: z.int(),
  similarity: z.number().describe('0 to 100'),
});

export const faceView = z.object({
  box: box.describe('left, top, right, bottom in the upright picture, pixels'),
  quality: z.int().describe('0 to 100'),
  faults: z
    .array(z.enum(['size', 'angle', 'brightness', 'blur', 'mouth', 'occlusion']))
    .describe('what an enrolment of high quality refuses it for'),
});

/** Pictures that were sent together by message 1030 or 1052. */
export const batchView = z.object({
  database: z.int(),
  uuid: z.string().describe('as the client calls it'),
  pictures: z.int(),
  enrolled: z.int(),
  began: z.number().describe('ms since 1970 UTC'),
  ended: z.number().nullable().describe('null: it is under way'),
  interrupted: z.boolean().describe('the box ended before the batch did; the list says what is in'),
  list: z.string().nullable().describe('CSV behind /ws/: file, img_id, code and text of each picture'),
});

export const batchesView = z.object({ batches: z.array(batchView) });

const size = { width: z.int().describe('of the upright picture, pixels'), height: z.int() };
const likeness = {
  near: z.array(nearView).describe('who is enrolled already and is likely the same person'),
  nearFault: z.string().nullable().describe('why nobody could be compared with'),
};

/** A picture that was looked at. */
export const examinedView = z.object({
  ...size,
  faces: z
    .array(faceView)
    .describe('the largest first; where exactly one counts, that one alone: others are less than a fifth as high'),
  ...likeness,
});

export const enrolledView = z.object({ portrait: portraitView, ...likeness });
export const oneFaceView = z.object({ ...size, face: faceView });
export const searchView = oneFaceView.extend({ hits: z.array(nearView) });
export const comparedView = z.object({
  similarity: z.number().describe('0 to 100'),
  first: oneFaceView,
  second: oneFaceView,
});

/** Whether captures can be searched by photo. */
export const capturedStateView = z.object({
  state: z
    .enum(['ready', 'loading', 'down', 'off', 'no-model', 'no-captures'])
    .describe('off: the settings of captures do not want faces to be kept'),
  faces: z.int().describe('captures that are searched'),
  total: z.int().describe('while they are loaded: how many there will be'),
  since: z.number().nullable().describe('time of the oldest, ms since 1970 UTC'),
  reason: z.string().nullable().describe('why it is down, or what stands in its way'),
});

/** A capture that shows somebody like the one who is looked for. */
export const similarCaptureView = z.object({
  id: z.string(),
  channel: z.int(),
  cameraName: z.string(),
  position: z.string(),
  origin: z.enum(['demo']).nullable(),
  time: z.number().describe('ms since 1970 UTC'),
  quality: z.int(),
  cropPath: z.string().describe('behind /ws/'),
  name: z.string().nullable().describe('whom it was recognised as when it was taken'),
  similarity: z.number().describe('0 to 100'),
});

export const captureSearchView = z.object({
  face: oneFaceView.nullable().describe('of the picture; null where a kept face was searched by'),
  hits: z.array(similarCaptureView),
});

/** `null`: there is so much to erase that it goes on behind the answer. */
export const erasedView = z.object({ receipt: receiptView.nullable() });

export type IndexView = z.output<typeof indexView>;
export type DatabaseView = z.output<typeof databaseView>;
export type DatabasesView = z.output<typeof databasesView>;
export type PortraitView = z.output<typeof portraitView>;
export type PortraitsView = z.output<typeof portraitsView>;
export type ClearView = z.output<typeof clearView>;
export type ExportView = z.output<typeof exportView>;
export type ReceiptView = z.output<typeof receiptView>;
export type ErasedView = z.output<typeof erasedView>;
export type BatchView = z.output<typeof batchView>;
export type BatchesView = z.output<typeof batchesView>;
export type NearView = z.output<typeof nearView>;
export type FaceView = z.output<typeof faceView>;
export type ExaminedView = z.output<typeof examinedView>;
export type EnrolledView = z.output<typeof enrolledView>;
export type SearchView = z.output<typeof searchView>;
export type CapturedStateView = z.output<typeof capturedStateView>;
export type SimilarCaptureView = z.output<typeof similarCaptureView>;
export type CaptureSearchView = z.output<typeof captureSearchView>;
export type OneFaceView = z.output<typeof oneFaceView>;
export type ComparedView = z.output<typeof comparedView>;
