import type { CameraInfo, CaptureMatch, CaptureRecord } from '../../core/plugin/services.ts';
import type { CaptureObservation } from '../../core/vision/keys.ts';

/** Captures, cameras and people for tests of who is recognised. */

export const NOWHERE = new Uint8Array();

export function observation(change: Partial<CaptureObservation> = {}): CaptureObservation {
  return {
    kind: 'face',
    channel: 3,
    trackId: 1,
    time: 1_000,
    quality: 60,
    score: 0.9,
    box: [0, 0, 50, 60],
    frameWidth: 640,
    frameHeight: 480,
    boxInCrop: [0, 0, 50, 60],
    embedding: { model: 'faces', vector: [1, 0, 0, 0] },
    crop: NOWHERE,
    frame: NOWHERE,
    ...change,
  };
}

export function cameraInfo(change: Partial<CameraInfo> = {}): CameraInfo {
  return {
    channel: 3,
    name: 'Door',
    position: '',
    description: '',
    threshold: 80,
    libraryIds: [1],
    tasks: ['face'],
    online: true,
    ...change,
  };
}

export function matchOf(change: Partial<CaptureMatch> = {}): CaptureMatch {
  return {
    libraryId: 1,
    libraryName: 'Watch list',
    libraryType: 1,
    imageId: 'a1',
    similarity: 90,
    ranking: 1,
    imagePath: 'images/a1.jpg',
    enrolledAt: 0,
    personName: 'Ada',
    personGender: '0',
    personAge: '36',
    hasIdcard: false,
    hasAddress: false,
    ...change,
  };
}

export function recordOf(change: Partial<CaptureRecord> = {}): CaptureRecord {
  return {
    id: 'capture-1',
    kind: 'face',
    channel: 3,
    cameraName: 'Door',
    position: '',
    threshold: 80,
    time: 1_000,
    trackId: 1,
    quality: 60,
    box: [0, 0, 50, 60],
    boxInCrop: [0, 0, 50, 60],
    frameWidth: 640,
    frameHeight: 480,
    cropPath: 'crops/1.jpg',
    framePath: 'frames/1.jpg',
    aliveType: 2,
    attributes: {},
    describedBy: [],
    compared: true,
    match: matchOf(),
    crop: NOWHERE,
    frame: NOWHERE,
    ...change,
  };
}
