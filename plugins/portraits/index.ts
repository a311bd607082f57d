import { z } from 'zod';
import { alarmArchive, alarms } from '../../core/plugin/alarm-services.ts';
import { captureArchive, captureEnrichers, trackRecognised } from '../../core/plugin/capture-services.ts';
import { definePlugin, type Health, optional } from '../../core/plugin/contract.ts';
import { exporting, exportKey } from '../../core/plugin/export-services.ts';
import { capturedFaces, faceIndex, images, portraitsErased } from '../../core/plugin/face-services.ts';
import { outbox } from '../../core/plugin/push-services.ts';
import { cameraDatabases, cameraDirectory } from '../../core/plugin/services.ts';
import { type Assembly, assemble } from './assembly.ts';
import { CaptureSearch } from './capture-search.ts';
import { Following } from './following.ts';
import { messages } from './messages/all.ts';
import { recognition } from './recognition.ts';
import { routes } from './routes.ts';
import * as tables from './tables.ts';

/** How often is made up for what an erasure could not remove at once, or a batch could not list, ms. */
const SWEEP_MS = 60_000;

export default definePlugin({
  config: z.object({
    clientQuality: z
      .enum(['low', 'high'])
      .default('low')
      .describe(
        'What pictures of people must satisfy that other programs bring. low: exactly one face that can be told from others; high: it is also large, upright, sharp and well lit',
      ),
  }),
  use: {
    images,
    faces: faceIndex,
    cameras: optional(cameraDirectory),
    bindings: optional(cameraDatabases),
    captures: optional(captureArchive),
    exports: optional(exporting),
    enrichers: optional(captureEnrichers),
    alarms: optional(alarms),
    alarmArchive: optional(alarmArchive),
    outbox: optional(outbox),
    captured: optional(capturedFaces),
  },
  tables,
  ui: {
    pages: [
      {
        id: 'people',
        slot: 'people',
        title: 'people.title',
        module: 'people.ts',
        access: { area: 'people', action: 'see' },
      },
      {
        id: 'face-search',
        slot: 'people',
        title: 'search.title',
        module: 'photo-search.ts',
        access: { area: 'people', action: 'see', images: true },
        order: 1,
      },
    ],
  },
  setup: (ctx) => {
    const { log, use } = ctx;
    const rooms = assemble({
      owner: ctx.id,
      context: ctx,
      images: use.images,
      index: use.faces,
      // Looked at when they are needed: the index would have to be filled anew whenever one of them comes or goes.
      bindings: () => use.bindings,
      captures: () => use.captures,
      alarms: () => use.alarmArchive,
      outbox: () => use.outbox,
      exports: () => use.exports,
      changed: () => ctx.changed('portraits'),
      erased: (library, imageIds) =>
        ctx.emit(portraitsErased, { library, imageIds, keys: imageIds.map((id) => exportKey(library, id)) }),
    });
    const { library, batches, comparison, erasure, reembedding, faces } = rooms;
    ctx.metrics.gauge('databases', 'Portrait databases', () => library.databases().length);
    ctx.metrics.gauge('images', 'Pictures in the portrait databases', () =>
      library.databases().reduce((sum, { pictures }) => sum + pictures, 0),
    );
    ctx.metrics.gauge('undescribed', 'Pictures the models in use have not described yet', () => {
      return reembedding.state.waiting ?? 0;
    });

    const seen = recognition({
      id: ctx.id,
      library,
      index: use.faces,
      images: use.images,
      cameras: () => use.cameras,
      enrichers: () => use.enrichers,
      alarms: () => use.alarms,
      recognised: (verdict) => ctx.emit(trackRecognised, verdict),
      waiting: () => reembedding.state.missed,
      metrics: ctx.metrics,
      log,
    });

    const binding = new Following(
      () => use.bindings,
      (cameras) => cameras.register((tx, libId) => library.isKnownIn(tx, libId)),
    );
    const captureSearch = new CaptureSearch({ images: use.images, captured: () => use.captured });

    let emptyIndex: (() => void) | undefined;
    let sweeping: NodeJS.Timeout | undefined;
    const finishBatches = () => {
      batches.finishOpen().catch((error: unknown) => log.warn({ err: error }, 'a batch could not be finished yet'));
    };
    const sweep = () => {
      erasure.sweep().catch((error: unknown) => log.warn({ err: error }, 'an erasure could not be finished yet'));
      finishBatches();
    };

    return {
      describers: seen.describers,
      services: seen.services,
      on: seen.on,
      messages: messages({
        library,
        batches,
        comparison,
        clock: ctx.clock,
        quality: () => ctx.config.clientQuality,
        exports: () => use.exports,
        failed: (error, what) => log.error({ err: error }, what),
      }),
      routes: routes({
        library,
        batches,
        comparison,
        captureSearch,
        clock: ctx.clock,
        exports: () => use.exports,
        index: () => use.faces.state(),
        cameras: () => use.cameras?.list() ?? [],
        blobs: ctx.store.blobs,
      }),
      start: () => {
        emptyIndex = use.faces.setSource(faces);
        reembedding.start();
        seen.start();
        binding.start();
        sweeping = setInterval(sweep, SWEEP_MS);
        finishBatches();
      },
      stop: async () => {
        clearInterval(sweeping);
        binding.stop();
        const batchesEnded = batches.stop();
        await seen.stop();
        emptyIndex?.();
        await reembedding.stop();
        await batchesEnded;
      },
      reconfigure: () => {},
      health: () => together([seen.health(), health(rooms)]),
    };
  },
});

/** Well only when all of them are. */
function together(healths: readonly Health[]): Health {
  const details = healths.flatMap(({ detail }) => detail ?? []);
  return {
    state: healths.every(({ state }) => state === 'ok') ? 'ok' : 'degraded',
    ...(details.length > 0 ? { detail: details.join('; ') } : {}),
  };
}

function health({ reembedding, faces }: Assembly): Health {
  const { waiting, missed, done, given, fault } = reembedding.state;
  const reasons: string[] = [];
  const described = `${done} of ${done + (waiting ?? 0)} stored pictures are described by the`;
  // By the one in force nobody is missed: while a new one is coming, nothing is wrong.
  const serves = waiting && missed === 0 ? 'until all are, the former model serves' : undefined;
  const progress = serves ? [`${described} new model for faces; ${serves}`] : [];
  if (fault) reasons.push(`stored pictures cannot be described by the models in use: ${fault}`);
  if (waiting && !serves) reasons.push(`${described} models in use; it goes on`);
  if (given > 0) reasons.push(`${given} stored pictures show no face to the models in use: enrol them anew`);
  if (faces.unreadable > 0) {
    reasons.push(
      `${faces.unreadable} embeddings cannot be opened with the key of this box: put back the secret.key they were sealed with`,
    );
  }
  const state = reasons.length > 0 ? 'degraded' : 'ok';
  const details = [...progress, ...reasons];
  return { state, ...(details.length > 0 ? { detail: details.join('; ') } : {}) };
}
