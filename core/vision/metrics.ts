import type { Registry as MetricsRegistry } from 'prom-client';
import { metricsFor } from '../metrics.ts';
import type { WorkerReport } from '../plugin/services.ts';
import type { CameraStatus } from './keys.ts';

/** Frames of a camera over all lives of the worker, which counts from 0 in each. */
export class FrameTotals {
  readonly #totals = new Map<number, { analysed: number; shed: number }>();
  readonly #seen = new Map<number, Pick<CameraStatus, 'framesAnalysed' | 'framesDropped'>>();

  take(status: CameraStatus): void {
    const { channel, framesAnalysed, framesDropped } = status;
    const seen = this.#seen.get(channel);
    const goesOn = seen && framesAnalysed >= seen.framesAnalysed && framesDropped >= seen.framesDropped;
    const totals = this.#totals.get(channel) ?? { analysed: 0, shed: 0 };
    totals.analysed += framesAnalysed - (goesOn ? seen.framesAnalysed : 0);
    totals.shed += framesDropped - (goesOn ? seen.framesDropped : 0);
    this.#totals.set(channel, totals);
    this.#seen.set(channel, { framesAnalysed, framesDropped });
  }

  forget(channel: number): void {
    this.#totals.delete(channel);
    this.#seen.delete(channel);
  }

  read(): { channel: number; analysed: number; shed: number }[] {
    return [...this.#totals].map(([channel, totals]) => ({ channel, ...totals }));
  }
}

interface Shown {
  readonly frames: FrameTotals;
  statuses(): CameraStatus[];
}

/** Figures of the vision street in `/metrics`; labels are channels, stages and workers, all of them few. */
export function showVision(registry: MetricsRegistry, vision: Shown): void {
  const { gauge } = metricsFor(registry, 'core');
  const perCamera = (name: string, help: string, key: 'analysed' | 'shed') =>
    gauge(
      name,
      help,
      () => vision.frames.read().map((one) => ({ labels: { channel: String(one.channel) }, value: one[key] })),
      ['channel'],
    );
  perCamera('camera_frames_analysed', 'Frames analysed since the box started', 'analysed');
  perCamera('camera_frames_shed', 'Frames due and not analysed since the box started', 'shed');
  const perStage = (name: string, help: string, key: 'ms' | 'share') =>
    gauge(
      name,
      help,
      () =>
        vision.statuses().flatMap(({ channel, load }) =>
          (load?.stages ?? []).map((stage) => ({
            labels: { channel: String(channel), stage: stage.stage },
            value: stage[key],
          })),
        ),
      ['channel', 'stage'],
    );
  perStage('stage_milliseconds', 'Time a stage takes for a frame of a camera, mean of the last ten seconds', 'ms');
  perStage('stage_share', "Part of the vision worker's time a stage takes for a camera, 0 to 1", 'share');
}

/** Figures of the processes beside the core. */
export function showWorkers(registry: MetricsRegistry, workers: () => WorkerReport[]): void {
  const { gauge } = metricsFor(registry, 'core');
  const perWorker = (name: string, help: string, key: 'restarts' | 'renewals' | 'residentBytes') =>
    gauge(name, help, () => workers().map((worker) => ({ labels: { worker: worker.name }, value: worker[key] ?? 0 })), [
      'worker',
    ]);
  perWorker('worker_restarts', 'Starts of a child process after a fault', 'restarts');
  perWorker('worker_renewals', 'Replacements of a child process without a fault', 'renewals');
  perWorker('worker_resident_bytes', 'Memory of a child process', 'residentBytes');
}
