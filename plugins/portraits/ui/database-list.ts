import { html } from 'htm/preact';
import { useEffect, useRef } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import type { Database } from './shapes.ts';
import { cameraWords, KEY_PERSONNEL, typeWord } from './words.ts';

interface DatabaseListProps {
  page: PageProps;
  databases: readonly Database[];
  chosen: number;
  onNew: (() => void) | undefined;
}

/** The databases beside the people in them; above them where there is no room. */
export function DatabaseList({ page, databases, chosen, onNew }: DatabaseListProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const list = useRef<HTMLUListElement>(null);
  // Where they stand in a row, the chosen one may be out of sight.
  useEffect(() => {
    const row = list.current;
    const current = row?.querySelector<HTMLElement>('[aria-current]');
    if (row && current && row.scrollWidth > row.clientWidth)
      row.scrollTo({ left: current.offsetLeft - row.offsetLeft });
  }, [chosen]);
  return html`<nav class="portraits-databases" aria-label=${t('databases.title')}>
    <ul ref=${list}>
      ${databases.map(
        (database) => html`<li key=${database.id}>
          <a href=${ui.href('people', { database: database.id })} aria-current=${database.id === chosen ? 'true' : undefined}>
            <${ui.Icon} name=${database.type === KEY_PERSONNEL ? 'alarms' : 'shield'} size=${20} />
            <span class="portraits-database">
              <b>${database.name}</b>
              <small>${[typeWord(i18n, database.type), t('databases.people', { n: database.pictures })].join(' · ')}</small>
              <small class="portraits-bound">${database.cameras.length === 0 ? t('databases.unbound') : t('databases.bound', { n: database.cameras.length, cameras: cameraWords(i18n, database) })}</small>
            </span>
            ${database.origin === 'demo' && html`<${ui.Badge}>${t('databases.demo')}</${ui.Badge}>`}
          </a>
        </li>`,
      )}
    </ul>
    ${onNew && html`<${ui.Button} icon="add" onClick=${onNew}>${t('database.new')}</${ui.Button}>`}
  </nav>`;
}
