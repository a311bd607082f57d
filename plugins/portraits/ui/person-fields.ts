import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { I18n, PageProps } from '../../../ui/contract.ts';
import type { Person } from './shapes.ts';

/** What is told of a person, in the forms for the new and the known. */

export function usePersonForm(page: PageProps, initial: Person) {
  return page.ui.useForm<Person>(initial);
}

interface PersonFieldsProps {
  page: PageProps;
  form: ReturnType<typeof usePersonForm>;
  /** Shows what is rarely asked for at once, too. */
  whole?: boolean;
}

/** The name, and behind a fold what the box keeps sealed and shows to nobody unasked. */
export function PersonFields({ page, form, whole }: PersonFieldsProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const [open, setOpen] = useState(whole === true);
  const wrong = ['idcard', 'address', 'age'].some((name) => form.errors[name]);
  const genders = [
    { value: '', label: t('gender.unknown') },
    { value: '0', label: t('gender.female') },
    { value: '1', label: t('gender.male') },
  ];
  return html`
    <${ui.TextField} label=${t('field.name')} required autofocus maxLength=${LONGEST.name} ...${form.bind('name')} />
    <details class="portraits-fold" open=${open || wrong} onToggle=${(event: Event) => setOpen((event.currentTarget as HTMLDetailsElement).open)}>
      <summary><${ui.Icon} name="right" size=${18} />${t('field.more')}</summary>
      <div class="g-fields">
        <div class="portraits-pair">
          <${ui.SelectField} label=${t('field.gender')} options=${genders} ...${form.bind('gender')} />
          <${ui.TextField} label=${t('field.age')} maxLength=${3} ...${form.bind('age')} />
        </div>
        <${ui.TextField} label=${t('field.idcard')} hint=${t('field.sealed')} maxLength=${LONGEST.idcard} ...${form.bind('idcard')} />
        <${ui.TextField} label=${t('field.address')} maxLength=${LONGEST.address} ...${form.bind('address')} />
      </div>
    </details>`;
}

/** Limits of the box (`../person.ts`). */
const LONGEST = { name: 100, idcard: 100, address: 500 } as const;

/** What is wrong, by field. */
export function checkPerson({ t }: Pick<I18n, 't'>, { name, age }: Person): Record<string, string | undefined> {
  return {
    name: name.trim() === '' ? t('check.name') : undefined,
    age: /^\s*\d{0,3}\s*$/.test(age) ? undefined : t('check.age'),
  };
}

export function trimmed(person: Person): Person {
  return {
    ...person,
    name: person.name.trim(),
    age: person.age.trim(),
    idcard: person.idcard.trim(),
    address: person.address.trim(),
  };
}

/** Only what differs. */
export function personChanges(before: Person, after: Person): Partial<Person> {
  const now = trimmed(after);
  return Object.fromEntries(Object.entries(now).filter(([field, value]) => value !== before[field as keyof Person]));
}
