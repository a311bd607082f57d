import { html } from 'htm/preact';
import type { Column, PageProps } from '../../../ui/contract.ts';
import type { RulesView, RuleView, StepView } from '../shapes.ts';
import { type Known, stepWords, whenWords } from './words.ts';

/** The rules in plain sentences, when they fired last, and how what they do goes. */
export function RuleList(props: PageProps) {
  const { api, i18n, ui } = props;
  const { t } = i18n;
  const found = ui.useData((signal) => api.get<RulesView>('/rules', {}, { signal }), {
    changed: ['rules'],
    every: 10_000,
  });

  async function toggle({ id, name, enabled, steps }: RuleView): Promise<void> {
    const waiting = steps.reduce((sum, one) => sum + one.waiting, 0);
    if (enabled && waiting > 0) {
      const lose = [t('remove.loseWaiting', { n: waiting })];
      if (!(await ui.confirm({ title: t('off.title', { name }), lose, confirm: t('off.confirm') }))) return;
    }
    await api.patch(`/rules/${id}`, { enabled: !enabled });
    await found.reload();
  }

  async function remove({ id, name, steps }: RuleView): Promise<void> {
    const waiting = steps.reduce((sum, one) => sum + one.waiting, 0);
    const lose = [t('remove.lose'), ...(waiting > 0 ? [t('remove.loseWaiting', { n: waiting })] : [])];
    if (!(await ui.confirm({ title: t('remove.title', { name }), lose, confirm: t('remove.confirm') }))) return;
    await api.delete(`/rules/${id}`);
    ui.toast(t('remove.done', { name }));
    await found.reload();
  }

  const known: Known = { cameras: found.data?.cameras ?? [], databases: useDatabases(props) };
  const columns: Column<RuleView>[] = [
    {
      id: 'rule',
      title: t('list.rule'),
      primary: true,
      cell: (rule) => html`<span class="rules-sentence">
        <b>${rule.name}</b>
        <span>${whenWords(props, rule.when, known)} <b aria-hidden="true">→</b></span>
      </span>`,
    },
    {
      id: 'steps',
      title: t('list.steps'),
      cell: ({ enabled, steps }) =>
        html`<ul class="rules-steps">${steps.map((step) => html`<li key=${step.reaction}><${StepState} i18n=${i18n} ui=${ui} step=${step} enabled=${enabled} /></li>`)}</ul>`,
    },
    {
      id: 'fired',
      title: t('list.fired'),
      cell: ({ enabled, lastFired }) => {
        if (!enabled) return html`<${ui.Status} tone="idle">${t('list.off')}</${ui.Status}>`;
        return lastFired === null ? t('list.never') : html`<${ui.Time} at=${lastFired} as="ago" />`;
      },
    },
    {
      id: 'acts',
      title: t('list.acts'),
      hideTitle: true,
      align: 'end',
      cell: (rule) => html`<${ui.Row} gap=${1} justify="end" nowrap>
        <${ui.IconButton} icon=${rule.enabled ? 'pause' : 'play'} label=${t(rule.enabled ? 'list.switchOff' : 'list.switchOn', { name: rule.name })} onClick=${() => toggle(rule)} />
        <${ui.IconButton} icon="edit" label=${t('list.edit', { name: rule.name })} onClick=${() => ui.setParams({ rule: rule.id }, { push: true })} />
        <${ui.IconButton} icon="delete" label=${t('list.remove', { name: rule.name })} onClick=${() => remove(rule)} />
      </${ui.Row}>`,
    },
  ];

  const full = found.data !== undefined && found.data.rules.length >= found.data.most;
  const add = html`<${ui.Button} kind="primary" icon="add" disabled=${full} title=${full ? t('list.full') : undefined} onClick=${() => ui.setParams({ rule: 'new' }, { push: true })}>${t('list.add')}</${ui.Button}>`;
  const empty = html`<${ui.Empty} icon="filter" title=${t('list.none')}>${t('list.noneHow')}</${ui.Empty}>`;
  const body = ({ rules }: RulesView) => html`<${ui.Stack} gap=${3}>
    <${ui.Card} flush>
      <${ui.Table} caption=${t('title')} columns=${columns} rows=${rules} rowKey=${({ id }: RuleView) => id} empty=${empty} />
    </${ui.Card}>
    <p class="g-field-hint">${t('list.beside')}</p>
  </${ui.Stack}>`;
  return html`<${ui.Page} title=${t('title')} lead=${t('lead')} actions=${add}>
    <${ui.Loaded} of=${found} what=${t('list.notRead')}>${body}</${ui.Loaded}>
  </${ui.Page}>`;
}

/** Names of the portrait databases, where there are any; a rule without them is shown all the same. */
export function useDatabases({ api, config, ui }: PageProps): { id: number; name: string }[] {
  const found = ui.useData(
    (signal) => api.core<{ databases: { id: number; name: string }[] }>('/p/portraits/databases', { signal }),
    { when: config.plugins.includes('portraits'), changed: ['portraits'] },
  );
  return found.data?.databases ?? [];
}

/** How one step of a rule goes; of what does not go, why and when it is tried again. */
function StepState({ i18n, ui, step, enabled }: Pick<PageProps, 'i18n' | 'ui'> & { step: StepView; enabled: boolean }) {
  const { t } = i18n;
  const { waiting, delivered, dead, pausedUntil, lastError } = step;
  const state = stateOf(step, enabled);
  const notes = [
    state === 'gone' && t('step.goneHow'),
    state === 'idle' && t('step.nothing'),
    waiting > 0 && t('step.waiting', { n: waiting }),
    delivered > 0 && t('step.delivered', { n: delivered }),
    dead > 0 && t('step.dead', { n: dead }),
    (state === 'failing' || dead > 0) && lastError,
    state === 'failing' && pausedUntil !== null && t('step.again', { time: i18n.ago(pausedUntil) }),
  ];
  return html`<${ui.Status} tone=${TONES[state]}><span>${stepWords(i18n, step)}</span></${ui.Status}>
    <small>${notes.filter(Boolean).join(' · ')}</small>`;
}

const TONES = { off: 'idle', gone: 'warn', failing: 'bad', waiting: 'busy', idle: 'idle', well: 'ok' } as const;

function stateOf({ offered, failures, waiting, delivered, dead }: StepView, enabled: boolean): keyof typeof TONES {
  if (!offered) return 'gone';
  if (!enabled) return 'off';
  if (failures > 0) return 'failing';
  if (waiting > 0) return 'waiting';
  return delivered + dead === 0 ? 'idle' : 'well';
}
