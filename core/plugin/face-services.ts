import type { Box, Point } from '../vision/keys.ts';
import { cap, event } from './keys.ts';

/**
 * Faces beyond the cameras: pictures that come from outside, the index of known faces, and captures by face.
 * `images@1` and `face.index@1` are offered by the core, the others by the plugin named beside them.
 */

// --- pictures from outside (core: the image worker) ------------------------------------------------------------

/** What a picture of a face is found wanting in; see `models/adapters/face-quality.ts` for the limits. */
export type QualityFault = 'size' | 'angle' | 'brightness' | 'blur' | 'mouth' | 'occlusion';

export interface FaceQuality {
  /** 0..100: how far the face can be relied on for recognition. */
  score: number;
  /** What an enrolment of high quality would refuse it for. */
  faults: QualityFault[];
}

/** A face as numbers that can be compared with those of the same model, and of no other. */
export interface Embedding {
  /** Id of the model. */
  model: string;
  /** Of length 1; the cosine of two is their dot product. */
  vector: Float32Array;
}

export interface ExaminedFace {
  /** In the upright picture, its pixels. */
  box: Box;
  landmarks: Point[];
  /** Detector score 0..1. */
  score: number;
  quality: FaceQuality;
  /** Appendix B; empty where no model is installed. */
  attributes: Record<string, string>;
  /** One for each model in use (`Images.models`), perhaps without one that is coming; empty where none was wished for. */
  embeddings: Embedding[];
  /** JPEG of the face with some surroundings, where it was wished for. */
  crop?: Uint8Array;
}

export interface ExaminedPicture {
  /** Of the upright picture in which the faces are told. */
  width: number;
  height: number;
  /** The picture, upright, at most 1920 pixels long, as JPEG without anything but pixels. Empty unless wished for. */
  jpeg: Uint8Array;
  /** The largest first. */
  faces: ExaminedFace[];
}

export interface ExamineWishes {
  jpeg?: boolean;
  /** `largest`: of that face alone, where the others are only counted. */
  embeddings?: boolean | 'largest';
  attributes?: boolean;
  crops?: boolean;
  /** `batch` waits behind everything else. Default `prompt`. */
  lane?: 'prompt' | 'batch';
}

/** Why a picture from outside could not be examined. */
export type PictureFault =
  /** Wrong format, damaged, or more than one picture. */
  | 'format'
  /** Smaller or larger than what is taken. */
  | 'dimensions'
  /** No installed model finds faces, or describes them where embeddings were wished for. */
  | 'no-model'
  /** Too many pictures wait. */
  | 'busy'
  /** The worker died over it, or took too long. */
  | 'failed';

export class PictureError extends Error {
  override readonly name = 'PictureError';
  readonly fault: PictureFault;

  constructor(fault: PictureFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

/** A model that describes faces, and what its cosines mean. */
export interface EmbeddingModel {
  id: string;
  /** For the demo's rendered faces alone. */
  madeFor?: 'demo';
  /**
   * It describes faces beside the one in force, and relieves it when everything stored is described by it (`takeOver`).
   * Until then nobody is compared by it.
   */
  coming?: true;
  dimension: number;
  /** Similarity 0..100 of a cosine: monotonic, from the model's card. */
  similarity(cosine: number): number;
  /** The least cosine of that similarity. */
  cosine(similarity: number): number;
}

export interface Images {
  /**
   * Decodes a picture nobody has looked at yet, in a process of its own, and tells its faces.
   * @param picture bytes of a JPEG, PNG, BMP or TIFF
   * @throws PictureError
   */
  examine(picture: Uint8Array, wishes?: ExamineWishes): Promise<ExaminedPicture>;
  /**
   * Models whose embeddings are in use: those in force, by which faces of cameras and of pictures from outside are
   * compared, then those that are coming.
   */
  models(): EmbeddingModel[];
  /** Listens for changes of `models()`. Gives the function that ends it. */
  onModels(listener: () => void): () => void;
  /**
   * Everything stored is described by these models: those that are coming are in force from now on, for cameras and
   * pictures at once. Others are passed over.
   */
  takeOver(ids: readonly string[]): Promise<void>;
}

export const images = cap<Images>('images@1');

// --- the index of known faces (core: the gallery process) --------------------------------------------------------

export interface IndexedFace {
  /** Of the picture it was made of; the same for all models. A positive whole number. */
  id: number;
  library: number;
  model: string;
  vector: Float32Array;
}

export interface FaceHit {
  id: number;
  library: number;
  cosine: number;
}

/** Where the index reads all faces from when it starts, and again when its process had to be started anew. */
export interface FaceSource {
  count(): Promise<number>;
  /**
   * Faces in the order of their ids, from the one after `after` on; an empty list ends the reading. Those of one id, one
   * for each model, come together, so it may be a few more than `most`.
   */
  read(after: number, most: number): Promise<IndexedFace[]>;
}

export interface FaceIndexState {
  /** `loading`: answers would miss faces, so searches are refused. */
  state: 'loading' | 'ready' | 'down';
  /** Faces in it, and while it loads how many there will be. */
  faces: number;
  total: number;
  /** Memory of its process. */
  bytes?: number;
  /** Why it is down, or cannot take more. */
  reason?: string;
}

/** The index cannot answer: what was not compared is no stranger. */
export class FaceIndexError extends Error {
  override readonly name = 'FaceIndexError';
  readonly fault: 'loading' | 'down' | 'full' | 'late';

  constructor(fault: 'loading' | 'down' | 'full' | 'late', message: string) {
    super(message);
    this.fault = fault;
  }
}

/** Exact search: the nearest faces, as comparing with every single one would find them. */
export interface FaceIndex {
  /** Reads all faces from here, now and whenever its process starts anew. Gives the function that empties it. */
  setSource(source: FaceSource): () => void;
  /**
   * Adds or replaces; resolved, the next search sees them. While the index is loading they are kept for after. The source
   * has to have them, and know nothing of what was removed, before the index is told.
   * @throws FaceIndexError `full` beyond its capacity: none of them is taken
   */
  put(faces: IndexedFace[]): Promise<void>;
  /** Removes the faces of these pictures, of all models. */
  remove(ids: number[]): Promise<void>;
  removeLibrary(library: number): Promise<void>;
  /**
   * The nearest faces of these databases, best first; equal cosines by id.
   * @param least cosine below which none is told
   * @throws FaceIndexError
   */
  search(query: {
    model: string;
    vector: Float32Array;
    libraries: readonly number[];
    most: number;
    least?: number;
    /** Only faces with ids from the first on and before the second. */
    ids?: [from: number, to: number];
    /** ms; default 2000 */
    deadline?: number;
  }): Promise<FaceHit[]>;
  state(): FaceIndexState;
}

export const faceIndex = cap<FaceIndex>('face.index@1');

/** The same for faces that cameras captured, in another process: the plugin captures gives it its source. */
export const captureIndex = cap<FaceIndex>('capture.index@1');

// --- captures by face (plugin captures) --------------------------------------------------------------------------

/** A capture that shows a face like the one searched for. */
export interface CapturedFace {
  id: string;
  channel: number;
  cameraName: string;
  position: string;
  origin?: 'demo';
  /** Wall clock, ms. */
  time: number;
  quality: number;
  cropPath: string;
  /** Whom it was recognised as when it was taken. */
  name?: string;
  cosine: number;
}

export interface CapturedFacesState {
  /** `off`: the box keeps no faces of captures. Otherwise as `FaceIndexState`. */
  state: 'off' | FaceIndexState['state'];
  /** Captures that are searched, and while they are loaded how many there will be. */
  faces: number;
  total: number;
  /** Of the oldest of them, ms. */
  since?: number;
  /** Why it is down, or cannot take more. */
  reason?: string;
}

/** Captures of the same person, found by a face. */
export interface CapturedFaces {
  state(): CapturedFacesState;
  /** Of one capture: its picture, and as what its face was described where that is kept. Undefined: there is none. */
  face(captureId: string): { cropPath: string; embedding?: Embedding } | undefined;
  /**
   * The captures most like it, best first, as comparing with every single one would find them.
   * @param query least: cosine below which none is told; from, to: ms, the second exclusive; channels: all if not given
   * @throws FaceIndexError, `down` where it is off
   */
  search(query: {
    model: string;
    vector: Float32Array;
    most: number;
    least?: number;
    from?: number | undefined;
    to?: number | undefined;
    channels?: readonly number[] | undefined;
  }): Promise<CapturedFace[]>;
}

export const capturedFaces = cap<CapturedFaces>('capture.faces@1');

// --- people (plugin portraits) -----------------------------------------------------------------------------------

/** A picture left a database, and whoever keeps something of it lets it go. */
export const portraitsErased = event<{ library: number; imageIds: string[]; keys: string[] }>('portrait.erased@1');

/** Somebody of the scenes that a plugin shows. */
export interface GuestPerson {
  /** Tells this person from the others of the database; the id of the picture. */
  key: string;
  name: string;
  gender: 'female' | 'male';
  age: number;
  /** JPEG of the face. */
  picture(): Promise<Uint8Array>;
}

/** A portrait database that a plugin brings along with its scenes. */
export interface GuestDatabase {
  /** 1: key personnel, 2: whitelist; one of each at most. */
  type: 1 | 2;
  name: string;
  people: readonly GuestPerson[];
}

export interface GuestPortraits {
  /**
   * Makes those of these databases that are missing; a database of that origin and type is the same one, whatever it is
   * called now. Who is missing in them is enrolled afterwards, one by one, behind everything else.
   * @returns their ids, in the order given, for binding cameras to them
   * @throws ContractError where one cannot be made
   */
  bring(origin: 'demo', databases: readonly GuestDatabase[]): Promise<number[]>;
  /**
   * Removes every database of this origin with everybody in it, also those that a camera compares with. What a crash
   * interrupts is done by calling it again.
   * @returns how many pictures went
   */
  remove(origin: 'demo'): Promise<number>;
}

export const guestPortraits = cap<GuestPortraits>('portrait.guests@1');
