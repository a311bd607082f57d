import { stretchedPart } from '../../models/adapters/crops.ts';
import { faceQuality } from '../../models/adapters/face-quality.ts';
import {
  type Classifier,
  createClassifier,
  createDetector,
  createFaceEmbedder,
  type Detection,
  type Detector,
  type FaceEmbedder,
  type RgbPicture,
} from '../../models/adapters/index.ts';
import { type Aligner, openAlignerOf } from '../../models/adapters/landmarks.ts';
import type { InstalledModel } from '../../models/install.ts';
import { type ExaminedFace, type ExaminedPicture, type ExamineWishes, PictureError } from '../plugin/face-services.ts';
import type { Box, Point } from '../vision/keys.ts';
import { toJpeg } from './decode.ts';
import { MOST_FACES } from './limits.ts';
import type { ImagePlan } from './plan.ts';
import { withRim } from './rim.ts';

/** Surroundings kept on each side of a face, as part of its width and height; as of faces that cameras capture. */
const CROP_MARGIN = 0.4;
/**
 * What a picture gets around it while no face is surely found, as parts of its size. With the last one, a face that fills
 * half of it is one of a tenth: those of cameras are no larger, and of one that is larger than any it has learned a
 * detector sees an eye or a cheek as a face.
 */
const RIMS = [0, 0.5, 2] as const;
/** Score of a detector from which on it has surely seen the whole of a face. */
const SURE = 0.75;
/** Two boxes that share so much of the smaller one show the same face. */
const SAME = 0.5;

type Opened<Model> = { card: InstalledModel; model: Model };
type FoundFace = Detection & { landmarks: Point[] };
/** A detector, and what makes its landmarks exact. */
type Finder = { detector: Detector; aligner: Aligner };

export interface FaceExaminerEvents {
  /** A model cannot be used; the others are. */
  unusable(model: string, reason: string): void;
}

/** Finds the faces of decoded pictures and says what is known of them. */
export class FaceExaminer {
  readonly #finders: Opened<Finder>[];
  readonly #embedders: Opened<FaceEmbedder>[];
  readonly #attributes: Opened<Classifier>[];
  /** Embedders that could not be opened. */
  readonly #missing: string[];

  private constructor(
    finders: Opened<Finder>[],
    embedders: Opened<FaceEmbedder>[],
    attributes: Opened<Classifier>[],
    missing: string[],
  ) {
    this.#finders = finders;
    this.#embedders = embedders;
    this.#attributes = attributes;
    this.#missing = missing;
  }

  /** Opens all models; one that cannot be opened is told, and left out. */
  static async open(plan: ImagePlan, threads: number, events: FaceExaminerEvents): Promise<FaceExaminer> {
    const open = async <Model>(
      cards: InstalledModel[],
      create: (card: InstalledModel) => Promise<Model>,
    ): Promise<Opened<Model>[]> => {
      const opened: Opened<Model>[] = [];
      for (const card of cards) {
        try {
          opened.push({ card, model: await create(card) });
        } catch (error) {
          events.unusable(card.id, (error as Error).message);
        }
      }
      return opened;
    };
    const finders = await open(plan.detectors, (card) => openFinder(card, threads));
    const embedders = await open(plan.embedders, (card) => createFaceEmbedder(card, { threads }));
    const attributes = await open(plan.attributes, (card) => createClassifier(card, { threads }));
    const opened = new Set(embedders.map(({ card }) => card.id));
    const missing = plan.embedders.map(({ id }) => id).filter((id) => !opened.has(id));
    return new FaceExaminer(finders, embedders, attributes, missing);
  }

  /**
   * Tells the faces of a picture, the largest first.
   * @throws PictureError `no-model` where a model that is needed cannot be used.
   */
  async examine(picture: RgbPicture, wishes: ExamineWishes): Promise<ExaminedPicture> {
    if (this.#finders.length === 0) throw new PictureError('no-model', 'no model that finds faces can be used');
    if (wishes.embeddings && (this.#missing.length > 0 || this.#embedders.length === 0)) {
      throw new PictureError('no-model', `a model that describes faces cannot be used: ${this.#missing.join(', ')}`);
    }
    // Written by another thread while this one looks for faces: a tenth of what a picture takes.
    const [jpeg, faces] = await Promise.all([
      wishes.jpeg ? toJpeg(picture) : new Uint8Array(),
      this.#faces(picture, wishes),
    ]);
    return { width: picture.width, height: picture.height, jpeg, faces };
  }

  async close(): Promise<void> {
    for (const { model } of this.#finders) await Promise.all([model.detector.close(), model.aligner.close()]);
    for (const { model } of [...this.#embedders, ...this.#attributes]) await model.close();
  }

  async #faces(picture: RgbPicture, wishes: ExamineWishes): Promise<ExaminedFace[]> {
    const told: ExaminedFace[] = [];
    for (const finder of this.#finders) {
      const found = await this.#find(picture, finder);
      for (const face of found) told.push(await this.#tell(picture, face, finder, wishes));
      if (told.length > 0) return told;
    }
    return told;
  }

  /** The faces a detector finds in a picture, the largest first. */
  async #find(picture: RgbPicture, { model }: Opened<Finder>): Promise<FoundFace[]> {
    let found: FoundFace[] = [];
    for (const rim of RIMS) {
      const { picture: rimmed, back } = rim > 0 ? withRim(picture, rim) : { picture, back: (one: Detection) => one };
      const inside = (await model.detector.detect(rimmed)).map(back);
      found = surest([...found, ...inside.filter((one): one is FoundFace => isFace(one, picture))]);
      if (found.some(({ score }) => score >= SURE)) break;
    }
    return ranked(found);
  }

  async #tell(
    picture: RgbPicture,
    { box, score, landmarks: rough }: FoundFace,
    { card: { madeFor }, model: finder }: Opened<Finder>,
    wishes: ExamineWishes,
  ): Promise<ExaminedFace> {
    // Once for all who look at the face; an embedder with an aligner of its own aligns it anew.
    const landmarks = await finder.aligner.align(picture, rough);
    const alignedBy = finder.aligner.modelId;
    const view = { picture, box, landmarks, ...(alignedBy ? { alignedBy } : {}) };
    // A model of the demo would guess about real people: it describes what only the demo's detector sees.
    const describer = this.#attributes.find(({ card }) => card.madeFor === madeFor);
    const findings = describer ? await describer.model.classify(view) : [];
    const attributes = Object.fromEntries(findings.map(({ name, value }) => [name, value]));
    const quality = faceQuality(picture, { box, landmarks, score, attributes });
    const embeddings = [];
    if (wishes.embeddings) {
      for (const { card, model } of this.#embedders) {
        embeddings.push({ model: card.id, vector: await model.embed(picture, landmarks, alignedBy) });
      }
    }
    const crop = wishes.crops ? { crop: await toJpeg(cropOf(picture, box)) } : {};
    return { box, landmarks, score, quality, attributes: wishes.attributes ? attributes : {}, embeddings, ...crop };
  }
}

async function openFinder(card: InstalledModel, threads: number): Promise<Finder> {
  const detector = await createDetector(card, { threads, labels: ['face'], trim: true });
  try {
    return { detector, aligner: await openAlignerOf(card, { threads }) };
  } catch (error) {
    await detector.close();
    throw error;
  }
}

const areaOf = ([x1, y1, x2, y2]: Box) => Math.max(0, x2 - x1) * Math.max(0, y2 - y1);

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

/** The largest first. */
function ranked(found: readonly FoundFace[]): FoundFace[] {
  return [...found].sort((a, b) => areaOf(b.box) - areaOf(a.box)).slice(0, MOST_FACES);
}

/** Whether it lies in the picture and has landmarks that are not all in one place. */
function isFace({ box, landmarks }: Detection, { width, height }: RgbPicture): boolean {
  if (landmarks?.length !== 5 || ![...box, ...landmarks.flat()].every(Number.isFinite)) return false;
  const [x1, y1, x2, y2] = box;
  const [first] = landmarks as [Point];
  const inside = Math.min(x2, width) - Math.max(0, x1) >= 1 && Math.min(y2, height) - Math.max(0, y1) >= 1;
  return inside && landmarks.some(([x, y]) => Math.hypot(x - first[0], y - first[1]) >= 1);
}

/** The face with its surroundings, as far as the picture reaches. */
function cropOf(picture: RgbPicture, [x1, y1, x2, y2]: Box): RgbPicture {
  const dx = (x2 - x1) * CROP_MARGIN;
  const dy = (y2 - y1) * CROP_MARGIN;
  const left = Math.max(0, Math.floor(x1 - dx));
  const top = Math.max(0, Math.floor(y1 - dy));
  const right = Math.min(picture.width, Math.ceil(x2 + dx));
  const bottom = Math.min(picture.height, Math.ceil(y2 + dy));
  return stretchedPart(picture, [left, top, right, bottom], { width: right - left, height: bottom - top });
}
