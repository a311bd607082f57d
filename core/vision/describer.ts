import { z } from 'zod';
import type { RgbPicture } from '../../drivers/video/frame.ts';
import { givenEmbedding, toldEmbedding } from './embedding.ts';
import type { Box, CaptureKind, PlateFinding, Point } from './keys.ts';
import type { StageContext } from './stage.ts';

/**
 * A describer says of a captured subject what its picture shows: attributes, whether it is a living person, or the face
 * as numbers that can be compared. It looks at the moment that was chosen, once per capture and not once per frame, in
 * the vision worker; the capture takes what it says to the core. A capture is never lost because of a describer: one
 * that throws, hangs or has no model leaves its part out.
 *
 * A plugin declares a describer (`DescriberDeclaration`, in the core process) and writes its code in a module of its
 * own whose default export is `defineDescriber(...)` (loaded only in the worker).
 */
export interface DescriberDeclaration {
  /** Unique over all stages and describers of all plugins, for example `describe-faces`. */
  id: string;
  /** The describer's module: `new URL('./describers/attributes.ts', import.meta.url).href`. */
  module: string;
  /** Captures it looks at. */
  kinds: CaptureKind[];
  /** What a camera has to ask for beside its tasks; it looks at the captures of all others, too, if not given. */
  onlyFor?: 'liveness';
  /** Task of the model it needs (`catalog.json`), for example `face-attributes`. */
  model?: string;
  /** Tasks of further models it needs: `plate-detection` for one that reads plates. Without one of them it does not run. */
  further?: string[];
  /**
   * How much of the frame it needs to see; the subject's box alone, if not given. A model whose card says what it looks
   * at (`crop`) is shown that.
   */
  cut?: Cut;
  /** Plain options handed to the module, so that one module serves several declarations. */
  options?: Record<string, unknown>;
}

/** A part of the frame around a subject. What lies outside the frame is cut off, if nothing else is said. */
export interface Cut {
  /** The box counts as a square of its longer side, with the same centre. */
  square?: boolean;
  /** The box is enlarged so many times around its centre. Default 1. */
  times?: number;
  /** Where it reaches beyond the frame it is moved, and made smaller where it has to be, instead of being cut off. */
  moved?: boolean;
  /** It is not scaled down while its longer side is at most this many pixels. Default 512. */
  size?: number;
}

/**
 * What a describer is shown. Where several look at one capture, the picture holds what each of them needs and perhaps
 * more: find the subject by its box.
 */
export interface Shot {
  kind: CaptureKind;
  /** Part of the frame at the stream's own resolution, averaged down only where it is larger than any cut asks for. */
  picture: RgbPicture;
  /** The subject in the picture, in its pixels; parts of it may lie outside where the frame ends. */
  box: Box;
  /** In the picture: eyes, nose and corners of the mouth, those on the left of the picture first. */
  landmarks?: Point[];
  /** The model that has found the landmarks anew, if one has. */
  alignedBy?: string;
  /** The subject in the full frame, native pixels. */
  frameBox: Box;
  frameWidth: number;
  frameHeight: number;
  /** Certainty, percent, from which on its camera takes a face for alive; undefined: as the model's card says. */
  aliveFrom?: number;
}

/** What a describer found out; what it does not know stays away. */
export interface Description {
  /** Names and values of the interface's appendices B and C. */
  attributes?: Record<string, string>;
  /** 0 unknown, 1 not alive, 2 alive. */
  aliveType?: 0 | 1 | 2;
  /** What a body does, where that may be an event: `smoking`, `fallen`. Kept apart from what is told to clients. */
  status?: string;
  /** The number plate of a vehicle, where one was found. */
  plate?: PlateFinding;
  /**
   * The face as numbers, for comparing it with others: 32 to 1024 finite ones, of any length but 0. They are those of the
   * describer's model, without which they mean nothing. Never logged, and no part of the record.
   */
  embedding?: Float32Array | number[];
}

export interface DescriberInstance {
  /** Takes milliseconds: cameras wait meanwhile. Calls come one after another. */
  describe(shot: Shot): Description | Promise<Description>;
  close?(): void | Promise<void>;
}

export interface DescriberModule {
  /** Called once per worker; one instance serves all cameras. */
  create(context: StageContext): DescriberInstance | Promise<DescriberInstance>;
}

/** Gives the compiler the types of a describer module's default export. */
export function defineDescriber(module: DescriberModule): DescriberModule {
  return module;
}

/** Of a picture of a plate: one of 300 pixels has 20 kB. */
const MOST_PLATE_BYTES = 256 * 1024;

const plateSchema = z.object({
  text: z
    .string()
    .max(32)
    .regex(/^[\p{L}\p{N}]*$/u),
  score: z.number().min(0).max(1),
  box: z
    .tuple([z.number(), z.number(), z.number(), z.number()])
    .refine(([left, top, right, bottom]) => right > left && bottom > top, 'a box without an inside'),
  jpeg: z
    .instanceof(Uint8Array)
    .refine(({ byteLength }) => byteLength > 0 && byteLength <= MOST_PLATE_BYTES, 'no picture, or one too large'),
});

/** Of one capture, by all describers together. */
export const MOST_ATTRIBUTES = 64;
export const MOST_MODELS = 16;

/** What a description must be to get on: small and plain, since it is kept and sent to clients. */
export const descriptionSchema = z.object({
  attributes: z
    .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/), z.string().max(100))
    .refine(
      (attributes) => Object.keys(attributes).length <= MOST_ATTRIBUTES,
      `more than ${MOST_ATTRIBUTES} attributes`,
    )
    .optional(),
  aliveType: z.union([z.literal(0), z.literal(1), z.literal(2)]).optional(),
  status: z.string().max(100).optional(),
  plate: plateSchema.optional(),
  embedding: givenEmbedding.optional(),
});

/** All that was found out about one capture. */
export const wholeDescriptionSchema = descriptionSchema.extend({
  /**
   * Ids of the models behind it. That of an embedding stands beside its numbers: it tells nothing of the looks that the
   * record keeps.
   */
  describedBy: z.array(z.string().max(63)).max(MOST_MODELS),
  embedding: toldEmbedding.optional(),
});

export type WholeDescription = z.output<typeof wholeDescriptionSchema>;

/** The same on its way to the core, where pictures travel beside it. */
export type SentDescription = Omit<WholeDescription, 'plate'> & { plate?: Omit<PlateFinding, 'jpeg'> | undefined };
