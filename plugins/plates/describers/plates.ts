import { type Description, defineDescriber, type Shot } from '../../../core/vision/describer.ts';
import type { Box } from '../../../core/vision/keys.ts';
import type { RgbPicture } from '../../../drivers/video/frame.ts';
import { encodeRgb } from '../../../drivers/video/jpeg.ts';
import { plateBox, stretchedPart } from '../../../models/adapters/crops.ts';
import { createDetector, createTextReader, type Detection, type Size } from '../../../models/adapters/index.ts';
import type { InstalledModel } from '../../../models/install.ts';

/** What models call a plate that find other things as well. */
const LABEL = 'plate';
/** Where the least sure character is less sure, nothing is said: half a number is somebody else's. */
const LEAST_SURE = 0.6;
const JPEG_QUALITY = 90;
/**
 * A model that finds many things has learnt plates as they are in whole scenes, small. In the picture of one vehicle they
 * are larger, and it cuts off their ends: on the car park's clip 13 of 100 were found and read rightly at its own input of
 * 448 pixels, 99 at this.
 */
const SCENE_INPUT: Size = { width: 256, height: 256 };

/** Finds the number plate in the picture of a vehicle, cuts it out and reads it. */
export default defineDescriber({
  create: async ({ id, model, further, threads, log }) => {
    const finder = further?.['plate-detection'];
    if (!model || !finder) throw new Error(`describer "${id}" was given no model for plate-text or plate-detection`);
    const reader = await createTextReader(model, { threads });
    const detector = await createDetector(finder, { threads, ...lookOf(finder) }).catch(async (error: unknown) => {
      await reader.close();
      throw error;
    });
    log.info({ model: model.id, finder: finder.id, threads }, 'describer is ready');
    return {
      describe: async (shot): Promise<Description> => {
        const found = bestOf(await detector.detect(shot.picture), shot);
        if (!found) return {};
        const around = plateBox(found.box);
        const { text, score } = await reader.read(stretchedPart(shot.picture, around, model.input));
        const jpeg = await encodeRgb(partOf(shot.picture, around), JPEG_QUALITY);
        return { plate: { text: score >= LEAST_SURE ? text : '', score, box: found.box, jpeg } };
      },
      close: async () => {
        await detector.close();
        await reader.close();
      },
    };
  },
});

/** What to look for and at which size. @throws Error for a model that finds no plates */
function lookOf({ id, task, labels, input }: InstalledModel): { labels: string[]; input?: Size } {
  if (task === 'plate-detection') return { labels: labels.includes(LABEL) ? [LABEL] : labels };
  if (labels.includes(LABEL)) return { labels: [LABEL], ...(input.multipleOf ? { input: SCENE_INPUT } : {}) };
  throw new Error(`model ${id}: it has no label "${LABEL}"`);
}

/** The surest one on the vehicle: in the corners of its picture may be others. */
function bestOf(found: readonly Detection[], { box: [left, top, right, bottom] }: Shot): Detection | undefined {
  const onIt = found.filter(({ box }) => {
    const [x, y] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    return x >= left && x <= right && y >= top && y <= bottom;
  });
  return onIt.sort((a, b) => b.score - a.score)[0];
}

/** A part of a picture at its own resolution, as far as it lies inside. */
function partOf(picture: RgbPicture, [left, top, right, bottom]: Box): RgbPicture {
  const x1 = Math.max(0, Math.floor(left));
  const y1 = Math.max(0, Math.floor(top));
  const x2 = Math.min(picture.width, Math.ceil(right));
  const y2 = Math.min(picture.height, Math.ceil(bottom));
  return stretchedPart(picture, [x1, y1, x2, y2], { width: x2 - x1, height: y2 - y1 });
}
