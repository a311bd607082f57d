import { html } from 'htm/preact';
import type { NoticeRule } from '../../core/events/notice-rule.ts';
import { t } from '../i18n.ts';
import { alarmKind, type Camera, cameraLabel } from '../words.ts';
import { ChecksField, SwitchField } from './choices.ts';
import { NumberField, TextField } from './fields.ts';
import type { FieldErrors, FormState } from './form.ts';
import { Grid } from './layout.ts';

/** The fields of a notice rule (`core/events/notice-rule.ts`): of which alarms somebody is told, when, and how often. */

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;

/** What is missing in the fields, for the `check` of their form. An emptied number is undefined. */
export function noticeRuleErrors(rule: Partial<NoticeRule>): FieldErrors {
  const clock = (value = '') => (CLOCK.test(value) ? undefined : t('kit.notice.clock'));
  const number = (value: number | undefined) => (value === undefined ? t('kit.notice.number') : undefined);
  return {
    from: clock(rule.from),
    to: clock(rule.to),
    perHour: number(rule.perHour),
    repeatMinutes: number(rule.repeatMinutes),
  };
}

export interface NoticeRuleFieldsProps {
  /** Of `useForm`, with the rule's values among its own: `ui.useForm({ name, ...rule })`. */
  form: Pick<FormState<NoticeRule>, 'bind'>;
  /** Kinds of alarms and cameras to choose from. */
  kinds: readonly string[];
  cameras: readonly Camera[];
  /** What is counted by the hour ("Mails an hour at most"), and what becomes of the rest. */
  perHour: string;
  perHourHint: string;
}

/** Kinds, cameras, hours and quiet, to stand in a `Form`. */
export function NoticeRuleFields({ form, kinds, cameras, perHour, perHourHint }: NoticeRuleFieldsProps) {
  const kindOptions = kinds.map((value) => ({ value, label: alarmKind(value) }));
  // A camera that is gone still narrows the rule: it is shown, so that it can be taken out.
  const gone = form.bind('cameras').value.filter((channel) => !cameras.some((camera) => camera.channel === channel));
  const cameraOptions = [...cameras, ...gone.map((channel) => ({ channel, name: '' }))].map((camera) => ({
    value: camera.channel,
    label: cameraLabel(camera),
  }));
  const all = t('kit.notice.allIfNone');
  return html`
    <${ChecksField} label=${t('kit.notice.kinds')} hint=${all} options=${kindOptions} ...${form.bind('kinds')} />
    ${cameraOptions.length > 0 && html`<${ChecksField} label=${t('kit.notice.cameras')} hint=${all} options=${cameraOptions} ...${form.bind('cameras')} />`}
    <${Grid} min=${140}>
      <${TextField} label=${t('kit.notice.from')} mono maxLength=${5} placeholder="18:00" ...${form.bind('from')} />
      <${TextField} label=${t('kit.notice.to')} mono maxLength=${5} placeholder="07:00" ...${form.bind('to')} />
    </${Grid}>
    <p class="g-field-hint">${t('kit.notice.hoursHint')}</p>
    <${NumberField} label=${perHour} hint=${perHourHint} min=${1} max=${60} step=${1} ...${form.bind('perHour')} />
    <${NumberField} label=${t('kit.notice.repeat')} hint=${t('kit.notice.repeatHint')} min=${0} max=${1440} step=${1} unit=${t('kit.notice.minutes')} ...${form.bind('repeatMinutes')} />
    <${SwitchField} label=${t('kit.notice.demo')} ...${form.bind('demo')} />`;
}
