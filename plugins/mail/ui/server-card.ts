import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import type { Overview, TestResult } from './shapes.ts';

/** Longer than the box gives the mail server. */
const TEST_TIMEOUT = 30_000;

/** The mail server, what waits for it, and a mail to try it. */
export function ServerCard({ overview, ...props }: PageProps & { overview: Overview }) {
  const { i18n, ui } = props;
  const { t } = i18n;
  const { setUp, host, port, security, from, pictures, queue } = overview;
  const settings = html`<${ui.Button} icon="settings" href="#/settings?plugin=mail">${t(setUp ? 'server.change' : 'server.setUp')}</${ui.Button}>`;
  if (!setUp)
    return html`<${ui.Card} title=${t('server.title')} icon="storage">
      <${ui.Empty} icon="storage" title=${t('server.none')} action=${settings}>${t('server.noneHow')}</${ui.Empty}>
    </${ui.Card}>`;
  const facts = [
    { label: t('server.host'), value: html`<${ui.Code} text=${`${host}:${port}`} />` },
    { label: t('server.security'), value: t(`config.security.${security}`) },
    { label: t('server.from'), value: from },
    { label: t('server.pictures'), value: t(pictures ? 'server.withPictures' : 'server.withoutPictures') },
    queue && { label: t('queue.title'), value: html`<${Queue} queue=${queue} i18n=${i18n} ui=${ui} />` },
  ];
  return html`<${ui.Card} title=${t('server.title')} icon="storage" actions=${settings}>
    <${ui.Stack} gap=${4}>
      <${ui.Facts} items=${facts} />
      ${
        queue &&
        queue.failures > 0 &&
        html`<${ui.Notice} tone="bad" title=${t('queue.failing', { n: queue.failures })}>
        ${queue.lastError}${queue.pausedUntil !== undefined && html`<br />${t('queue.again', { time: i18n.clock(queue.pausedUntil) })}`}
      </${ui.Notice}>`
      }
      <${TestMail} ...${props} overview=${overview} />
    </${ui.Stack}>
  </${ui.Card}>`;
}

function Queue({ queue, i18n, ui }: Pick<PageProps, 'i18n' | 'ui'> & { queue: NonNullable<Overview['queue']> }) {
  const { t } = i18n;
  const tone = queue.failures > 0 ? 'bad' : queue.waiting > 0 ? 'busy' : 'ok';
  const words = queue.waiting === 0 ? t('queue.empty') : t('queue.waiting', { n: queue.waiting });
  const oldest = queue.waiting > 0 && queue.oldest !== undefined ? ` · ${i18n.ago(queue.oldest)}` : '';
  return html`<${ui.Status} tone=${tone}>${words}${oldest}${queue.dead > 0 && ` · ${t('queue.dead', { n: queue.dead })}`}</${ui.Status}>`;
}

function TestMail({ api, i18n, ui, overview }: PageProps & { overview: Overview }) {
  const { t } = i18n;
  const form = ui.useForm({ address: overview.recipients[0]?.address ?? '' });
  const [result, setResult] = useState<TestResult & { to: string }>();

  async function send(): Promise<void> {
    const { address } = form.values;
    setResult(undefined);
    setResult({ ...(await api.post<TestResult>('/test', { address }, { timeout: TEST_TIMEOUT })), to: address });
  }

  const check = () => ({ address: form.values.address.trim() === '' ? t('test.needed') : undefined });
  return html`<${ui.Stack} gap=${3}>
    <${ui.Form} form=${form} check=${check} onSubmit=${send} submit=${t('test.send')}>
      <${ui.TextField} type="email" label=${t('test.to')} hint=${t('test.hint')} maxLength=${254} ...${form.bind('address')} />
    </${ui.Form}>
    ${
      result &&
      (result.ok
        ? html`<${ui.Notice} tone="ok" title=${t('test.ok', { address: result.to })}>${t('test.said')} <${ui.Code} text=${result.reply ?? ''} /></${ui.Notice}>`
        : html`<${ui.Notice} tone="bad" title=${t(`fault.${result.code ?? 'other'}`)}>
            <p>${t(`mend.${result.code ?? 'other'}`)}</p>
            <p>${result.reply ? html`${t('test.said')} <${ui.Code} text=${result.reply} />` : result.message}</p>
          </${ui.Notice}>`)
    }
  </${ui.Stack}>`;
}
