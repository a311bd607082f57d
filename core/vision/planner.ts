import { type InstalledModel, serves } from '../../models/install.ts';
import type { Owned } from '../plugin/registry.ts';
import type { StageReport } from '../plugin/services.ts';
import type { CameraPlan } from './keys.ts';
import type { PlannedCamera, PlannedStage } from './protocol.ts';
import type { StageDeclaration } from './stage.ts';

export interface VisionPlan {
  /** Every stage that can run, each after those whose values it takes, whether a camera wants it yet or not. */
  stages: PlannedStage[];
  cameras: PlannedCamera[];
  /** For each camera and wanted stage: running, or why not. */
  reports: StageReport[];
}

type Resolved = { runs: true } | { runs: false; reason: string };

/**
 * Wires stages by what they take and make. For each camera the stages its tasks want are taken, then whatever makes
 * their inputs, down to the frame. A stage without its model or an input does not run, and neither does what needs
 * it; the report says why in words that end at the cause.
 */
export function planStages(
  cameras: CameraPlan[],
  declarations: Owned<StageDeclaration>[],
  models: InstalledModel[],
  missingModel: (task: string) => string,
): VisionPlan {
  const stages = new Map(declarations.map(({ definition }) => [definition.id, definition]));
  const makers = new Map<string, StageDeclaration>();
  for (const { definition } of declarations) {
    for (const key of definition.out) if (!makers.has(key.id)) makers.set(key.id, definition);
  }
  const known = new Map<string, Resolved>();
  const order: StageDeclaration[] = [];

  const resolve = (stage: StageDeclaration, path: string[]): Resolved => {
    const done = known.get(stage.id);
    if (done) return done;
    if (path.includes(stage.id)) return { runs: false, reason: `its inputs go round in a circle: ${path.join(' → ')}` };
    const result = resolveInputs(stage, [...path, stage.id]);
    known.set(stage.id, result);
    if (result.runs) order.push(stage);
    return result;
  };

  const resolveInputs = (stage: StageDeclaration, path: string[]): Resolved => {
    if (stage.model && !modelFor(stage.model, models)) return { runs: false, reason: missingModel(stage.model) };
    for (const key of stage.in) {
      const maker = makers.get(key.id);
      if (!maker) return { runs: false, reason: `no stage makes ${key.id}` };
      const resolved = resolve(maker, path);
      if (!resolved.runs) return { runs: false, reason: `${maker.id}: ${resolved.reason}` };
    }
    return { runs: true };
  };

  const inputsOf = (stage: StageDeclaration, into: Set<string>): void => {
    if (into.has(stage.id)) return;
    into.add(stage.id);
    for (const key of stage.in) {
      const maker = makers.get(key.id);
      if (maker) inputsOf(maker, into);
    }
  };

  const reports: StageReport[] = [];
  const planned: PlannedCamera[] = [];
  for (const plan of cameras) {
    const running = new Set<string>();
    for (const stage of stages.values()) {
      if (!stage.tasks.some((task) => plan.tasks.includes(task))) continue;
      const resolved = resolve(stage, []);
      const { channel } = plan;
      if (resolved.runs) inputsOf(stage, running);
      else reports.push({ channel, stage: stage.id, running: false, reason: resolved.reason });
    }
    for (const id of running) reports.push({ channel: plan.channel, stage: id, running: true });
    planned.push({ plan, stages: order.filter((stage) => running.has(stage.id)).map((stage) => stage.id) });
  }
  // Also those nobody wants yet: a camera that comes later must not cost the others a new worker.
  for (const stage of stages.values()) resolve(stage, []);
  return { stages: order.map((stage) => plannedStage(stage, models)), cameras: planned, reports };
}

/** The model a task uses: a recommended one before others, else the first by name. */
export function modelFor(task: string, models: InstalledModel[]): InstalledModel | undefined {
  return models
    .filter((model) => serves(model, task) && model.adapter !== null)
    .sort((a, b) => Number(b.recommended) - Number(a.recommended) || a.id.localeCompare(b.id))[0];
}

function plannedStage(stage: StageDeclaration, models: InstalledModel[]): PlannedStage {
  const model = stage.model ? modelFor(stage.model, models) : undefined;
  const picture = stage.picture === 'model' ? model?.input : stage.picture;
  return {
    id: stage.id,
    module: stage.module,
    in: stage.in.map((key) => key.id),
    out: stage.out.map((key) => key.id),
    tells: (stage.tells ?? []).map((key) => key.id),
    options: stage.options ?? {},
    ...(model ? { model } : {}),
    ...(picture ? { picture: { width: picture.width, height: picture.height } } : {}),
  };
}
