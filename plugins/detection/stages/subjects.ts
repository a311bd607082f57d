import {
  faceDetections,
  faceTracks,
  personDetections,
  personTracks,
  vehicleDetections,
  vehicleTracks,
} from '../../../core/vision/keys.ts';
import type { TrackerOptions } from '../../../core/vision/tracking/tracker.ts';

/** What is looked for; also the label of detections, tracks and boxes on the live picture. */
export const SUBJECTS = ['person', 'face', 'vehicle'] as const;
export type Subject = (typeof SUBJECTS)[number];

/** What models call them. Those that tell kinds of vehicles apart often take a van for a car and for a truck. */
export const LABELS: Readonly<Record<Subject, readonly string[]>> = {
  person: ['person'],
  face: ['face'],
  vehicle: ['vehicle', 'car', 'bus', 'truck'],
};

/** The values each subject's stages make. */
export const DETECTIONS = { person: personDetections, face: faceDetections, vehicle: vehicleDetections } as const;
export const TRACKS = { person: personTracks, face: faceTracks, vehicle: vehicleTracks } as const;

/**
 * How finds become tracks; `lowScore` is also what detectors are asked for. Face detectors are surer of themselves than
 * person detectors, and their weak finds are mostly no faces.
 */
export const TRACKING = {
  person: { lowScore: 0.1, highScore: 0.5, newTrackScore: 0.55, looks: 'body' },
  face: { lowScore: 0.3, highScore: 0.6, newTrackScore: 0.65, looks: 'face' },
  vehicle: { lowScore: 0.15, highScore: 0.5, newTrackScore: 0.6 },
} as const satisfies Record<Subject, TrackerOptions>;
