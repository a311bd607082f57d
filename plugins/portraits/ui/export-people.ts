import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import type { Database, Exported } from './shapes.ts';

interface ExportPeopleProps {
  page: PageProps;
  database: Database;
  onClose: () => void;
}

/** What the box puts into one archive at most (`../packing.ts`). */
const MOST = 500;
/** Hundreds of pictures are read and encrypted, ms. */
const PATIENCE_MS = 60_000;

/** The people of a database as encrypted archives, one after the other; each with the password that opens it. */
export function ExportPeople({ page, database, onClose }: ExportPeopleProps) {
  const { api, i18n, ui } = page;
  const { t } = i18n;
  const [made, setMade] = useState<Exported & { offset: number }>();
  const all = made?.total ?? database.pictures;
  const next = made ? made.offset + MOST : 0;
  const inParts = all > MOST;
  const make = async () => {
    const path = `/databases/${database.id}/export`;
    setMade({ ...(await api.post<Exported>(path, { offset: next }, { timeout: PATIENCE_MS })), offset: next });
  };
  const range = (offset: number) => ({ from: offset + 1, to: Math.min(offset + MOST, all), all });
  const footer = html`
    ${made && html`<${ui.Button} kind="primary" icon="download" href=${`/ws/${made.path}`} download>${t('export.download')}</${ui.Button}>`}
    ${next < all && html`<${ui.Button} kind=${made ? 'secondary' : 'primary'} icon="lock" onClick=${make}>${inParts ? t('export.makePart', range(next)) : t('export.make')}</${ui.Button}>`}
    <${ui.Button} kind="quiet" onClick=${onClose}>${made ? t('kit.close') : t('kit.cancel')}</${ui.Button}>`;
  return html`<${ui.Dialog} title=${t('export.title', { name: database.name })} onClose=${onClose} footer=${footer}>
    <div class="g-stack">
      ${
        made
          ? html`<${ui.Status} tone="ok">${inParts ? t('export.readyPart', range(made.offset)) : t('export.ready', { n: made.count })}</${ui.Status}>
            <div><h3>${t('export.password')}</h3><${ui.Code} text=${made.password} label=${t('export.password')} /></div>
            <p class="g-quiet">${t('export.passwordHint')}</p>`
          : html`<p>${t('export.what')}</p><p>${t('export.sealed')}</p>
            ${inParts && html`<p>${t('export.part', { most: MOST, all })}</p>`}
            <p class="g-quiet">${t('export.logged')}</p>`
      }
    </div>
  </${ui.Dialog}>`;
}
