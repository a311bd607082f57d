import { html } from 'htm/preact';
import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { fieldErrors } from '../errors.ts';
import { shellTexts } from '../i18n.ts';
import { Button } from './button.ts';
import { Notice } from './status.ts';

export type FieldErrors = Record<string, string | undefined>;

export interface FormState<T extends object> {
  values: T;
  errors: FieldErrors;
  /** Something differs from what it started with. */
  dirty: boolean;
  set<K extends keyof T & string>(name: K, value: T[K]): void;
  setErrors(errors: FieldErrors): void;
  /** Starts anew, with these values or the first ones. */
  reset(values?: T): void;
  /** Props of the field: `<${ui.TextField} label="Name" ...${form.bind('name')} />`. */
  bind<K extends keyof T & string>(
    name: K,
  ): { name: K; value: T[K]; error: string | undefined; onChange: (value: T[K]) => void };
}

/** Values and errors of a form. */
export function useForm<T extends object>(initial: T | (() => T)): FormState<T> {
  const [start, setStart] = useState<T>(initial);
  const [values, setValues] = useState<T>(start);
  const [errors, setErrors] = useState<FieldErrors>({});
  const set: FormState<T>['set'] = (name, value) => {
    setValues((before) => ({ ...before, [name]: value }));
    setErrors((before) => (before[name] === undefined ? before : { ...before, [name]: undefined }));
  };
  return {
    values,
    errors,
    dirty: JSON.stringify(values) !== JSON.stringify(start),
    set,
    setErrors,
    reset: (to = start) => {
      setStart(to);
      setValues(to);
      setErrors({});
    },
    bind: (name) => ({
      name,
      value: values[name],
      error: errors[name],
      onChange: (value) => set(name, value),
    }),
  };
}

export interface FormProps {
  /** Says what is missing before anything is sent: empty means go. */
  check?: () => FieldErrors;
  /** Rejecting shows the reason, at its field where the box names one. */
  onSubmit: () => unknown;
  /** Text of the button. */
  submit: string;
  danger?: boolean;
  onCancel?: () => void;
  /** Takes the errors; the result of `useForm`. */
  form?: Pick<FormState<never>, 'setErrors'>;
  disabled?: boolean;
  /** Beside the buttons. */
  extra?: ComponentChildren;
  children?: ComponentChildren;
}

/** A form: Enter sends it, the button is busy meanwhile, failures stand above the buttons. */
export function Form(props: FormProps) {
  const i18n = shellTexts();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const element = useRef<HTMLFormElement>(null);

  /** The first field in error takes the focus, once it is drawn; `otherwise` where no field shows one. */
  const showErrors = (errors: FieldErrors, otherwise?: () => void) => {
    props.form?.setErrors(errors);
    requestAnimationFrame(() => {
      const field = element.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
      // A group of choices is no field: its words are shown, and its first choice takes the focus.
      const words = element.current?.querySelector<HTMLElement>('.g-field-error');
      if (field) field.focus();
      else if (words) {
        words.closest('fieldset')?.querySelector<HTMLElement>('input')?.focus();
        words.scrollIntoView({ block: 'center' });
      } else otherwise?.();
    });
  };

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (busy || props.disabled) return;
    setFailure(undefined);
    const missing = props.check?.() ?? {};
    if (Object.values(missing).some((text) => text)) {
      showErrors(missing);
      return;
    }
    setBusy(true);
    try {
      await props.onSubmit();
    } catch (error) {
      const named = fieldErrors(error);
      showErrors(named, () => setFailure(i18n.error(error)));
    } finally {
      setBusy(false);
    }
  }

  return html`<form class="g-form" ref=${element} onSubmit=${submit} novalidate>
    ${props.children}
    ${failure !== undefined && html`<${Notice} tone="bad">${failure}</${Notice}>`}
    <div class="g-form-actions">
      <${Button} kind=${props.danger ? 'danger' : 'primary'} type="submit" busy=${busy} disabled=${props.disabled}>${props.submit}</${Button}>
      ${props.onCancel && html`<${Button} onClick=${props.onCancel}>${i18n.t('kit.cancel')}</${Button}>`}
      ${props.extra}
    </div>
  </form>`;
}
