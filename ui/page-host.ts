import { html } from 'htm/preact';
import { Component, type ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { apiOf } from './api.ts';
import { Card } from './components/layout.ts';
import { ErrorState, Skeleton } from './components/states.ts';
import type { Boot, BootPage, BootWidget, PageComponent, PageProps, Params, Ui } from './contract.ts';
import { t, translator } from './i18n.ts';
import { kit } from './kit.ts';
import { live } from './live.ts';
import { boot, me } from './session.ts';

/** Mounts pages and widgets of plugins: each is a module of its own that may fail without the rest noticing. */

interface PageModule {
  default?: unknown;
  styles?: unknown;
}

const modules = new Map<string, Promise<PageComponent>>();
const sheets = new Map<string, Promise<void>>();

function loadStyle(address: string): Promise<void> {
  const known = sheets.get(address);
  if (known) return known;
  const loading = new Promise<void>((resolve) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = address;
    // A page without its style sheet is ugly, a page that never comes is worse.
    link.onload = link.onerror = () => resolve();
    document.head.append(link);
  });
  sheets.set(address, loading);
  return loading;
}

async function importPage(address: string): Promise<PageComponent> {
  const module = (await import(address)) as PageModule;
  if (typeof module.default !== 'function') throw new Error(`${address} has no component as its default export`);
  const styles = Array.isArray(module.styles) ? module.styles.map(String) : [];
  await Promise.all(styles.map((path) => loadStyle(new URL(path, new URL(address, location.href)).pathname)));
  return module.default as PageComponent;
}

/** The component of a module; a failed attempt is not remembered, and the next one asks under a new address. */
function loadPage(module: string, attempt: number): Promise<PageComponent> {
  const known = modules.get(module);
  if (known) return known;
  const loading = importPage(attempt === 0 ? module : `${module}?attempt=${attempt}`);
  modules.set(module, loading);
  loading.catch(() => modules.delete(module));
  return loading;
}

interface BoundaryProps {
  fallback: (error: unknown, again: () => void) => ComponentChildren;
  children?: ComponentChildren;
}

/** Keeps what its children throw while they are drawn from taking the shell with them. */
export class Boundary extends Component<BoundaryProps, { error: unknown; failed: boolean }> {
  override state = { error: undefined as unknown, failed: false };

  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ error, failed: true });
  }

  render() {
    if (!this.state.failed) return this.props.children;
    return this.props.fallback(this.state.error, () => this.setState({ error: undefined, failed: false }));
  }
}

interface HostProps {
  part: BootPage | BootWidget;
  params: Params;
  /** A widget's place is small: its failure is a small card. */
  small?: boolean;
}

/** Loads the module of a page or widget and draws it with its props. */
export function PluginPart({ part, params, small }: HostProps) {
  const [loaded, setLoaded] = useState<{ component?: PageComponent; error?: unknown }>({});
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let wanted = true;
    setLoaded({});
    loadPage(part.module, attempt).then(
      (component) => wanted && setLoaded({ component }),
      (error: unknown) => wanted && setLoaded({ error }),
    );
    return () => {
      wanted = false;
    };
  }, [part.module, attempt]);

  const api = useMemo(() => apiOf(part.plugin), [part.plugin]);
  const box = boot.value;
  const account = me.value;
  const i18n = translator(part.plugin);

  const failed = (error: unknown, again: () => void) => {
    const state = html`<${ErrorState}
      what=${t('shell.pageFailed', { plugin: part.plugin })} error=${error instanceof Error ? error.message : String(error)}
      now=${t('shell.pageFailedNow')} onRetry=${again}
    />`;
    return small ? html`<${Card}>${state}</${Card}>` : html`<div class="g-page"><${Card}>${state}</${Card}></div>`;
  };

  if (!box || !account) return null;
  if (loaded.error !== undefined) return failed(loaded.error, () => setAttempt(attempt + 1));
  if (!loaded.component)
    return small
      ? html`<${Card}><${Skeleton} /></${Card}>`
      : html`<div class="g-page"><${Skeleton} lines=${8} /></div>`;
  const props: PageProps = { api, i18n, ui, live, params, me: account, config: configOf(part, box) };
  return html`<${Boundary} fallback=${failed}><${loaded.component} ...${props} /></${Boundary}>`;
}

function configOf(part: BootPage | BootWidget, box: Boot): PageProps['config'] {
  const slot = 'slot' in part ? part.slot : 'widget';
  return { plugin: part.plugin, id: part.id, slot, version: box.version, plugins: box.plugins };
}

export interface WidgetsProps {
  /** `overview`, `live-strip`, `deliveries`, or a place a page of your own offers. */
  place: string;
  /** What the widgets get as `params`. */
  params?: Params;
}

const NONE: Params = {};

/** All widgets of a place, in their order. */
export function Widgets({ place, params = NONE }: WidgetsProps) {
  const parts = (boot.value?.widgets ?? []).filter((widget) => widget.place === place);
  parts.sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
  return parts.map(
    (part) => html`<${PluginPart} key=${`${part.plugin}/${part.id}`} part=${part} params=${params} small />`,
  );
}

const ui: Ui = { ...kit, Widgets };
