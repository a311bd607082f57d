import { z } from 'zod';
import { startOfDay } from '../../core/clock.ts';
import {
  type CaptureArchive,
  captureArchive,
  captureEnrichers,
  captureKey,
  captureRecorded,
  capturesErased,
} from '../../core/plugin/capture-services.ts';
import { definePlugin, type Health, on, optional, provide } from '../../core/plugin/contract.ts';
import { exporting } from '../../core/plugin/export-services.ts';
import { capturedFaces, captureIndex } from '../../core/plugin/face-services.ts';
import {
  type CaptureCounts,
  captureCounts,
  type OutMessage,
  outbox,
  type PastMessages,
  pastCaptures,
} from '../../core/plugin/push-services.ts';
import { cameraDirectory } from '../../core/plugin/services.ts';
import { StoreFullError } from '../../core/store/errors.ts';
import { type CaptureKind, captureObserved, faceTracks, personTracks, vehicleTracks } from '../../core/vision/keys.ts';
import type { StageDeclaration } from '../../core/vision/stage.ts';
import { CapturedFaces } from './captured-faces.ts';
import { Enrichers } from './enrichers.ts';
import { exportMessages } from './export-messages.ts';
import { FaceRows } from './face-rows.ts';
import { CaptureFeed } from './feed.ts';
import { messages } from './messages.ts';
import { Recorder } from './recorder.ts';
import { Records } from './records.ts';
import { routes } from './routes.ts';
import * as tables from './tables.ts';
import { captureMessage, pastMessage } from './telling.ts';
import { viewOfRecord } from './view.ts';
import { removeAll, removeByIds, removeOf, removeOrigin, retentionPolicy, type Steps } from './writing.ts';

/** Deleting everything takes minutes on a full box; after this long the caller is answered and it goes on, ms. */
const ANSWER_AFTER_MS = 20_000;
/** How long after a failure the plugin counts as degraded, ms. */
const FAILURE_SHOWN_MS = 10 * 60 * 1000;
/** The same where all captures were to be deleted, and some are not, ms. */
const NOT_ERASED_SHOWN_MS = 24 * 60 * 60 * 1000;
/** Stopping waits so long for captures that are being stored, ms. */
const STOP_MS = 4_000;

export default definePlugin({
  config: z.object({
    keepDays: z
      .int()
      .min(0)
      .max(3650)
      .default(30)
      .describe('Days to keep captures; 0: until the disk is full. The oldest go when it is more than 80 % full'),
    timingSeconds: z
      .number()
      .min(1)
      .max(3600)
      .default(3)
      .describe('Time between two captures of one person in snap mode 2 (timing), seconds'),
    keepFaces: z
      .boolean()
      .default(false)
      .describe(
        'Keep the faces of new captures as numbers, so that captures of a person can be found by a photo. They are biometric data, stored sealed, and go with their capture; switched off, all of them are deleted. The newest 200,000 take up to 0.7 GB of memory',
      ),
  }),
  use: {
    cameras: optional(cameraDirectory),
    exports: optional(exporting),
    outbox: optional(outbox),
    faceIndex: optional(captureIndex),
  },
  tables,
  ui: {
    pages: [
      {
        id: 'records',
        slot: 'records',
        title: 'records.title',
        module: 'records.ts',
        access: { area: 'records', action: 'see' },
      },
    ],
    widgets: [
      { id: 'captures-newest', place: 'overview', module: 'newest.ts', access: { area: 'records', action: 'see' } },
      { id: 'captures-strip', place: 'live-strip', module: 'strip.ts', access: { area: 'records', action: 'see' } },
    ],
  },
  setup: (ctx) => {
    const { store, log, clock } = ctx;
    const records = new Records(store);
    const feed = new CaptureFeed();
    const recordedCount = ctx.metrics.counter('recorded_total', 'Captures stored', ['kind']);
    const failedCount = ctx.metrics.counter('failed_total', 'Captures that could not be stored');
    const enrichersFailed = ctx.metrics.counter('enrichers_failed_total', 'Enrichers that failed or were late', ['id']);
    /** Somebody believes that all captures are deleted. */
    let notErased: { at: number; message: string } | undefined;
    let failure: { at: number; message: string; full: boolean } | undefined;

    const enrichers = new Enrichers({
      failed: (id, error) => {
        enrichersFailed.inc({ id });
        log.warn({ enricher: id, reason: error.message }, 'an enricher failed; the capture is stored without it');
      },
    });
    const faceRows = new FaceRows(store, ctx.secrets);
    const faces = new CapturedFaces({
      store,
      rows: faceRows,
      wanted: ctx.config.keepFaces,
      mayEmpty: ctx.configFault === undefined,
      index: ctx.use.faceIndex,
      failed: (error) => log.error({ err: error }, 'faces of captures could not be kept or let go as they should'),
    });
    const recorder = new Recorder({
      owner: ctx.id,
      store,
      enrichers,
      cameras: () => ctx.use.cameras,
      alongside: (tx, record) => ctx.use.outbox?.add(tx, captureMessage(record)),
      keepFace: (tx, moment, record, embedding) => faces.keep(tx, { ...record, moment }, embedding),
      recorded: (record) => {
        // There is space again.
        if (failure?.full) failure = undefined;
        recordedCount.inc({ kind: record.kind });
        ctx.emit(captureRecorded, record);
        feed.tell(viewOfRecord(record));
      },
      failed: (error) => {
        failedCount.inc();
        failure = { at: clock.steady(), message: error.message, full: error instanceof StoreFullError };
        log.error({ err: error }, 'a capture could not be stored');
      },
    });
    ctx.metrics.gauge('waiting', 'Captures waiting to be stored', () => recorder.waiting);
    ctx.metrics.gauge('dropped', 'Captures dropped because too many waited', () => recorder.dropped);

    const erased = (ids: string[] | 'all') => {
      if (ids !== 'all' && ids.length === 0) return;
      ctx.emit(capturesErased, { ids });
      ctx.changed('captures');
    };
    const steps: Steps = {
      erased,
      // Somebody made the exports on purpose: they outlive captures that are only deleted.
      alongside: (tx, ids) => ({ messages: ctx.use.outbox?.eraseIn(tx, ids.map(captureKey)) ?? 0, exports: 0 }),
      forgetIn: (tx, moments) => faces.forget(tx, moments),
    };
    ctx.retain(retentionPolicy(store, ctx.id, () => ctx.config.keepDays, steps));

    const remove = async (ids: readonly string[], kind?: CaptureKind): Promise<string[]> => {
      const removed = await removeByIds(store, ids, kind, steps);
      erased(removed);
      return removed;
    };
    /** @returns whether all of it is done; otherwise it goes on */
    const erase = async (): Promise<boolean> => {
      const erasing = removeAll(store, steps).then((removed) => {
        log.info({ removed }, 'all captures were deleted');
        // Each step has told of its own, so that nothing of it is kept where a later one fails.
        erased('all');
        notErased = undefined;
      });
      erasing.catch((error: Error) => {
        log.error({ err: error }, 'not all captures could be deleted');
        notErased = { at: clock.steady(), message: error.message };
      });
      return untilOr(erasing, ANSWER_AFTER_MS);
    };

    const stepsOfErasure: Steps = {
      ...steps,
      alongside: (tx, ids) => ({
        ...steps.alongside(tx, ids),
        exports: ctx.use.exports?.eraseIn(tx, ids.map(captureKey)) ?? 0,
      }),
    };

    const archive: CaptureArchive = {
      count: (origin) => records.countOf(origin),
      erase: (origin, keep = 0) => removeOrigin(store, origin, keep, steps),
      eraseOf: async (libraryId, people, takenFrom = []) => {
        const { forgetful, ...removed } = await removeOf(store, { libraryId, people, takenFrom }, stepsOfErasure);
        if (forgetful > 0) ctx.changed('captures');
        return removed;
      },
    };

    const counts: CaptureCounts = { today: () => records.today(startOfDay(clock.now(), clock.zone)) };

    const past: PastMessages = {
      since: async (from, most) => {
        const found: OutMessage[] = [];
        for await (const rows of records.since(from, most)) found.push(...rows.map(pastMessage));
        return found;
      },
    };

    return {
      // 16.1 s are no whole number of ms to a computer, and the stage takes no other.
      stages: stages(Math.round(ctx.config.timingSeconds * 1000)),
      services: [
        provide(captureEnrichers, enrichers),
        provide(captureArchive, archive),
        provide(captureCounts, counts),
        provide(capturedFaces, faces),
        provide(pastCaptures, past),
      ],
      on: [on(captureObserved, (observation) => recorder.observe(observation))],
      messages: [
        ...messages({ records, clock, remove, removeAll: erase }),
        ...exportMessages({
          records,
          clock,
          store,
          exports: () => ctx.use.exports,
          isDatabase: (id) => enrichers.hasLibrary(id),
        }),
      ],
      routes: routes({ records, clock, remove, removeAll: erase }),
      topics: feed.topics(),
      start: () => faces.start(),
      stop: async () => {
        await untilOr(recorder.idle(), STOP_MS);
        await faces.stop();
      },
      health: () => {
        if (notErased && clock.steady() - notErased.at < NOT_ERASED_SHOWN_MS) {
          return { state: 'degraded' as const, detail: `not all captures could be deleted: ${notErased.message}` };
        }
        if (!failure || clock.steady() - failure.at > FAILURE_SHOWN_MS) return facesHealth(faces, faceRows);
        return { state: 'degraded' as const, detail: `a capture could not be stored: ${failure.message}` };
      },
    };
  },
});

/** Whether captures can be searched by photo, where that is wanted. */
function facesHealth(faces: CapturedFaces, { unreadable }: FaceRows): Health {
  const { state, faces: known, total, reason } = faces.state();
  if (state === 'down') {
    return { state: 'degraded', detail: `captures cannot be searched by photo: ${reason ?? 'their index is down'}` };
  }
  if (unreadable > 0) {
    const detail = `faces of ${unreadable} captures cannot be opened with the key of this box: put back the secret.key they were sealed with`;
    return { state: 'degraded', detail };
  }
  if (state === 'loading') return { state: 'ok', detail: `faces of captures are being loaded: ${known} of ${total}` };
  return { state: 'ok', ...(reason ? { detail: `the index of captured faces: ${reason}` } : {}) };
}

function stages(interval: number): StageDeclaration[] {
  const module = new URL('./stages/best-shot.ts', import.meta.url).href;
  const stage = (kind: CaptureKind, tracks: StageDeclaration['in'][number]): StageDeclaration => ({
    id: `best-shot-${kind}`,
    module,
    in: [tracks],
    out: [],
    tasks: [kind],
    options: { kind, interval },
  });
  return [stage('face', faceTracks), stage('body', personTracks), stage('vehicle', vehicleTracks)];
}

/** Waits for the end of something, but not longer than `ms`; rejects as it does. @returns whether it has ended */
async function untilOr(end: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([end.then(() => true), deadline]);
  } finally {
    clearTimeout(timer);
  }
}
