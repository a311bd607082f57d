import { definePlugin } from '../../core/plugin/contract.ts';
import type { DescriberDeclaration } from '../../core/vision/describer.ts';
import { LIVENESS_TIMES } from '../../models/adapters/crops.ts';

/** The edges of a picture that is held up, and the hand that holds it, lie around the face. */
const liveness: DescriberDeclaration = {
  id: 'check-liveness',
  module: new URL('./describers/liveness.ts', import.meta.url).href,
  kinds: ['face'],
  onlyFor: 'liveness',
  model: 'liveness',
  cut: { square: true, times: LIVENESS_TIMES },
};

export default definePlugin({
  setup: () => ({ describers: [liveness] }),
});
