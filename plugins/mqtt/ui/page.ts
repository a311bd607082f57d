import { html } from 'htm/preact';
import type { PageProps, Tone } from '../../../ui/contract.ts';
import type { StateView } from '../routes.ts';

const TONES: Record<StateView['state'], Tone> = {
  off: 'idle',
  stopped: 'idle',
  connecting: 'busy',
  waiting: 'bad',
  connected: 'ok',
};

/** How the connection to the broker does, and what went over it. */
export default function Mqtt({ api, i18n, ui, me }: PageProps) {
  const { t } = i18n;
  const found = ui.useData((signal) => api.get<StateView>('/state', {}, { signal }), {
    changed: ['mqtt'],
    every: 5000,
  });

  const again = async () => {
    await api.post('/discovery', {});
    ui.toast(t('sentAgain'));
  };
  const words: Record<StateView['state'], string> = {
    off: t('state.off'),
    stopped: t('state.off'),
    connecting: t('state.connecting'),
    waiting: t('state.waiting'),
    connected: t('state.connected'),
  };

  const nothing = html`<${ui.Card}><${ui.Empty} icon="info" title=${t('none')}>${t('howToFill')}</${ui.Empty}></${ui.Card}>`;
  const shown = (state: StateView) => html`<${ui.Stack}>
    ${
      state.lastError &&
      html`<${ui.Notice} tone="bad" title=${t(state.state === 'connected' ? 'refused' : 'noConnection', { broker: state.broker })}>${state.lastError}</${ui.Notice}>`
    }
    <${ui.Card} title=${state.broker}><${ui.Facts} items=${[
      {
        label: t('state'),
        value: html`<${ui.Status} tone=${TONES[state.state]}>${words[state.state]}</${ui.Status}>`,
      },
      { label: t('since'), value: state.since === undefined ? '–' : html`<${ui.Time} at=${state.since} />` },
      { label: t('topics'), value: html`<${ui.Code} text=${`${state.prefix}/#`} label=${t('topics')} />` },
      { label: t('published'), value: i18n.number(state.published) },
      { label: t('delivered'), value: i18n.number(state.delivered) },
      { label: t('waiting'), value: i18n.number(state.waiting) },
      { label: t('dead'), value: i18n.number(state.dead) },
    ]} /></${ui.Card}>
    <${ui.Card} title=${t('commands')}><${ui.Facts} items=${[
      { label: t('commands.run'), value: i18n.number(state.commands.run) },
      { label: t('commands.failed'), value: i18n.number(state.commands.failed) },
      { label: t('commands.refused'), value: i18n.number(state.commands.refused) },
      { label: t('commands.malformed'), value: i18n.number(state.commands.malformed) },
      { label: t('commands.dropped'), value: i18n.number(state.commands.dropped) },
    ]} /></${ui.Card}>
  </${ui.Stack}>`;

  const resend =
    me.can('devices', 'change') &&
    found.data?.homeAssistant &&
    html`<${ui.Button} disabled=${found.data.state !== 'connected'} onClick=${again}>${t('again')}</${ui.Button}>`;
  return html`<${ui.Page} title=${t('title')} lead=${t('lead')} actions=${resend}>
    <${ui.Loaded} of=${found} what=${t('notRead')}>${(state: StateView) => (state.state === 'off' ? nothing : shown(state))}</${ui.Loaded}>
  </${ui.Page}>`;
}
