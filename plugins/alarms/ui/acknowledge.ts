import { html } from 'htm/preact';
import type { PageProps, Query } from '../../../ui/contract.ts';
import type { Alarm } from './shapes.ts';
import { cameraWord } from './words.ts';

/** What is to be acknowledged: one alarm, or every open one that fits a filter, up to the newest that was seen. */
export type Subject = { one: Alarm } | { fits: Query; last: number; count: number };

interface AcknowledgeProps {
  page: PageProps;
  subject: Subject;
  onClose: () => void;
  /** @param count how many were open until now */
  onDone: (count: number) => void;
}

const LONGEST_NOTE = 500;

/** Says that somebody has looked, and what they found. Enter sends, so that an alarm is done with two keys. */
export function Acknowledge({ page, subject, onClose, onDone }: AcknowledgeProps) {
  const { api, i18n, ui } = page;
  const { t } = i18n;
  const form = ui.useForm({ note: '' });
  const quick = [t('quick.fine'), t('quick.spoken'), t('quick.reported'), t('quick.mistaken'), t('quick.exercise')];
  // Into the field, so that Enter sends, and so that more can be said.
  const take = (event: Event, text: string) => {
    form.set('note', text);
    (event.currentTarget as HTMLElement).closest('form')?.querySelector('input')?.focus();
  };
  const send = async () => {
    const note = form.values.note.trim();
    const { acknowledged } =
      'one' in subject
        ? await api.post<{ acknowledged: number }>('/acknowledge', { ids: [subject.one.id], note })
        : await api.post<{ acknowledged: number }>('/acknowledge-all', { ...subject.fits, last: subject.last, note });
    onDone(acknowledged);
  };
  const title = 'one' in subject ? t('acknowledge.title') : t('acknowledge.titleAll', { n: subject.count });
  return html`<${ui.Dialog} title=${title} onClose=${onClose}>
    <${ui.Form} form=${form} onSubmit=${send} onCancel=${onClose}
      submit=${'one' in subject ? t('acknowledge.button') : t('acknowledge.buttonAll', { n: subject.count })}>
      ${
        'one' in subject
          ? html`<p class="alarms-about"><b>${subject.one.title}</b><span>${cameraWord(i18n, subject.one)} · <${ui.Time} at=${subject.one.time} /></span></p>`
          : html`<p>${t('acknowledge.all')}</p>`
      }
      <${ui.TextField} label=${t('acknowledge.note')} hint=${t('acknowledge.noteHint')} maxLength=${LONGEST_NOTE} autofocus ...${form.bind('note')} />
      <div class="alarms-quick" role="group" aria-label=${t('quick.title')}>
        ${quick.map(
          (text) => html`<button
            type="button" key=${text} class="alarms-chip" aria-pressed=${form.values.note === text}
            onClick=${(event: Event) => take(event, text)}
          >${text}</button>`,
        )}
      </div>
    </${ui.Form}>
  </${ui.Dialog}>`;
}
