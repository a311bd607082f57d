import type { ReadonlySignal } from '@preact/signals';
import type { ComponentChildren, FunctionComponent } from 'preact';
import type { Action, Area, Role } from '../core/gateway/authorization.ts';
import type { Slot } from '../core/plugin/contract.ts';
import type { Kit } from './kit.ts';
import type { WidgetsProps } from './page-host.ts';

/**
 * The page contract: what a page or a widget of a plugin gets. Types only, so a page imports it with `import type`.
 *
 *     // plugins/greeter/ui/hello.ts
 *     import { html } from 'htm/preact';
 *     import type { PageProps } from '../../../ui/contract.ts';
 *
 *     export const styles = ['./hello.css']; // optional, loaded before the page is shown
 *     export default function Hello({ api, i18n, ui }: PageProps) {
 *       const greeting = ui.useData((signal) => api.get<{ text: string }>('/greeting', {}, { signal }));
 *       return html`<${ui.Page} title=${i18n.t('title')}>…</${ui.Page}>`;
 *     }
 *
 * A page imports `preact`, `preact/hooks`, `htm/preact`, `@preact/signals` and its own files; everything else comes
 * through these props. How to write one, with every part of the kit: `ui/README.md`.
 */
export interface PageProps {
  /** The page's own plugin over HTTP. */
  api: Api;
  /** The plugin's texts, with the shell's behind them; numbers, dates and sizes in the user's language. */
  i18n: I18n;
  /** Components, hooks and navigation. */
  ui: Ui;
  /** The tab's one WebSocket. */
  live: Live;
  /** Query of the address (`#/records?channel=3`); a widget gets what the hosting page passes. */
  params: Params;
  /** Who is signed in. */
  me: Me;
  /** What the box says of this page. */
  config: PageConfig;
}

/** A page is a function component; it is drawn again when its address, the language or the account changes. */
export type PageComponent = FunctionComponent<PageProps>;

/** The kit, and `Widgets`, which mounts the widgets other plugins bring for a place. */
export type Ui = Kit & { readonly Widgets: FunctionComponent<WidgetsProps> };

export type Params = Readonly<Record<string, string>>;

export interface PageConfig {
  plugin: string;
  /** Page or widget id. */
  id: string;
  slot: Slot | 'widget';
  /** Version of the box's software. */
  version: string;
  /** Plugins that are installed, so that a page can leave out what nobody answers. */
  plugins: readonly string[];
}

// --- HTTP ------------------------------------------------------------------------------------------------------

export type Query = Record<string, string | number | boolean | undefined | null>;

export interface CallOptions {
  signal?: AbortSignal;
  /** ms, 30 s by default. */
  timeout?: number;
}

/**
 * Calls reject with `ApiError`. Paths are relative to the plugin (`/cameras`); values of a query that are undefined,
 * null or the empty string are left out.
 */
export interface Api {
  get<T>(path: string, query?: Query, options?: CallOptions): Promise<T>;
  post<T>(path: string, body?: unknown, options?: CallOptions): Promise<T>;
  put<T>(path: string, body?: unknown, options?: CallOptions): Promise<T>;
  patch<T>(path: string, body?: unknown, options?: CallOptions): Promise<T>;
  delete<T>(path: string, options?: CallOptions): Promise<T>;
  /** Anything else on the box, by absolute path: `api.core('/p/device/')`. GET unless `method` says otherwise. */
  core<T>(path: string, options?: CallOptions & { method?: string; query?: Query; body?: unknown }): Promise<T>;
  /** Address for a link or a picture: `<a href=${api.url('/export.csv', filters)} download>`. */
  url(path: string, query?: Query): string;
}

/** A failed call. `code` is of Appendix A; 0 where no answer came (`reason` says why). */
export interface ApiFailure extends Error {
  status: number;
  code: number;
  data: unknown;
  reason: 'refused' | 'unreachable' | 'timeout' | 'broken';
}

// --- live data -------------------------------------------------------------------------------------------------

export type LiveState = 'idle' | 'connecting' | 'open' | 'lost';

export interface Live {
  /** Whether data is flowing; `lost` while the box does not answer and the tab keeps trying. */
  readonly state: ReadonlySignal<LiveState>;
  /**
   * Subscribes until the function it gives is called; survives reconnects. In a component prefer `ui.useLive`.
   * `bytes` is the JPEG behind a message that carries one; it is valid during the call and may be kept.
   */
  subscribe<T>(
    topic: string,
    params: Record<string, unknown>,
    onData: (data: T, bytes?: Uint8Array<ArrayBuffer>) => void,
    onError?: (error: { code: number; msg: string }) => void,
  ): () => void;
  /** Calls when the plugin says that something changed, and after every reconnect (with `*`). */
  onChanged(plugin: string, listener: (what: string) => void): () => void;
}

// --- language --------------------------------------------------------------------------------------------------

export type Language = 'en' | 'zh';
export type TextValues = Record<string, string | number>;

/**
 * Texts are looked up in the plugin's locale, then in the shell's. `{name}` puts a value in, numbers formatted;
 * `{n|camera|cameras}` takes the first form where `n` is 1.
 */
export interface I18n {
  readonly language: Language;
  t(key: string, values?: TextValues): string;
  /** Like `t`, with a text of the box's own where the locales do not know the key. */
  or(key: string, fallback: string, values?: TextValues): string;
  /** The texts of another plugin that has pages: what it calls itself and its settings. */
  of(plugin: string): I18n;
  /** Date and time to the second, in the box's zone. */
  time(ms: number): string;
  date(ms: number): string;
  /** Time of day to the second. */
  clock(ms: number): string;
  /** "3 minutes ago" */
  ago(ms: number): string;
  /** Length of time: "4 min 10 s". */
  duration(ms: number): string;
  number(n: number, options?: Intl.NumberFormatOptions): string;
  /** 0..1 */
  percent(n: number): string;
  bytes(n: number): string;
  /** What went wrong, in a sentence. */
  error(error: unknown): string;
}

// --- the account -----------------------------------------------------------------------------------------------

export interface Me {
  id: number;
  name: string;
  role: Role;
  /** The right to see pictures of people. */
  imageRight: boolean;
  can(area: Area, action: Action): boolean;
}

// --- what the box says at the start (`GET /ui/boot.json`) --------------------------------------------------------

export interface BootUser {
  id: number;
  name: string;
  role: Role;
  imageRight: boolean;
  mustChangePassword: boolean;
}

export interface BootPage {
  id: string;
  plugin: string;
  slot: Slot;
  title: string;
  module: string;
  order?: number;
  hidden?: boolean;
}

export interface BootWidget {
  id: string;
  plugin: string;
  place: string;
  module: string;
  order?: number;
}

export interface Boot {
  name: string;
  version: string;
  protocol: string | number;
  /** IANA zone of the box; without it the browser's is taken. */
  zone?: string;
  /** Anything but `normal` is safe mode: starts had failed, and a bar on every page says so. */
  startMode: 'normal' | 'last-good' | 'essentials';
  user: BootUser | null;
  rights: Partial<Record<Area, Action>>;
  pages: BootPage[];
  widgets: BootWidget[];
  plugins: string[];
  languages: string[];
}

export type { Option } from './components/choices.ts';
export type { IconName } from './components/icon.ts';
export type { Tone } from './components/status.ts';
export type { Column } from './components/table.ts';
export type { ParamChange } from './router.ts';
export type { WhereWhen } from './where-when.ts';
export type { ComponentChildren };
