import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { Option, PageProps } from '../../../ui/contract.ts';
import { RegionField } from './region-field.ts';
import { LIMITS, MAIN_TASKS, OTHER_TASKS, type Settings, SNAP_MODES } from './settings.ts';
import type { Decoding, PictureSize } from './shapes.ts';

/** The fields of a camera, in the groups both pages show them in. */

export type SettingsForm = ReturnType<typeof useSettingsForm>;

/** Names the type of the form for the fields below. */
export function useSettingsForm(page: PageProps, initial: Settings) {
  return page.ui.useForm<Settings>(initial);
}

interface FieldsProps {
  page: PageProps;
  form: SettingsForm;
}

export function NameFields({ page, form }: FieldsProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  return html`<div class="cameras-pair">
    <${ui.TextField} label=${t('field.name')} hint=${t('field.nameHint')} required maxLength=${LIMITS.name} ...${form.bind('name')} />
    <${ui.TextField} label=${t('field.position')} hint=${t('field.positionHint')} maxLength=${LIMITS.position} ...${form.bind('position')} />
  </div>`;
}

export function TaskFields({ page, form }: FieldsProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const modes: Option<number>[] = [
    { value: SNAP_MODES.accurate, label: t('mode.accurate'), hint: t('mode.accurateHint') },
    { value: SNAP_MODES.timing, label: t('mode.timing'), hint: t('mode.timingHint') },
    { value: SNAP_MODES.realtime, label: t('mode.realtime'), hint: t('mode.realtimeHint') },
  ];
  return html`
    <${SomeTasks} page=${page} form=${form} of=${MAIN_TASKS} label=${t('field.tasks')} error=${form.errors['tasks']} />
    <${ui.RadiosField} label=${t('field.mode')} options=${modes} ...${form.bind('snapMode')} />`;
}

interface SomeTasksProps extends FieldsProps {
  of: readonly string[];
  label: string;
  hint?: string;
  error?: string;
}

/** Some of the tasks; the others stay as they are. */
function SomeTasks({ page, form, of, label, hint, error }: SomeTasksProps) {
  const { i18n, ui } = page;
  const { tasks } = form.values;
  return html`<${ui.ChecksField}
    label=${label} hint=${hint} error=${error} value=${tasks.filter((task) => of.includes(task))}
    options=${of.map((task) => ({ value: task, label: i18n.or(`task.${task}`, task), hint: i18n.or(`task.${task}.hint`, '') }))}
    onChange=${(some: string[]) => form.set('tasks', [...some, ...tasks.filter((task) => !of.includes(task))])}
  />`;
}

interface AdvancedProps extends FieldsProps {
  size: PictureSize | undefined;
  picture: string | undefined;
  /** Where the transport is asked beside the address, it is not asked here again. */
  withTransport?: boolean;
}

/** What the box has chosen well and few need to touch; open while something in it is wrong. */
export function AdvancedFields({ page, form, size, picture, withTransport }: AdvancedProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const { errors } = form;
  const [open, setOpen] = useState(false);
  const wrong = ['faceSizeMin', 'faceSizeMax', 'frameInterval', 'roi'].some((name) => errors[name]);
  const toggled = (event: Event) => setOpen((event.currentTarget as HTMLDetailsElement).open);
  return html`<details class="cameras-fold" open=${open || wrong} onToggle=${toggled}>
    <summary><${ui.Icon} name="right" size=${18} />${t('field.advanced')}</summary>
    <div>
      <${RegionField} page=${page} size=${size} picture=${picture} ...${form.bind('roi')} />
      <div class="cameras-pair">
        <${ui.NumberField} label=${t('field.faceMin')} hint=${t('field.faceMinHint')} unit="px" step=${1} min=${LIMITS.faceSize.least} max=${LIMITS.faceSize.most} ...${form.bind('faceSizeMin')} />
        <${ui.NumberField} label=${t('field.faceMax')} hint=${t('field.faceMaxHint')} unit="px" step=${1} min=${LIMITS.faceSize.least} max=${LIMITS.faceSize.most} ...${form.bind('faceSizeMax')} />
        <${ui.NumberField} label=${t('field.interval')} hint=${t('field.intervalHint')} placeholder=${t('field.intervalAuto')} unit=${t('field.intervalUnit')} step=${1} min=${LIMITS.frameInterval.least} max=${LIMITS.frameInterval.most} ...${form.bind('frameInterval')} />
      </div>
      ${withTransport && html`<${TransportField} page=${page} form=${form} />`}
      <${DecodingField} page=${page} form=${form} />
      <${SomeTasks} page=${page} form=${form} of=${OTHER_TASKS} label=${t('field.otherTasks')} hint=${t('field.otherTasksHint')} />
      <${ui.TextField} label=${t('field.description')} lines=${2} maxLength=${LIMITS.description} ...${form.bind('description')} />
    </div>
  </details>`;
}

function DecodingField({ page, form }: FieldsProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const options: Option<Decoding>[] = [
    { value: 'auto', label: t('decoding.auto'), hint: t('decoding.autoHint') },
    { value: 'addon', label: t('decoding.addon'), hint: t('decoding.addonHint') },
    { value: 'process', label: t('decoding.process'), hint: t('decoding.processHint') },
  ];
  return html`<${ui.RadiosField} label=${t('field.decoding')} options=${options} ...${form.bind('decoding')} />`;
}

export function TransportField({ page, form }: FieldsProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  return html`<${ui.RadiosField} label=${t('field.transport')} options=${[
    { value: 'tcp', label: 'TCP', hint: t('transport.tcp') },
    { value: 'udp', label: 'UDP', hint: t('transport.udp') },
  ]} ...${form.bind('transport')} />`;
}
