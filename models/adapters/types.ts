/** Packed 8-bit RGB, rows top to bottom without padding: `data.length === width * height * 3`. */
export interface RgbPicture {
  width: number;
  height: number;
  data: Uint8Array;
}

export interface Size {
  width: number;
  height: number;
}

/** Corners in the pixels of the picture given; fractions are kept. */
export type Box = [x1: number, y1: number, x2: number, y2: number];

export type Point = [x: number, y: number];

export interface Detection {
  label: string;
  /** 0..1 */
  score: number;
  /** Inside the picture. */
  box: Box;
  /** Eyes, nose and corners of the mouth, the ones on the left of the picture first; may lie outside the picture. */
  landmarks?: Point[];
}

/** Milliseconds of the last call, by part. */
export interface Timing {
  /** Scaling the picture, where that was needed, and turning it into the model's numbers. */
  convert: number;
  run: number;
  decode: number;
}

export interface Detector {
  readonly modelId: string;
  readonly task: string;
  /** The labels `detect` can return. */
  readonly labels: string[];
  /** Largest picture that is looked at without being scaled down. */
  readonly input: Size;
  readonly timing: Readonly<Timing>;
  /**
   * Finds objects. A picture that just fits into `input` (one side equal, the other no larger) is taken as it is; any
   * other is scaled to that first. Calls made at once are served one after the other; a picture's data must not change
   * until its call settles.
   * @param opts.scoreThreshold 0..1; each model has its own default.
   * @returns detections, best score first.
   * @throws Error for a picture whose data does not fit its size.
   */
  detect(picture: RgbPicture, opts?: { scoreThreshold?: number }): Promise<Detection[]>;
  /** Waits for the calls under way and frees the model. */
  close(): Promise<void>;
}

export interface FaceEmbedder {
  readonly modelId: string;
  readonly dimension: number;
  readonly timing: Readonly<Timing>;
  /**
   * Describes a face by a vector of length 1; the dot product of two is their cosine.
   * @param landmarks the five points of a face detection, in pixels of the picture.
   * @param alignedBy the model that has found them anew since, if one has.
   * @throws Error for points that are not five, not finite or all in one place.
   */
  embed(picture: RgbPicture, landmarks: readonly Point[], alignedBy?: string): Promise<Float32Array>;
  close(): Promise<void>;
}

/** A subject in a picture. */
export interface SubjectView {
  picture: RgbPicture;
  /** Pixels of the picture; may reach over its edges. */
  box: Box;
  /** The five points of a face detection. */
  landmarks?: readonly Point[];
  /** The model that has found them anew since, if one has. */
  alignedBy?: string;
  /** The subject in the frame that the picture is a part of, and that frame's size; if not given, it is the frame. */
  frameBox?: Box;
  frameWidth?: number;
  frameHeight?: number;
}

/** One thing a model says of a subject. */
export interface Finding {
  name: string;
  value: string;
  /** Probability of the value, 0..1; 1 for numbers. */
  score: number;
}

export interface Classifier {
  readonly modelId: string;
  readonly timing: Readonly<Timing>;
  /**
   * Describes the subject; what the model finds missing or is not sure of is left out.
   * @throws Error for a subject that cannot be cut out: a face without landmarks, a box outside the picture.
   */
  classify(subject: SubjectView): Promise<Finding[]>;
  close(): Promise<void>;
}

export interface TextReading {
  text: string;
  /** Probability of the least sure character, 0..1. */
  score: number;
}

export interface TextReader {
  readonly modelId: string;
  readonly timing: Readonly<Timing>;
  /** Reads one line of text that fills the picture. */
  read(picture: RgbPicture): Promise<TextReading>;
  close(): Promise<void>;
}

/** @throws Error when the data is not that of a packed RGB picture of the stated size. */
export function checkPicture(picture: RgbPicture): void {
  const { width, height, data } = picture;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new Error(`a picture of ${width} x ${height} pixels cannot be looked at`);
  }
  if (data.length !== width * height * 3) {
    throw new Error(`a packed RGB picture of ${width} x ${height} has ${width * height * 3} bytes, not ${data.length}`);
  }
}
