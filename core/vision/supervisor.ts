import type { Logger } from 'pino';
import { threadsNeeded } from '../../drivers/video/feed.ts';
import { type ChildEvents, type ChildLimits, ChildSupervisor } from '../processes/child-supervisor.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './protocol.ts';

const MAX_CHANNELS = 32;

export type WorkerSupervisor = ChildSupervisor<WorkerSettings, ToWorker, FromWorker>;

/** Keeps the vision worker running. */
export function superviseWorker(
  log: Logger,
  events: ChildEvents<FromWorker>,
  limits: Partial<ChildLimits> = {},
): WorkerSupervisor {
  return new ChildSupervisor({
    name: 'vision',
    module: new URL('./worker.ts', import.meta.url),
    // Each waiting pull holds one of libuv's threads; with too few, cameras starve one another.
    environment: { UV_THREADPOOL_SIZE: String(threadsNeeded(MAX_CHANNELS, 2)) },
    limits,
    log,
    events,
  });
}
