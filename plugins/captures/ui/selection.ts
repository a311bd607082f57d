import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import type { Capture } from './shapes.ts';

interface SelectionBarProps {
  page: PageProps;
  records: readonly Capture[];
  chosen: ReadonlySet<string>;
  /** Undefined ends choosing. */
  onChoose: (chosen: ReadonlySet<string> | undefined) => void;
  onErase: () => Promise<void>;
}

/** How many are chosen and what can be done with them; stays in sight while scrolling. */
export function SelectionBar({ page, records, chosen, onChoose, onErase }: SelectionBarProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const all = chosen.size === records.length && records.length > 0;
  return html`<div class="captures-selection" role="toolbar" aria-label=${t('choose.bar')}>
    <span aria-live="polite">${chosen.size === 0 ? t('choose.how') : t('choose.chosen', { n: chosen.size })}</span>
    <${ui.Button} onClick=${() => onChoose(new Set(all ? [] : records.map(({ id }) => id)))}>${all ? t('choose.none') : t('choose.page')}</${ui.Button}>
    <${ui.Button} kind="danger" icon="delete" disabled=${chosen.size === 0} onClick=${onErase}>${t('choose.erase')}</${ui.Button}>
    <${ui.IconButton} icon="close" label=${t('choose.end')} onClick=${() => onChoose(undefined)} />
  </div>`;
}
