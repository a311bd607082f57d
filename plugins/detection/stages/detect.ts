import { z } from 'zod';
import { defineStage } from '../../../core/vision/stage.ts';
import { openAlignerOf } from '../../../models/adapters/landmarks.ts';
import { withExactLandmarks } from './exact-landmarks.ts';
import { shareDetector } from './shared-detector.ts';
import { sift } from './sift.ts';
import { DETECTIONS, SUBJECTS, TRACKING } from './subjects.ts';
import { PLATE_LABEL, withPlates } from './vehicle-plates.ts';

const options = z.object({ subject: z.enum(SUBJECTS) });

/** Finds persons, faces or vehicles in the scaled picture and hands them on in native pixels. */
export default defineStage({
  create: async (context) => {
    const { subject } = options.parse(context.options);
    if (!context.model) throw new Error(`stage "${context.id}" was given no model`);
    const { model, threads } = context;
    const detector = await shareDetector(model, threads);
    const aligner = subject === 'face' ? await openAlignerOf(model, { threads }) : undefined;
    const plates = subject === 'vehicle' && model.labels.includes(PLATE_LABEL);
    context.log.info({ model: model.id, threads }, 'detector is ready');
    return {
      camera: ({ plan }) => ({
        process: async (frame) => {
          const { lowScore } = TRACKING[subject];
          const found = (await detector.detect(frame.picture)).filter(({ score }) => score > lowScore);
          const { video, scaleX, scaleY } = frame;
          const scaling = { width: video.width, height: video.height, scaleX, scaleY };
          const sifted = sift(subject, found, scaling, plan);
          if (plates) {
            frame.set(DETECTIONS[subject], withPlates(sifted, found, scaling));
            return;
          }
          frame.set(DETECTIONS[subject], aligner ? await withExactLandmarks(video.full, sifted, aligner) : sifted);
        },
      }),
      close: async () => {
        await aligner?.close();
        await detector.close();
      },
    };
  },
});
