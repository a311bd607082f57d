import type { I18n, PageProps } from '../../../ui/contract.ts';
import type { PreviewView, StepView } from '../shapes.ts';
import type { When } from '../when.ts';

/** A rule in a sentence. */

/** What numbers in a rule stand for. */
export interface Known {
  cameras: readonly { channel: number; name: string }[];
  databases: readonly { id: number; name: string }[];
}

type Page = { i18n: I18n; ui: Pick<PageProps['ui'], 'alarmKind'> };

/** "When there is a stranger or any alarm, at Gate, Mon–Fri 18:00–06:00" */
export function whenWords({ i18n, ui }: Page, when: When, known: Known): string {
  const { t } = i18n;
  const what = listed(i18n, whatWords({ i18n, ui }, when));
  const databases = when.databases.map((id) => databaseName(i18n, id, known));
  const parts = [
    databases.length === 0 ? what : t('words.inDatabases', { what, names: listed(i18n, databases) }),
    when.cameras.length === 0
      ? t('words.anywhere')
      : t('words.at', {
          names: listed(
            i18n,
            when.cameras.map((channel) => cameraName(i18n, channel, known)),
          ),
        }),
    hoursWords(i18n, when),
  ];
  return t('words.when', { what: parts.filter(Boolean).join(t('words.comma')) });
}

/** "mail to ann@site.example, action Gate" */
export function doesWords(i18n: I18n, steps: readonly Pick<StepView, 'kind' | 'name'>[]): string {
  return steps.map((step) => stepWords(i18n, step)).join(i18n.t('words.list'));
}

export function stepWords({ t }: I18n, { kind, name }: Pick<StepView, 'kind' | 'name'>): string {
  return t(`words.${kind}`, { name });
}

/** What a rule is about: `capture/face`, `alarm`, `alarm/key-person`. */
export function aboutWords({ i18n: { t }, ui }: Page, what: string): string {
  if (what.startsWith('alarm/')) return t('about.alarmOf', { kind: ui.alarmKind(what.slice('alarm/'.length)) });
  if (what === 'capture/face') return t('about.face');
  if (what === 'capture/vehicle') return t('about.vehicle');
  return what === 'capture/body' ? t('about.body') : t('about.alarm');
}

export function cameraName({ t }: I18n, channel: number, { cameras }: Pick<Known, 'cameras'>): string {
  return cameras.find((one) => one.channel === channel)?.name || t('words.channel', { n: channel });
}

export function databaseName({ t }: I18n, id: number, { databases }: Pick<Known, 'databases'>): string {
  return databases.find((one) => one.id === id)?.name ?? t('words.database', { n: id });
}

function whatWords(page: Page, { what, groups }: When): string[] {
  const { t } = page.i18n;
  return what.flatMap((one) => {
    if (one === 'capture/face' && groups.length > 0) return groups.map((group) => t(`words.group.${group}`));
    if (one === 'capture/face') return [t('words.face')];
    if (one === 'capture/body') return [t('words.body')];
    if (one === 'capture/vehicle') return [t('words.vehicle')];
    if (one === 'alarm') return [t('words.alarm')];
    return [t('words.alarmOf', { kind: page.ui.alarmKind(one.slice('alarm/'.length)) })];
  });
}

/** What was seen, in a word or two: "Face · Stranger". */
export function eventWords(
  page: Page,
  { what, group, title }: Pick<PreviewView['events'][0], 'what' | 'group' | 'title'>,
) {
  const { t } = page.i18n;
  const named = (word: string) => (title === '' ? word : `${word}${t('words.colon')}${title}`);
  if (what === 'capture/body') return t('event.body');
  if (what === 'capture/vehicle') return t('event.vehicle');
  if (what !== 'capture/face' || group === undefined) return named(aboutWords(page, what));
  return named(`${t('event.face')} · ${t(`group.${group}`)}`);
}

/** Empty where it is always. */
export function hoursWords(i18n: I18n, { days, from, to }: Pick<When, 'days' | 'from' | 'to'>): string {
  const hours = from === to ? '' : `${from}–${to}`;
  return [daysWords(i18n, days), hours].filter(Boolean).join(' ');
}

/** Three days and more in a row are a range. */
function daysWords({ t }: I18n, days: readonly number[]): string {
  if (days.length === 0 || days.length === 7) return '';
  const runs: number[][] = [];
  for (const day of [...days].sort()) {
    const run = runs.at(-1);
    if (run && run.at(-1) === day - 1) run.push(day);
    else runs.push([day]);
  }
  const name = (day: number | undefined) => t(`day.${day}`);
  return runs
    .flatMap((run) => (run.length < 3 ? run.map(name) : [`${name(run[0])}–${name(run.at(-1))}`]))
    .join(t('words.list'));
}

/** "a, b or c" */
function listed({ t }: I18n, names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? '';
  return t('words.or', { first: names.slice(0, -1).join(t('words.list')), last: names.at(-1) ?? '' });
}
