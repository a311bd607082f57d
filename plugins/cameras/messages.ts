import { z } from 'zod';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { type MessageDefinition, message } from '../../core/plugin/contract.ts';
import type { CameraStatus } from '../../core/vision/keys.ts';
import { wireRow } from './answers.ts';
import type { Camera, Variant } from './camera.ts';
import type { AllCameras } from './guests.ts';
import { addRequest, channel, MODIFICATIONS, modifyRequest, toChange } from './requests.ts';
import type { Roster } from './roster.ts';

/** Messages 513 to 516. */

/** What to do instead, for cameras that the box understands but cannot reach yet. */
const INSTEAD: Record<Exclude<Variant, 'rtsp'>, string> = {
  onvif: 'protocol onvif is not available yet: add the camera with protocol rtsp and the address of its stream',
  gb28181: 'protocol gb28181 is not available yet: add the camera with protocol rtsp and the address of its stream',
  vcn: 'protocol vcn is not available yet: add the camera with protocol rtsp and the address of its stream',
  image: 'camera_mode IMAGE is not available yet: add the camera with camera_mode VIDEO and protocol rtsp',
};

function refuse(variant: Exclude<Variant, 'rtsp'>): never {
  throw new ContractError(CODE.wrongParameter, INSTEAD[variant]);
}

function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ContractError(CODE.wrongParameter, `${issue?.path.join('.')}: ${issue?.message}`);
}

export interface MessageParts {
  roster: Roster;
  /** With the guests. */
  all: AllCameras;
  units(): number;
  statusOf(camera: Camera): CameraStatus;
}

export function messages({ roster, all, units, statusOf }: MessageParts): MessageDefinition[] {
  return [
    message({
      id: 516,
      name: 'list cameras',
      access: { area: 'devices', action: 'see' },
      request: z.object({}),
      handle: () => ({
        camera: all.list().map((camera) => wireRow(camera, statusOf(camera))),
        computing_power_capacity: units(),
        used_computing_power: roster.unitsUsed,
      }),
    }),
    message({
      id: 513,
      name: 'add a camera',
      access: { area: 'devices', action: 'change' },
      request: addRequest,
      handle: async (fields, call) => {
        if (fields.variant !== 'rtsp') return refuse(fields.variant);
        const { camera_name: name, url, threshold, snap_mode: snapMode } = fields;
        const camera = await roster.add({ ...toChange(fields), name, url, threshold, snapMode }, fields.channel);
        call.remark(`channel ${camera.channel}, "${camera.name}"`);
        return { channel: camera.channel };
      },
    }),
    message({
      id: 515,
      name: 'modify a camera',
      access: { area: 'devices', action: 'change' },
      request: modifyRequest,
      handle: async (fields, call) => {
        const { protocol } = all.findOwn(fields.channel);
        if (protocol !== 'rtsp') {
          checked(MODIFICATIONS[protocol], fields);
          return refuse(protocol);
        }
        const change = toChange(checked(MODIFICATIONS.rtsp, fields));
        const camera = await roster.modify(fields.channel, change);
        call.remark(`channel ${camera.channel}, "${camera.name}": ${changedFields(change)}`);
        return { channel: camera.channel };
      },
    }),
    message({
      id: 514,
      name: 'delete a camera',
      access: { area: 'devices', action: 'change' },
      request: z.object({ channel }),
      handle: async (fields, call) => {
        all.findOwn(fields.channel);
        const camera = await roster.remove(fields.channel);
        call.remark(`channel ${camera.channel}, "${camera.name}"`);
      },
    }),
  ];
}

/** Names of what a change touches, for the operation log. */
export function changedFields(change: object): string {
  const names = Object.entries(change).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return name === 'behaviour' ? Object.keys(value as object) : [name];
  });
  return names.join(', ') || 'nothing';
}
