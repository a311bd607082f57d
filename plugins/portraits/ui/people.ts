import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import { Batch } from './batch.ts';
import { DatabaseForm } from './database-form.ts';
import { DatabaseList } from './database-list.ts';
import { DatabasePeople } from './database-people.ts';
import { Enrol } from './enrol.ts';
import { ExportPeople } from './export-people.ts';
import { IndexNote } from './index-note.ts';
import type { Chosen, Database, Databases, Portrait } from './shapes.ts';
import { useDatabases } from './use-databases.ts';

export const styles = ['./portraits.css'];

/**
 * Databases and the people in them. Database, search, page and the opened person are in the address;
 * `#/people?from=<capture id>` adds whom a capture shows.
 */
export default function People(page: PageProps) {
  const { i18n, ui, params } = page;
  const { t } = i18n;
  const found = useDatabases(page);
  return html`<${ui.Loaded} of=${found} what=${t('databases.notRead')} skeleton=${html`<${ui.Page} title=${t('people.title')} wide><${ui.Skeleton} height="60vh" /></${ui.Page}>`}>
    ${(data: Databases) => {
      const wanted = Number(params['database']);
      const database = data.databases.find(({ id }) => id === wanted) ?? data.databases[0];
      return html`<${Library} page=${page} data=${data} database=${database} renew=${found.reload} />`;
    }}
  </${ui.Loaded}>`;
}

type Open = 'new-database' | 'edit-database' | 'enrol' | 'batch' | 'export' | undefined;

interface LibraryProps {
  page: PageProps;
  data: Databases;
  /** Undefined: there is none yet. */
  database: Database | undefined;
  renew: () => Promise<void>;
}

function Library({ page, data, database, renew }: LibraryProps) {
  const { i18n, ui, me } = page;
  const { t } = i18n;
  const [open, setOpen] = useState<Open>();
  /** Grows whenever the people are to be read again. */
  const [round, setRound] = useState(0);
  const may = me.can('people', 'change');
  const capture = useCapture(page);
  // Drawn people are told apart by another model, and leave with the demo site: each kind has databases of its own.
  const origin = capture.chosen?.origin ?? null;
  const fitting = data.databases.filter((one) => one.origin === origin);
  const target = fitting.find(({ id }) => id === database?.id) ?? fitting[0];
  const close = () => {
    setOpen(undefined);
    if (page.params['from'] !== undefined) ui.setParams({ from: undefined });
  };
  const changed = () => {
    setRound((before) => before + 1);
    void renew();
  };
  const enrolled = (portrait: Portrait) => {
    if (portrait.database !== database?.id)
      ui.setParams({ database: portrait.database, search: undefined, page: undefined });
    changed();
  };
  const saved = async ({ id }: Database) => {
    await renew();
    if (open === 'new-database') ui.setParams({ database: id, search: undefined, page: undefined }, { push: true });
    setOpen(capture.chosen ? 'enrol' : undefined);
  };
  useEffect(() => {
    if (capture.chosen && may) setOpen(target ? 'enrol' : 'new-database');
  }, [capture.chosen]);

  const people = data.databases.reduce((sum, { pictures }) => sum + pictures, 0);
  const actions =
    database &&
    may &&
    (target
      ? html`<${ui.Button} icon="upload" onClick=${() => setOpen('batch')}>${t('people.batch')}</${ui.Button}>
        <${ui.Button} kind="primary" icon="add" onClick=${() => setOpen('enrol')}>${t('people.add')}</${ui.Button}>`
      : html`<${ui.Button} kind="primary" icon="add" onClick=${() => setOpen('new-database')}>${t('database.own')}</${ui.Button}>`);
  return html`<${ui.Page} title=${t('people.title')} wide lead=${database && t('people.lead', { n: people, databases: data.databases.length })} actions=${actions}>
    <${IndexNote} page=${page} index=${data.index} />
    ${capture.error !== undefined && html`<${ui.Notice} tone="bad" title=${t('from.failed')} onClose=${close}>${i18n.error(capture.error)}</${ui.Notice}>`}
    ${
      database
        ? html`<div class="portraits-library">
            <${DatabaseList} page=${page} databases=${data.databases} chosen=${database.id} onNew=${may ? () => setOpen('new-database') : undefined} />
            <${DatabasePeople} key=${database.id} page=${page} database=${database} round=${round}
              onEdit=${() => setOpen('edit-database')} onAdd=${() => setOpen(target ? 'enrol' : 'new-database')} onBatch=${() => setOpen('batch')} onExport=${() => setOpen('export')} onChanged=${changed} />
          </div>`
        : html`<${ui.Card}><${ui.Empty} icon="people" title=${t('databases.none')}
            action=${may && html`<${ui.Button} kind="primary" icon="add" onClick=${() => setOpen('new-database')}>${t('database.first')}</${ui.Button}>`}
          >${t('databases.noneHow')}</${ui.Empty}></${ui.Card}>`
    }
    ${
      (open === 'new-database' || (open === 'edit-database' && database)) &&
      html`<${DatabaseForm} page=${page} database=${open === 'edit-database' ? database : undefined} onClose=${close} onSaved=${saved} />`
    }
    ${open === 'enrol' && target && html`<${Enrol} page=${page} databases=${fitting} database=${target.id} start=${capture.chosen} onEnrolled=${enrolled} onClose=${close} />`}
    ${open === 'batch' && target && html`<${Batch} page=${page} database=${target} onChanged=${changed} onClose=${close} />`}
    ${open === 'export' && database && html`<${ExportPeople} page=${page} database=${database} onClose=${close} />`}
  </${ui.Page}>`;
}

/** A capture's picture. */
interface OfCapture extends Chosen {
  /** Id of the capture. */
  of: string;
  origin: 'demo' | null;
}

/** The picture of the capture that the address names. */
function useCapture({ api, ui, params, config }: PageProps): { chosen?: OfCapture; error?: unknown } {
  const id = params['from'] ?? '';
  const found = ui.useData(
    async (signal): Promise<OfCapture> => {
      const address = `/p/captures/captures/${encodeURIComponent(id)}`;
      const found = await api.core<{ cropPath: string; origin: 'demo' | null }>(address, { signal });
      return { of: id, name: '', src: `/ws/${found.cropPath}`, capture: found.cropPath, origin: found.origin };
    },
    { deps: [id], when: id !== '' && config.plugins.includes('captures') },
  );
  if (id === '') return {};
  return found.data?.of === id ? { chosen: found.data } : { error: found.error };
}
