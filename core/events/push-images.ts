import { z } from 'zod';
import type { Settings } from '../store/settings.ts';

/** Which pictures go with pushes in the form of the interface, by HTTP and WebSocket alike. */

export const imageSwitches = z.object({ snap: z.boolean(), frame: z.boolean(), library: z.boolean() });
export type ImageSwitches = z.output<typeof imageSwitches>;

const KEY = 'push.images';

/** All of them until somebody says otherwise. */
export function storedSwitches(settings: Pick<Settings, 'get'>): ImageSwitches {
  return settings.get(KEY, imageSwitches) ?? { snap: true, frame: true, library: true };
}

/** Durable when the promise resolves. */
export function storeSwitches(settings: Pick<Settings, 'set'>, switches: ImageSwitches): Promise<void> {
  return settings.set(KEY, switches);
}
