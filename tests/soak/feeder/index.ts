import sharp from 'sharp';
import { z } from 'zod';
import { definePlugin, route } from '../../../core/plugin/contract.ts';
import { captureObserved } from '../../../core/vision/keys.ts';
import { padded } from './padded.ts';

const TICK_MS = 20;
const rate = z.object({ perSecond: z.number().min(0).max(1000), bytes: z.int().min(2000).max(4_000_000) });

/** Makes captures at a rate that is set over REST; each has two pictures of its own with as many bytes as asked. */
export default definePlugin({
  setup: async (ctx) => {
    const jpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#507090' } })
      .jpeg()
      .toBuffer();
    let wanted: z.output<typeof rate> = { perSecond: 0, bytes: 50_000 };
    let made = 0;
    let owed = 0;
    let timer: NodeJS.Timeout | undefined;
    const make = () => {
      made += 1;
      const time = ctx.clock.now();
      // Told in the push: so a reader knows when it was made, to the millisecond.
      const left = time % 60_000;
      ctx.emit(captureObserved, {
        kind: made % 5 === 0 ? 'vehicle' : made % 2 === 0 ? 'face' : 'body',
        channel: 29 + (made % 4),
        trackId: made,
        time,
        quality: 50,
        score: 0.9,
        box: [left, 10, left + 30, 40],
        boxInCrop: [2, 2, 30, 30],
        frameWidth: 64,
        frameHeight: 48,
        crop: padded(jpeg, 2 * made, Math.ceil(wanted.bytes / 10)),
        frame: padded(jpeg, 2 * made + 1, wanted.bytes),
      });
    };
    return {
      routes: [
        route({
          method: 'PUT',
          path: '/rate',
          summary: 'Captures to make a second, and the bytes of their larger picture',
          access: { area: 'devices', action: 'change' },
          body: rate,
          handle: ({ body }) => {
            wanted = body;
            return { made };
          },
        }),
      ],
      start: () => {
        timer = setInterval(() => {
          for (owed += (wanted.perSecond * TICK_MS) / 1000; owed >= 1; owed -= 1) make();
        }, TICK_MS);
      },
      stop: () => clearInterval(timer),
    };
  },
});
