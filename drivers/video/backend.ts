import { addonLoads } from './gst.ts';
import { openGstLaunch } from './gst-launch.ts';
import type { Backend } from './source.ts';
import { openSuperficial } from './superficial.ts';

export { addonLoads } from './gst.ts';

/** `addon`: GStreamer in this process; `process`: GStreamer in a child process for each stream. */
export type BackendName = 'addon' | 'process';

/** The backend of this name; without the addon, or where none is named and there is none, the child process. */
export function backendOf(name: BackendName = 'addon'): Backend {
  return name === 'addon' && addonLoads() ? openSuperficial : openGstLaunch;
}
