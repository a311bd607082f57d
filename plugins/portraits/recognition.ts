import type { Alarms } from '../../core/plugin/alarm-services.ts';
import { type CaptureEnrichers, captureRecorded, type TrackVerdict } from '../../core/plugin/capture-services.ts';
import {
  type Health,
  type Listener,
  on,
  type PluginMetrics,
  type PluginParts,
  type Provided,
  provide,
} from '../../core/plugin/contract.ts';
import { type FaceIndex, guestPortraits, type Images } from '../../core/plugin/face-services.ts';
import type { CameraDirectory } from '../../core/plugin/services.ts';
import { faceGlimpsed } from '../../core/vision/keys.ts';
import { DemoStaff } from './demo-staff.ts';
import { embedFaces } from './describers/index.ts';
import { Following } from './following.ts';
import { Glimpses } from './glimpses.ts';
import type { Library } from './library.ts';
import { faceMatching } from './match.ts';
import { KeyPersonAlarms } from './match-alarms.ts';

export interface RecognitionOptions {
  /** Plugin. */
  id: string;
  library: Library;
  index: FaceIndex;
  images: Images;
  cameras(): CameraDirectory | undefined;
  enrichers(): CaptureEnrichers | undefined;
  /** Stored pictures that the models in force have not described yet; undefined while that is not known. */
  waiting(): number | undefined;
  alarms(): Alarms | undefined;
  /** Somebody who watches may be told who a face is. */
  recognised(verdict: TrackVerdict): void;
  metrics: PluginMetrics;
  lookMs?: number;
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** From a captured face to a name: what of the plugin looks at cameras, as the parts it gives to the host. */
export interface Recognition {
  describers: NonNullable<PluginParts<unknown>['describers']>;
  services: Provided[];
  on: Listener[];
  start(): void;
  stop(): Promise<void>;
  health(): Health;
}

export function recognition(options: RecognitionOptions): Recognition {
  const { id, library, index, images, cameras, waiting, metrics, log } = options;
  const compared = metrics.counter('faces_compared_total', 'Captured faces compared with databases', ['result']);
  const notCompared = metrics.counter('faces_not_compared_total', 'Captured faces not compared', ['reason']);
  const alarmsFailed = metrics.counter('alarms_failed_total', 'Alarms of key personnel that could not be raised');
  const matching = { library, index, images, cameras, waiting };
  const enricher = faceMatching({
    ...matching,
    told: (result) => {
      if (result === 'match' || result === 'no-match') compared.inc({ result });
      else notCompared.inc({ reason: result });
    },
  });
  const alarms = new KeyPersonAlarms({
    source: id,
    library,
    alarms: options.alarms,
    failed: (error) => {
      alarmsFailed.inc();
      log.warn({ reason: error.message }, 'an alarm of key personnel could not be raised');
    },
  });
  const glimpses = new Glimpses({
    matching,
    recognised: options.recognised,
    failed: (error) => log.warn({ reason: error.message }, 'a face on the live picture could not be compared'),
  });
  const staff = new DemoStaff({ library, images, log });
  const captures = new Following(options.enrichers, (enrichers) => enrichers.register(enricher), options.lookMs);
  return {
    describers: [embedFaces],
    services: [provide(guestPortraits, staff)],
    on: [
      on(captureRecorded, (record) => alarms.recorded(record)),
      on(faceGlimpsed, (glimpse) => glimpses.seen(glimpse)),
    ],
    start: () => captures.start(),
    stop: async () => {
      captures.stop();
      await staff.stop();
    },
    health: () => indexHealth(index),
  };
}

/** Without the index nobody is recognised, and captures say that they were not compared. */
function indexHealth(index: Pick<FaceIndex, 'state'>): Health {
  const { state, faces, total, reason } = index.state();
  if (state === 'down') {
    return { state: 'degraded', detail: `captured faces are not compared: ${reason ?? 'the index of faces is down'}` };
  }
  if (state === 'loading') return { state: 'ok', detail: `the index of faces is being loaded: ${faces} of ${total}` };
  // It works, and has no room for more.
  return { state: 'ok', ...(reason ? { detail: `the index of faces: ${reason}` } : {}) };
}
