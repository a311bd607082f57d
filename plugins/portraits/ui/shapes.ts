import type { EnrolledView, FaceView } from '../rest-shapes.ts';

/** What the back end of this plugin answers (`../rest-shapes.ts`), and what the pages make of it. */

export type {
  CapturedStateView as CapturedState,
  CaptureSearchView as FoundCaptures,
  ClearView as Clear,
  ComparedView as Compared,
  DatabasesView as Databases,
  DatabaseView as Database,
  ExaminedView as Examined,
  ExportView as Exported,
  FaceView as Face,
  IndexView as IndexState,
  NearView as Near,
  PortraitsView as Portraits,
  PortraitView as Portrait,
  ReceiptView as Receipt,
  SearchView as Found,
  SimilarCaptureView as SimilarCapture,
} from '../rest-shapes.ts';

/** Who is enrolled already and looks much like somebody, the nearest first, or why nobody could be compared with. */
export type Likeness = Pick<EnrolledView, 'near' | 'nearFault'>;
export type Fault = FaceView['faults'][number];

/** A picture somebody chose, took or dropped, and what to show it with. */
export interface Chosen {
  /** Of the user: bytes and the name of the file, `''` for one that was taken. */
  blob?: Blob;
  name: string;
  /** Address to draw it from: of the blob, or below `/ws/`. */
  src: string;
  /** The path of a stored capture instead of bytes. */
  capture?: string;
  /** The path of the stored capture that the bytes were cut out of. */
  takenFrom?: string;
}

/** What can be said of a person, as the forms hold it. */
export interface Person {
  name: string;
  gender: string;
  age: string;
  idcard: string;
  address: string;
}

export const NOBODY: Person = { name: '', gender: '', age: '', idcard: '', address: '' };
