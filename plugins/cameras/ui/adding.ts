import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { ComponentChildren, PageProps } from '../../../ui/contract.ts';
import { suggestName } from './address.ts';
import { CompareFields } from './compare-fields.ts';
import { Makers } from './makers.ts';
import { checkedAddress, Found, LookProgress, NotFound, useLook } from './probe.ts';
import { bodyOf, checkSettings, NEW_SETTINGS } from './settings.ts';
import { AdvancedFields, NameFields, TaskFields, TransportField, useSettingsForm } from './settings-fields.ts';
import type { Camera } from './shapes.ts';

/** A new camera in three steps: its address and picture, its name, what it looks for. */
export function Adding({ page }: { page: PageProps }) {
  const { api, i18n, ui } = page;
  const { t } = i18n;
  const [url, setUrl] = useState('');
  const [urlError, setUrlError] = useState<string>();
  /** Steps 2 and 3 are open. */
  const [settled, setSettled] = useState(false);
  const form = useSettingsForm(page, NEW_SETTINGS);
  const look = useLook(page);
  const probe = look.result?.probe;
  const size = probe?.width && probe.height ? { width: probe.width, height: probe.height } : undefined;

  const goOn = () => {
    // A name that was typed stays, whatever address follows.
    if (form.values.name === '') form.set('name', suggestName(i18n, url));
    setSettled(true);
  };
  const tryAddress = async () => {
    const found = await look.at(url, form.values.transport);
    if (found?.ok) goOn();
  };
  const save = async () => {
    const camera = await api.post<Camera>('/cameras', { url: url.trim(), ...bodyOf(form.values) });
    ui.toast(t('add.added', { name: camera.name, channel: camera.channel }));
    ui.go('cameras');
  };
  const change = () => {
    setSettled(false);
    look.forget();
  };

  return html`<${ui.Page} title=${t('add.title')} lead=${t('add.lead')} back=${ui.href('cameras')}>
    <div class="cameras-steps">
      <${Step}
        page=${page} n=${1} title=${t('add.address')} state=${settled ? 'done' : 'now'}
        actions=${settled && html`<${ui.Button} small icon="edit" onClick=${change}>${t('add.changeAddress')}</${ui.Button}>`}
      >
        ${
          settled
            ? html`${probe?.ok ? html`<${Found} page=${page} probe=${probe} name=${form.values.name} />` : html`<${ui.Notice} tone="warn">${t('add.unseen')}</${ui.Notice}>`}`
            : html`<${ui.Form}
                submit=${t('add.look')} onSubmit=${tryAddress} check=${() => checkedAddress(page, url)}
                form=${{ setErrors: (errors: Record<string, string | undefined>) => setUrlError(errors['url']) }}
              >
                <${ui.TextField}
                  label=${t('field.url')} hint=${t('field.urlHint')} name="url" mono required autofocus value=${url} error=${urlError} maxLength=${1000}
                  placeholder="rtsp://user:password@host:554/path" onChange=${(value: string) => {
                    setUrl(value);
                    setUrlError(undefined);
                    look.forget();
                  }}
                />
                <${LookProgress} page=${page} look=${look} url=${url} />
                ${
                  probe &&
                  !probe.ok &&
                  html`<${NotFound} page=${page} probe=${probe}
                    action=${probe.code !== 'bad-url' && html`<${ui.Button} small onClick=${goOn}>${t('add.anyway')}</${ui.Button}>`} />`
                }
              </${ui.Form}>
              <div>
                <${Makers} page=${page} />
                <details class="cameras-fold">
                  <summary><${ui.Icon} name="right" size=${18} />${t('add.connection')}</summary>
                  <div><${TransportField} page=${page} form=${form} /></div>
                </details>
              </div>`
        }
      </${Step}>
      ${
        settled
          ? html`<${ui.Form} form=${form} check=${() => checkSettings(i18n, form.values, size)} onSubmit=${save} submit=${t('add.save')} onCancel=${() => ui.go('cameras')}>
              <${Step} page=${page} n=${2} title=${t('add.name')} state="now"><${NameFields} page=${page} form=${form} /></${Step}>
              <${Step} page=${page} n=${3} title=${t('add.what')} state="now">
                <${TaskFields} page=${page} form=${form} />
                <${CompareFields} page=${page} form=${form} />
                <${AdvancedFields} page=${page} form=${form} size=${size} picture=${probe?.picture} />
              </${Step}>
            </${ui.Form}>`
          : html`<${Step} page=${page} n=${2} title=${t('add.name')} state="later" /><${Step} page=${page} n=${3} title=${t('add.what')} state="later" />`
      }
    </div>
  </${ui.Page}>`;
}

interface StepProps {
  page: PageProps;
  n: number;
  title: string;
  state: 'done' | 'now' | 'later';
  actions?: ComponentChildren;
  children?: ComponentChildren;
}

function Step({ page, n, title, state, actions, children }: StepProps) {
  const { i18n, ui } = page;
  return html`<${ui.Card}>
    <div class="cameras-step-head" aria-current=${state === 'now' ? 'step' : undefined}>
      <span class="cameras-step" data-state=${state}>${state === 'done' ? html`<${ui.Icon} name="check" size=${16} label=${i18n.t('add.done')} />` : n}</span>
      <h2 class=${state === 'later' ? 'g-quiet' : ''}>${title}</h2>${actions}
    </div>
    ${state !== 'later' && html`<div class="cameras-step-body">${children}</div>`}
  </${ui.Card}>`;
}
