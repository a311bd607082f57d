import type { Scale } from './letterbox.ts';
import { type AdapterModel, Network, Turns } from './network.ts';
import { suppress } from './nms.ts';
import {
  type Box,
  checkPicture,
  type Detection,
  type Detector,
  type Point,
  type RgbPicture,
  type Size,
} from './types.ts';

/** How one family of models answers. */
export interface Head {
  /** Score from which a detection counts if the caller names none. */
  defaultScore: number;
  /** Overlap (intersection over union) from which two boxes of a label are taken for the same object. */
  overlap: number;
  /** The labels it returns. */
  labels: string[];
  /**
   * Reads the outputs into boxes in pixels of the input; overlapping ones are thinned out later.
   * @throws Error when the outputs are not those of this family.
   */
  decode(outputs: Map<string, Float32Array>, input: Size, scoreThreshold: number): Detection[];
}

export interface DetectorOptions {
  /** Threads of one inference. Default 1. */
  threads?: number;
  /** A smaller or larger input than the card's, for models that allow it: smaller is faster and misses small objects. */
  input?: Size;
  /** Compute only on the part of the input that a picture covers, for models that allow it. Default true. */
  trim?: boolean;
}

/** From pixels of the input to pixels of the picture; undefined where nothing of the box lies inside. */
function toPicture(found: Detection, scale: Scale, picture: Size): Detection | undefined {
  const box: Box = [
    Math.max(0, found.box[0] * scale.x),
    Math.max(0, found.box[1] * scale.y),
    Math.min(picture.width, found.box[2] * scale.x),
    Math.min(picture.height, found.box[3] * scale.y),
  ];
  if (!(box[2] > box[0] && box[3] > box[1])) return undefined;
  if (!found.landmarks) return { ...found, box };
  const landmarks = found.landmarks.map(([x, y]): Point => [x * scale.x, y * scale.y]);
  return { ...found, box, landmarks };
}

/** @throws ModelFileError when the file is missing, damaged or takes another input than its card says. */
export async function openDetector(model: AdapterModel, head: Head, options: DetectorOptions = {}): Promise<Detector> {
  const { threads = 1, input, trim = false } = options;
  const network = await Network.open(model, { threads, trim, ...(input ? { input } : {}) });
  const turns = new Turns();
  const timing = { convert: 0, run: 0, decode: 0 };

  const detect = async (picture: RgbPicture, scoreThreshold: number): Promise<Detection[]> => {
    checkPicture(picture);
    const variant = await network.variant(picture);
    const began = performance.now();
    const scale = variant.letterbox.load(picture);
    const converted = performance.now();
    const outputs = await variant.run();
    const ran = performance.now();
    const candidates = head.decode(outputs, variant.letterbox, scoreThreshold);
    const found = suppress(candidates, head.overlap).flatMap((one) => toPicture(one, scale, picture) ?? []);
    timing.convert = converted - began;
    timing.run = ran - converted;
    timing.decode = performance.now() - ran;
    return found;
  };

  return {
    modelId: model.id,
    task: model.task,
    labels: head.labels,
    input: network.input,
    timing,
    detect: (picture, opts = {}) => {
      const threshold = opts.scoreThreshold ?? head.defaultScore;
      if (!(threshold > 0 && threshold <= 1))
        return Promise.reject(new RangeError('scoreThreshold must be above 0, at most 1'));
      return turns.take(() => detect(picture, threshold));
    },
    close: () => turns.close(() => network.close()),
  };
}
