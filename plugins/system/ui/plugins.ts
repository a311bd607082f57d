import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { PluginReport } from '../../../core/plugin/services.ts';
import type { Column, PageProps } from '../../../ui/contract.ts';
import { type BoxFacts, PLUGIN_TONE, pluginName } from './facts.ts';

interface PluginsProps extends PageProps {
  facts: BoxFacts;
  /** Reads the facts again. */
  onChanged(): void;
}

/** Every plugin: how it is and why, and the switch of those the box can do without. */
export function Plugins({ api, i18n, me, ui, facts, onChanged }: PluginsProps) {
  const { t } = i18n;
  const [busy, setBusy] = useState<string>();
  const mayChange = me.can('people', 'change');

  function sure(name: string, neededBy: string[]): Promise<boolean> {
    const names = neededBy.map((one) => pluginName(i18n, one)).join(t('stages.comma'));
    return ui.confirm({
      title: t('plugins.offSure', { name }),
      text: neededBy.length > 0 ? t('plugins.offWith', { names }) : t('plugins.offAlone'),
      confirm: t('plugins.off'),
    });
  }

  async function toggle({ id, neededBy }: PluginReport, enabled: boolean): Promise<void> {
    const name = pluginName(i18n, id);
    setBusy(id);
    try {
      if (!enabled && !(await sure(name, neededBy))) return;
      await api.put(`/plugins/${encodeURIComponent(id)}/enabled`, { enabled, withNeeders: neededBy.length > 0 });
      ui.toast(t(enabled ? 'plugins.isOn' : 'plugins.isOff', { name }));
      onChanged();
    } catch (error) {
      ui.toast((error as Error).message, { tone: 'bad' });
    } finally {
      // Drawn again, the switch shows what is, not what was wished.
      setBusy(undefined);
    }
  }

  const switchOf = (plugin: PluginReport) =>
    plugin.essential
      ? html`<span class="g-quiet g-small-text">${t('plugins.always')}</span>`
      : html`<${ui.SwitchField}
          label=${t('plugins.switch', { name: pluginName(i18n, plugin.id) })} hideLabel value=${plugin.enabled}
          disabled=${!mayChange || busy !== undefined} onChange=${(enabled: boolean) => void toggle(plugin, enabled)}
        />`;
  const reason = ({ state, reason: why, health }: PluginReport) =>
    why ?? health?.detail ?? (state === 'RUNNING' ? '' : t(`plugin.next.${state}`));
  const columns: Column<PluginReport>[] = [
    {
      id: 'name',
      title: t('plugins.name'),
      primary: true,
      cell: ({ id }) => html`<b>${pluginName(i18n, id)}</b> <span class="g-quiet g-small-text">${id}</span>`,
    },
    {
      id: 'state',
      title: t('plugins.state'),
      cell: ({ state }) => html`<${ui.Status} tone=${PLUGIN_TONE[state]}>${t(`plugin.state.${state}`)}</${ui.Status}>`,
    },
    { id: 'reason', title: t('plugins.reason'), cell: reason },
    { id: 'restarts', title: t('plugins.restarts'), align: 'end', cell: ({ restarts }) => i18n.number(restarts) },
    {
      id: 'errors',
      title: t('plugins.errors'),
      align: 'end',
      cell: ({ errors, holds }) =>
        holds === 0
          ? i18n.number(errors)
          : html`${i18n.number(errors)} <small class="g-quiet">${t('plugins.holds', { n: holds })}</small>`,
    },
    { id: 'version', title: t('plugins.version'), align: 'end', hideOnPhone: true, cell: ({ version }) => version },
    { id: 'switch', title: t('plugins.on'), cell: switchOf },
  ];
  const order = ({ state }: PluginReport) => (state === 'RUNNING' ? 1 : state === 'DISABLED' ? 2 : 0);
  const rows = [...facts.plugins].sort((a, b) => order(a) - order(b) || a.id.localeCompare(b.id));
  return html`<${ui.Card} title=${t('plugins.title')} icon="plugin" flush>
    <${ui.Table} caption=${t('plugins.title')} columns=${columns} rows=${rows} rowKey=${({ id }: PluginReport) => id} />
  </${ui.Card}>`;
}
