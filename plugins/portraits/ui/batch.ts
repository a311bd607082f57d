import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import type { EnrolledView } from '../rest-shapes.ts';
import { ChooseFiles } from './batch-choose.ts';
import { type BatchRow, countRows, looksLikeSomebody, refusedAgain, rowsOf, runBatch } from './batch-run.ts';
import { outcomeWord, ResultTable, reasonWord } from './batch-table.ts';
import { resultsCsv } from './csv.ts';
import { base64Of, LARGEST } from './pictures.ts';
import type { Database } from './shapes.ts';
import { refusalWords } from './words.ts';

/** A little longer than the box takes at most. */
const ANSWER_MS = 680_000;

interface BatchProps {
  page: PageProps;
  database: Database;
  onChanged: () => void;
  onClose: () => void;
}

/** Many pictures at once: what their names say, how far the box is, and what became of each. */
export function Batch({ page, database, onChanged, onClose }: BatchProps) {
  const { api, i18n, ui } = page;
  const { t } = i18n;
  const [rows, setRows] = useState<BatchRow[]>([]);
  const [onlyGood, setOnlyGood] = useState(true);
  const [stopped, setStopped] = useState<unknown>();
  const [running, setRunning] = useState<AbortController>();
  const counts = countRows(rows);
  const done = counts.enrolled + counts.refused;
  const twice = rows.filter(looksLikeSomebody).length;

  useEffect(() => {
    if (!running) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [running]);
  useEffect(() => () => running?.abort(), [running]);

  const start = async (from: BatchRow[]) => {
    const controller = new AbortController();
    setRows(from);
    setRunning(controller);
    setStopped(undefined);
    const error = await runBatch(from, {
      signal: controller.signal,
      wait: pause,
      text: (reason) =>
        reason instanceof TooLarge ? t('source.tooLarge', reason.sizes(i18n)) : refusalWords(i18n, reason),
      onRows: setRows,
      send: async (file, { person, imageId }, signal) => {
        if (file.size > LARGEST) throw new TooLarge(file.size);
        const asked = {
          ...person,
          imageId,
          picture: await base64Of(file),
          quality: onlyGood ? 'high' : 'low',
          batch: true,
        };
        const address = `/databases/${database.id}/portraits`;
        const answer = await api.post<EnrolledView>(address, asked, { signal, timeout: ANSWER_MS });
        const { portrait, near, nearFault } = answer;
        return { imageId: portrait.imageId, near, nearFault };
      },
    });
    setStopped(error);
    setRunning(undefined);
    onChanged();
  };
  const close = async () => {
    if (running) {
      const sure = await ui.confirm({
        title: t('batch.stopTitle'),
        text: t('batch.stopText', { n: counts.waiting }),
        confirm: t('batch.stop'),
      });
      if (!sure) return;
      running.abort();
    }
    onClose();
  };
  const download = () => {
    const words = {
      columns: [
        t('batch.file'),
        t('field.name'),
        t('detail.imageId'),
        t('batch.result'),
        t('batch.code'),
        t('batch.reason'),
      ],
      outcome: (row: BatchRow<unknown>) => outcomeWord(page, row).text,
      reason: (row: BatchRow<unknown>) => reasonWord(page, row),
    } as const;
    save(new Blob([resultsCsv(rows, words)], { type: 'text/csv' }), `${database.name}.csv`);
  };

  const footer = html`
    ${
      running
        ? html`<${ui.Button} onClick=${() => running.abort()}>${t('batch.pause')}</${ui.Button}>`
        : counts.waiting > 0 &&
          html`<${ui.Button} kind="primary" icon="upload" onClick=${() => void start(rows)}>${done > 0 ? t('batch.goOn', { n: counts.waiting }) : t('batch.start', { n: counts.waiting, database: database.name })}</${ui.Button}>`
    }
    ${!running && counts.refused > 0 && html`<${ui.Button} icon="refresh" onClick=${() => void start(refusedAgain(rows))}>${t('batch.again', { n: counts.refused })}</${ui.Button}>`}
    ${done > 0 && html`<${ui.Button} icon="download" onClick=${download}>${t('batch.download')}</${ui.Button}>`}
    ${!running && rows.length > 0 && html`<${ui.Button} kind="quiet" onClick=${() => setRows([])}>${t('batch.others')}</${ui.Button}>`}`;
  return html`<${ui.Dialog} wide title=${t('batch.title', { database: database.name })} onClose=${close} footer=${rows.length > 0 && footer}>
    ${
      rows.length === 0
        ? html`<${ChooseFiles} page=${page} onChoose=${(files: File[]) => setRows(rowsOf(files))} />`
        : html`<div class="g-stack">
            ${(running || done > 0) && html`<${ui.Progress} label=${t('batch.progress', { n: done, all: done + counts.waiting })} value=${done} max=${done + counts.waiting} />`}
            ${stopped !== undefined && html`<${ui.Notice} tone="bad" title=${t('batch.stopped')}>${i18n.error(stopped)}</${ui.Notice}>`}
            <${ui.Row} gap=${4}>
              ${counts.enrolled > 0 && html`<${ui.Status} tone="ok">${t('batch.enrolled', { n: counts.enrolled })}</${ui.Status}>`}
              ${twice > 0 && html`<${ui.Status} tone="warn">${t('batch.twice', { n: twice })}</${ui.Status}>`}
              ${counts.refused > 0 && html`<${ui.Status} tone="bad">${t('batch.refused', { n: counts.refused })}</${ui.Status}>`}
              ${counts.unreadable > 0 && html`<${ui.Status} tone="warn">${t('batch.unreadable', { n: counts.unreadable })}</${ui.Status}>`}
              ${counts.waiting > 0 && html`<${ui.Status} tone="idle">${t('batch.waiting', { n: counts.waiting })}</${ui.Status}>`}
            </${ui.Row}>
            ${!running && (counts.waiting > 0 || counts.refused > 0) && html`<${ui.SwitchField} label=${t('batch.onlyGood')} hint=${t('batch.onlyGoodHint')} value=${onlyGood} onChange=${setOnlyGood} />`}
            <${ResultTable} page=${page} rows=${rows} />
          </div>`
    }
  </${ui.Dialog}>`;
}

class TooLarge extends Error {
  readonly size: number;

  constructor(size: number) {
    super('the picture is too large');
    this.size = size;
  }

  sizes({ bytes }: PageProps['i18n']): { size: string; most: string } {
    return { size: bytes(this.size), most: bytes(LARGEST) };
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
