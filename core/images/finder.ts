import { createDetector, type Detection, type Detector, type RgbPicture } from '../../models/adapters/index.ts';
import { type Aligner, openAlignerOf } from '../../models/adapters/landmarks.ts';
import type { InstalledModel } from '../../models/install.ts';
import type { Box, Point } from '../vision/keys.ts';
import { MOST_FACES } from './limits.ts';
import { withRim } from './rim.ts';

/**
 * What a picture gets around it while no face is surely found, as parts of its size. With the last one, a face that fills
 * half of it is one of a tenth: those of cameras are no larger, and of one that is larger than any it has learned a
 * detector sees an eye or a cheek as a face.
 */
const RIMS = [0, 0.5, 2] as const;
/** Score of a detector from which on it has surely seen the whole of a face. */
const SURE = 0.75;
/** Two boxes that share more than this of the smaller one show the same face. */
const SAME = 0.5;

export interface FoundFace extends Detection {
  landmarks: Point[];
  /** How far the aligner's last look moved the landmarks, in distances of the eyes; undefined without an aligner. */
  moved?: number;
}

/** A detector of faces for pictures from outside, which may be of any size and cut as close as somebody liked. */
export class FaceFinder {
  readonly #detector: Detector;
  readonly #aligner: Aligner;

  private constructor(detector: Detector, aligner: Aligner) {
    this.#detector = detector;
    this.#aligner = aligner;
  }

  /** @throws as `createDetector` */
  static async open(card: InstalledModel, threads: number): Promise<FaceFinder> {
    const detector = await createDetector(card, { threads, labels: ['face'], trim: true });
    try {
      return new FaceFinder(detector, await openAlignerOf(card, { threads }));
    } catch (error) {
      await detector.close();
      throw error;
    }
  }

  /** The model whose landmarks faces have; undefined where they are those of the detector. */
  get alignedBy(): string | undefined {
    return this.#aligner.modelId;
  }

  /** The faces of a picture, the largest first. */
  async find(picture: RgbPicture): Promise<FoundFace[]> {
    let faces: FoundFace[] = [];
    for (const rim of RIMS) {
      const { picture: rimmed, back } = rim > 0 ? withRim(picture, rim) : { picture, back: (one: Detection) => one };
      const found = (await this.#detector.detect(rimmed)).map(back);
      faces = surest([...faces, ...found.filter((one): one is FoundFace => isFace(one, picture))]);
      if (faces.some(({ score }) => score >= SURE)) break;
    }
    const largest = faces.sort((a, b) => areaOf(b.box) - areaOf(a.box)).slice(0, MOST_FACES);
    for (const face of largest) Object.assign(face, await this.#aligner.align(picture, face.landmarks));
    return largest;
  }

  async close(): Promise<void> {
    await this.#aligner.close();
    await this.#detector.close();
  }
}

/** Each face once, as it was seen most surely. */
function surest(found: FoundFace[]): FoundFace[] {
  const kept: FoundFace[] = [];
  for (const one of found.sort((a, b) => b.score - a.score)) {
    if (!kept.some(({ box }) => sharedPart(box, one.box) > SAME)) kept.push(one);
  }
  return kept;
}

/** What two boxes share, as part of the smaller one. */
function sharedPart(a: Box, b: Box): number {
  const shared = areaOf([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);
  return shared / Math.min(areaOf(a), areaOf(b));
}

function areaOf([x1, y1, x2, y2]: Box): number {
  return Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
}

/** Whether it lies in the picture and has landmarks that are not all in one place. */
function isFace({ box, landmarks }: Detection, { width, height }: RgbPicture): boolean {
  if (landmarks?.length !== 5 || ![...box, ...landmarks.flat()].every(Number.isFinite)) return false;
  const [x1, y1, x2, y2] = box;
  const [first] = landmarks as [Point];
  const inside = Math.min(x2, width) - Math.max(0, x1) >= 1 && Math.min(y2, height) - Math.max(0, y1) >= 1;
  return inside && landmarks.some(([x, y]) => Math.hypot(x - first[0], y - first[1]) >= 1);
}
