import type { DestinationReport } from '../../core/plugin/push-services.ts';
import {
  type PluginReport,
  type StageReport,
  type StartReport,
  type WorkerReport,
  workerInOrder,
} from '../../core/plugin/services.ts';
import { type CameraLoad, SWITCHED_OFF } from '../../core/vision/keys.ts';

/** How the reason begins of a describer that waits for its model. */
const NOT_AVAILABLE = 'not available: ';
/** A receiver that failed so often in a row has been away for a quarter of a minute at least. */
const AWAY_FAILURES = 5;

/** Something that needs somebody: what it is about, in a sentence, and the page where it is mended. */
export interface Problem {
  kind:
    | 'start'
    | 'plugin'
    | 'worker'
    | 'camera'
    | 'model'
    | 'makeshift'
    | 'file'
    | 'stage'
    | 'load'
    | 'disk'
    | 'delivery';
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
  /** Destinations of pushes, for those who may see them. */
  destinations?: DestinationReport[];
  start: StartReport;
  plugins: PluginReport[];
  workers: WorkerReport[];
  cameras: {
    channel: number;
    name: string;
    state: string;
    reason?: { code: string; message: string };
    load?: CameraLoad;
  }[];
  stages: StageReport[];
  missingModels: { task: string; message: string }[];
  modelFaults: string[];
  storage: { fault?: string };
}

/** What needs somebody, the most pressing first. */
export function problemsOf(facts: Facts): Problem[] {
  const problems: Problem[] = [];
  const { mode, failed } = facts.start;
  if (mode !== 'normal') {
    problems.push({
      kind: 'start',
      what: mode,
      message: failed.at(-1)?.reason ?? mode,
      page: '#/system',
      severe: true,
    });
  }
  for (const { id, state, reason, health } of facts.plugins) {
    // A plugin that was switched off is no trouble, and safe mode tells of those it leaves out.
    if (state === 'RUNNING' || state === 'DISABLED') continue;
    const message = reason ?? health?.detail ?? state;
    problems.push({ kind: 'plugin', what: id, message, page: '#/system', severe: true });
  }
  for (const worker of facts.workers) {
    if (workerInOrder(worker)) continue;
    const message = `${worker.state}${worker.lastError ? `: ${worker.lastError}` : ''}`;
    problems.push({ kind: 'worker', what: worker.name, message, page: '#/system', severe: true });
  }
  for (const { channel, name, state, reason } of facts.cameras) {
    // Nobody misses a camera that was switched off.
    if (state === 'online' || reason?.code === SWITCHED_OFF.code) continue;
    const message = reason?.message ?? state;
    problems.push({ kind: 'camera', what: name, channel, message, page: `#/camera?channel=${channel}`, severe: false });
  }
  for (const { task, message } of facts.missingModels) {
    problems.push({ kind: 'model', what: task, message, page: '#/system', severe: false });
  }
  for (const message of facts.modelFaults) {
    problems.push({ kind: 'file', what: 'model', message, page: '#/system', severe: false });
  }
  // Stages that share a model are mended together.
  const makeshift = new Map(facts.stages.flatMap((one) => (one.makeshift ? [[one.makeshift, one.stage]] : [])));
  for (const [message = '', what = ''] of makeshift) {
    problems.push({ kind: 'makeshift', what, message, page: '#/system', severe: false });
  }
  const shedding = facts.cameras.filter(({ load }) => load?.blame);
  const [worst] = shedding.sort((a, b) => (b.load?.shedFps ?? 0) - (a.load?.shedFps ?? 0));
  if (worst?.load?.blame) {
    const { shedFps, wantedFps, blame } = worst.load;
    const message = `"${worst.name}" sheds ${shedFps} of ${wantedFps} frames a second: ${blame.stage} takes ${blame.ms} ms of each frame of channel ${blame.channel}`;
    problems.push({ kind: 'load', what: String(shedding.length), message, page: '#/system', severe: false });
  }
  // A stage that waits for a model is told by the model already.
  const unexplained = facts.stages.filter(
    ({ running, describer, reason = '' }) =>
      !running &&
      !facts.missingModels.some(({ message }) => reason.includes(message)) &&
      // Captures do without: a model nobody can install is no trouble, the list of steps tells of it.
      !(describer && reason.startsWith(NOT_AVAILABLE)),
  );
  for (const [stage, reason] of new Map(unexplained.map((one) => [one.stage, one.reason ?? '']))) {
    problems.push({ kind: 'stage', what: stage, message: reason, page: '#/system', severe: false });
  }
  for (const { open, name, failures, refused = 0, lastError = '' } of facts.destinations ?? []) {
    if (!open || Math.max(failures, refused) < AWAY_FAILURES) continue;
    problems.push({ kind: 'delivery', what: name, message: lastError, page: '#/system', severe: false });
  }
  const { fault } = facts.storage;
  if (fault) problems.push({ kind: 'disk', what: 'disk', message: fault, page: '#/system', severe: true });
  return problems.sort((a, b) => Number(b.severe) - Number(a.severe));
}
