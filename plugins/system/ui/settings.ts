import { html } from 'htm/preact';
import { useMemo, useRef } from 'preact/hooks';
import type { PluginReport } from '../../../core/plugin/services.ts';
import type { ApiFailure, PageProps } from '../../../ui/contract.ts';
import { ConfigInput } from './config-field.ts';
import { type BoxFacts, PLUGIN_TONE, pluginName } from './facts.ts';
import { type ConfigField, type ConfigSchema, fieldsOf, fromForm, problemOf, toForm } from './schema.ts';

export const styles = ['./system.css'];

interface Config {
  schema: ConfigSchema;
  values: Record<string, unknown>;
}

/** One form per plugin, made from the schema of its settings. */
export default function Settings(props: PageProps) {
  const { api, i18n, ui, params } = props;
  const { t } = i18n;
  const dirty = useRef(false);
  const found = ui.useData((signal) => api.get<BoxFacts>('/overview', {}, { signal }), { changed: ['system'] });
  const plugins = (found.data?.plugins ?? [])
    .filter((plugin) => plugin.configurable)
    .sort((a, b) => pluginName(i18n, a.id).localeCompare(pluginName(i18n, b.id)));
  const chosen = plugins.find(({ id }) => id === params['plugin']) ?? plugins[0];

  async function choose(id: string): Promise<void> {
    if (id === chosen?.id) return;
    const question = { title: t('settings.unsaved'), lose: [t('settings.unsavedLoss')], confirm: t('settings.leave') };
    if (dirty.current && !(await ui.confirm(question))) return;
    dirty.current = false;
    ui.setParams({ plugin: id }, { push: true });
  }

  const body = () => {
    if (!chosen)
      return html`<${ui.Card}><${ui.Empty} icon="settings" title=${t('settings.none')}>${t('settings.noneWhy')}</${ui.Empty}></${ui.Card}>`;
    return html`<div class="system-settings">
      <nav class="system-settings-list" aria-label=${t('settings.plugins')}>
        ${plugins.map(
          (plugin) => html`<button
            key=${plugin.id} type="button" aria-current=${plugin.id === chosen.id ? 'true' : undefined} onClick=${() => choose(plugin.id)}
          ><span>${pluginName(i18n, plugin.id)}</span>
            ${plugin.state !== 'RUNNING' && html`<span data-tone=${PLUGIN_TONE[plugin.state]}><${ui.Icon} name=${PLUGIN_TONE[plugin.state]} size=${16} label=${t(`plugin.state.${plugin.state}`)} /></span>`}
          </button>`,
        )}
      </nav>
      <div class="system-settings-choice"><${ui.SelectField}
        label=${t('settings.plugins')} value=${chosen.id} options=${plugins.map(({ id }) => ({ value: id, label: pluginName(i18n, id) }))} onChange=${choose}
      /></div>
      <${PluginConfig} key=${chosen.id} ...${props} plugin=${chosen} dirty=${dirty} />
    </div>`;
  };
  return html`<${ui.Page} title=${t('settings.title')} lead=${t('settings.lead')}>
    <${ui.Loaded} of=${found} what=${t('settings.notRead')}>${body}</${ui.Loaded}>
  </${ui.Page}>`;
}

interface PluginConfigProps extends PageProps {
  plugin: PluginReport;
  dirty: { current: boolean };
}

function PluginConfig(props: PluginConfigProps) {
  const { api, i18n, ui, plugin } = props;
  const path = `/plugins/${encodeURIComponent(plugin.id)}/config`;
  const found = ui.useData((signal) => api.get<Config>(path, {}, { signal }));
  const name = pluginName(i18n, plugin.id);
  // The box answers "no such data" for a plugin that has no settings.
  const none = (found.error as Partial<ApiFailure> | undefined)?.status === 404;
  if (none) return html`<${ui.Card} title=${name}><${NothingToSet} i18n=${i18n} ui=${ui} /></${ui.Card}>`;
  return html`<${ui.Card} title=${name} actions=${html`<${ui.Status} tone=${PLUGIN_TONE[plugin.state]}>${i18n.t(`plugin.state.${plugin.state}`)}</${ui.Status}>`}>
    <${ui.Loaded} of=${found} what=${i18n.t('settings.pluginNotRead', { name })}>
      ${(config: Config) => html`<${ConfigForm} ...${props} path=${path} settings=${config} onSaved=${found.set} />`}
    </${ui.Loaded}>
  </${ui.Card}>`;
}

function NothingToSet({ i18n, ui }: Pick<PageProps, 'i18n' | 'ui'>) {
  return html`<${ui.Empty} icon="settings" title=${i18n.t('settings.nothing')}>${i18n.t('settings.nothingWhy')}</${ui.Empty}>`;
}

interface ConfigFormProps extends PluginConfigProps {
  path: string;
  settings: Config;
  onSaved(config: Config): void;
}

function ConfigForm({ api, i18n, ui, me, plugin, dirty, path, settings, onSaved }: ConfigFormProps) {
  const { t } = i18n;
  const fields = useMemo(() => fieldsOf(settings.schema, settings.values), [settings]);
  const shown = (values: Record<string, unknown>) =>
    Object.fromEntries(fields.map((field) => [field.name, toForm(field, values[field.name])]));
  const form = ui.useForm<Record<string, unknown>>(() => shown(settings.values));
  const mayChange = me.can('people', 'change');
  dirty.current = form.dirty;

  const check = () =>
    Object.fromEntries(fields.map((field) => [field.name, problemOf(field, form.values[field.name], i18n)]));

  async function save(): Promise<void> {
    const opened = shown(settings.values);
    // Only what was changed here: what others change meanwhile is not undone by saving.
    const changed = fields.filter(({ name }) => !Object.is(form.values[name], opened[name]));
    const body = Object.fromEntries(
      changed.map((field) => [field.name, fromForm(field, form.values[field.name]) ?? null]),
    );
    const saved = await api.patch<Config>(path, body);
    onSaved(saved);
    form.reset(shown(saved.values));
    ui.toast(t('settings.saved'));
  }

  function defaults(): void {
    for (const field of fields) if (field.initial !== undefined) form.set(field.name, toForm(field, field.initial));
  }

  if (fields.length === 0) return html`<${NothingToSet} i18n=${i18n} ui=${ui} />`;
  const inputs = fields.map((field: ConfigField) => {
    const { value, error, onChange } = form.bind(field.name);
    return html`<${ConfigInput}
      key=${field.name} field=${field} plugin=${plugin.id} i18n=${i18n} ui=${ui} value=${value} error=${error} onChange=${onChange} disabled=${!mayChange}
    />`;
  });
  if (!mayChange)
    return html`<${ui.Stack}><${ui.Notice} tone="info">${t('settings.readOnly')}</${ui.Notice}><div class="g-fields">${inputs}</div></${ui.Stack}>`;
  const extra = html`
    <${ui.Button} disabled=${!form.dirty} onClick=${() => form.reset()}>${t('settings.discard')}</${ui.Button}>
    <${ui.Button} kind="quiet" onClick=${defaults}>${t('settings.defaults')}</${ui.Button}>`;
  return html`<${ui.Form} form=${form} check=${check} onSubmit=${save} submit=${t('settings.save')} disabled=${!form.dirty} extra=${extra}>${inputs}</${ui.Form}>`;
}
