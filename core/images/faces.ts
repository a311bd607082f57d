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
 * What a picture gets around it in which no face was found, as parts of its size. With the second one, a face that fills
 * half of it is one of a tenth: those of cameras are no larger.
 */
const RIMS = [0.5, 2] as const;

type Opened<Model> = { card: InstalledModel; model: Model };
type FoundFace = Detection & { landmarks: Point[] };

export interface FaceExaminerEvents {
  /** A model cannot be used; the others are. */
  unusable(model: string, reason: string): void;
}

/** Finds the faces of decoded pictures and says what is known of them. */
export class FaceExaminer {
  readonly #detectors: Opened<Detector>[];
  readonly #embedders: Opened<FaceEmbedder>[];
  readonly #attributes: Opened<Classifier>[];
  /** Embedders that could not be opened. */
  readonly #missing: string[];

  private constructor(
    detectors: Opened<Detector>[],
    embedders: Opened<FaceEmbedder>[],
    attributes: Opened<Classifier>[],
    missing: string[],
  ) {
    this.#detectors = detectors;
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
    const detectors = await open(plan.detectors, (card) =>
      createDetector(card, { threads, labels: ['face'], trim: true }),
    );
    const embedders = await open(plan.embedders, (card) => createFaceEmbedder(card, { threads }));
    const attributes = await open(plan.attributes, (card) => createClassifier(card, { threads }));
    const opened = new Set(embedders.map(({ card }) => card.id));
    const missing = plan.embedders.map(({ id }) => id).filter((id) => !opened.has(id));
    return new FaceExaminer(detectors, embedders, attributes, missing);
  }

  /**
   * Tells the faces of a picture, the largest first.
   * @throws PictureError `no-model` where a model that is needed cannot be used.
   */
  async examine(picture: RgbPicture, wishes: ExamineWishes): Promise<ExaminedPicture> {
    if (this.#detectors.length === 0) throw new PictureError('no-model', 'no model that finds faces can be used');
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
    for (const { model } of [...this.#detectors, ...this.#embedders, ...this.#attributes]) await model.close();
  }

  async #faces(picture: RgbPicture, wishes: ExamineWishes): Promise<ExaminedFace[]> {
    const { faces, madeFor } = await this.#find(picture);
    const told: ExaminedFace[] = [];
    for (const face of faces) told.push(await this.#tell(picture, face, madeFor, wishes));
    return told;
  }

  /** The faces of the first detector that finds one, and what that was made for. */
  async #find(picture: RgbPicture): Promise<{ faces: FoundFace[]; madeFor: 'demo' | undefined }> {
    for (const { card, model } of this.#detectors) {
      const faces = ranked(await model.detect(picture), picture);
      if (faces.length > 0) return { faces, madeFor: card.madeFor };
    }
    // A face that fills its picture is larger than any a detector has learned: with a rim around it, it is found.
    for (const rim of RIMS) {
      const rimmed = withRim(picture, rim);
      for (const { card, model } of this.#detectors) {
        const faces = ranked((await model.detect(rimmed.picture)).map(rimmed.back), picture);
        if (faces.length > 0) return { faces, madeFor: card.madeFor };
      }
    }
    return { faces: [], madeFor: undefined };
  }

  async #tell(
    picture: RgbPicture,
    face: FoundFace,
    madeFor: 'demo' | undefined,
    wishes: ExamineWishes,
  ): Promise<ExaminedFace> {
    const { box, landmarks, score } = face;
    // A model of the demo would guess about real people: it describes what only the demo's detector sees.
    const describer = this.#attributes.find(({ card }) => card.madeFor === madeFor);
    const findings = describer ? await describer.model.classify({ picture, box, landmarks }) : [];
    const attributes = Object.fromEntries(findings.map(({ name, value }) => [name, value]));
    const quality = faceQuality(picture, { box, landmarks, score, attributes });
    const embeddings = [];
    if (wishes.embeddings) {
      for (const { card, model } of this.#embedders) {
        embeddings.push({ model: card.id, vector: await model.embed(picture, landmarks) });
      }
    }
    const crop = wishes.crops ? { crop: await toJpeg(cropOf(picture, box)) } : {};
    return { box, landmarks, score, quality, attributes: wishes.attributes ? attributes : {}, embeddings, ...crop };
  }
}

/** Those that can be turned upright, the largest first. */
function ranked(found: readonly Detection[], picture: RgbPicture): FoundFace[] {
  const area = ([x1, y1, x2, y2]: Box) => (x2 - x1) * (y2 - y1);
  return found
    .filter((one): one is FoundFace => isFace(one, picture))
    .sort((a, b) => area(b.box) - area(a.box))
    .slice(0, MOST_FACES);
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
