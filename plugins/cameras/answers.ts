import { z } from 'zod';
import type { CameraInfo, StageReport } from '../../core/plugin/services.ts';
import { type CameraReason, type CameraStatus, SWITCHED_OFF } from '../../core/vision/keys.ts';
import { livenessOf, UNSET } from './behaviour.ts';
import { type Camera, effectiveInterval, toldName } from './camera.ts';
import { pictureArea } from './geometry.ts';
import { maskStreamUrl } from './stream-url.ts';

/** What is said of a camera: in message 516, to the pages, to other plugins. Passwords never leave. */

const shownUrl = (camera: Camera) => (camera.url === undefined ? '' : maskStreamUrl(camera.url));

/** The state of a camera of which vision says nothing (yet). */
export function unknownStatus(camera: Camera, since: number): CameraStatus {
  const reason = whyNone(camera);
  return {
    channel: camera.channel,
    state: reason ? 'offline' : 'connecting',
    ...(reason ? { reason } : {}),
    since,
    analysedFps: 0,
    framesAnalysed: 0,
    framesDropped: 0,
    reconnects: 0,
  };
}

/** Why nothing is taken from a camera, whatever it does. */
function whyNone({ enabled, url }: Camera): CameraReason | undefined {
  if (!enabled) return SWITCHED_OFF;
  if (url !== undefined) return undefined;
  const message = 'the stored address cannot be opened with the key of this box: enter it';
  return { code: 'address-unreadable', message };
}

/** One row of message 516, with every field of the rtsp table. */
export function wireRow(camera: Camera, status: CameraStatus) {
  return {
    camera_name: toldName(camera),
    channel: camera.channel,
    decoder: '',
    camera_mode: camera.mode,
    description: camera.description,
    lib_ids: camera.libraryIds.join(','),
    vehicle_lib_ids: camera.vehicleLibraryIds.join(','),
    position: camera.position,
    protocol: camera.protocol,
    status: status.state === 'online' ? 1 : 0,
    threshold: camera.threshold,
    url: shownUrl(camera),
    camera_roi: camera.roi?.join(',') ?? '',
    roi_max: pictureArea(camera.stream),
    snap_mode: camera.snapMode,
    facesize_min: camera.faceSizeMin,
    facesize_max: camera.faceSizeMax,
    task_type: camera.tasks.join(','),
    frame_interval: effectiveInterval(camera),
    ...UNSET,
    ...camera.behaviour,
  };
}

/** A camera as the pages see it; times in ms, boxes in native pixels. */
export const cameraView = z.object({
  channel: z.int(),
  mode: z.string(),
  protocol: z.string(),
  name: z.string(),
  url: z.string().describe('passwords are shown as ******'),
  transport: z.string(),
  decoding: z.string().describe('auto, addon (in the vision worker) or process (one of its own)'),
  enabled: z.boolean(),
  position: z.string(),
  description: z.string(),
  threshold: z.int(),
  snapMode: z.int(),
  faceSizeMin: z.int(),
  faceSizeMax: z.int(),
  tasks: z.array(z.string()),
  frameInterval: z.int().nullable().describe('null: chosen by the box'),
  roi: z.tuple([z.number(), z.number(), z.number(), z.number()]).nullable().describe('null: the whole picture'),
  libraryIds: z.array(z.int()),
  liveness: z.boolean().describe('whether faces are alive is told; those that are not are not compared'),
  livenessThreshold: z.int().describe('a face is alive from this certainty on, percent; 0: as the model says'),
  status: z.looseObject({ channel: z.int(), state: z.enum(['connecting', 'online', 'offline']) }),
  origin: z.literal('demo').optional().describe('no camera but a scene of the demo site'),
  stages: z.array(
    z.object({
      stage: z.string(),
      running: z.boolean(),
      reason: z.string().optional(),
      makeshift: z.string().optional().describe('its model is made for the demo: what to do for a real camera'),
    }),
  ),
});

export function view(camera: Camera, status: CameraStatus, stages: StageReport[]): z.output<typeof cameraView> {
  const { url: _, stream: __, behaviour, vehicleLibraryIds: ___, filesFolder: ____, ...shown } = camera;
  return {
    ...shown,
    ...livenessOf(behaviour),
    url: shownUrl(camera),
    status: { ...status },
    stages: stages
      // A camera that lacks a describer takes its captures all the same: the health page tells of it.
      .filter((stage) => stage.channel === camera.channel && !stage.describer)
      .map(({ stage, running, reason, makeshift }) => ({
        stage,
        running,
        ...(reason ? { reason } : {}),
        ...(makeshift && running ? { makeshift } : {}),
      })),
  };
}

/** A camera as other plugins see it. */
export function info(camera: Camera, status: CameraStatus | undefined): CameraInfo {
  const { channel, position, description, threshold, libraryIds, tasks, enabled, origin } = camera;
  return {
    channel,
    name: toldName(camera),
    position,
    description,
    threshold,
    libraryIds: [...libraryIds],
    tasks: [...tasks],
    enabled,
    online: status?.state === 'online',
    ...(origin ? { origin } : {}),
  };
}
