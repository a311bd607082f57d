import { z } from 'zod';
import { defineStage } from '../../../core/vision/stage.ts';
import { TrackShots } from './track-shots.ts';

const options = z.object({ kind: z.enum(['face', 'body']), interval: z.int().min(500) });

/** Captures each track of faces or bodies at its best moments, as the camera's snap mode says. */
export default defineStage({
  create: (context) => {
    const checked = options.parse(context.options);
    return { camera: (camera) => new TrackShots(camera, checked, context.log) };
  },
});
