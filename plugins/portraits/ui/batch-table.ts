import { html } from 'htm/preact';
import type { Column, PageProps, Tone } from '../../../ui/contract.ts';
import type { BatchRow } from './batch-run.ts';
import { nameFaultWord } from './words.ts';

/** So many rows are drawn; the sheet of results has all of them. */
const MOST_SHOWN = 200;

/** The files of a batch and what became of them. */
export function ResultTable({ page, rows }: { page: PageProps; rows: readonly BatchRow[] }) {
  const { i18n, ui } = page;
  const { t } = i18n;
  // What went wrong first; the rest as it came.
  const shown = [...rows].sort((a, b) => rank(a) - rank(b)).slice(0, MOST_SHOWN);
  const columns: Column<BatchRow>[] = [
    { id: 'file', title: t('batch.file'), cell: ({ path }) => path, primary: true },
    { id: 'name', title: t('field.name'), cell: ({ named }) => ('fault' in named ? '' : named.person.name) },
    {
      id: 'image',
      title: t('detail.imageId'),
      cell: ({ named, outcome }) =>
        outcome.state === 'enrolled' ? outcome.imageId : 'fault' in named ? '' : named.imageId || t('batch.allocated'),
      hideOnPhone: true,
    },
    {
      id: 'result',
      title: t('batch.result'),
      cell: (row) => {
        const { tone, text } = outcomeWord(page, row);
        const reason = reasonWord(page, row);
        return html`<div class="portraits-outcome"><${ui.Status} tone=${tone}>${text}</${ui.Status}>${reason && html`<small>${reason}</small>`}</div>`;
      },
    },
  ];
  return html`
    <${ui.Table} caption=${t('batch.results')} columns=${columns} rows=${shown} rowKey=${({ path }: BatchRow) => path} />
    ${rows.length > MOST_SHOWN && html`<p class="g-quiet g-small-text">${t('batch.more', { n: rows.length - MOST_SHOWN })}</p>`}`;
}

function rank({ outcome }: BatchRow): number {
  return outcome.state === 'refused' ? 0 : outcome.state === 'unreadable' ? 1 : 2;
}

/** What became of a file, in a word. */
export function outcomeWord({ i18n: { t } }: PageProps, { outcome }: BatchRow<unknown>): { tone: Tone; text: string } {
  switch (outcome.state) {
    case 'waiting':
      return { tone: 'idle', text: t('outcome.waiting') };
    case 'unreadable':
      return { tone: 'warn', text: t('outcome.unreadable') };
    case 'enrolled':
      return { tone: 'ok', text: t('outcome.enrolled') };
    case 'refused':
      return { tone: 'bad', text: t('outcome.refused') };
  }
}

/** Why it was not enrolled. */
export function reasonWord({ i18n }: PageProps, { named, outcome }: BatchRow<unknown>): string {
  if (outcome.state === 'refused') return outcome.text;
  return outcome.state === 'unreadable' && 'fault' in named ? nameFaultWord(i18n, named.fault) : '';
}
