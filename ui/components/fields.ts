import { html } from 'htm/preact';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { t } from '../i18n.ts';
import { fromLocalInput, toLocalInput } from '../zone.ts';
import { Icon } from './icon.ts';

/** What every field has. `value` and `onChange` are what `useForm().bind(name)` gives. */
export interface FieldProps<V> {
  label: string;
  value: V;
  onChange: (value: V) => void;
  name?: string;
  /** What to enter, or what it does, under the field. */
  hint?: ComponentChildren;
  /** What is wrong and how to mend it; takes the hint's place. */
  error?: string | undefined;
  required?: boolean;
  disabled?: boolean;
  autofocus?: boolean;
  /** Keeps the label for screen readers only, in filter bars and the like. */
  hideLabel?: boolean;
}

export interface FieldFrameProps {
  id: string;
  label: string;
  hint?: ComponentChildren;
  error?: string | undefined;
  required?: boolean | undefined;
  hideLabel?: boolean | undefined;
  children?: ComponentChildren;
}

/** Label, control, hint or error: for controls the kit does not have. The control needs `id` and `describedBy(id)`. */
export function Field({ id, label, hint, error, required, hideLabel, children }: FieldFrameProps) {
  return html`<div class="g-field" data-invalid=${error ? true : undefined}>
    <label for=${id} class=${hideLabel ? 'g-hidden' : ''}>
      ${label}${required && html`<span class="g-required" aria-hidden="true"> *</span>`}
    </label>
    ${children}
    ${
      error
        ? html`<p class="g-field-error" id=${`${id}-note`} role="alert"><${Icon} name="warn" size=${16} />${error}</p>`
        : hint && html`<p class="g-field-hint" id=${`${id}-note`}>${hint}</p>`
    }
  </div>`;
}

/** Attributes that tie a control to its label, its hint and its error. */
export function tied(
  id: string,
  props: Pick<FieldProps<unknown>, 'hint' | 'error' | 'required' | 'disabled' | 'name'>,
) {
  return {
    id,
    name: props.name,
    disabled: props.disabled,
    'aria-required': props.required || undefined,
    'aria-invalid': props.error ? 'true' : undefined,
    'aria-describedby': props.error || props.hint ? `${id}-note` : undefined,
  };
}

export interface TextFieldProps extends FieldProps<string> {
  type?: 'text' | 'email' | 'url' | 'search' | 'tel';
  placeholder?: string;
  autocomplete?: string;
  maxLength?: number;
  /** Fixed-width letters: addresses, keys. */
  mono?: boolean;
  /** More than one line. */
  lines?: number;
}

/** A search waits for the end of a word, so that a list is not asked for every letter; Enter does not wait. */
const WORD = 300;

export function TextField(props: TextFieldProps) {
  const id = useId();
  const search = props.type === 'search';
  const [typed, setTyped] = useState<string>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const tell = (value: string) => {
    clearTimeout(timer.current);
    setTyped(undefined);
    if (value !== props.value) props.onChange(value);
  };
  const input = (event: InputEvent) => {
    const { value } = event.currentTarget as HTMLInputElement;
    if (!search) {
      props.onChange(value);
      return;
    }
    setTyped(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => tell(value), WORD);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  const common = {
    ...tied(id, props),
    class: `g-input${props.mono ? ' g-mono' : ''}`,
    value: typed ?? props.value,
    placeholder: props.placeholder,
    autocomplete: props.autocomplete ?? 'off',
    maxlength: props.maxLength,
    autofocus: props.autofocus,
    onInput: input,
    ...(search ? { onChange: (event: Event) => tell((event.currentTarget as HTMLInputElement).value) } : {}),
  };
  const control = props.lines
    ? html`<textarea ...${common} rows=${props.lines}></textarea>`
    : html`<input
        ...${common} type=${props.type ?? 'text'} spellcheck=${props.mono ? false : undefined}
        autocapitalize=${props.mono ? 'off' : undefined}
      />`;
  const framed = search ? html`<div class="g-with-icon"><${Icon} name="search" size=${18} />${control}</div>` : control;
  return html`<${Field} ...${props} id=${id}>${framed}</${Field}>`;
}

export interface PasswordFieldProps extends FieldProps<string> {
  autocomplete?: 'current-password' | 'new-password' | 'off' | 'one-time-code';
  placeholder?: string;
}

/** A secret, with a button that shows it. */
export function PasswordField(props: PasswordFieldProps) {
  const id = useId();
  const [visible, setVisible] = useState(false);
  return html`<${Field} ...${props} id=${id}>
    <div class="g-with-button">
      <input
        ...${tied(id, props)} class="g-input" type=${visible ? 'text' : 'password'} value=${props.value}
        placeholder=${props.placeholder} autocomplete=${props.autocomplete ?? 'off'} autofocus=${props.autofocus}
        spellcheck=${false} autocapitalize="off"
        onInput=${(event: InputEvent) => props.onChange((event.currentTarget as HTMLInputElement).value)}
      />
      <button
        type="button" class="g-button g-only-icon" data-kind="quiet" aria-pressed=${visible}
        aria-label=${t(visible ? 'kit.hidePassword' : 'kit.showPassword')} title=${t(visible ? 'kit.hidePassword' : 'kit.showPassword')}
        onClick=${() => setVisible(!visible)}
      ><${Icon} name=${visible ? 'eye-off' : 'eye'} size=${18} /></button>
    </div>
  </${Field}>`;
}

export interface NumberFieldProps extends FieldProps<number | undefined> {
  min?: number;
  max?: number;
  step?: number;
  /** "days", "px" */
  unit?: string;
  placeholder?: string;
}

/** A number, or undefined while the field is empty. */
export function NumberField(props: NumberFieldProps) {
  const id = useId();
  // What is typed stays as typed ("1." on the way to "1.5"); only its value goes out.
  const [typed, setTyped] = useState(props.value === undefined ? '' : String(props.value));
  useEffect(() => {
    if ((typed === '' ? undefined : Number(typed)) !== props.value)
      setTyped(props.value === undefined ? '' : String(props.value));
  }, [props.value]);
  const input = html`<input
    ...${tied(id, props)} class="g-input g-num" type="number" inputmode="decimal" value=${typed} min=${props.min}
    max=${props.max} step=${props.step ?? 'any'} placeholder=${props.placeholder} autofocus=${props.autofocus}
    onInput=${(event: InputEvent) => {
      const text = (event.currentTarget as HTMLInputElement).value;
      setTyped(text);
      props.onChange(text === '' ? undefined : Number(text));
    }}
  />`;
  return html`<${Field} ...${props} id=${id}>
    ${props.unit ? html`<div class="g-with-unit">${input}<span class="g-unit">${props.unit}</span></div>` : input}
  </${Field}>`;
}

/** An instant (ms), entered in the box's zone; undefined while empty. */
export function TimeField(props: FieldProps<number | undefined>) {
  const id = useId();
  return html`<${Field} ...${props} id=${id}>
    <input
      ...${tied(id, props)} class="g-input g-num" type="datetime-local"
      value=${props.value === undefined ? '' : toLocalInput(props.value)}
      onChange=${(event: Event) => props.onChange(fromLocalInput((event.currentTarget as HTMLInputElement).value))}
    />
  </${Field}>`;
}
