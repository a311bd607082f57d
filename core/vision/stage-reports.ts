import type { StageReport } from '../plugin/services.ts';
import type { CameraStatus } from './keys.ts';
import { declaredId, type VisionPlan } from './planner.ts';

/**
 * How every planned stage and describer of every camera is, in the worker's words.
 * @param fault why a planned stage, by its planned id, does not run for a camera; undefined: it does
 */
export function stageReports(
  plan: VisionPlan,
  fault: (stage: string, channel: number) => string | undefined,
  status: (channel: number) => CameraStatus | undefined,
): StageReport[] {
  const stages = new Map(plan.stages.map((stage) => [stage.id, stage]));
  const makers = new Map(plan.stages.flatMap(({ id, out }) => out.map((key) => [key, declaredId(id)] as const)));
  /** Of each camera, the planned id of each stage it has: it tells with which model. */
  const planned = new Map(
    plan.cameras.map((camera) => [
      camera.plan.channel,
      new Map([...camera.stages, ...camera.describers].map((id) => [declaredId(id), id] as const)),
    ]),
  );
  /** A stage that gets no input does nothing, and the reason stands where it begins. */
  const reasonOf = (id: string, channel: number): string | undefined => {
    const its = planned.get(channel)?.get(id) ?? id;
    const own = fault(its, channel);
    if (own) return own;
    for (const key of stages.get(its)?.in ?? []) {
      const maker = makers.get(key);
      const reason = maker && reasonOf(maker, channel);
      if (reason) return `${maker}: ${reason}`;
    }
    return undefined;
  };
  return plan.reports.map((report) => {
    if (!report.running) return report;
    const reason = reasonOf(report.stage, report.channel);
    if (reason) return { ...report, running: false, reason };
    const load = status(report.channel)?.load?.stages.find(({ stage }) => stage === report.stage);
    return { ...report, ...(load ? { load } : {}) };
  });
}
