import { z } from 'zod';
import { type Access, decide } from '../../core/gateway/authorization.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { given, int, intOf, oneOf } from '../../core/gateway/lenient.ts';
import { type RouteDefinition, route } from '../../core/plugin/contract.ts';
import type { StageReport, Vision } from '../../core/plugin/services.ts';
import { type CameraStatus, SNAP_MODE, TASKS, type Task } from '../../core/vision/keys.ts';
import { cameraView, view } from './answers.ts';
import { pickBehaviour } from './behaviour.ts';
import {
  type Camera,
  type CameraChange,
  CHANNELS,
  DECODINGS,
  FACE_SIZE,
  FRAME_INTERVAL,
  SNAP_MODES,
} from './camera.ts';
import { ids, line } from './fields.ts';
import { box } from './geometry.ts';
import type { AllCameras } from './guests.ts';
import { changedFields } from './messages.ts';
import type { Probes } from './probes.ts';
import { channel } from './requests.ts';
import type { Roster } from './roster.ts';
import { streamUrl, withStoredSecrets } from './stream-url.ts';

/** `/p/cameras`: what the pages read and change. Unlike in the messages, a value out of its range is refused. */

const SEE: Access = { area: 'devices', action: 'see' };
const CHANGE: Access = { area: 'devices', action: 'change' };
export const SEE_PICTURES: Access = { area: 'records', action: 'see', images: true };

/** What a page that names no tasks or threshold gets: what the recommended models serve. */
const DEFAULT_TASKS: Task[] = ['face', 'body'];
const DEFAULT_THRESHOLD = 80;

const transport = oneOf(['tcp', 'udp']);
const faceSize = int({ min: FACE_SIZE.least, max: FACE_SIZE.most });

const settings = z.object({
  name: line({ min: 1, max: 64 }),
  url: streamUrl(),
  transport: transport.optional(),
  decoding: oneOf(DECODINGS).optional(),
  enabled: z.boolean().optional(),
  position: line({ max: 100 }).optional(),
  description: line({ max: 500 }).optional(),
  threshold: int({ min: 0, max: 100 }).optional(),
  snapMode: intOf(SNAP_MODES).optional(),
  faceSizeMin: faceSize.optional(),
  faceSizeMax: faceSize.optional(),
  tasks: z
    .array(z.enum(TASKS))
    .min(1)
    .max(TASKS.length)
    .transform((tasks) => [...new Set(tasks)])
    .optional(),
  frameInterval: int({ min: FRAME_INTERVAL.least, max: FRAME_INTERVAL.most }).nullable().optional(),
  roi: box().nullable().optional(),
  libraryIds: ids().optional(),
  liveness: z.boolean().optional(),
  livenessThreshold: int({ min: 0, max: 100 }).optional(),
});

const byChannel = z.object({ channel });

export interface RouteParts {
  roster: Roster;
  /** With the guests. */
  all: AllCameras;
  probes: Probes;
  vision: Pick<Vision, 'snapshot' | 'stages'>;
  units(): number;
  statusOf(camera: Camera): CameraStatus;
}

export function routes({ roster, all, probes, vision, units, statusOf }: RouteParts): RouteDefinition[] {
  const shown = (camera: Camera, stages: StageReport[] = vision.stages()) => view(camera, statusOf(camera), stages);

  return [
    route({
      method: 'GET',
      path: '/cameras',
      summary: 'Cameras with their settings and states, and the computing power in use',
      access: SEE,
      response: z.object({
        cameras: z.array(cameraView),
        units: z.object({ used: z.int(), total: z.int() }),
        channels: z.int(),
      }),
      handle: () => {
        const stages = vision.stages();
        return {
          cameras: all.list().map((camera) => shown(camera, stages)),
          units: { used: roster.unitsUsed, total: units() },
          channels: CHANNELS,
        };
      },
    }),
    route({
      method: 'POST',
      path: '/cameras',
      summary: 'Add a camera by the address of its stream; without a channel it takes the lowest free one',
      access: CHANGE,
      body: settings.extend({ channel: given(channel) }),
      response: cameraView,
      handle: async ({ body }, call) => {
        const { channel: wanted, ...given } = body;
        checkFaceSizes(given, FACE_SIZE.defaultMin, FACE_SIZE.defaultMax);
        const { snapMode = SNAP_MODE.accurate, threshold = DEFAULT_THRESHOLD, tasks = DEFAULT_TASKS } = given;
        const camera = await roster.add({ ...toChange(given), snapMode, threshold, tasks }, wanted);
        call.remark(`channel ${camera.channel}, "${camera.name}"`);
        return shown(camera);
      },
    }),
    route({
      method: 'PATCH',
      path: '/cameras/:channel',
      summary: 'Change what is given; a password shown as ****** stays as it is',
      access: CHANGE,
      params: byChannel,
      body: settings.partial(),
      response: cameraView,
      handle: async ({ params, body }, call) => {
        all.findOwn(params.channel);
        const change = toChange(body);
        const camera = await roster.modify(params.channel, change, ({ faceSizeMin, faceSizeMax }) =>
          checkFaceSizes(body, faceSizeMin, faceSizeMax),
        );
        call.remark(`channel ${camera.channel}, "${camera.name}": ${changedFields(change)}`);
        return shown(camera);
      },
    }),
    route({
      method: 'DELETE',
      path: '/cameras/:channel',
      summary: 'Delete a camera; its records stay',
      access: CHANGE,
      params: byChannel,
      handle: async ({ params }, call) => {
        all.findOwn(params.channel);
        const camera = await roster.remove(params.channel);
        call.remark(`channel ${camera.channel}, "${camera.name}"`);
        return {};
      },
    }),
    route({
      method: 'GET',
      path: '/cameras/:channel/snapshot.jpg',
      summary: 'The newest picture at full resolution; 503 while the camera is not online',
      access: SEE_PICTURES,
      params: byChannel,
      handle: async ({ params }) => {
        const camera = all.find(params.channel);
        const picture = await vision.snapshot(params.channel);
        if (!picture) return noPicture(statusOf(camera));
        return new Response(new Uint8Array(picture.jpeg), {
          headers: { 'content-type': 'image/jpeg', 'cache-control': 'no-store' },
        });
      },
    }),
    route({
      method: 'POST',
      path: '/probe',
      summary: 'Look at an address; with a channel, a password shown as ****** is that of its camera',
      access: CHANGE,
      body: z.object({ url: streamUrl(), transport: transport.optional(), channel: given(channel) }),
      handle: async ({ body }, call) => {
        const camera = body.channel === undefined ? undefined : all.findOwn(body.channel);
        const url = withStoredSecrets(body.url, camera?.url);
        const { jpeg, ...result } = await probes.probe(url, body.transport ?? camera?.transport ?? 'tcp');
        const facts = probes.factsOf(url);
        if (camera && result.ok && facts) await roster.learn(camera.channel, facts, url);
        // Whoever may set up cameras may not therefore see through them.
        const mayShow = jpeg && decide(SEE_PICTURES, call.caller) === 'allowed';
        return {
          ...result,
          ...(mayShow ? { picture: `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}` } : {}),
        };
      },
    }),
  ];
}

/** As the roster takes it, which knows liveness by the names of the messages. */
function toChange<S extends Partial<z.output<typeof settings>>>({ liveness, livenessThreshold, ...rest }: S) {
  const liveness_switch = liveness === undefined ? undefined : liveness ? 1 : 0;
  return { ...rest, behaviour: pickBehaviour({ liveness_switch, liveness_threshold: livenessThreshold }) };
}

function checkFaceSizes(change: CameraChange, min: number, max: number): void {
  if ((change.faceSizeMin ?? min) > (change.faceSizeMax ?? max)) {
    throw new ContractError(CODE.wrongParameter, 'faceSizeMin: must not be larger than faceSizeMax');
  }
}

function noPicture(status: CameraStatus): Response {
  const why = status.reason?.message ?? `it is ${status.state}`;
  return Response.json(
    { code: CODE.noSuchData, msg: `the camera gives no picture: ${why}`, data: '' },
    { status: 503, headers: { 'cache-control': 'no-store' } },
  );
}
