import type { Box } from '../../../core/vision/keys.ts';
import type { I18n } from '../../../ui/contract.ts';
import { fits } from './regions.ts';
import type { Camera, Decoding, PictureSize } from './shapes.ts';

/** What a person decides about a camera, as the form holds it. Limits are those of the box (`../camera.ts`). */

export const LIMITS = {
  name: 64,
  position: 100,
  description: 500,
  faceSize: { least: 30, most: 1000 },
  frameInterval: { least: 3, most: 25 },
  threshold: { least: 0, most: 100 },
} as const;

/** Tasks that plugins of the box serve; the others are kept for what is connected to it. */
export const MAIN_TASKS = ['face', 'body', 'vehicle'] as const;
export const OTHER_TASKS = ['cyclist', 'abnormal', 'violate operate'] as const;

export const SNAP_MODES = { accurate: 1, timing: 2, realtime: 3 } as const;

export interface Settings {
  name: string;
  position: string;
  description: string;
  tasks: string[];
  snapMode: number;
  faceSizeMin: number | undefined;
  faceSizeMax: number | undefined;
  /** Undefined: the box chooses. */
  frameInterval: number | undefined;
  threshold: number | undefined;
  /** Portrait databases every face is compared with. */
  libraryIds: number[];
  /** Faces that are a picture or a screen are not compared. */
  liveness: boolean;
  transport: 'tcp' | 'udp';
  decoding: Decoding;
  enabled: boolean;
  /** null: the whole picture. */
  roi: Box | null;
}

export const NEW_SETTINGS: Settings = {
  name: '',
  position: '',
  description: '',
  tasks: ['face', 'body'],
  snapMode: SNAP_MODES.accurate,
  faceSizeMin: 60,
  faceSizeMax: 1000,
  frameInterval: undefined,
  threshold: 80,
  libraryIds: [],
  liveness: false,
  transport: 'tcp',
  decoding: 'auto',
  enabled: true,
  roi: null,
};

export function settingsOf(camera: Camera): Settings {
  const { name, position, description, tasks, snapMode, faceSizeMin, faceSizeMax, threshold } = camera;
  const { liveness, transport, decoding, enabled, roi } = camera;
  return {
    name,
    position,
    description,
    tasks: [...tasks],
    snapMode,
    faceSizeMin,
    faceSizeMax,
    frameInterval: camera.frameInterval ?? undefined,
    threshold,
    libraryIds: [...camera.libraryIds].sort((a, b) => a - b),
    liveness,
    transport,
    decoding,
    enabled,
    roi,
  };
}

/** As the box takes it. */
export function bodyOf(settings: Settings) {
  return {
    ...settings,
    name: settings.name.trim(),
    position: settings.position.trim(),
    description: settings.description.trim(),
    frameInterval: settings.frameInterval ?? null,
  };
}

/** Only what differs, so that a form open for long does not undo what others changed meanwhile. */
export function changesOf(before: Settings, after: Settings): Partial<ReturnType<typeof bodyOf>> {
  const old: Record<string, unknown> = bodyOf(before);
  return Object.fromEntries(
    Object.entries(bodyOf(after)).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name])),
  );
}

/** What is wrong, by field. */
export function checkSettings(
  { t }: I18n,
  settings: Settings,
  size: PictureSize | undefined,
): Record<string, string | undefined> {
  const { faceSizeMin: min, faceSizeMax: max, frameInterval, threshold } = settings;
  const between = (value: number | undefined, { least, most }: { least: number; most: number }) =>
    value !== undefined && Number.isInteger(value) && value >= least && value <= most
      ? undefined
      : t('check.between', { least, most });
  return {
    name: settings.name.trim() === '' ? t('check.name') : undefined,
    tasks: settings.tasks.length === 0 ? t('check.tasks') : undefined,
    faceSizeMin: between(min, LIMITS.faceSize),
    faceSizeMax: between(max, LIMITS.faceSize) ?? ((min ?? 0) > (max ?? 0) ? t('check.faceSizes') : undefined),
    frameInterval: frameInterval === undefined ? undefined : between(frameInterval, LIMITS.frameInterval),
    threshold: between(threshold, LIMITS.threshold),
    roi: settings.roi === null || fits(settings.roi, size) ? undefined : t('check.region'),
  };
}
