import type { DescriberDeclaration } from '../../../core/vision/describer.ts';

/** Turned upright, a face needs more around it than its box holds; half of the cut's size is more than models look at. */
export const embedFaces: DescriberDeclaration = {
  id: 'embed-faces',
  module: new URL('./embedding.ts', import.meta.url).href,
  kinds: ['face'],
  model: 'face-embedding',
  cut: { square: true, times: 2 },
};
