import { z } from 'zod';
import { CAPTURE_KINDS } from '../../../core/vision/keys.ts';
import { defineStage } from '../../../core/vision/stage.ts';
import { TrackShots } from './track-shots.ts';

const options = z.object({ kind: z.enum(CAPTURE_KINDS), interval: z.int().min(500) });

/** Captures each track of faces, bodies or vehicles at its best moments, as the camera's snap mode says. */
export default defineStage({
  create: (context) => {
    const checked = options.parse(context.options);
    return { camera: (camera) => new TrackShots(camera, checked, context.log) };
  },
});
