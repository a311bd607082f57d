import { type InstalledModel, makeshiftModel } from '../../models/install.ts';
import type { Owned } from '../plugin/registry.ts';
import type { StageReport } from '../plugin/services.ts';
import type { DescriberDeclaration } from './describer.ts';
import type { CameraPlan } from './keys.ts';
import { modelFor, plannedId, runningReport, tasksOf, type VisionPlan } from './planner.ts';
import type { PlannedDescriber } from './protocol.ts';

/**
 * Adds to a plan which describers look at which camera's captures: those of the kinds the camera is asked to look for,
 * unless they are for something it does not ask for, in the order they were declared. One without its model says so, and
 * the captures do without it.
 */
export function withDescribers(
  plan: VisionPlan,
  declarations: Owned<DescriberDeclaration>[],
  models: InstalledModel[],
  missingModel: (task: string) => string,
): VisionPlan {
  const describers = declarations.map(({ definition }) => definition);
  const wantedBy = (camera: CameraPlan) =>
    describers.filter(
      ({ kinds, onlyFor }) =>
        kinds.some((kind) => camera.tasks.includes(kind)) && (onlyFor === undefined || camera[onlyFor] !== undefined),
    );
  const report = (camera: CameraPlan, one: DescriberDeclaration): StageReport => {
    if (!one.model || usable(one, models, camera.origin)) {
      return { ...runningReport(camera, one, models), describer: true };
    }
    const lacking = tasksOf(one).find((task) => !hasModel(task, models, camera.origin)) ?? one.model;
    const why = modelFor(lacking, models) ? makeshiftModel(lacking) : missingModel(lacking);
    const reason = `not available: ${why}`;
    return { channel: camera.channel, stage: one.id, describer: true, running: false, reason };
  };
  return {
    stages: plan.stages,
    describers: describers.flatMap((one) => plannedDescribers(one, models)),
    cameras: plan.cameras.map((camera) => ({
      ...camera,
      describers: wantedBy(camera.plan)
        .filter((one) => usable(one, models, camera.plan.origin))
        .map((one) => plannedId(one, models, camera.plan.origin)),
    })),
    reports: [
      ...plan.reports,
      ...plan.cameras.flatMap((camera) => wantedBy(camera.plan).map((one) => report(camera.plan, one))),
    ],
  };
}

function usable(one: DescriberDeclaration, models: InstalledModel[], origin: CameraPlan['origin']): boolean {
  return tasksOf(one).every((task) => hasModel(task, models, origin));
}

/**
 * Whether there is a model for cameras of this origin. Unlike a stage it does not make do with one of the demo: what that
 * says of real people would be a guess, and a capture that says "unknown" is better than one that says something wrong.
 */
function hasModel(task: string, models: InstalledModel[], origin: CameraPlan['origin']): boolean {
  const model = modelFor(task, models, origin);
  return model !== undefined && (model.madeFor !== 'demo' || origin === 'demo');
}

/** Once for each model it runs with: that of real cameras, and that of the demo's. */
function plannedDescribers(one: DescriberDeclaration, models: InstalledModel[]): PlannedDescriber[] {
  const { module, kinds, cut = {}, options = {} } = one;
  const origins = ([undefined, 'demo'] as const).filter((origin) => usable(one, models, origin));
  const byId = new Map(origins.map((origin) => [plannedId(one, models, origin), origin]));
  return [...byId].map(([id, origin]) => {
    const model = one.model && modelFor(one.model, models, origin);
    const others = (one.further ?? []).flatMap((task) => {
      const found = modelFor(task, models, origin);
      return found ? [[task, found] as const] : [];
    });
    const further = others.length > 0 ? { further: Object.fromEntries(others) } : {};
    return { id, module, kinds, cut, options, ...(model ? { model } : {}), ...further };
  });
}
