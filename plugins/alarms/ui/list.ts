import { html } from 'htm/preact';
import { useEffect, useRef } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import type { Attention } from './attention.ts';
import type { Place } from './rows.ts';
import type { Alarm } from './shapes.ts';
import { cameraWord, kindIcon, kindWord, spoken } from './words.ts';

interface AlarmListProps {
  page: PageProps;
  places: readonly Place[];
  /** Of the one that is shown beside or above. */
  current: number | undefined;
  /** Ids of those that have just come in. */
  fresh: ReadonlySet<number>;
  stale: boolean;
  watch: Attention['watch'];
  onOpen: (id: number) => void;
}

/** Alarms under one another, newest first. */
export function AlarmList({ page, places, current, fresh, stale, watch, onOpen }: AlarmListProps) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    // Keys may choose one that is out of sight.
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  return html`<ul class="alarms-list" ref=${list} aria-busy=${stale || undefined} ...${watch}>
    ${places.map(
      ({ id, alarm }) => html`<li key=${id}>
        ${
          alarm
            ? html`<${Row} page=${page} alarm=${alarm} current=${id === current} fresh=${fresh.has(id)} onOpen=${() => onOpen(id)} />`
            : html`<p class="alarms-row alarms-gone">${page.i18n.t('list.gone')}</p>`
        }
      </li>`,
    )}
  </ul>`;
}

interface RowProps {
  page: PageProps;
  alarm: Alarm;
  current: boolean;
  fresh: boolean;
  onOpen: () => void;
}

function Row({ page, alarm, current, fresh, onOpen }: RowProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const open = alarm.state === 'open';
  return html`<button
    type="button" class="alarms-row" data-state=${alarm.state} data-new=${fresh || undefined}
    aria-current=${current || undefined} aria-label=${spoken(i18n, alarm)} onClick=${onOpen}
  >
    <${Thumbs} page=${page} alarm=${alarm} />
    <span class="alarms-words">
      <b class="alarms-title">${alarm.title}</b>
      <span class="alarms-where"><${ui.Icon} name=${kindIcon(alarm.kind)} size=${14} /><span>${cameraWord(i18n, alarm)} · ${kindWord(i18n, alarm.kind)}</span></span>
      ${
        open
          ? html`<small><span class="alarms-clock"><${ui.Time} at=${alarm.time} as="clock" /> · </span><${ui.Time} at=${alarm.time} as="ago" /></small>`
          : html`<small class="alarms-done"><${ui.Icon} name="check" size=${14} /><span>${alarm.note ?? t('list.doneBy', { name: alarm.acknowledgedBy ?? '' })}</span></small>`
      }
    </span>
    <span class="alarms-when"><b><${ui.Time} at=${alarm.time} as="clock" /></b><small><${ui.Time} at=${alarm.time} as="date" /></small></span>
  </button>`;
}

/** What was seen, and beside it what it was compared with. */
export function Thumbs({ page: { ui }, alarm }: { page: PageProps; alarm: Alarm }) {
  const [seen] = alarm.pictures.filter(({ label }) => label !== 'library');
  const library = alarm.pictures.find(({ label }) => label === 'library');
  return html`<span class="alarms-thumbs">
    ${(seen || !library) && html`<span class="alarms-thumb"><${ui.Picture} path=${seen?.path} width=${160} alt="" ratio=${'1'} small /></span>`}
    ${library && html`<span class="alarms-thumb"><${ui.Picture} path=${library.path} width=${160} alt="" ratio=${'1'} small /></span>`}
  </span>`;
}
