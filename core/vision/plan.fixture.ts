import type { InstalledModel } from '../../models/install.ts';
import type { CameraPlan, Task } from './keys.ts';

/** What plans are made of in tests: cameras, models, and the words for a model that is not there. */

export function camera(channel: number, ...tasks: Task[]): CameraPlan {
  return {
    channel,
    name: `camera ${channel}`,
    url: 'rtsp://camera/',
    transport: 'tcp',
    tasks,
    snapMode: 1,
    faceSizeMin: 60,
    faceSizeMax: 1000,
  };
}

/** A camera that shows a rendered scene. */
export function sceneCamera(channel: number, ...tasks: Task[]): CameraPlan {
  return { ...camera(channel, ...tasks), origin: 'demo' };
}

/** An installed model, of which only what a planner reads is there. */
export function model(id: string, task: string, more: Partial<InstalledModel> = {}): InstalledModel {
  return {
    id,
    task,
    also: [],
    recommended: true,
    adapter: 'yolox',
    input: { width: 416, height: 416 },
    ...more,
  } as unknown as InstalledModel;
}

export const missing = (task: string): string => `no model for ${task}`;
