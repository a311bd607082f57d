import type { CaptureMatch, CaptureRecord } from '../../core/plugin/capture-services.ts';
import type { CameraInfo } from '../../core/plugin/services.ts';
import type { CaptureObservation } from '../../core/vision/keys.ts';
import { captureMatch, captureObservation, captureRecord } from '../../tests/kit/records.ts';

/** Captures, cameras and people for tests of who is recognised. */

export const observation = (change: Partial<CaptureObservation> = {}): CaptureObservation =>
  captureObservation({ trackId: 1, time: 1_000, embedding: { model: 'faces', vector: [1, 0, 0, 0] }, ...change });

export function cameraInfo(change: Partial<CameraInfo> = {}): CameraInfo {
  return {
    channel: 3,
    name: 'Door',
    position: '',
    description: '',
    threshold: 80,
    libraryIds: [1],
    tasks: ['face'],
    enabled: true,
    online: true,
    ...change,
  };
}

export const matchOf = (change: Partial<CaptureMatch> = {}): CaptureMatch =>
  captureMatch({
    libraryId: 1,
    libraryName: 'Watch list',
    libraryType: 1,
    imageId: 'a1',
    similarity: 90,
    imagePath: 'images/a1.jpg',
    enrolledAt: 0,
    hasIdcard: false,
    hasAddress: false,
    ...change,
  });

export const recordOf = (change: Partial<CaptureRecord> = {}): CaptureRecord =>
  captureRecord({
    id: 'capture-1',
    cameraName: 'Door',
    threshold: 80,
    time: 1_000,
    cropPath: 'crops/1.jpg',
    match: matchOf(),
    ...change,
  });
