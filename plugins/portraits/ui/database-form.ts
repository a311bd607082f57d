import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import type { Database } from './shapes.ts';
import { KEY_PERSONNEL, WHITELIST } from './words.ts';

interface DatabaseFormProps {
  page: PageProps;
  /** To be changed; undefined makes a new one. */
  database?: Database | undefined;
  /** Closes the form. */
  onSaved: (database: Database) => Promise<void>;
  onClose: () => void;
}

/** Name and kind of a database. */
export function DatabaseForm({ page, database, onSaved, onClose }: DatabaseFormProps) {
  const { api, i18n, ui } = page;
  const { t } = i18n;
  const form = ui.useForm({ name: database?.name ?? '', type: database?.type ?? WHITELIST });
  const types = [
    { value: WHITELIST, label: t('type.white'), hint: t('type.white.hint') },
    { value: KEY_PERSONNEL, label: t('type.key'), hint: t('type.key.hint') },
  ];
  const check = () => ({ name: form.values.name.trim() === '' ? t('check.databaseName') : undefined });
  const save = async () => {
    const asked = { name: form.values.name.trim(), type: form.values.type };
    const saved = database
      ? await api.patch<Database>(`/databases/${database.id}`, asked)
      : await api.post<Database>('/databases', asked);
    ui.toast(t('database.saved', { name: saved.name }));
    await onSaved(saved);
  };
  return html`<${ui.Dialog} title=${database ? t('database.edit') : t('database.new')} onClose=${onClose}>
    <${ui.Form} form=${form} check=${check} onSubmit=${save} submit=${database ? t('database.save') : t('database.make')} onCancel=${onClose}>
      <${ui.TextField} label=${t('database.name')} hint=${t('database.nameHint')} required autofocus maxLength=${100} ...${form.bind('name')} />
      <${ui.RadiosField} label=${t('database.type')} options=${types} ...${form.bind('type')} />
    </${ui.Form}>
  </${ui.Dialog}>`;
}
