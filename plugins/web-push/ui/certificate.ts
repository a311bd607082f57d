import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import { isApplePhone } from './this-browser.ts';

const SYSTEMS = ['android', 'ios', 'windows', 'macos', 'linux'] as const;
type System = (typeof SYSTEMS)[number];

const NAMES: Record<System, string> = {
  android: 'Android',
  ios: 'iPhone, iPad',
  windows: 'Windows',
  macos: 'macOS',
  linux: 'Linux',
};
/** Steps of each system, as the texts number them. */
const STEPS: Record<System, number> = { android: 4, ios: 4, windows: 4, macos: 3, linux: 3 };

/** The system this page is looked at with. */
function here(): System {
  const agent = navigator.userAgent;
  if (/Android/.test(agent)) return 'android';
  if (isApplePhone()) return 'ios';
  if (/Windows/.test(agent)) return 'windows';
  return /Mac OS/.test(agent) ? 'macos' : 'linux';
}

/** How a telephone or computer comes to trust the box. */
export default function Certificate({ i18n, ui }: PageProps) {
  const { t } = i18n;
  const [system, setSystem] = useState<System>(here);
  const [there, setThere] = useState<boolean>();
  useEffect(() => {
    void fetch('/ca.crt', { method: 'GET' })
      .then((answer) => setThere(answer.ok))
      .catch(() => setThere(false));
  }, []);

  const steps = Array.from({ length: STEPS[system] }, (_, i) => i18n.or(`${system}.${i + 1}`, ''));
  const body = () => {
    if (there === undefined) return html`<${ui.Skeleton} lines=${6} />`;
    if (!there)
      return html`<${ui.Notice} tone="info" title=${t('certificate.none')}>${t('certificate.noneHow')}</${ui.Notice}>`;
    return html`
      <${ui.Card} title=${t('certificate.file')} icon="shield">
        <${ui.Stack} gap=${3}>
          <p>${t('certificate.why')}</p>
          <${ui.Row}><${ui.Button} kind="primary" icon="download" href="/ca.crt" download="gatehouse-ca.crt">${t('certificate.download')}</${ui.Button}></${ui.Row}>
          <${ui.Notice} tone="warn">${t('certificate.care')}</${ui.Notice}>
        </${ui.Stack}>
      </${ui.Card}>
      <${ui.Card} title=${t('certificate.steps')} icon="check">
        <${ui.Stack} gap=${4}>
          <${ui.SelectField} label=${t('certificate.system')} value=${system} options=${SYSTEMS.map((value) => ({ value, label: NAMES[value] }))} onChange=${setSystem} />
          <ol class="web-push-steps">${steps.map((step) => html`<li key=${step}>${step}</li>`)}</ol>
          <p>${t('certificate.then')}</p>
        </${ui.Stack}>
      </${ui.Card}>`;
  };
  return html`<${ui.Page} title=${t('certificate.title')} lead=${t('certificate.lead')}>
    <${ui.Stack} gap=${4}>${body()}</${ui.Stack}>
  </${ui.Page}>`;
}

export const styles = ['./web-push.css'];
