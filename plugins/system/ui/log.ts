import { html } from 'htm/preact';
import { useEffect, useRef } from 'preact/hooks';
import type { LogLine } from '../../../core/plugin/services.ts';
import type { IconName, PageProps, Tone } from '../../../ui/contract.ts';

export const styles = ['./system.css'];

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];
/** The logger's names and numbers, lowest first. */
const RANK: Record<string, number> = { trace: 0, debug: 0, info: 1, warn: 2, error: 3, fatal: 3 };
const LOOK: Record<Level, { tone: Tone; icon: IconName }> = {
  debug: { tone: 'idle', icon: 'idle' },
  info: { tone: 'idle', icon: 'info' },
  warn: { tone: 'warn', icon: 'warn' },
  error: { tone: 'bad', icon: 'bad' },
};
const LIMIT = 1000;
const EVERY = 2_000;

/** pino writes names or, where nobody told it otherwise, numbers of ten. */
function rankOf(level: string): number {
  const number = Number(level);
  return RANK[level] ?? (Number.isNaN(number) ? 1 : Math.max(0, Math.min(3, Math.floor(number / 10) - 2)));
}

/** The newest lines of the log. */
export default function Log({ api, i18n, ui, params }: PageProps) {
  const { t } = i18n;
  const follow = params['follow'] !== '0';
  const level = LEVELS.find((one) => one === params['level']) ?? 'info';
  const text = params['text'] ?? '';
  const found = ui.useData((signal) => api.get<{ lines: LogLine[] }>('/log', { limit: LIMIT }, { signal }), {
    changed: ['system'],
    ...(follow ? { every: EVERY } : {}),
  });

  const least = LEVELS.indexOf(level);
  const wanted = text.toLowerCase();
  const lines = found.data?.lines.filter(
    (line) => rankOf(line.level) >= least && `${line.module} ${line.message}`.toLowerCase().includes(wanted),
  );

  const list = useRef<HTMLOListElement>(null);
  const newest = lines?.at(-1)?.time;
  useEffect(() => {
    if (follow && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [follow, newest, lines?.length]);

  const levels = LEVELS.map((value) => ({ value, label: t(`log.${value}`) }));
  const toggle = html`<${ui.Button} icon=${follow ? 'pause' : 'play'} pressed=${follow} onClick=${() => ui.setParams({ follow: follow ? '0' : undefined })}>${t('log.follow')}</${ui.Button}>`;
  const active = Number(level !== 'info') + Number(text !== '');
  return html`<${ui.Page} title=${t('log.title')} lead=${t('log.lead')} wide actions=${toggle}>
    <${ui.FilterBar} active=${active} onReset=${() => ui.setParams({ level: undefined, text: undefined })}>
      <${ui.SelectField} label=${t('log.level')} value=${level} options=${levels} onChange=${(value: Level) => ui.setParams({ level: value === 'info' ? undefined : value })} />
      <${ui.TextField} type="search" label=${t('log.text')} value=${text} onChange=${(value: string) => ui.setParams({ text: value })} />
    </${ui.FilterBar}>
    <${ui.Card} flush>
      <${ui.Loaded} of=${found} what=${t('log.notRead')} skeleton=${html`<div class="g-pad"><${ui.Skeleton} lines=${10} /></div>`}>
        ${() =>
          lines?.length === 0
            ? html`<${ui.Empty} icon="log" title=${t('log.none')}>${t('log.noneWhy')}</${ui.Empty}>`
            : html`<ol class="system-log" ref=${list} tabindex="0" aria-label=${t('log.title')}>
                ${lines?.map((line, index) => html`<${Line} key=${`${line.time} ${index}`} line=${line} i18n=${i18n} ui=${ui} />`)}
              </ol>`}
      </${ui.Loaded}>
    </${ui.Card}>
  </${ui.Page}>`;
}

function Line({ line, i18n, ui }: Pick<PageProps, 'i18n' | 'ui'> & { line: LogLine }) {
  const level = LEVELS[rankOf(line.level)] ?? 'info';
  const { tone, icon } = LOOK[level];
  return html`<li data-tone=${tone} data-level=${level}>
    <time datetime=${new Date(line.time).toISOString()} title=${i18n.time(line.time)}>${i18n.clock(line.time)}</time>
    <${ui.Icon} name=${icon} size=${16} label=${i18n.t(`log.${level}`)} />
    <span class="system-log-module">${line.module}</span><span class="system-log-text">${line.message}</span>
  </li>`;
}
