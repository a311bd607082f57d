import { html } from 'htm/preact';
import { Button } from '../components/button.ts';
import { Card, Facts, Page, Split, Stack } from '../components/layout.ts';
import { toast } from '../components/toast.ts';
import { t } from '../i18n.ts';
import { boot, me, signOut } from '../session.ts';
import { LanguageSwitch, ThemeSwitch } from '../switches.ts';
import { NewPasswordForm } from './new-password.ts';

/** One's own account: password, what one may do, language and theme of this browser. */
export function AccountPage() {
  const account = me.value;
  if (!account) return null;
  const actions = html`<${Button} icon="logout" onClick=${signOut}>${t('shell.signOut')}</${Button}>`;
  const aside = html`
    <${Card} title=${t('account.you')} icon="user">
      <${Facts} items=${[
        { label: t('account.name'), value: account.name },
        { label: t('account.role'), value: t(`role.${account.role}`) },
        { label: t('account.pictures'), value: t(account.imageRight ? 'account.picturesYes' : 'account.picturesNo') },
        { label: t('account.version'), value: boot.value?.version },
      ]} />
      <p class="g-quiet g-small-text">${t(`roleText.${account.role}`)}</p>
    </${Card}>
    <${Card} title=${t('account.browser')} icon="screen">
      <${Stack} gap=${3}><${LanguageSwitch} /><${ThemeSwitch} /></${Stack}>
    </${Card}>`;
  return html`<${Page} title=${t('account.title')} lead=${t('account.lead')} actions=${actions}>
    <${Split} aside=${aside}>
      <${Card} title=${t('password.title')} icon="lock">
        <${Stack}><p class="g-quiet">${t('password.lead')}</p><${NewPasswordForm} onDone=${() => toast(t('password.changed'))} /></${Stack}>
      </${Card}>
    </${Split}>
  </${Page}>`;
}
