import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import { assignable, type NewUserProps } from './new-user.ts';
import type { Issued, ListedUser } from './types.ts';

export interface EditUserProps extends PageProps, Pick<NewUserProps, 'roles' | 'onClose'> {
  user: ListedUser;
  onDone: () => Promise<void>;
}

/** Changes role and rights of an account. */
export function EditUser({ api, i18n, ui, user, roles, onClose, onDone }: EditUserProps) {
  const { t } = i18n;
  const { role, imageRight, isAuthed } = user;
  const form = ui.useForm({ role, imageRight, isAuthed });
  const fixed = role === 'super-admin';
  const options = (fixed ? [role] : assignable(roles)).map((one) => ({
    value: one,
    label: t(`role.${one}`),
    hint: t(`roleText.${one}`),
  }));

  async function save(): Promise<void> {
    const { role: chosen, ...rights } = form.values;
    await api.patch<Issued>(`/users/${user.id}`, fixed ? rights : { role: chosen, ...rights });
    ui.toast(t('edit.saved', { name: user.name }));
    await onDone();
  }

  return html`<${ui.Dialog} title=${user.name} onClose=${onClose}>
    <${ui.Form} form=${form} submit=${t('edit.submit')} disabled=${!form.dirty} onCancel=${onClose} onSubmit=${save}>
      <${ui.RadiosField} label=${t('users.role')} options=${options} hint=${fixed ? t('edit.fixedRole') : undefined} disabled=${fixed} ...${form.bind('role')} />
      <${ui.SwitchField} label=${t('users.imageRight')} hint=${t('new.imageRightHint')} ...${form.bind('imageRight')} />
      <${ui.SwitchField} label=${t('edit.authorised')} hint=${t('edit.authorisedHint')} ...${form.bind('isAuthed')} />
    </${ui.Form}>
  </${ui.Dialog}>`;
}
