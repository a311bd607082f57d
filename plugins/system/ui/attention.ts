import { html } from 'htm/preact';
import type { I18n, IconName, Me, PageProps } from '../../../ui/contract.ts';
import type { Problem } from '../problems.ts';
import { type BoxFacts, cameraLine, cameraPage, commandIn, makeshiftText, pluginName, stageName } from './facts.ts';
import { sheddingText } from './load.ts';

const ICONS: Record<Problem['kind'], IconName> = {
  delivery: 'upload',
  start: 'shield',
  plugin: 'plugin',
  worker: 'chip',
  camera: 'cameras',
  model: 'model',
  makeshift: 'model',
  file: 'model',
  stage: 'chip',
  load: 'chip',
  disk: 'storage',
};

/** What the problem is, in the user's language; the box's own words stand under it. */
function titleOf(i18n: I18n, { kind, what }: Problem): string {
  const name =
    kind === 'plugin'
      ? pluginName(i18n, what)
      : kind === 'stage' || kind === 'makeshift'
        ? stageName(i18n, what)
        : what;
  const task = kind === 'model' ? i18n.or(`task.${what}`, what) : name;
  return i18n.t(`problem.${kind}`, { what: task });
}

/** The box's words, or the user's where the reason has a code. */
function reasonOf(i18n: I18n, { kind, channel, message }: Problem, facts: BoxFacts): string {
  if (kind === 'load') return sheddingText(i18n, facts) ?? message;
  if (kind === 'makeshift') return makeshiftText(i18n, message);
  if (kind !== 'file' && commandIn(message)) return i18n.t('problem.installHow');
  const camera = kind === 'camera' ? facts.cameras.find((one) => one.channel === channel) : undefined;
  return camera?.reason ? cameraLine(i18n, camera) : i18n.or(`camera.${message}`, message);
}

/** Where it is mended, as far as this user may go there. */
function pageOf(me: Me, { kind, channel, page }: Problem): string | undefined {
  return kind === 'camera' && channel !== undefined ? cameraPage(me, channel) : page;
}

/** The list of what needs somebody, each with the way to mend it. */
export function Attention({ i18n, ui, me, facts }: Pick<PageProps, 'i18n' | 'ui' | 'me'> & { facts: BoxFacts }) {
  const { t } = i18n;
  const { problems } = facts;
  if (problems.length === 0)
    return html`<${ui.Card} title=${t('attention.title')} icon="shield">
      <p class="system-calm"><${ui.Status} tone="ok">${t('attention.none')}</${ui.Status}></p>
    </${ui.Card}>`;
  const count = html`<${ui.Badge} tone=${problems.some((one) => one.severe) ? 'bad' : 'warn'}>${i18n.number(problems.length)}</${ui.Badge}>`;
  return html`<${ui.Card} title=${t('attention.title')} icon="shield" actions=${count} flush>
    <ul class="system-problems">${problems.map((problem, index) => {
      const command = commandIn(problem.message);
      const page = pageOf(me, problem);
      return html`<li key=${`${problem.kind} ${problem.what} ${index}`} data-tone=${problem.severe ? 'bad' : 'warn'}>
        <span class="system-problem-icon"><${ui.Icon} name=${ICONS[problem.kind]} /></span>
        <div>
          <b>${titleOf(i18n, problem)}</b>
          <p>${reasonOf(i18n, problem, facts)}</p>
          ${command && html`<${ui.Code} text=${command} label=${t('problem.command')} />`}
        </div>
        <div class="system-problem-act">
          ${problem.severe && html`<${ui.Status} tone="bad" size=${16}>${t('problem.severe')}</${ui.Status}>`}
          ${page && html`<${ui.Button} small href=${page} iconEnd="right">${t(`problem.go.${problem.kind}`)}</${ui.Button}>`}
        </div>
      </li>`;
    })}</ul>
  </${ui.Card}>`;
}
