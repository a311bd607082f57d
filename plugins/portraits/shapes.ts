import type { ExaminedFace } from '../../core/plugin/face-services.ts';
import type { Tx } from '../../core/store/database.ts';

/** What the rooms of this plugin hand to one another. */

/** 1: key personnel, 2: whitelist. */
export type LibraryType = 1 | 2;

/** A portrait database; times in ms since 1970 UTC. */
export interface PortraitDatabase {
  libId: number;
  libName: string;
  libType: LibraryType;
  /** Pictures in it. */
  pictures: number;
  createTime: number;
  updateTime: number;
  /** It belongs to the demo site and leaves with it. */
  origin?: 'demo';
}

/** Which databases are asked for; what is not given is open. */
export interface DatabaseQuery {
  libId?: number | undefined;
  /** Part of the name, whatever the case of Latin letters. */
  libName?: string | undefined;
  libType?: LibraryType | undefined;
  limit: number;
  offset: number;
}

/** Which pictures of a database are asked for; what is not given is open. */
export interface PortraitQuery {
  libId: number;
  /** Part of the name or of the picture's id, whatever the case of Latin letters. */
  search?: string | undefined;
  /** Created from then on, ms, inclusive. */
  from?: number | undefined;
  /** Created before, ms, exclusive. */
  to?: number | undefined;
  /** Default: the oldest first, as the messages list them. */
  newestFirst?: boolean;
  limit: number;
  offset: number;
}

export interface Page<Row> {
  rows: Row[];
  /** How many there are in all. */
  total: number;
}

/** What left the box with somebody who was erased. */
export interface Receipt {
  pictures: number;
  embeddings: number;
  captures: number;
  alarms: number;
  /** To other systems: they waited, or had been given up. */
  messages: number;
  exports: number;
  /** Something could not be removed yet and is tried again within minutes; it is not counted. */
  unfinished: boolean;
}

/** Who looks much like somebody, in whatever database; the nearest first. */
export interface Likeness {
  near: Near[];
  /** Why nobody could be compared with: an empty `near` says nothing then. */
  nearFault?: string;
}

/** With those who are likely the same person, perhaps enrolled twice. */
export interface Enrolled extends Likeness {
  portrait: Portrait;
}

/** A picture from outside with the one face in it. */
export interface OneFace {
  /** Of the upright picture, pixels. */
  width: number;
  height: number;
  face: ExaminedFace;
}

/** What is told of a person beside the picture. */
export interface PersonFields {
  name: string;
  /** '0' female, '1' male, ''. */
  gender: string;
  /** '' or 0..999 as text. */
  age: string;
  idcard: string;
  address: string;
}

/** An enrolled picture without what is sensitive. */
export interface Portrait {
  id: number;
  libId: number;
  imgId: string;
  imgPath: string;
  name: string;
  gender: string;
  age: string;
  hasIdcard: boolean;
  hasAddress: boolean;
  quality: number;
  /** ms since 1970 UTC */
  createTime: number;
  updateTime: number;
}

/** Somebody much like the one who was compared. */
export interface Near {
  portrait: Portrait;
  libName: string;
  libType: number;
  cosine: number;
  /** 0..100 */
  similarity: number;
}

export interface EnrolRequest {
  libId: number;
  /** As it came from the client. */
  picture: Uint8Array;
  /** Path of the picture of a capture that it is, or was cut out of: that capture goes with the person. */
  takenFrom?: string;
  /** Chosen by the client; allocated when undefined or empty. */
  imgId?: string;
  person: PersonFields;
  /** `low`: exactly one face; `high`: also large, upright, sharp and lit enough (the web UI's enrolment). */
  quality: 'low' | 'high';
  lane?: 'prompt' | 'batch';
  /** Whether those who look like the person are looked for; not given: unless it is in a batch. */
  alike?: boolean;
  /**
   * Runs in the job that stores the person, and with undefined in the one that takes him back where the index of faces has
   * no room: what it writes is true after a crash, too.
   */
  alongside?(tx: Tx, stored: Portrait | undefined): void;
}
