import { html } from 'htm/preact';
import type { Column, PageProps, Tone } from '../../../ui/contract.ts';
import { type BatchRow, looksLikeSomebody } from './batch-run.ts';
import { likenessWord, nameFaultWord } from './words.ts';

/** So many rows are drawn; the sheet of results has all of them. */
const MOST_SHOWN = 200;

/** The files of a batch and what became of them. */
export function ResultTable({ page, rows }: { page: PageProps; rows: readonly BatchRow[] }) {
  const { i18n, ui } = page;
  const { t } = i18n;
  // What went wrong first, then who may be there twice; the rest as it came.
  const shown = [...rows].sort((a, b) => rank(a) - rank(b)).slice(0, MOST_SHOWN);
  const columns: Column<BatchRow>[] = [
    { id: 'file', title: t('batch.file'), cell: ({ path }) => path, primary: true },
    { id: 'name', title: t('field.name'), cell: ({ named }) => ('fault' in named ? '' : named.person.name) },
    {
      id: 'image',
      title: t('detail.imageId'),
      cell: ({ named, outcome }) =>
        (outcome.state === 'enrolled' && outcome.imageId) ||
        ('fault' in named ? '' : named.imageId || t('batch.allocated')),
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

function rank(row: BatchRow): number {
  if (row.outcome.state === 'refused') return 0;
  if (row.outcome.state === 'unreadable') return 1;
  return looksLikeSomebody(row) ? 2 : 3;
}

/** What became of a file, in a word. */
export function outcomeWord({ i18n: { t } }: PageProps, row: BatchRow<unknown>): { tone: Tone; text: string } {
  switch (row.outcome.state) {
    case 'waiting':
      return { tone: 'idle', text: t('outcome.waiting') };
    case 'unreadable':
      return { tone: 'warn', text: t('outcome.unreadable') };
    case 'enrolled':
      return { tone: looksLikeSomebody(row) ? 'warn' : 'ok', text: t('outcome.enrolled') };
    case 'refused':
      return { tone: 'bad', text: t('outcome.refused') };
  }
}

/** Why it was not enrolled; of who is, whom he looks like. */
export function reasonWord({ i18n }: PageProps, { named, outcome }: BatchRow<unknown>): string {
  if (outcome.state === 'refused') return outcome.text;
  if (outcome.state === 'enrolled') return likenessWord(i18n, outcome);
  return outcome.state === 'unreadable' && 'fault' in named ? nameFaultWord(i18n, named.fault) : '';
}
