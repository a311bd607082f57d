import { definePlugin } from '../../core/plugin/contract.ts';
import type { DescriberDeclaration } from '../../core/vision/describer.ts';

/**
 * A plate is a fifth of a car's breadth and smaller on a bus. At this size one that can be read at all has about the 128
 * pixels that it is read in, and the moments a camera keeps stay small.
 */
const SHOT_SIZE = 768;

const plates: DescriberDeclaration = {
  id: 'read-plates',
  module: new URL('./describers/plates.ts', import.meta.url).href,
  kinds: ['vehicle'],
  model: 'plate-text',
  further: ['plate-detection'],
  cut: { size: SHOT_SIZE },
};

export default definePlugin({
  setup: () => ({ describers: [plates] }),
});
