import { faceDetections, faceTracks, personDetections, personTracks } from '../../../core/vision/keys.ts';
import type { TrackerOptions } from '../../../core/vision/tracking/tracker.ts';

/** What is looked for; also the label of detections, tracks and boxes on the live picture. */
export const SUBJECTS = ['person', 'face'] as const;
export type Subject = (typeof SUBJECTS)[number];

/** The values each subject's stages make. */
export const DETECTIONS = { person: personDetections, face: faceDetections } as const;
export const TRACKS = { person: personTracks, face: faceTracks } as const;

/**
 * How finds become tracks; `lowScore` is also what detectors are asked for. Face detectors are surer of themselves than
 * person detectors, and their weak finds are mostly no faces.
 */
export const TRACKING = {
  person: { lowScore: 0.1, highScore: 0.5, newTrackScore: 0.55 },
  face: { lowScore: 0.3, highScore: 0.6, newTrackScore: 0.65 },
} as const satisfies Record<Subject, TrackerOptions>;
