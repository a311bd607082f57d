import type { CaptureMatch, CaptureRecord } from '../../core/plugin/capture-services.ts';
import type { OutMessage } from '../../core/plugin/push-services.ts';
import type { CaptureObservation } from '../../core/vision/keys.ts';

/** What was seen, as it goes from hand to hand in the box; a test gives what matters to it. */

const NOWHERE = new Uint8Array();
const TIME = Date.UTC(2026, 10, 21, 20, 9, 21, 700);

/** A face as the worker hands it to the core. */
export const captureObservation = (change: Partial<CaptureObservation> = {}): CaptureObservation => ({
  kind: 'face',
  channel: 3,
  trackId: 7,
  time: TIME,
  quality: 73,
  score: 0.9,
  box: [100, 50, 181, 161],
  frameWidth: 1280,
  frameHeight: 720,
  boxInCrop: [32, 44, 112, 154],
  crop: NOWHERE,
  frame: NOWHERE,
  ...change,
});

/** A face as it is recorded: compared with people, and found to be none of them. */
export const captureRecord = (change: Partial<CaptureRecord> = {}): CaptureRecord => ({
  id: '5672fb61-74ab-4037-8a37-a3c0abf417a3',
  kind: 'face',
  channel: 3,
  cameraName: 'Gate',
  position: 'north',
  threshold: 82,
  time: TIME,
  trackId: 7,
  quality: 73,
  box: [100, 50, 181, 161],
  boxInCrop: [32, 44, 112, 154],
  frameWidth: 1280,
  frameHeight: 720,
  cropPath: 'record/channel3/face/1_1.jpg',
  framePath: 'record/channel3/frame/1_2.jpg',
  aliveType: 2,
  attributes: { glass_style: 'sunglasses' },
  describedBy: [],
  compared: true,
  crop: NOWHERE,
  frame: NOWHERE,
  ...change,
});

/** A vehicle as it is recorded, with its number plate. */
export const vehicleRecord = (change: Partial<CaptureRecord> = {}): CaptureRecord =>
  captureRecord({
    id: '92ed1a18-2aaf-4362-b5b4-1fd6750e1dd9',
    kind: 'vehicle',
    cropPath: 'record/channel3/vehicle/1_3.jpg',
    framePath: 'record/channel3/frame/1_4.jpg',
    aliveType: 0,
    attributes: {},
    compared: false,
    plate: { text: '豫NLV880', score: 0.93, box: [40, 110, 90, 122], path: 'record/channel3/plate/1_5.jpg' },
    ...change,
  });

/** Whom a face is likely of. */
export const captureMatch = (change: Partial<CaptureMatch> = {}): CaptureMatch => ({
  libraryId: 4,
  libraryName: 'Staff',
  libraryType: 2,
  imageId: 'img-1',
  similarity: 91,
  ranking: 1,
  imagePath: 'facebase/libid4/4_1_1.png',
  personName: 'Ada',
  personGender: '0',
  personAge: '36',
  hasIdcard: true,
  hasAddress: true,
  ...change,
});

let lastAlarm = 0;

/** An alarm as it stands in the outbox, each with an id of its own. */
export function alarmMessage(change: Partial<OutMessage> = {}, body: Record<string, unknown> = {}): OutMessage {
  lastAlarm += 1;
  const time = change.time ?? TIME;
  return {
    id: `00000000-0000-4000-8000-${String(lastAlarm).padStart(12, '0')}`,
    topic: 'alarm',
    time,
    channel: 3,
    pictures: [],
    shows: [],
    ...change,
    body: {
      id: lastAlarm,
      kind: 'key-person',
      source: 'portraits',
      channel: 3,
      cameraName: 'Gate',
      time,
      title: 'Ada',
      pictures: [],
      facts: { similarity: 91, library: 'Staff' },
      ...body,
    },
  };
}
