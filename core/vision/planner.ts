import { type InstalledModel, makeshiftModel, serves } from '../../models/install.ts';
import type { Owned } from '../plugin/registry.ts';
import type { StageReport } from '../plugin/services.ts';
import type { DescriberDeclaration } from './describer.ts';
import type { CameraPlan } from './keys.ts';
import type { PlannedCamera, PlannedDescriber, PlannedStage } from './protocol.ts';
import type { StageDeclaration } from './stage.ts';

export interface VisionPlan {
  /**
   * Every stage that can run, each after those whose values it takes, whether a camera wants it yet or not. One that
   * runs with another model for cameras of the demo stands here twice, under two ids.
   */
  stages: PlannedStage[];
  /** Every describer that can run, under as many ids (`withDescribers`). */
  describers: PlannedDescriber[];
  cameras: PlannedCamera[];
  /** For each camera and wanted stage or describer: running, or why not. */
  reports: StageReport[];
}

/** What runs with a model: a stage, or a describer. */
type Step = Pick<StageDeclaration, 'id' | 'model'> & Pick<DescriberDeclaration, 'further'>;

type Resolved = { runs: true } | { runs: false; reason: string };

/**
 * Wires stages by what they take and make. For each camera the stages its tasks want are taken, then whatever makes
 * their inputs, down to the frame. A stage without its model or an input does not run, and neither does what needs
 * it; the report says why in words that end at the cause. Which model a stage runs with depends on the camera
 * (`modelFor`); whether there is one does not.
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
    const its = order.filter((stage) => running.has(stage.id));
    for (const stage of its) reports.push(runningReport(plan, stage, models));
    planned.push({
      plan,
      stages: its.map((stage) => plannedId(stage, models, plan.origin)),
      describers: [],
    });
  }
  // Also those nobody wants yet: a camera that comes later must not cost the others a new worker.
  for (const stage of stages.values()) resolve(stage, []);
  return {
    stages: order.flatMap((stage) => plannedStages(stage, models)),
    describers: [],
    cameras: planned,
    reports,
  };
}

/** The id of the declaration, whatever model the planned stage runs with. */
export function declaredId(plannedId: string): string {
  return plannedId.split('~', 1)[0]!;
}

/**
 * The model a task uses for a camera: one made for what the camera shows before others, then the preferred one, then a
 * recommended one, else the first by name. A real camera gets a model of the demo where there is no other.
 */
export function modelFor(
  task: string,
  models: InstalledModel[],
  origin?: CameraPlan['origin'],
): InstalledModel | undefined {
  const rank = ({ madeFor, preferred, recommended }: InstalledModel) =>
    (madeFor === origin ? 4 : 0) + (preferred ? 2 : 0) + (recommended ? 1 : 0);
  return models
    .filter((model) => serves(model, task) && model.adapter !== null)
    .sort((a, b) => rank(b) - rank(a) || a.id.localeCompare(b.id))[0];
}

/** Tasks of all models it needs. */
export function tasksOf({ model, further = [] }: Pick<Step, 'model' | 'further'>): string[] {
  return model === undefined ? further : [model, ...further];
}

/** The declaration's own id with the models that real cameras use, and one of its own with those of the demo's cameras. */
export function plannedId(step: Step, models: InstalledModel[], origin: CameraPlan['origin']): string {
  const others = tasksOf(step).flatMap((task) => {
    const model = modelFor(task, models, origin);
    return model && model !== modelFor(task, models) ? model.id : [];
  });
  return [step.id, ...others].join('~');
}

export function runningReport({ channel, origin }: CameraPlan, stage: Step, models: InstalledModel[]): StageReport {
  const report = { channel, stage: stage.id, running: true };
  const model = stage.model && modelFor(stage.model, models, origin);
  if (!model || !stage.model) return report;
  const makeshift = model.madeFor === 'demo' && origin !== 'demo';
  return { ...report, model: model.id, ...(makeshift ? { makeshift: makeshiftModel(stage.model) } : {}) };
}

function plannedStages(stage: StageDeclaration, models: InstalledModel[]): PlannedStage[] {
  const origins = [undefined, 'demo'] as const;
  const byId = new Map(origins.map((origin) => [plannedId(stage, models, origin), origin]));
  // The first origin of an id wins nothing over the second: with the same id they have the same model.
  return [...byId].map(([id, origin]) => plannedStage(id, stage, stage.model && modelFor(stage.model, models, origin)));
}

function plannedStage(id: string, stage: StageDeclaration, model: InstalledModel | '' | undefined): PlannedStage {
  const picture = stage.picture === 'model' ? (model || undefined)?.input : stage.picture;
  return {
    id,
    module: stage.module,
    in: stage.in.map((key) => key.id),
    out: stage.out.map((key) => key.id),
    tells: (stage.tells ?? []).map((key) => key.id),
    options: stage.options ?? {},
    ...(model ? { model } : {}),
    ...(picture ? { picture: { width: picture.width, height: picture.height } } : {}),
  };
}
