import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import type { Issued } from './types.ts';

export interface OneTimePasswordProps extends Pick<PageProps, 'i18n' | 'ui'> {
  issued: Issued;
  onClose: () => void;
}

/** The only time a generated password is seen. */
export function OneTimePassword({ i18n, ui, issued, onClose }: OneTimePasswordProps) {
  const { t } = i18n;
  return html`<${ui.Dialog}
    title=${t('once.title', { name: issued.name })} onClose=${onClose}
    footer=${html`<${ui.Button} kind="primary" onClick=${onClose}>${t('once.done')}</${ui.Button}>`}
  >
    <${ui.Stack}>
      <p>${t('once.text')}</p>
      <div class="users-once"><${ui.Code} text=${issued.oneTimePassword ?? ''} label=${t('once.label')} /></div>
      <${ui.Notice} tone="warn">${t('once.warning')}</${ui.Notice}>
    </${ui.Stack}>
  </${ui.Dialog}>`;
}
