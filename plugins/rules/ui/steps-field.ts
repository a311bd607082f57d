import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import type { ChoicesView, ReactionView, TryView } from '../shapes.ts';

/** Longer than the box waits for what it tries. */
const TRY_TIMEOUT = 40_000;
const KINDS = ['mail', 'web-push', 'push', 'mqtt', 'action'] as const;

interface Step {
  id: string;
  kind: ReactionView['kind'];
  name: string;
  offered: boolean;
}

export interface StepsFieldProps extends PageProps {
  choices: ChoicesView;
  /** What is chosen. */
  steps: Step[];
  error: string | undefined;
  /** What the rule is about, so that it can be said what has no words for it. */
  about: readonly string[];
  onChange: (ids: string[]) => void;
}

/** What a rule does: everything there is to choose from, by kind, each to be tried at once. */
export function StepsField(props: StepsFieldProps) {
  const { i18n, ui, choices, steps, error, onChange } = props;
  const { t } = i18n;
  const gone = steps.filter(({ offered }) => !offered);
  const all: Step[] = [...choices.reactions.map((one) => ({ ...one, offered: true })), ...gone];
  const toggle = (id: string, on: boolean) => {
    const others = steps.flatMap((one) => (one.id === id ? [] : one.id));
    onChange(on ? [...others, id] : others);
  };
  return html`<${ui.Stack} gap=${4}>
    ${error && html`<p class="g-field-error" role="alert"><${ui.Icon} name="warn" size=${16} />${error}</p>`}
    ${KINDS.map((kind) => {
      const some = all.filter((one) => one.kind === kind);
      return html`<fieldset class="g-field g-group" key=${kind}>
        <legend>${t(`kind.${kind}`)}</legend>
        ${
          some.length === 0
            ? html`<p class="g-field-hint">${t(`kind.${kind}.none`)} ${kind !== 'action' && html`<a href=${ui.href(PAGES[kind])}>${t(`kind.${kind}.go`)}</a>`}</p>`
            : html`<ul class="rules-choices">${some.map((step) => html`<${Choice} key=${step.id} ...${props} step=${step} chosen=${steps.some(({ id }) => id === step.id)} onToggle=${(on: boolean) => toggle(step.id, on)} />`)}</ul>
              ${kind === 'action' && html`<p class="g-field-hint">${t('kind.action.hint')}</p>`}
              ${kind === 'push' && props.about.some((one) => one.startsWith('alarm')) && html`<p class="g-field-hint">${t('kind.push.hint')}</p>`}`
        }
      </fieldset>`;
    })}
  </${ui.Stack}>`;
}

const PAGES = { mail: 'mail', 'web-push': 'web-push', push: 'push-http', mqtt: 'mqtt' } as const;

function Choice(props: StepsFieldProps & { step: Step; chosen: boolean; onToggle: (on: boolean) => void }) {
  const { api, i18n, ui, step, chosen, onToggle } = props;
  const { t } = i18n;
  const [result, setResult] = useState<TryView>();
  const reaction = props.choices.reactions.find(({ id }) => id === step.id);

  async function attempt(): Promise<void> {
    if (step.kind === 'action') {
      const title = t('try.actionTitle', { name: step.name });
      if (!(await ui.confirm({ title, lose: [t('try.actionLose')], confirm: t('try.actionConfirm') }))) return;
    }
    setResult(undefined);
    setResult(await api.post<TryView>('/try', { reaction: step.id }, { timeout: TRY_TIMEOUT }));
  }

  return html`<li>
    <div class="rules-choice">
      <label class="g-check">
        <input type="checkbox" checked=${chosen} onChange=${(event: Event) => onToggle((event.currentTarget as HTMLInputElement).checked)} />
        <span>${step.name}</span>
      </label>
      ${!step.offered && html`<${ui.Status} tone="warn">${t('step.gone')}</${ui.Status}>`}
      ${reaction?.topics.includes('test') && html`<${ui.Button} small kind="quiet" onClick=${attempt}>${t(step.kind === 'action' ? 'try.run' : 'try.now')}</${ui.Button}>`}
    </div>
    ${
      result &&
      html`<p class="rules-result" role="status"><${ui.Status} tone=${result.ok ? 'ok' : 'bad'}>${result.ok ? t(`try.ok.${step.kind}`) : t('try.failed')}</${ui.Status}> ${!result.ok && html`<small>${result.message}</small>`}</p>`
    }
  </li>`;
}
