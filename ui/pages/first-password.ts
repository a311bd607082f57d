import { html } from 'htm/preact';
import { Button } from '../components/button.ts';
import type { BootUser } from '../contract.ts';
import { t } from '../i18n.ts';
import { readBoot, signOut } from '../session.ts';
import { Alone } from './alone.ts';
import { NewPasswordForm } from './new-password.ts';

/** A generated password is good for one thing: choosing one's own. */
export function FirstPassword({ user }: { user: BootUser }) {
  return html`<${Alone}>
    <h1>${t('first.title')}</h1><p>${t('first.lead', { name: user.name })}</p>
    <${NewPasswordForm} onDone=${readBoot} extra=${html`<${Button} kind="quiet" onClick=${signOut}>${t('shell.signOut')}</${Button}>`} />
  </${Alone}>`;
}
