import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import type { ConfigField } from './schema.ts';

export interface ConfigInputProps extends Pick<PageProps, 'i18n' | 'ui'> {
  field: ConfigField;
  plugin: string;
  value: unknown;
  error: string | undefined;
  disabled: boolean;
  onChange(value: unknown): void;
}

/** "keepDays" as "Keep days", where neither the texts nor the schema have a name for it. */
export function spaced(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The control for one setting. */
export function ConfigInput({ field, plugin, i18n, ui, ...rest }: ConfigInputProps) {
  const { name, kind } = field;
  // A plugin that came later brings the names of its settings with its own texts.
  const own = i18n.of(plugin);
  const named = (end: string, fallback: string) =>
    i18n.or(`config.${plugin}.${name}${end}`, own.or(`config.${name}${end}`, fallback));
  const label = named('', field.title ?? spaced(name));
  const hint = named('.hint', field.description ?? '');
  const common = { ...rest, name, label, hint: hint || undefined, required: field.required };
  const optionLabel = (value: string | number) => named(`.${value}`, String(value));
  const options = field.options.map((value) => ({ value, label: optionLabel(value) }));
  switch (kind) {
    case 'switch':
      return html`<${ui.SwitchField} ...${common} />`;
    case 'number':
      return html`<${ui.NumberField} ...${common} min=${field.min} max=${field.max} step=${field.whole ? 1 : undefined} />`;
    case 'choice': {
      const none = { value: '', label: i18n.t('settings.notChosen') };
      return html`<${ui.SelectField} ...${common} options=${field.required || rest.value !== '' ? options : [none, ...options]} />`;
    }
    case 'choices':
      return html`<${ui.ChecksField} ...${common} options=${options} />`;
    case 'secret': {
      const kept = /^\*+$/.test(String(rest.value ?? ''));
      const note = i18n.t(kept ? 'settings.secretKept' : 'settings.secretEmpty');
      return html`<${ui.PasswordField} ...${common} autocomplete="off" hint=${hint ? html`${hint}<br />${note}` : note} />`;
    }
    case 'list':
      return html`<${ui.TextField} ...${common} lines=${4} mono hint=${hint || i18n.t('settings.onePerLine')} />`;
    case 'json':
      return html`<${ui.TextField} ...${common} lines=${6} mono hint=${hint || i18n.t('settings.asJson')} />`;
    case 'lines':
      return html`<${ui.TextField} ...${common} lines=${3} />`;
    default:
      return html`<${ui.TextField} ...${common} maxLength=${field.maxLength} />`;
  }
}
