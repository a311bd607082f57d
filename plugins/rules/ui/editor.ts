import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import type { ChoicesView, RulesView, RuleView } from '../shapes.ts';
import type { When } from '../when.ts';
import { useDatabases } from './list.ts';
import { RulePreview } from './preview.ts';
import { StepsField } from './steps-field.ts';
import { aboutWords, cameraName, databaseName, doesWords, type Known, whenWords } from './words.ts';

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;
const DAYS = [1, 2, 3, 4, 5, 6, 7];
const CAPTURES = ['capture/face', 'capture/body', 'capture/vehicle'];
const GROUPS = ['key', 'white', 'stranger', 'unknown'] as const;
const LEFT_OUT = ['none', 'told', 'acted'] as const;

/** What a rule is before anybody has chosen. */
const NEW: When & { name: string; enabled: boolean; steps: string[] } = {
  ...{ name: '', enabled: true, steps: [] },
  ...{ what: ['capture/face'], groups: ['key'], databases: [], cameras: [] },
  ...{ days: [], from: '00:00', to: '00:00', quietMinutes: 5, demo: 'told' },
};

/** Makes or changes a rule, with what it would have done in the last day beside it. */
export function RuleEditor(props: PageProps & { id: number | undefined }) {
  const { api, i18n, ui, id } = props;
  const { t } = i18n;
  const found = ui.useData(async (signal) => {
    const [choices, { rules }] = await Promise.all([
      api.get<ChoicesView>('/choices', {}, { signal }),
      api.get<RulesView>('/rules', {}, { signal }),
    ]);
    return { choices, rule: rules.find((one) => one.id === id) };
  });
  const body = ({ choices, rule }: { choices: ChoicesView; rule: RuleView | undefined }) => {
    if (id !== undefined && !rule)
      return html`<${ui.Empty} icon="filter" title=${t('edit.none')} action=${html`<${ui.Button} href=${ui.href('rules')}>${t('edit.toList')}</${ui.Button}>`}>${t('edit.noneHow')}</${ui.Empty}>`;
    return html`<${Fields} ...${props} choices=${choices} rule=${rule} />`;
  };
  return html`<${ui.Page} title=${t(id === undefined ? 'edit.new' : 'edit.title')} back=${ui.href('rules')} wide>
    <${ui.Loaded} of=${found} what=${t('list.notRead')}>${body}</${ui.Loaded}>
  </${ui.Page}>`;
}

function Fields(props: PageProps & { choices: ChoicesView; rule: RuleView | undefined }) {
  const { api, i18n, ui, choices, rule } = props;
  const { t } = i18n;
  const known: Known = { cameras: choices.cameras, databases: useDatabases(props) };
  const form = ui.useForm(() =>
    rule
      ? { name: rule.name, enabled: rule.enabled, ...rule.when, steps: rule.steps.map(({ reaction }) => reaction) }
      : NEW,
  );
  const { name, enabled, steps, ...when } = form.values;
  const faces = when.what.includes('capture/face');
  const chosen = stepsOf(props, steps);

  const check = () => ({
    name: name.trim() === '' ? t('check.name') : undefined,
    what: when.what.length === 0 ? t('check.what') : undefined,
    from: CLOCK.test(when.from) ? undefined : t('check.clock'),
    to: CLOCK.test(when.to) ? undefined : t('check.clock'),
    quietMinutes: when.quietMinutes === undefined ? t('check.number') : undefined,
    steps:
      steps.length === 0
        ? t('check.steps')
        : steps.length > choices.mostSteps
          ? t('check.fewer', { n: choices.mostSteps })
          : undefined,
  });
  // A rule that is about no faces asks for nobody: what was chosen before is out of sight.
  const asked: When = { ...when, groups: faces ? when.groups : [], databases: nobodyKnown(when) ? [] : when.databases };
  const whole = Object.values({ ...check(), name: undefined, steps: undefined }).every((fault) => fault === undefined);

  async function save(): Promise<void> {
    const fields = { name, enabled, when: asked, steps };
    if (rule) await api.put(`/rules/${rule.id}`, fields);
    else await api.post('/rules', fields);
    ui.toast(t('edit.saved', { name: name.trim() }));
    ui.go(ui.href('rules'));
  }

  const day = (value: number) => ({ value, label: t(`day.${value}`) });
  const whatOptions = [...CAPTURES, 'alarm', ...choices.alarms.map((kind) => `alarm/${kind}`)].map((value) => ({
    value,
    label: aboutWords(props, value),
  }));
  const cameraOptions = [...new Set([...choices.cameras.map(({ channel }) => channel), ...when.cameras])].map(
    (value) => ({
      value,
      label: cameraName(i18n, value, known),
    }),
  );
  const databaseOptions = [...new Set([...known.databases.map((one) => one.id), ...when.databases])].map((value) => ({
    value,
    label: databaseName(i18n, value, known),
  }));
  const sentence = html`<${ui.Notice} tone="info" title=${t('edit.sentence')}>
    ${when.what.length === 0 ? t('check.what') : whenWords(props, asked, known)} <b aria-hidden="true">→</b> ${chosen.length === 0 ? t('words.nothing') : doesWords(i18n, chosen)}
  </${ui.Notice}>`;
  const aside = html`<${ui.Stack} gap=${4} class="rules-aside">
    ${sentence}
    <${RulePreview} ...${props} rule=${whole ? { when: asked, steps } : undefined} />
  </${ui.Stack}>`;
  return html`<${ui.Split} width=${400} aside=${aside}>
    <${ui.Form} form=${form} check=${check} submit=${t('edit.save')} onSubmit=${save} onCancel=${() => ui.go(ui.href('rules'))}>
      <${ui.Card} title=${t('edit.rule')} icon="edit">
        <${ui.Stack} gap=${4}>
          <${ui.TextField} label=${t('field.name')} required maxLength=${80} placeholder=${t('field.namePlaceholder')} ...${form.bind('name')} />
          <${ui.SwitchField} label=${t('field.enabled')} ...${form.bind('enabled')} />
        </${ui.Stack}>
      </${ui.Card}>
      <${ui.Card} title=${t('edit.when')} icon="filter">
        <${ui.Stack} gap=${4}>
          <${ui.ChecksField} label=${t('field.what')} options=${whatOptions} ...${form.bind('what')} />
          ${faces && html`<${ui.ChecksField} label=${t('field.groups')} hint=${t('field.groupsHint')} options=${GROUPS.map((value) => ({ value, label: t(`group.${value}`) }))} ...${form.bind('groups')} />`}
          ${!nobodyKnown(when) && databaseOptions.length > 0 && html`<${ui.ChecksField} label=${t('field.databases')} hint=${t('field.databasesHint')} options=${databaseOptions} ...${form.bind('databases')} />`}
          ${cameraOptions.length > 0 && html`<${ui.ChecksField} label=${t('field.cameras')} hint=${t('field.allIfNone')} options=${cameraOptions} ...${form.bind('cameras')} />`}
          <${ui.ChecksField} label=${t('field.days')} hint=${t('field.daysHint')} options=${DAYS.map(day)} ...${form.bind('days')} />
          <${ui.Grid} min=${140}>
            <${ui.TextField} label=${t('field.from')} mono maxLength=${5} placeholder="18:00" ...${form.bind('from')} />
            <${ui.TextField} label=${t('field.to')} mono maxLength=${5} placeholder="06:00" ...${form.bind('to')} />
          </${ui.Grid}>
          <p class="g-field-hint">${t('field.hoursHint', { zone: choices.zone })}</p>
          <${ui.NumberField} label=${t('field.quiet')} hint=${t('field.quietHint')} min=${0} max=${1440} step=${1} unit=${t('field.minutes')} ...${form.bind('quietMinutes')} />
          <${ui.RadiosField} label=${t('field.demo')} options=${LEFT_OUT.map((value) => ({ value, label: t(`demo.${value}`), hint: t(`demo.${value}Hint`) }))} ...${form.bind('demo')} />
        </${ui.Stack}>
      </${ui.Card}>
      <${ui.Card} title=${t('edit.then')} icon="play">
        <${StepsField} ...${props} steps=${chosen} error=${form.errors['steps']} about=${when.what} onChange=${(ids: string[]) => form.set('steps', ids)} />
      </${ui.Card}>
    </${ui.Form}>
  </${ui.Split}>`;
}

/** What is chosen, with its name; what is gone has the one it had. */
function stepsOf({ choices, rule }: { choices: ChoicesView; rule: RuleView | undefined }, ids: readonly string[]) {
  return ids.flatMap((id) => {
    const reaction = choices.reactions.find((one) => one.id === id);
    const kept = rule?.steps.find((one) => one.reaction === id);
    const { kind, name } = reaction ?? kept ?? {};
    return kind && name !== undefined ? [{ id, kind, name, offered: reaction !== undefined }] : [];
  });
}

/** Nobody knows whom a body or a vehicle belongs to. */
function nobodyKnown({ what }: Pick<When, 'what'>): boolean {
  return what.every((one) => one === 'capture/body' || one === 'capture/vehicle');
}
