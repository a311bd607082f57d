import { html } from 'htm/preact';
import { type ComponentChildren, Fragment } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n.ts';
import { Button } from './button.ts';
import { Skeleton } from './states.ts';

export interface Column<T> {
  id: string;
  title: string;
  cell: (row: T) => ComponentChildren;
  align?: 'start' | 'end';
  /** CSS width. */
  width?: string;
  /** Left out at phone width. */
  hideOnPhone?: boolean;
  /** Heads the card a row becomes at phone width. */
  primary?: boolean;
  /** The title is for screen readers only: buttons. */
  hideTitle?: boolean;
}

export interface TableProps<T> {
  /** What the table shows, for screen readers. */
  caption: string;
  columns: readonly Column<T>[];
  /** Undefined while loading. */
  rows: readonly T[] | undefined;
  rowKey: (row: T) => string | number;
  /** Stands in when there are no rows: an `Empty`. */
  empty?: ComponentChildren;
  /** Opens a row; Enter does it too. */
  onRow?: (row: T) => void;
  rowTone?: (row: T) => string | undefined;
  /** Newer rows are on their way: the old ones are dimmed. */
  stale?: boolean;
}

/** Rows and columns; at phone width every row is a card with the columns' titles. */
export function Table<T>({ caption, columns, rows, rowKey, empty, onRow, rowTone, stale }: TableProps<T>) {
  if (rows === undefined) return html`<div class="g-pad"><${Skeleton} lines=${6} /></div>`;
  if (rows.length === 0 && empty) return empty;
  return html`<div class="g-table-wrap" aria-busy=${stale || undefined}><table class="g-table" role="table">
    <caption class="g-hidden">${caption}</caption>
    <thead role="rowgroup"><tr role="row">
      ${columns.map(
        (column) => html`<th
          key=${column.id} role="columnheader" scope="col" data-align=${column.align} style=${column.width ? `width:${column.width}` : undefined}
        ><span class=${column.hideTitle ? 'g-hidden' : ''}>${column.title}</span></th>`,
      )}
    </tr></thead>
    <tbody role="rowgroup">
      ${rows.map((row) => html`<${TableRow} key=${rowKey(row)} row=${row} columns=${columns} onRow=${onRow} tone=${rowTone?.(row)} />`)}
    </tbody>
  </table></div>`;
}

interface TableRowProps<T> {
  row: T;
  columns: readonly Column<T>[];
  onRow?: ((row: T) => void) | undefined;
  tone?: string | undefined;
}

function TableRow<T>({ row, columns, onRow, tone }: TableRowProps<T>) {
  const open = (event: Event) => {
    // A button or link inside the row acts for itself.
    if ((event.target as Element).closest('a, button, input, select, label')) return;
    event.preventDefault();
    onRow?.(row);
  };
  const acts = onRow
    ? { tabindex: 0, onClick: open, onKeyDown: (event: KeyboardEvent) => event.key === 'Enter' && open(event) }
    : {};
  return html`<tr role="row" data-open=${onRow ? true : undefined} data-tone=${tone} ...${acts}>
    ${columns.map(
      (column) => html`<td
        key=${column.id} role="cell" data-label=${column.hideTitle ? undefined : column.title} data-align=${column.align}
        data-primary=${column.primary || undefined} data-hide-on-phone=${column.hideOnPhone || undefined}
      >${column.cell(row)}</td>`,
    )}
  </tr>`;
}

export interface PagerProps {
  /** Undefined on the first page. */
  onFirst?: (() => void) | undefined;
  /** Undefined on the last page. */
  onNext?: (() => void) | undefined;
  /** "1,204 entries" */
  children?: ComponentChildren;
}

/** Paging by cursor: onward, and back to the newest. */
export function Pager({ onFirst, onNext, children }: PagerProps) {
  return html`<nav class="g-pager" aria-label=${t('kit.paging')}>
    <span class="g-pager-text">${children}</span>
    <${Button} small icon="left" disabled=${!onFirst} onClick=${onFirst}>${t('kit.newest')}</${Button}>
    <${Button} small iconEnd="right" disabled=${!onNext} onClick=${onNext}>${t('kit.older')}</${Button}>
  </nav>`;
}

export interface FilterBarProps {
  /** How many filters are set; shown on the button that opens the bar at phone width. */
  active: number;
  onReset: () => void;
  /** Buttons that are not filters, for example an export link. */
  actions?: ComponentChildren;
  children?: ComponentChildren;
}

/** Filters above a list; keep their values in the address with `ui.setParams`. A reset draws the fields anew. */
export function FilterBar({ active, onReset, actions, children }: FilterBarProps) {
  const [round, setRound] = useState(0);
  const reset = () => {
    setRound(round + 1);
    onReset();
  };
  return html`<div class="g-filters" role="search">
    <details class="g-filters-fold">
      <summary class="g-button" data-kind="secondary">${t('kit.filters')}${active > 0 && html` <span class="g-badge" data-tone="accent">${active}</span>`}</summary>
    </details>
    <div class="g-filters-fields">
      <${Fragment} key=${round}>${children}</${Fragment}>
      ${active > 0 && html`<${Button} kind="quiet" icon="close" onClick=${reset}>${t('kit.resetFilters')}</${Button}>`}
    </div>
    ${actions && html`<div class="g-filters-actions">${actions}</div>`}
  </div>`;
}
