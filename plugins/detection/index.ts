import { definePlugin } from '../../core/plugin/contract.ts';
import type { StageDeclaration } from '../../core/vision/stage.ts';
import { DETECTIONS, SUBJECTS, type Subject, TRACKS } from './stages/subjects.ts';

const MODELS: Record<Subject, string> = {
  person: 'person-detection',
  face: 'face-detection',
  vehicle: 'vehicle-detection',
};
const NAMES: Record<Subject, string> = { person: 'persons', face: 'faces', vehicle: 'vehicles' };

/** No stage here is wanted for its own sake: they run where a stage that takes their values does. */
function stagesFor(subject: Subject): StageDeclaration[] {
  return [
    {
      id: `detect-${NAMES[subject]}`,
      module: new URL('./stages/detect.ts', import.meta.url).href,
      in: [],
      out: [DETECTIONS[subject]],
      tasks: [],
      model: MODELS[subject],
      picture: 'model',
      options: { subject },
    },
    {
      id: `track-${NAMES[subject]}`,
      module: new URL('./stages/track.ts', import.meta.url).href,
      in: [DETECTIONS[subject]],
      out: [TRACKS[subject]],
      tasks: [],
      options: { subject },
    },
  ];
}

export default definePlugin({
  setup: () => ({ stages: SUBJECTS.flatMap(stagesFor) }),
});
