import { stretchedPart } from '../../models/adapters/crops.ts';
import { faceQuality } from '../../models/adapters/face-quality.ts';
import {
  type Classifier,
  createClassifier,
  createFaceEmbedder,
  createHeadPoser,
  type FaceEmbedder,
  type HeadPoser,
  type RgbPicture,
} from '../../models/adapters/index.ts';
import type { InstalledModel } from '../../models/install.ts';
import { type ExaminedFace, type ExaminedPicture, type ExamineWishes, PictureError } from '../plugin/face-services.ts';
import type { Box } from '../vision/keys.ts';
import { toJpeg } from './decode.ts';
import { FaceFinder, type FoundFace } from './finder.ts';
import type { ImagePlan } from './plan.ts';

/** Surroundings kept on each side of a face, as part of its width and height; as of faces that cameras capture. */
const CROP_MARGIN = 0.4;

type Opened<Model> = { card: InstalledModel; model: Model };

/** What of the plan could be opened. */
interface OpenedModels {
  finders: Opened<FaceFinder>[];
  embedders: Opened<FaceEmbedder>[];
  attributes: Opened<Classifier>[];
  headPoses: Opened<HeadPoser>[];
}

export interface FaceExaminerEvents {
  /** A model cannot be used; the others are. */
  unusable(model: string, reason: string): void;
}

/** Finds the faces of decoded pictures and says what is known of them. */
export class FaceExaminer {
  readonly #models: OpenedModels;
  /** Embedders in force that could not be opened: without one that is only coming, faces are described all the same. */
  readonly #missing: string[];

  private constructor(models: OpenedModels, missing: string[]) {
    this.#models = models;
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
    const models = {
      finders: await open(plan.detectors, (card) => FaceFinder.open(card, threads)),
      embedders: await open([...plan.embedders, ...plan.coming], (card) => createFaceEmbedder(card, { threads })),
      attributes: await open(plan.attributes, (card) => createClassifier(card, { threads })),
      headPoses: await open(plan.headPoses, (card) => createHeadPoser(card, { threads })),
    };
    const opened = new Set(models.embedders.map(({ card }) => card.id));
    const missing = plan.embedders.map(({ id }) => id).filter((id) => !opened.has(id));
    return new FaceExaminer(models, missing);
  }

  /**
   * Tells the faces of a picture, the largest first.
   * @throws PictureError `no-model` where a model that is needed cannot be used.
   */
  async examine(picture: RgbPicture, wishes: ExamineWishes): Promise<ExaminedPicture> {
    const { finders, embedders } = this.#models;
    if (finders.length === 0) throw new PictureError('no-model', 'no model that finds faces can be used');
    if (wishes.embeddings && (this.#missing.length > 0 || embedders.length === 0)) {
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
    for (const opened of Object.values(this.#models)) for (const { model } of opened) await model.close();
  }

  /** The faces of the first detector that finds one. */
  async #faces(picture: RgbPicture, wishes: ExamineWishes): Promise<ExaminedFace[]> {
    for (const finder of this.#models.finders) {
      const faces = await finder.model.find(picture);
      const told: ExaminedFace[] = [];
      for (const face of faces) {
        const embeddings = told.length === 0 || wishes.embeddings !== 'largest' ? wishes.embeddings : false;
        told.push(await this.#tell(picture, face, finder, { ...wishes, embeddings }));
      }
      if (told.length > 0) return told;
    }
    return [];
  }

  async #tell(
    picture: RgbPicture,
    { box, landmarks, score, moved }: FoundFace,
    finder: Opened<FaceFinder>,
    wishes: ExamineWishes,
  ): Promise<ExaminedFace> {
    const { alignedBy } = finder.model;
    const { embedders, attributes: classifiers, headPoses } = this.#models;
    // A model of the demo would guess about real people, and one of real people about rendered ones: each describes
    // what the detectors of its own kind see.
    const ofItsKind = <Model>({ card }: Opened<Model>) => card.madeFor === finder.card.madeFor;
    const view = { picture, box, landmarks, ...(alignedBy ? { alignedBy } : {}) };
    const findings = (await classifiers.find(ofItsKind)?.model.classify(view)) ?? [];
    const attributes = Object.fromEntries(findings.map(({ name, value }) => [name, value]));
    const direction = await headPoses.find(ofItsKind)?.model.look(picture, box);
    const known = { ...(direction ? { direction } : {}), ...(moved === undefined ? {} : { moved }) };
    const quality = faceQuality(picture, { box, landmarks, score, attributes, ...known });
    const embeddings = [];
    if (wishes.embeddings) {
      for (const { card, model } of embedders) {
        embeddings.push({ model: card.id, vector: await model.embed(picture, landmarks, alignedBy) });
      }
    }
    const crop = wishes.crops ? { crop: await toJpeg(cropOf(picture, box)) } : {};
    return { box, landmarks, score, quality, attributes: wishes.attributes ? attributes : {}, embeddings, ...crop };
  }
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
