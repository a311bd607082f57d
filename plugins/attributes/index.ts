import { definePlugin } from '../../core/plugin/contract.ts';
import type { DescriberDeclaration } from '../../core/vision/describer.ts';
import { BODY_MARGIN } from '../../models/adapters/crops.ts';

const module = new URL('./describers/describe.ts', import.meta.url).href;

/** Turned upright, a face needs more around it than its box holds. */
const faces: DescriberDeclaration = {
  id: 'describe-faces',
  module,
  kinds: ['face'],
  model: 'face-attributes',
  cut: { square: true, times: 2 },
};

/** Enough for the margins with which bodies are cut out for their model. */
const bodies: DescriberDeclaration = {
  id: 'describe-bodies',
  module,
  kinds: ['body'],
  model: 'body-attributes',
  cut: { times: 1 + 2 * Math.max(...Object.values(BODY_MARGIN)) },
};

export default definePlugin({
  setup: () => ({ describers: [faces, bodies] }),
});
