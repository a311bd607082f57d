import { html } from 'htm/preact';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { Field, type FieldProps, tied } from './fields.ts';
import { Icon, type IconName } from './icon.ts';

export interface Option<V extends string | number = string> {
  value: V;
  label: string;
  hint?: string;
  icon?: IconName;
  disabled?: boolean;
}

export interface SelectFieldProps<V extends string | number> extends FieldProps<V> {
  options: readonly Option<V>[];
}

/** One of many. */
export function SelectField<V extends string | number>(props: SelectFieldProps<V>) {
  const id = useId();
  const choose = (event: Event) => {
    const chosen = props.options[(event.currentTarget as HTMLSelectElement).selectedIndex];
    if (chosen) props.onChange(chosen.value);
  };
  return html`<${Field} ...${props} id=${id}>
    <div class="g-select">
      <select ...${tied(id, props)} class="g-input" value=${String(props.value)} onChange=${choose}>
        ${props.options.map(
          (option) =>
            html`<option key=${option.value} value=${String(option.value)} selected=${option.value === props.value} disabled=${option.disabled}>${option.label}</option>`,
        )}
      </select>
      <${Icon} name="down" size=${16} />
    </div>
  </${Field}>`;
}

/** On or off, taking effect as the form is saved. */
export function SwitchField(props: FieldProps<boolean>) {
  const id = useId();
  return html`<div class="g-field g-switch-field" data-invalid=${props.error ? true : undefined}>
    <label class="g-switch">
      <input
        ...${tied(id, props)} type="checkbox" role="switch" checked=${props.value}
        onChange=${(event: Event) => props.onChange((event.currentTarget as HTMLInputElement).checked)}
      />
      <span class="g-switch-track" aria-hidden="true"></span>
      <span class=${props.hideLabel ? 'g-hidden' : ''}>${props.label}</span>
    </label>
    ${
      props.error
        ? html`<p class="g-field-error" id=${`${id}-note`} role="alert"><${Icon} name="warn" size=${16} />${props.error}</p>`
        : props.hint && html`<p class="g-field-hint" id=${`${id}-note`}>${props.hint}</p>`
    }
  </div>`;
}

export interface ChecksFieldProps<V extends string | number> extends Omit<FieldProps<V[]>, 'hideLabel'> {
  options: readonly Option<V>[];
}

/** Any of a few. */
export function ChecksField<V extends string | number>(props: ChecksFieldProps<V>) {
  const id = useId();
  const toggle = (value: V, on: boolean) =>
    props.onChange(props.options.map((o) => o.value).filter((v) => (v === value ? on : props.value.includes(v))));
  return html`<fieldset class="g-field g-group" data-invalid=${props.error ? true : undefined} disabled=${props.disabled}>
    <legend>${props.label}</legend>
    <div class="g-checks">
      ${props.options.map(
        (option) => html`<label class="g-check" key=${option.value}>
          <input
            type="checkbox" name=${props.name} checked=${props.value.includes(option.value)} disabled=${option.disabled}
            onChange=${(event: Event) => toggle(option.value, (event.currentTarget as HTMLInputElement).checked)}
          />
          <span>${option.label}${option.hint && html`<small>${option.hint}</small>`}</span>
        </label>`,
      )}
    </div>
    ${
      props.error
        ? html`<p class="g-field-error" id=${`${id}-note`} role="alert"><${Icon} name="warn" size=${16} />${props.error}</p>`
        : props.hint && html`<p class="g-field-hint">${props.hint}</p>`
    }
  </fieldset>`;
}

export interface RadiosFieldProps<V extends string | number> extends Omit<FieldProps<V>, 'hideLabel'> {
  options: readonly Option<V>[];
}

/** One of a few, each with an explanation. */
export function RadiosField<V extends string | number>(props: RadiosFieldProps<V>) {
  const id = useId();
  return html`<fieldset class="g-field g-group" disabled=${props.disabled}>
    <legend>${props.label}</legend>
    <div class="g-radios">
      ${props.options.map(
        (option) => html`<label class="g-radio" key=${option.value}>
          <input
            type="radio" name=${props.name ?? id} checked=${option.value === props.value} disabled=${option.disabled}
            onChange=${() => props.onChange(option.value)}
          />
          <span><b>${option.label}</b>${option.hint && html`<small>${option.hint}</small>`}</span>
        </label>`,
      )}
    </div>
    ${props.error ? html`<p class="g-field-error" role="alert">${props.error}</p>` : props.hint && html`<p class="g-field-hint">${props.hint}</p>`}
  </fieldset>`;
}

export interface SegmentedProps<V extends string | number> {
  label: string;
  value: V;
  options: readonly Option<V>[];
  onChange: (value: V) => void;
  /** Icons only; the texts stay for screen readers and as tooltips. */
  iconsOnly?: boolean;
  children?: ComponentChildren;
}

/** A few views of the same thing, beside one another; arrow keys move. */
export function Segmented<V extends string | number>(props: SegmentedProps<V>) {
  const id = useId();
  return html`<div class="g-segmented" role="radiogroup" aria-label=${props.label}>
    ${props.options.map(
      (option) => html`<label key=${option.value} title=${props.iconsOnly ? option.label : undefined}>
        <input
          type="radio" name=${id} class="g-hidden" checked=${option.value === props.value} disabled=${option.disabled}
          onChange=${() => props.onChange(option.value)}
        />
        <span>${option.icon && html`<${Icon} name=${option.icon} size=${18} />`}<span class=${props.iconsOnly ? 'g-hidden' : ''}>${option.label}</span></span>
      </label>`,
    )}
  </div>`;
}
