import type { PluginReport, StageReport, WorkerReport } from '../../core/plugin/services.ts';

/** Something that needs somebody: what it is about, in a sentence, and the page where it is mended. */
export interface Problem {
  kind: 'plugin' | 'worker' | 'camera' | 'model' | 'stage' | 'disk';
  what: string;
  message: string;
  /** Of a camera. */
  channel?: number;
  /** Hash address of the page that helps. */
  page: string;
  /** The box does not do its job while this lasts. */
  severe: boolean;
}

interface Facts {
  plugins: PluginReport[];
  workers: WorkerReport[];
  cameras: { channel: number; name: string; state: string; reason?: { message: string } }[];
  stages: StageReport[];
  missingModels: { task: string; message: string }[];
  storage: { diskTotal: number; diskFree: number };
}

/** Below this share of free disk somebody should look, although old captures are removed by themselves. */
const LOW_DISK = 0.1;

/** What needs somebody, the most pressing first. */
export function problemsOf(facts: Facts): Problem[] {
  const problems: Problem[] = [];
  for (const { id, state, reason, health } of facts.plugins) {
    if (state === 'RUNNING') continue;
    const message = reason ?? health?.detail ?? state;
    problems.push({ kind: 'plugin', what: id, message, page: '#/system', severe: true });
  }
  for (const worker of facts.workers) {
    if (worker.state === 'running') continue;
    const message = `${worker.state}${worker.lastError ? `: ${worker.lastError}` : ''}`;
    problems.push({ kind: 'worker', what: 'vision', message, page: '#/system', severe: true });
  }
  for (const { channel, name, state, reason } of facts.cameras) {
    if (state === 'online') continue;
    const message = reason?.message ?? state;
    problems.push({ kind: 'camera', what: name, channel, message, page: `#/camera?channel=${channel}`, severe: false });
  }
  for (const { task, message } of facts.missingModels) {
    problems.push({ kind: 'model', what: task, message, page: '#/system', severe: false });
  }
  // A stage that waits for a model is told by the model already.
  const unexplained = facts.stages.filter(
    ({ running, reason = '' }) => !running && !facts.missingModels.some(({ message }) => reason.includes(message)),
  );
  for (const [stage, reason] of new Map(unexplained.map((one) => [one.stage, one.reason ?? '']))) {
    problems.push({ kind: 'stage', what: stage, message: reason, page: '#/system', severe: false });
  }
  const { diskTotal, diskFree } = facts.storage;
  if (diskTotal > 0 && diskFree / diskTotal < LOW_DISK) {
    const percent = Math.round((diskFree / diskTotal) * 100);
    problems.push({
      kind: 'disk',
      what: 'disk',
      message: `${percent} % of the disk is free`,
      page: '#/system',
      severe: true,
    });
  }
  return problems.sort((a, b) => Number(b.severe) - Number(a.severe));
}
