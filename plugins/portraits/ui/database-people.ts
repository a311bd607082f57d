import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import { Detail } from './detail.ts';
import { eraseDatabase } from './erase.ts';
import { PeopleGrid } from './people-grid.ts';
import type { Database, Portrait, Portraits } from './shapes.ts';
import { typeWord } from './words.ts';

interface DatabasePeopleProps {
  page: PageProps;
  database: Database;
  /** Another number: read again. */
  round: number;
  onEdit: () => void;
  onAdd: () => void;
  onBatch: () => void;
  onExport: () => void;
  onChanged: () => void;
}

const PER_PAGE = 48;

/** A page of people with the question it answers: until the next one is there, the last one stays. */
type ShownPage = Portraits & { of: string };

/** The people of one database, the newest first. */
export function DatabasePeople(props: DatabasePeopleProps) {
  const { page, database, round, onEdit, onAdd, onBatch, onExport, onChanged } = props;
  const { api, i18n, ui, me, params } = page;
  const { t } = i18n;
  const search = params['search'] ?? '';
  const at = /^\d{1,6}$/.test(params['page'] ?? '') ? Math.max(1, Number(params['page'])) : 1;
  const opened = params['id'];
  const may = me.can('people', 'change');
  const wanted = `${search}\n${at}`;
  const found = ui.useData(
    async (signal): Promise<ShownPage> => {
      const query = { search, offset: (at - 1) * PER_PAGE, limit: PER_PAGE };
      return { ...(await api.get<Portraits>(`/databases/${database.id}/portraits`, query, { signal })), of: wanted };
    },
    // The number of pictures tells of what others do.
    { deps: [wanted, round, database.pictures] },
  );
  const open = (id: string | undefined, push = false) => ui.setParams({ id }, { push });
  const toPage = (n: number) => {
    ui.setParams({ page: n === 1 ? undefined : n }, { push: true });
    scrollTo({ top: 0 });
  };
  const put = (shown: ShownPage, portrait: Portrait) => {
    const portraits = shown.portraits.map((one) => (one.imageId === portrait.imageId ? portrait : one));
    found.set({ ...shown, portraits });
  };
  const erase = async () => {
    if (!(await eraseDatabase(page, database))) return;
    ui.setParams({ database: undefined, search: undefined, page: undefined, id: undefined });
    onChanged();
  };

  return html`<section class="portraits-people" aria-label=${database.name}>
    <header class="portraits-head">
      <div><h2>${database.name}</h2><p class="g-quiet">${[typeWord(i18n, database.type), t('databases.people', { n: database.pictures })].join(' · ')}</p></div>
      <div class="portraits-search"><${ui.TextField} type="search" label=${t('people.find')} hideLabel placeholder=${t('people.find')} value=${search}
        onChange=${(value: string) => ui.setParams({ search: value, page: undefined })} /></div>
      ${
        me.imageRight &&
        database.pictures > 0 &&
        html`<${ui.IconButton} icon="download" label=${t('export.button')} onClick=${onExport} />`
      }
      ${
        may &&
        html`<${ui.IconButton} icon="edit" label=${t('database.edit')} onClick=${onEdit} />
          <${ui.IconButton} icon="delete" label=${t('database.erase')} onClick=${erase} />`
      }
    </header>
    ${database.origin === 'demo' && html`<${ui.Notice}>${t('databases.demoWhat')}</${ui.Notice}>`}
    ${database.cameras.length === 0 && database.pictures > 0 && html`<${Unbound} page=${page} />`}
    <${ui.Loaded} of=${found} what=${t('people.notRead')} skeleton=${html`<${ui.Skeleton} height="50vh" />`}>
      ${(shown: ShownPage) => html`
        ${
          shown.portraits.length > 0
            ? html`<${PeopleGrid} page=${page} portraits=${shown.portraits} stale=${shown.of !== wanted} onOpen=${(id: string) => open(id, true)} />`
            : html`<${Nobody} page=${page} searched=${search !== '' || at > 1} onAdd=${may ? onAdd : undefined} onBatch=${onBatch} />`
        }
        ${
          shown.total > PER_PAGE &&
          html`<${ui.Card} flush><${ui.Pager} onFirst=${at > 1 ? () => toPage(1) : undefined} onNext=${at * PER_PAGE < shown.total ? () => toPage(at + 1) : undefined}>
            ${t('people.onPage', { from: (at - 1) * PER_PAGE + 1, to: (at - 1) * PER_PAGE + shown.portraits.length, all: shown.total })}
          </${ui.Pager}></${ui.Card}>`
        }
        ${
          opened !== undefined &&
          html`<${Detail} page=${page} database=${database} portraits=${shown.portraits} imageId=${opened}
            onOpen=${(id: string) => open(id)} onClose=${() => open(undefined)} onChanged=${(portrait: Portrait) => put(shown, portrait)}
            onErased=${() => {
              open(undefined);
              onChanged();
            }} />`
        }`}
    </${ui.Loaded}>
  </section>`;
}

/** Nobody is recognised by a database that no camera compares with. */
function Unbound({ page }: { page: PageProps }) {
  const { i18n, ui, me, config } = page;
  const { t } = i18n;
  const action =
    config.plugins.includes('cameras') &&
    me.can('devices', 'change') &&
    html`<${ui.Button} small icon="cameras" href=${ui.href('cameras')}>${t('databases.toCameras')}</${ui.Button}>`;
  return html`<${ui.Notice} title=${t('databases.notCompared')} action=${action}>${t('databases.notComparedNow')}</${ui.Notice}>`;
}

interface NobodyProps {
  page: PageProps;
  searched: boolean;
  onAdd: (() => void) | undefined;
  onBatch: () => void;
}

function Nobody({ page, searched, onAdd, onBatch }: NobodyProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  if (searched) {
    const all = html`<${ui.Button} onClick=${() => ui.setParams({ search: undefined, page: undefined })}>${t('people.showAll')}</${ui.Button}>`;
    return html`<${ui.Card}><${ui.Empty} icon="search" title=${t('people.noneSuch')} action=${all}>${t('people.noneSuchNow')}</${ui.Empty}></${ui.Card}>`;
  }
  const action =
    onAdd &&
    html`<${ui.Row} justify="center"><${ui.Button} kind="primary" icon="add" onClick=${onAdd}>${t('people.add')}</${ui.Button}>
      <${ui.Button} icon="upload" onClick=${onBatch}>${t('people.batch')}</${ui.Button}></${ui.Row}>`;
  return html`<${ui.Card}><${ui.Empty} icon="people" title=${t('people.none')} action=${action}>${t('people.noneHow')}</${ui.Empty}></${ui.Card}>`;
}
