import type { TrackVerdict } from '../../core/plugin/capture-services.ts';
import type { FaceGlimpse } from '../../core/vision/keys.ts';
import { compareFace, type MatchOptions } from './match.ts';

/** Faces looked up at the same time: who watches can do without one more, and captures must not wait. */
const AT_ONCE = 4;

export interface GlimpseOptions {
  matching: Omit<MatchOptions, 'told'>;
  recognised(verdict: TrackVerdict): void;
  failed(error: Error): void;
}

/** Tells who the faces are that are followed on while somebody watches. They count in no statistics. */
export class Glimpses {
  readonly #options: GlimpseOptions;
  #underWay = 0;

  constructor(options: GlimpseOptions) {
    this.#options = options;
  }

  /** Does not reject. */
  async seen(glimpse: FaceGlimpse): Promise<void> {
    if (this.#underWay >= AT_ONCE) return;
    const { matching, recognised, failed } = this.#options;
    const { channel, trackId, time, quality } = glimpse;
    // As the camera is now: another one may have the channel when the answer comes.
    const threshold = matching.cameras()?.get(channel)?.threshold ?? 0;
    this.#underWay += 1;
    try {
      const { compared = false, match } = await compareFace({ ...matching, told: () => {} }, glimpse);
      if (!compared) return;
      recognised({ kind: 'face', channel, trackId, time, quality, threshold, compared, ...(match ? { match } : {}) });
    } catch (error) {
      failed(error as Error);
    } finally {
      this.#underWay -= 1;
    }
  }
}
