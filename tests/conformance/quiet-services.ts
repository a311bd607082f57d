import { type Provided, provide } from '../../core/plugin/contract.ts';
import { type Host, host, type Sessions, sessions, type Vision, vision } from '../../core/plugin/services.ts';

const noVision: Vision = {
  setCameras: () => {},
  status: () => undefined,
  stages: () => [],
  workers: () => [],
  missingModels: () => [],
  modelFaults: () => [],
  snapshot: async () => undefined,
  probe: async () => ({ ok: false, code: 'none', message: 'no video here' }),
  watch: () => () => {},
};
const noSessions: Sessions = { open: async () => 'none', close: async () => {}, closeAllOf: async () => {} };
const noHost: Host = {
  version: '0.0.0',
  startedAt: 0,
  firstStart: false,
  demo: {},
  start: { mode: 'normal', failed: [], putBack: [] },
  startNormally: async () => {},
  plugins: async () => [],
  pluginConfig: () => undefined,
  setPluginConfig: async () => {},
  setEnabled: async () => {},
  recentLog: () => [],
  storage: async () => ({ pictures: 0, database: 0, diskTotal: 1, diskFree: 1 }),
  retention: () => ({ removed: 0, rules: [], diskPercent: 0 }),
};

/** What the core offers plugins, with no video, no sessions and no box behind it. */
export const quietServices: Provided[] = [
  provide(vision, noVision),
  provide(sessions, noSessions),
  provide(host, noHost),
];
