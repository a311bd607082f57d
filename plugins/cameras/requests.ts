import { z } from 'zod';
import { aliased, given, int, intOf, list, oneOf, text } from '../../core/gateway/lenient.ts';
import { withVariants } from '../../core/gateway/variants.ts';
import { TASKS, type Task } from '../../core/vision/keys.ts';
import { behaviourAliases, behaviourFields, pickBehaviour } from './behaviour.ts';
import { type CameraChange, CHANNELS, FACE_SIZE, FRAME_INTERVAL, MODES, SNAP_MODES, type Variant } from './camera.ts';
import { ids, line, maybe } from './fields.ts';
import { region } from './geometry.ts';
import { isHost, streamUrl } from './stream-url.ts';

/**
 * Requests 513 and 515. A camera is of one of five variants, each with fields of its own; those of the others are
 * ignored. When adding, `camera_mode` and `protocol` name the variant, or the fields give it away; when changing, it
 * is that of the stored camera.
 */

export const channel = int({ min: 1, max: CHANNELS });

// --- fields ----------------------------------------------------------------------------------------------------

const IMAGE_TASKS: readonly Task[] = ['face', 'body', 'vehicle', 'cyclist'];

/** Other spellings of tasks that clients use. */
const TASK_ALIASES: Record<string, string> = { 'fire extinguisher': 'violate operate' };

/** `task_type`: a comma list; a list with anything unknown in it becomes the whole of `all`. */
function tasks(all: readonly Task[]) {
  const names = list({ min: 1 })
    .transform((parts) => parts.map((part) => part.toLowerCase().replace(/[\s_]+/g, ' ')))
    .transform((parts) => [...new Set(parts.map((part) => TASK_ALIASES[part] ?? part))])
    .pipe(z.array(z.enum(all)));
  return given(names.catch([...all]));
}

const faceSize = (whenInvalid: number) => given(int({ min: FACE_SIZE.least, max: FACE_SIZE.most }).catch(whenInvalid));

const host = line({ min: 1, max: 253 }).refine(isHost, 'must be an IP address or a host name');
const port = int({ min: 1, max: 65_535 });
const user = line({ min: 1, max: 64 });
const password = text({ min: 1, max: 128 });
const sipId = line({ min: 1, max: 20 });
const webAddress = line({ min: 1, max: 1000 }).refine(
  (value) => /^https?:\/\//i.test(value) && URL.canParse(value),
  'must be an http(s) address',
);

const everyRequired = {
  camera_name: line({ min: 1, max: 64 }),
  threshold: int({ min: 0, max: 100 }),
};
const everyOptional = {
  position: maybe(line({ max: 100 })),
  description: maybe(line({ max: 500 })),
  lib_ids: maybe(ids()),
};

const videoRequired = { ...everyRequired, snap_mode: intOf(SNAP_MODES) };
const videoOptional = {
  ...everyOptional,
  ...behaviourFields,
  vehicle_lib_ids: maybe(ids()),
  facesize_min: faceSize(FACE_SIZE.defaultMin),
  facesize_max: faceSize(FACE_SIZE.defaultMax),
  task_type: tasks(TASKS),
  frame_interval: given(int({ min: FRAME_INTERVAL.least, max: FRAME_INTERVAL.most })),
};

const VENDORS = ['hikvision', 'sensedlc11', 'sensedlct', 'sensedlcd', 'dahuas', 'dahua'] as const;

const FIELDS = {
  rtsp: {
    required: { ...videoRequired, url: streamUrl() },
    optional: { ...videoOptional, camera_roi: maybe(region()) },
  },
  onvif: {
    required: { ...videoRequired, ip: host, port, camera_user: user, camera_pwd: password },
    optional: { ...videoOptional, camera_roi: maybe(region()) },
  },
  gb28181: {
    required: { ...videoRequired, ip: host, port, server_sip_id: sipId, camera_sip_id: sipId },
    optional: { ...videoOptional, camera_pwd: given(password) },
  },
  vcn: {
    required: {
      ...videoRequired,
      camera_sip_id: sipId,
      trd_login_user: user,
      trd_login_pwd: password,
      trd_login_url: webAddress,
      trd_fetch_stream_url: webAddress,
    },
    optional: videoOptional,
  },
  image: {
    required: { ...everyRequired, ip: host, port, camera_user: user, camera_pwd: password },
    optional: {
      ...everyOptional,
      vendor: given(oneOf(VENDORS).catch('dahua')),
      product: maybe(line({ max: 64 })),
      task_type: tasks(IMAGE_TASKS),
    },
  },
} satisfies Record<Variant, { required: z.ZodRawShape; optional: z.ZodRawShape }>;

// --- the variant -----------------------------------------------------------------------------------------------

type Fields = Record<string, unknown>;

const plain = (value: unknown) => (typeof value === 'string' ? value.trim().toLowerCase() : '');

/** The protocol of a stream camera by what its request holds, where it does not say. */
function guessedProtocol(fields: Fields): Variant | undefined {
  const has = (name: string) => (fields[name] ?? '') !== '';
  if (has('url')) return 'rtsp';
  if (Object.keys(fields).some((name) => name.startsWith('trd_') && has(name))) return 'vcn';
  if (has('server_sip_id') || has('camera_sip_id')) return 'gb28181';
  return has('ip') || has('camera_user') ? 'onvif' : undefined;
}

/** The variant of a request to add, or which field is wrong. */
function variantOf(fields: Fields): { variant: Variant } | { field: string; fault: string } {
  const mode = MODES.find((one) => one.toLowerCase() === plain(fields['camera_mode']));
  if (!mode) return { field: 'camera_mode', fault: `must be ${MODES.join(' or ')}` };
  if (mode === 'IMAGE') return { variant: 'image' };
  const named = plain(fields['protocol']);
  if (named === '' && (fields['protocol'] ?? '') === '') {
    const variant = guessedProtocol(fields);
    if (variant) return { variant };
  }
  const variant = (['rtsp', 'onvif', 'gb28181', 'vcn'] as const).find((one) => one === named);
  return variant ? { variant } : { field: 'protocol', fault: 'must be rtsp, onvif, gb28181 or vcn' };
}

// --- requests --------------------------------------------------------------------------------------------------

interface FieldSet<Required extends z.ZodRawShape, Optional extends z.ZodRawShape> {
  required: Required;
  optional: Optional;
}

function addition<V extends Variant, R extends z.ZodRawShape, O extends z.ZodRawShape>(variant: V, of: FieldSet<R, O>) {
  return z.object({ variant: z.literal(variant), channel: given(channel), ...of.required, ...of.optional });
}

const ADDITIONS = {
  rtsp: addition('rtsp', FIELDS.rtsp),
  onvif: addition('onvif', FIELDS.onvif),
  gb28181: addition('gb28181', FIELDS.gb28181),
  vcn: addition('vcn', FIELDS.vcn),
  image: addition('image', FIELDS.image),
};

/** 513. Gives the checked fields of one variant with `variant` beside them. */
export const addRequest = withVariants(
  aliased(
    behaviourAliases,
    z.preprocess(
      (value, context) => {
        const found = variantOf(value as Fields);
        if ('variant' in found) return { ...(value as Fields), variant: found.variant };
        context.addIssue({ code: 'custom', path: [found.field], message: found.fault, input: value });
        return z.NEVER;
      },
      z.discriminatedUnion('variant', [
        ADDITIONS.rtsp,
        ADDITIONS.onvif,
        ADDITIONS.gb28181,
        ADDITIONS.vcn,
        ADDITIONS.image,
      ]),
    ),
  ),
  Object.entries(ADDITIONS).map(([title, schema]) => {
    const when: Record<string, string> =
      title === 'image' ? { camera_mode: 'IMAGE' } : { camera_mode: 'VIDEO', protocol: title };
    return { title, when, fields: (schema as z.ZodObject).omit({ variant: true }) };
  }),
);

type Given<S extends z.ZodType> = ReturnType<typeof given<S>>;

function modification<R extends Record<string, z.ZodType>, O extends z.ZodRawShape>(of: FieldSet<R, O>) {
  const required = Object.fromEntries(
    Object.entries(of.required).map(([name, schema]) => [name, given(schema)]),
  ) as unknown as { [K in keyof R]: Given<R[K]> };
  return aliased(behaviourAliases, z.object({ ...required, ...of.optional }));
}

/** What may change in a camera of each variant; every field may be left out. */
export const MODIFICATIONS = {
  rtsp: modification(FIELDS.rtsp),
  onvif: modification(FIELDS.onvif),
  gb28181: modification(FIELDS.gb28181),
  vcn: modification(FIELDS.vcn),
  image: modification(FIELDS.image),
} satisfies Record<Variant, z.ZodType>;

/** 515, as far as it can be checked before the camera is known. */
export const modifyRequest = withVariants(
  z.looseObject({ channel }),
  Object.entries(MODIFICATIONS).map(([title, fields]) => ({ title, when: {}, fields })),
);

// --- into the box ----------------------------------------------------------------------------------------------

/** Settings of an rtsp camera by their names inside the box. */
export function toChange(fields: z.output<(typeof MODIFICATIONS)['rtsp']>): CameraChange {
  return {
    name: fields.camera_name,
    url: fields.url,
    position: fields.position,
    description: fields.description,
    threshold: fields.threshold,
    snapMode: fields.snap_mode,
    faceSizeMin: fields.facesize_min,
    faceSizeMax: fields.facesize_max,
    tasks: fields.task_type,
    frameInterval: fields.frame_interval,
    roi: fields.camera_roi,
    libraryIds: fields.lib_ids,
    vehicleLibraryIds: fields.vehicle_lib_ids,
    behaviour: pickBehaviour(fields),
  };
}
