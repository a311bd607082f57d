import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Access, Area, Principal } from '../gateway/authorization.ts';
import type { Store } from '../store/database.ts';
import type { RetentionPolicy } from '../store/retention.ts';
import type { Secrets } from '../store/secrets.ts';
import type { DescriberDeclaration } from '../vision/describer.ts';
import type { StageDeclaration } from '../vision/stage.ts';
import type { Capability, EventKey } from './keys.ts';

/**
 * The plugin contract: the one file a plugin author reads.
 *
 * A plugin is a folder `plugins/<id>/` with a manifest `plugin.json` and a module `index.ts` whose default export is
 * `definePlugin({...})`:
 *
 *     // plugins/greeter/plugin.json
 *     { "id": "greeter", "version": "1.0.0", "core": "^0.1.0", "run": "inline", "messages": [[9000, 9009]],
 *       "requires": [], "optional": ["camera.directory@1"], "provides": [], "permissions": [] }
 *
 *     // plugins/greeter/index.ts
 *     export default definePlugin({
 *       config: z.object({ greeting: z.string().default('Hello').describe('What to say') }),
 *       use: { cameras: optional(cameraDirectory) },
 *       setup: (ctx) => ({
 *         messages: [message({
 *           id: 9001, name: 'greet', access: 'session', request: z.object({ name: text({ max: 20 }) }),
 *           handle: ({ name }) => ({ text: `${ctx.config.greeting}, ${name}` }),
 *         })],
 *       }),
 *     });
 *
 * `npm run new-plugin <id>` makes one with a message, a table, a stage, a page and a test.
 *
 * Life: the manifest is checked before any code runs; plugins are set up in the order of what they need. `setup`
 * builds and may read the database; `start` opens sockets and timers; `stop` closes them. Each step has a deadline
 * (`DEADLINE_MS`), and a step that fails or overruns names the plugin: its state becomes RETRYING (with growing
 * pauses) and at last FAILED; plugins that require it wait, everything else goes on. So it is with an error of a timer,
 * of a promise nobody awaits or an emitter nobody listens to: the plugin is taken down and tried again. It may happen
 * at any time that a plugin is stopped, switched off (DISABLED) or set up again: `stop` must end what `start` began.
 *
 * Rules: a plugin imports the core's contract files, libraries, `models/` and `drivers/`, and its own files; never
 * another plugin. What plugins share goes over typed keys: services (`cap`), events (`event`), stage values (`data`).
 * Whatever answers a request must come back in milliseconds: the core process serves all of them.
 */

/** How long each step of a plugin's life may take, ms. */
export const DEADLINE_MS = { setup: 10_000, start: 10_000, reconfigure: 10_000, stop: 5_000 } as const;

export type PluginState = 'PENDING' | 'RUNNING' | 'DEGRADED' | 'RETRYING' | 'FAILED' | 'DISABLED' | 'STOPPED';

// --- what a plugin uses and offers -----------------------------------------------------------------------------

/**
 * A service the plugin can do without: its value is undefined while nobody offers it. Looked at in `setup` or `start`,
 * the plugin is set up anew whenever it comes or goes; looked at later, the plugin is left alone.
 */
export interface OptionalUse<T> {
  readonly optional: Capability<T>;
}

export function optional<T>(capability: Capability<T>): OptionalUse<T> {
  return { optional: capability };
}

/** Services by the name the plugin calls them: `{ cameras: cameraDirectory, identity: optional(deviceIdentity) }`. */
export type Uses = Record<string, Capability<unknown> | OptionalUse<unknown>>;

export type Used<U extends Uses> = {
  readonly [K in keyof U]: U[K] extends OptionalUse<infer T>
    ? T | undefined
    : U[K] extends Capability<infer T>
      ? T
      : never;
};

/** A service this plugin gives; use `provide(key, implementation)` so that the compiler checks the type. */
export interface Provided {
  capability: Capability<unknown>;
  implementation: unknown;
}

export function provide<T>(capability: Capability<T>, implementation: T): Provided {
  return { capability, implementation };
}

/** A listener for an event; it may be asynchronous, its errors are logged with the plugin's name and go no further. */
export interface Listener {
  event: EventKey<unknown>;
  handle(payload: unknown): void | Promise<void>;
}

export function on<T>(event: EventKey<T>, handle: (payload: T) => void | Promise<void>): Listener {
  return { event, handle: handle as Listener['handle'] };
}

// --- requests --------------------------------------------------------------------------------------------------

/** Who is calling. */
export interface Caller extends Principal {
  userId: number;
  userName: string;
  sessionId: string;
}

/** One request of any transport. */
export interface Call {
  /** Undefined only for `access: 'public'`. */
  caller: Caller | undefined;
  /** Source address of the connection. */
  source: string;
  transport: 'json' | 'form' | 'rest' | 'websocket';
  /** Files of a form request, by part name. */
  files: Map<string, UploadedFile>;
  /** Adds what was changed to the operation log's entry of this call; never put a secret into it. */
  remark(text: string): void;
  /** Sets a header of the answer. */
  setHeader(name: string, value: string): void;
  /** Gives a browser the session's cookie, or takes it away (null). */
  setSessionCookie(sessionId: string | null): void;
}

export interface UploadedFile {
  /** As the client names it: untrusted. */
  name: string;
  type: string;
  bytes: Uint8Array;
}

/**
 * A numbered message of `/api/json` and `/api/form`. `handle` gives what stands in `data` (undefined: the empty
 * string) or throws `ContractError`; anything else it throws becomes -3524 and is logged.
 */
export interface MessageDefinition<Schema extends z.ZodType = z.ZodType> {
  id: number;
  name: string;
  access: Access;
  /** Seeing is right enough, and the operation log has it all the same: an export, or what somebody changes of one's own. */
  logged?: boolean;
  /** It is given up when it has not been answered for so long, ms; default 30 s. */
  patience?: number;
  /** Parameters without msg_id; build it from `core/gateway/lenient.ts` so that "5" and 5 are both understood. */
  request: Schema;
  handle(parameters: z.output<Schema>, call: Call): unknown | Promise<unknown>;
}

export function message<Schema extends z.ZodType>(definition: MessageDefinition<Schema>): MessageDefinition {
  return definition as unknown as MessageDefinition;
}

/**
 * A REST route under `/p/<plugin id>`. `handle` gives JSON (or a `Response` for anything else) or throws
 * `ContractError`, answered with its HTTP status and `{code, msg}`.
 */
export interface RouteDefinition<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/captures/:id` */
  path: string;
  /** One line for the API documentation. */
  summary: string;
  access: Access;
  /** As of a message. */
  logged?: boolean;
  /** As of a message. */
  patience?: number;
  params?: Params;
  query?: Query;
  body?: Body;
  /** Schema of the answer, for the documentation. */
  response?: z.ZodType;
  handle(
    input: { params: z.output<Params>; query: z.output<Query>; body: z.output<Body> },
    call: Call,
  ): unknown | Promise<unknown>;
}

export function route<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
  definition: RouteDefinition<Params, Query, Body>,
): RouteDefinition {
  return definition as unknown as RouteDefinition;
}

/** A connected client of `/ws`, which is known by the keys it subscribes with, not by a session. */
export interface WireSocket {
  readonly id: number;
  readonly source: string;
  /**
   * Sends one JSON object as a text frame; it must not be changed afterwards. False: the client reads too slowly and the frame was dropped and
   * counted.
   */
  send(frame: object): boolean;
  close(code: number, reason: string): void;
  onClose(callback: () => void): void;
}

/** A numbered message a client of `/ws` may send (776, 778). Throwing `ContractError` answers `{code, msg}`. */
export interface SocketMessageDefinition<Schema extends z.ZodType = z.ZodType> {
  id: number;
  name: string;
  request: Schema;
  handle(parameters: z.output<Schema>, socket: WireSocket): void | Promise<void>;
}

export function socketMessage<Schema extends z.ZodType>(
  definition: SocketMessageDefinition<Schema>,
): SocketMessageDefinition {
  return definition as unknown as SocketMessageDefinition;
}

/**
 * A topic of the UI's own WebSocket (`/live`): the page subscribes with parameters and gets what `open` sends until
 * it unsubscribes. Rights are decided by `access` at subscription and again when the account changes.
 */
export interface TopicDefinition<Schema extends z.ZodType = z.ZodType> {
  /** `<plugin id>.<name>`, for example `cameras.frames`. */
  id: string;
  access: Access;
  params: Schema;
  open(params: z.output<Schema>, subscriber: Subscriber): () => void;
}

export interface Subscriber {
  caller: Caller;
  /** Sends JSON, with `bytes` (a JPEG) behind it in the same frame. False: dropped, the client is too slow. */
  send(message: object, bytes?: Uint8Array): boolean;
}

export function topic<Schema extends z.ZodType>(definition: TopicDefinition<Schema>): TopicDefinition {
  return definition as unknown as TopicDefinition;
}

// --- the user interface ----------------------------------------------------------------------------------------

/** Places of the UI's navigation, in their order (`ui/README.md`). */
export const SLOTS = [
  'overview',
  'live',
  'alarms',
  'records',
  'people',
  'doors',
  'attendance',
  'cameras',
  'settings',
  'system',
] as const;
export type Slot = (typeof SLOTS)[number];

export interface PageDefinition {
  /** `<plugin id>` or `<plugin id>-<name>`; the page's address is `#/<id>`. */
  id: string;
  slot: Slot;
  /** Key in the plugin's locale files. */
  title: string;
  /** ES module under the plugin's `ui/` folder, `export default` a Preact component. */
  module: string;
  /** Who sees it in the navigation. */
  access: Access;
  /** Order inside the slot. */
  order?: number;
  /** Part of another page: not in the navigation itself. */
  hidden?: boolean;
}

export interface UiDefinition {
  pages: PageDefinition[];
  /** Small components other places show: `overview` cards, the event strip beside the live picture, what goes out. */
  widgets?: {
    id: string;
    place: 'overview' | 'live-strip' | 'deliveries';
    module: string;
    access: Access;
    order?: number;
  }[];
}

// --- the plugin itself -----------------------------------------------------------------------------------------

export interface Health {
  state: 'ok' | 'degraded';
  /** Why, and what to do, in a sentence. */
  detail?: string;
}

/** Counters and gauges of this plugin in `/metrics`; names get the prefix `gatehouse_<plugin id>_`. */
export interface PluginMetrics {
  counter(name: string, help: string, labels?: string[]): { inc(labels?: Record<string, string>, by?: number): void };
  gauge(
    name: string,
    help: string,
    collect: () => number | { labels: Record<string, string>; value: number }[],
    labels?: string[],
  ): void;
}

export interface Clock {
  /** Wall clock, ms since 1970 UTC: for what is stored or shown. It may be set at any moment, also back. */
  now(): number;
  /** ms since some moment, never set: for how long something lasts. */
  steady(): number;
  /** IANA zone of the box. */
  readonly zone: string;
}

export interface PluginContext<Config = unknown, U extends Uses = Uses> {
  readonly id: string;
  /** Checked against the schema; replaced before `reconfigure` is called. */
  readonly config: Config;
  /**
   * Why not all settings are those that somebody chose: they cannot be read, or do not fit any more. What was kept by them
   * must not be deleted by the usual ones meanwhile.
   */
  readonly configFault?: string | undefined;
  readonly use: Used<U>;
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics: PluginMetrics;
  readonly store: Store;
  /** Seals and opens sensitive text with a key of this plugin's own. */
  readonly secrets: Secrets;
  /** What counts only at the box's very first start. */
  readonly firstStart: { adminPassword?: string };
  /** Folder for files that are not pictures, made on first use. */
  dataFolder(): Promise<string>;
  emit<T>(event: EventKey<T>, payload: T): void;
  /** Rows that grow old: removed row and file together by the core. */
  retain(policy: RetentionPolicy): void;
  /** Says that the plugin's pages should read again what they show. */
  changed(what: string): void;
}

export interface PluginParts<Config> {
  messages?: MessageDefinition[];
  routes?: RouteDefinition[];
  socketMessages?: SocketMessageDefinition[];
  topics?: TopicDefinition[];
  stages?: StageDeclaration[];
  describers?: DescriberDeclaration[];
  on?: Listener[];
  services?: Provided[];
  start?(): void | Promise<void>;
  stop?(): void | Promise<void>;
  /** Takes a changed configuration; without it the plugin is stopped and set up anew. */
  reconfigure?(config: Config): void | Promise<void>;
  health?(): Health | Promise<Health>;
}

export interface PluginDefinition<Schema extends z.ZodType = z.ZodType, U extends Uses = Uses> {
  /** Settings; the form in the UI is generated from it. Mark secrets with `secret()` of `core/plugin/config.ts`. */
  config?: Schema;
  /** Settings are for those who may change `people` and this area as well. */
  configArea?: Area;
  use?: U;
  /** Drizzle tables; their SQL stands in `migrations/NNNN_name.sql`, and a test holds the two together. */
  tables?: Record<string, unknown>;
  ui?: UiDefinition;
  setup(
    context: PluginContext<z.output<Schema>, U>,
  ): PluginParts<z.output<Schema>> | Promise<PluginParts<z.output<Schema>>>;
}

/** Gives the compiler the types of a plugin's default export. */
export function definePlugin<Schema extends z.ZodType, U extends Uses>(
  definition: PluginDefinition<Schema, U>,
): PluginDefinition {
  return definition as unknown as PluginDefinition;
}
