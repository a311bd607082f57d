import type { Box } from './keys.ts';
import { defineStage } from './stage.ts';

/** A stage for tests that captures the same body in every frame, and shows it to who watches. */

export const CAPTURED: Box = [10, 8, 30, 40];

/** As large as pictures of cameras get: more than a socket takes at once. */
const PICTURE = new Uint8Array(2 * 1024 ** 2);

export default defineStage({
  create: () => ({
    camera: (camera) => {
      let trackId = 0;
      return {
        process: ({ video }) => {
          trackId += 1;
          const observation = {
            kind: 'body' as const,
            trackId,
            time: video.time,
            quality: 50,
            score: 0.9,
            box: CAPTURED,
            frameWidth: video.width,
            frameHeight: video.height,
            boxInCrop: [0, 0, 20, 32] as Box,
            crop: new Uint8Array(1),
            frame: PICTURE,
          };
          const shot = camera.shot(video, { kind: 'body', box: CAPTURED });
          camera.capture(observation, shot);
          if (shot && camera.watched()) camera.glimpse({ trackId, time: video.time, quality: 50 }, shot);
        },
      };
    },
  }),
});
