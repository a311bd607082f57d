import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import type { ShownCertificate } from '../shapes.ts';

interface TrustValues {
  url: string;
  trust: 'system' | 'pinned';
  fingerprint: string | null;
}

interface TrustFieldsProps {
  page: PageProps;
  form: {
    values: TrustValues;
    errors: Record<string, string | undefined>;
    set<K extends keyof TrustValues>(name: K, value: TrustValues[K]): void;
    setErrors(errors: Record<string, string | undefined>): void;
  };
  /** The address is an https one. */
  secure: boolean;
}

/** How the receiver is known: by an authority, or by the one certificate that a person has looked at. */
export function TrustFields({ page, form, secure }: TrustFieldsProps) {
  const { api, i18n, ui } = page;
  const { t } = i18n;
  const [shown, setShown] = useState<{ url: string; certificate: ShownCertificate }>();
  const { url, trust, fingerprint } = form.values;
  if (!secure)
    return /^http:/i.test(url.trim()) ? html`<${ui.Notice} tone="warn">${t('trust.plain')}</${ui.Notice}>` : '';

  async function show(): Promise<void> {
    setShown({ url, certificate: await api.post<ShownCertificate>('/certificate', { url }) });
  }

  const choices = [
    { value: 'system', label: t('trust.system'), hint: t('trust.systemHint') },
    { value: 'pinned', label: t('trust.pinned'), hint: t('trust.pinnedHint') },
  ];
  const choose = (value: TrustValues['trust']) => form.set('trust', value);
  const seen = shown?.url === url ? shown.certificate : undefined;
  const pinned = trust === 'pinned';
  return html`
    <${ui.RadiosField} label=${t('trust.title')} options=${choices} value=${trust} onChange=${choose} />
    ${
      pinned &&
      html`<div class="push-http-certificate">
        ${seen && html`<${Certificate} page=${page} certificate=${seen} />`}
        ${!seen && fingerprint && html`<${ui.Facts} items=${[{ label: t('trust.pinnedNow'), value: html`<${Fingerprint} text=${fingerprint} />` }]} />`}
        ${seen && seen.fingerprint !== fingerprint && html`<p class="g-quiet">${t(seen.trusted ? 'trust.isTrusted' : 'trust.compare')}</p>`}
        <${ui.Row}>
          <${ui.Button} small icon="shield" onClick=${show}>${t(seen || fingerprint ? 'trust.again' : 'trust.show')}</${ui.Button}>
          ${
            seen &&
            (seen.fingerprint === fingerprint
              ? html`<${ui.Status} tone="ok">${t('trust.confirmed')}</${ui.Status}>`
              : html`<${ui.Button} small kind="primary" icon="check" onClick=${() => form.set('fingerprint', seen.fingerprint)}>${t('trust.confirm')}</${ui.Button}>`)
          }
        </${ui.Row}>
        ${form.errors['fingerprint'] && html`<p class="g-field-error" role="alert">${form.errors['fingerprint']}</p>`}
      </div>`
    }`;
}

function Certificate({ page, certificate }: { page: PageProps; certificate: ShownCertificate }) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const { subject, issuer, validFrom, validTo, fingerprint } = certificate;
  return html`<${ui.Facts} items=${[
    { label: t('trust.subject'), value: subject },
    { label: t('trust.issuer'), value: issuer },
    { label: t('trust.valid'), value: `${i18n.date(validFrom)} – ${i18n.date(validTo)}` },
    { label: t('trust.fingerprint'), value: html`<${Fingerprint} text=${fingerprint} />` },
  ]} />`;
}

/** In two lines on a wide screen, so that it can be compared by eye. */
function Fingerprint({ text }: { text: string }) {
  return html`<code class="push-http-fingerprint">${text}</code>`;
}
