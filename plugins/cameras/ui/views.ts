import type { Params } from '../../../ui/contract.ts';

/** Which cameras stand on the wall, from the query of the address. */

export type Views = 1 | 4 | 9;

export interface Arrangement<C> {
  views: Views;
  /** All that are leafed through. */
  chosen: C[];
  shown: C[];
  /** Index of the first one shown among the chosen. */
  first: number;
  /** Where the page before and the page after begin. */
  previous: C | undefined;
  next: C | undefined;
}

/**
 * @param cameras in the order of their channels, at least one
 * @param params `views` (without it as many as the cameras need), `at` a channel on the page to show, `channels` a
 *   comma list of those that are leafed through
 */
export function arrange<C extends { channel: number }>(cameras: C[], params: Params): Arrangement<C> {
  const wanted = new Set((params['channels'] ?? '').split(',').map(Number));
  const some = cameras.filter(({ channel }) => wanted.has(channel));
  const chosen = some.length > 0 ? some : cameras;
  const views = viewsOf(params['views']) ?? (chosen.length <= 1 ? 1 : chosen.length <= 4 ? 4 : 9);
  const at = chosen.findIndex(({ channel }) => channel === Number(params['at']));
  const first = Math.floor(Math.max(0, at) / views) * views;
  return {
    views,
    chosen,
    shown: chosen.slice(first, first + views),
    first,
    previous: first > 0 ? chosen[first - views] : undefined,
    next: chosen[first + views],
  };
}

function viewsOf(text: string | undefined): Views | undefined {
  const number = Number(text);
  return number === 1 || number === 4 || number === 9 ? number : undefined;
}
