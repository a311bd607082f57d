import { signal } from '@preact/signals';
import type { Params } from './contract.ts';

/** Addresses are `#/page?query`; everything a page shows is in them, so a link or a reload brings it back. */

export interface Route {
  page: string;
  params: Params;
}

export type ParamChange = Record<string, string | number | boolean | undefined | null>;

function parse(hash: string): Route {
  const found = /^#\/?([^?]*)(?:\?(.*))?$/.exec(hash);
  let page = found?.[1] ?? '';
  try {
    page = decodeURIComponent(page);
  } catch {
    // not encoded by us: taken as it stands
  }
  return { page, params: Object.fromEntries(new URLSearchParams(found?.[2] ?? '')) };
}

export const route = signal<Route>(parse(location.hash));

addEventListener('hashchange', () => {
  route.value = parse(location.hash);
});

/** Address of a page; values that are undefined, null, false or empty are left out. */
export function href(page: string, params: ParamChange = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params))
    if (value !== undefined && value !== null && value !== '' && value !== false) query.set(name, String(value));
  const text = query.toString();
  return `#/${page}${text === '' ? '' : `?${text}`}`;
}

/** Goes to an address (`#/camera?channel=3`) or a page id; Back returns here. */
export function go(target: string): void {
  location.hash = target.startsWith('#') ? target : href(target);
}

/**
 * Changes parts of the present page's query. Filters replace the address, so that Back leaves the page; pass
 * `push: true` for what feels like a step, such as opening a record.
 */
export function setParams(change: ParamChange, options: { push?: boolean } = {}): void {
  const { page, params } = route.peek();
  const target = href(page, { ...params, ...change });
  if (target === location.hash) return;
  if (options.push) {
    location.hash = target;
    return;
  }
  history.replaceState(null, '', target);
  route.value = parse(target);
}
