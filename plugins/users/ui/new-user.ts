import { html } from 'htm/preact';
import type { Role } from '../../../core/gateway/authorization.ts';
import type { PageProps } from '../../../ui/contract.ts';
import type { Issued } from './types.ts';

/** As the box takes it; said before it refuses. */
const NAME = /^[A-Za-z0-9@._-]{1,49}$/;
/** There is one super administrator, made at the first start. */
export const assignable = (roles: Role[]) => roles.filter((role) => role !== 'super-admin');

export interface NewUserProps extends PageProps {
  roles: Role[];
  onClose: () => void;
  onDone: (issued: Issued) => Promise<void>;
}

/** Makes an account; its one-time password is shown afterwards. */
export function NewUser({ api, i18n, ui, roles, onClose, onDone }: NewUserProps) {
  const { t } = i18n;
  const choices = assignable(roles);
  const form = ui.useForm<{ name: string; role: Role; imageRight: boolean }>({
    name: '',
    role: choices.includes('viewer') ? 'viewer' : (choices[0] ?? 'viewer'),
    imageRight: false,
  });
  const check = () => ({ name: NAME.test(form.values.name) ? undefined : t('new.nameRule') });
  const options = choices.map((role) => ({ value: role, label: t(`role.${role}`), hint: t(`roleText.${role}`) }));
  return html`<${ui.Dialog} title=${t('new.title')} onClose=${onClose}>
    <${ui.Form} form=${form} check=${check} submit=${t('new.submit')} onCancel=${onClose} onSubmit=${async () => onDone(await api.post<Issued>('/users', form.values))}>
      <${ui.TextField} label=${t('users.name')} hint=${t('new.nameRule')} required autofocus maxLength=${49} mono ...${form.bind('name')} />
      <${ui.RadiosField} label=${t('users.role')} options=${options} ...${form.bind('role')} />
      <${ui.SwitchField} label=${t('users.imageRight')} hint=${t('new.imageRightHint')} ...${form.bind('imageRight')} />
      <p class="g-quiet g-small-text">${t('new.password')}</p>
    </${ui.Form}>
  </${ui.Dialog}>`;
}
