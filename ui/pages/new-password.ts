import { html } from 'htm/preact';
import type { ComponentChildren } from 'preact';
import { call } from '../api.ts';
import { PasswordField } from '../components/fields.ts';
import { Form, useForm } from '../components/form.ts';
import { ApiError } from '../errors.ts';
import { t } from '../i18n.ts';
import { checkNewPassword, NO_PASSWORD } from './password.ts';

/** Codes that belong to one field. */
const FIELD_OF: Record<number, 'current' | 'next'> = { [-145]: 'current', [-142]: 'next' };

export interface NewPasswordFormProps {
  onDone: () => unknown;
  /** Beside the button. */
  extra?: ComponentChildren;
}

/** Changes one's own password. */
export function NewPasswordForm({ onDone, extra }: NewPasswordFormProps) {
  const form = useForm(NO_PASSWORD);

  async function submit(): Promise<void> {
    const { current, next } = form.values;
    try {
      await call('/p/users/me/password', { method: 'PUT', body: { current, next } });
    } catch (error) {
      const field = error instanceof ApiError ? FIELD_OF[error.code] : undefined;
      if (!field) throw error;
      form.setErrors({ [field]: t(field === 'current' ? 'password.currentWrong' : 'password.refused') });
      return;
    }
    form.reset(NO_PASSWORD);
    await onDone();
  }

  return html`<${Form} form=${form} check=${() => checkNewPassword(form.values)} onSubmit=${submit} submit=${t('password.change')} extra=${extra}>
    <${PasswordField} label=${t('password.current')} autocomplete="current-password" ...${form.bind('current')} />
    <${PasswordField} label=${t('password.next')} hint=${t('password.rule')} autocomplete="new-password" ...${form.bind('next')} />
    <${PasswordField} label=${t('password.again')} autocomplete="new-password" ...${form.bind('again')} />
  </${Form}>`;
}
