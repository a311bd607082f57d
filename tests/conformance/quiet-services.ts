import { type Provided, provide } from '../../core/plugin/contract.ts';
import {
  captureIndex,
  type FaceIndex,
  faceIndex,
  type Images,
  images,
  PictureError,
} from '../../core/plugin/face-services.ts';
import { type Outbox, outbox, outgoing, reactions } from '../../core/plugin/push-services.ts';
import { ReactionRegistry } from '../../core/plugin/reactions.ts';
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
  workers: () => [],
  pluginConfig: () => undefined,
  setPluginConfig: async () => {},
  changePluginConfig: async () => {},
  setEnabled: async () => {},
  recentLog: () => [],
  storage: async () => ({ pictures: 0, database: 0, diskTotal: 1, diskFree: 1 }),
  retention: () => ({ removed: 0, rules: [], diskPercent: 0 }),
};
const noImages: Images = {
  examine: () => Promise.reject(new PictureError('no-model', 'no model here')),
  models: () => [],
  onModels: () => () => {},
  takeOver: async () => {},
};
const noFaces: FaceIndex = {
  setSource: () => () => {},
  put: async () => {},
  remove: async () => {},
  removeLibrary: async () => {},
  search: async () => [],
  state: () => ({ state: 'ready', faces: 0, total: 0 }),
};

const noOutbox: Outbox = {
  open: () => ({ retry: () => {}, close: async () => {} }),
  add: () => {},
  remove: async () => {},
  reports: () => [],
  retry: () => false,
  forget: async () => 0,
  deadLetters: () => [],
  erase: async () => 0,
  eraseIn: () => 0,
};

/** What the core offers plugins, with no video, no sessions and no box behind it. */
export const quietServices: Provided[] = [
  provide(vision, noVision),
  provide(sessions, noSessions),
  provide(host, noHost),
  provide(images, noImages),
  provide(faceIndex, noFaces),
  provide(captureIndex, noFaces),
  provide(outbox, noOutbox),
  provide(outgoing, { allowLoopback: false }),
  provide(reactions, new ReactionRegistry()),
];
