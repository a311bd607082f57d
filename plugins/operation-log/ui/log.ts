import { html } from 'htm/preact';
import type { Operation } from '../../../core/plugin/services.ts';
import type { Column, PageProps } from '../../../ui/contract.ts';

export const styles = ['./operation-log.css'];

type Entry = Operation & { id: number };

interface Entries {
  entries: Entry[];
  next: number | null;
}

const FILTERS = ['from', 'to', 'user', 'module', 'result', 'text'] as const;
const MODULES = [
  'users',
  'cameras',
  'captures',
  'alarms',
  'portraits',
  'system',
  'device',
  'push-ws',
  'push-http',
  'mail',
  'web-push',
  'operation-log',
];
const LIMIT = 50;

/** Who did what and when, with filters in the address. */
export default function OperationLog({ api, i18n, ui, params }: PageProps) {
  const { t } = i18n;
  const filters = Object.fromEntries(FILTERS.map((name) => [name, params[name]]));
  const before = params['before'];
  const found = ui.useData((signal) => api.get<Entries>('/entries', { ...filters, before, limit: LIMIT }, { signal }), {
    deps: [...FILTERS.map((name) => params[name]), before],
    changed: ['operation-log'],
  });
  const active = FILTERS.filter((name) => params[name] !== undefined).length;
  // Another filter starts at the newest entry again.
  const set = (name: (typeof FILTERS)[number], value: string | number | undefined) =>
    ui.setParams({ [name]: value, before: undefined });
  const reset = () => ui.setParams(Object.fromEntries([...FILTERS, 'before'].map((name) => [name, undefined])));
  const time = (name: 'from' | 'to') => (params[name] === undefined ? undefined : Number(params[name]));

  const modules = [
    { value: '', label: t('log.any') },
    ...[...new Set([...MODULES, ...(params['module'] ? [params['module']] : [])])].map((id) => ({
      value: id,
      label: i18n.or(`module.${id}`, i18n.of(id).or('plugin.name', id)),
    })),
  ];
  const results = [
    { value: '', label: t('log.any') },
    { value: 'ok', label: t('log.ok') },
    { value: 'failed', label: t('log.failed') },
  ];

  const columns: Column<Entry>[] = [
    { id: 'time', title: t('log.time'), width: '190px', cell: (entry) => html`<${ui.Time} at=${entry.time} />` },
    {
      id: 'user',
      title: t('log.user'),
      cell: ({ userName, role }) =>
        html`<span class="operation-log-who"><b>${userName || t('log.nobody')}</b>${role && html`<small>${i18n.or(`role.${role}`, role)}</small>`}</span>`,
    },
    {
      id: 'item',
      title: t('log.item'),
      primary: true,
      cell: ({ module, item, detail }) =>
        html`<span class="operation-log-act"><b>${i18n.or(`act.${module} ${item}`, item)}</b>
          <small>${i18n.or(`module.${module}`, i18n.of(module).or('plugin.name', module))}${detail && ` · ${detail}`}</small></span>`,
    },
    {
      id: 'result',
      title: t('log.result'),
      cell: ({ result }) =>
        result === 0
          ? html`<${ui.Status} tone="ok">${t('log.ok')}</${ui.Status}>`
          : html`<${ui.Status} tone="bad">${i18n.or(`code.${result}`, t('log.failedCode', { code: String(result) }))}</${ui.Status}>`,
    },
    { id: 'source', title: t('log.source'), cell: (entry) => html`<span class="g-num">${entry.source}</span>` },
  ];

  const empty =
    active > 0
      ? html`<${ui.Empty} icon="search" title=${t('log.noMatch')} action=${html`<${ui.Button} onClick=${reset}>${t('log.reset')}</${ui.Button}>`}>${t('log.noMatchHow')}</${ui.Empty}>`
      : html`<${ui.Empty} icon="log" title=${t('log.none')}>${t('log.noneHow')}</${ui.Empty}>`;
  const page = ({ entries, next }: Entries) => html`
    <${ui.Table} caption=${t('log.title')} columns=${columns} rows=${entries} rowKey=${(entry: Entry) => entry.id} empty=${empty} stale=${found.loading} />
    ${
      (before !== undefined || next !== null) &&
      html`<${ui.Pager}
        onFirst=${before === undefined ? undefined : () => ui.setParams({ before: undefined })}
        onNext=${next === null ? undefined : () => ui.setParams({ before: next }, { push: true })}
      >${before !== undefined && t('log.olderShown')}</${ui.Pager}>`
    }`;

  const exportLink = html`<${ui.Button} icon="download" href=${api.url('/export.csv', filters)} download>${t('log.export')}</${ui.Button}>`;
  return html`<${ui.Page} title=${t('log.title')} lead=${t('log.lead')} actions=${exportLink}>
    <${ui.FilterBar} active=${active} onReset=${reset}>
      <${ui.TextField} type="search" label=${t('log.text')} value=${params['text'] ?? ''} onChange=${(value: string) => set('text', value)} />
      <${ui.TextField} type="search" label=${t('log.user')} value=${params['user'] ?? ''} onChange=${(value: string) => set('user', value)} />
      <${ui.SelectField} label=${t('log.module')} value=${params['module'] ?? ''} options=${modules} onChange=${(value: string) => set('module', value)} />
      <${ui.SelectField} label=${t('log.result')} value=${params['result'] ?? ''} options=${results} onChange=${(value: string) => set('result', value)} />
      <${ui.TimeField} label=${t('log.from')} value=${time('from')} onChange=${(value?: number) => set('from', value)} />
      <${ui.TimeField} label=${t('log.to')} value=${time('to')} onChange=${(value?: number) => set('to', value)} />
    </${ui.FilterBar}>
    <${ui.Card} flush><${ui.Loaded} of=${found} what=${t('log.notRead')} skeleton=${html`<div class="g-pad"><${ui.Skeleton} lines=${8} /></div>`}>${page}</${ui.Loaded}></${ui.Card}>
  </${ui.Page}>`;
}
