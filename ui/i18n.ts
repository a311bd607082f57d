import { signal } from '@preact/signals';
import type { I18n, Language, TextValues } from './contract.ts';
import { describeError } from './errors.ts';
import { language, rememberLanguage } from './preferences.ts';
import { boxZone } from './zone.ts';

/**
 * Texts and formats. Locale files are flat JSON; the shell's are the scope '', a plugin's have its id. Every reader
 * goes through a signal, so whatever shows a text is drawn again when the language changes.
 */

type Catalog = Record<string, string>;

const catalogs = signal<ReadonlyMap<string, Catalog>>(new Map());
const address = (scope: string, lang: Language) =>
  scope === '' ? `/ui/locales/${lang}.json` : `/p/${scope}/ui/locales/${lang}.json`;

async function loadCatalog(scope: string, lang: Language): Promise<[string, Catalog]> {
  const key = `${lang}/${scope}`;
  const known = catalogs.peek().get(key);
  if (known) return [key, known];
  try {
    const answer = await fetch(address(scope, lang));
    if (!answer.ok) throw new Error(`${answer.status}`);
    return [key, (await answer.json()) as Catalog];
  } catch (error) {
    // Texts that do not come show as their keys: poor, but everything still works.
    console.warn(`texts of ${scope || 'the shell'} (${lang}) did not load`, error);
    return [key, {}];
  }
}

let scopes: readonly string[] = [''];

async function load(lang: Language): Promise<void> {
  const loaded = await Promise.all(scopes.map((scope) => loadCatalog(scope, lang)));
  catalogs.value = new Map([...catalogs.peek(), ...loaded.filter(([, catalog]) => Object.keys(catalog).length > 0)]);
}

/** Loads the texts of the shell and of these plugins in the language of the moment. */
export async function loadTexts(plugins: readonly string[]): Promise<void> {
  scopes = ['', ...plugins];
  await load(language.peek());
}

export async function switchLanguage(lang: Language): Promise<void> {
  await load(lang);
  rememberLanguage(lang);
}

function fill(text: string, values: TextValues | undefined, lang: Language): string {
  if (!values) return text;
  return text.replace(/\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (one !== undefined && many !== undefined) return Number(value) === 1 ? one : many;
    return typeof value === 'number' ? numberFormat(lang).format(value) : value;
  });
}

const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>();

/** Making an Intl object costs a hundred times what using it does. */
function cached<T extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>(
  key: string,
  make: () => T,
): T {
  const known = formats.get(key) as T | undefined;
  if (known) return known;
  const made = make();
  formats.set(key, made);
  return made;
}

/** English follows the browser's own region ("21/11" or "11/21"); otherwise the plain language. */
function tag(lang: Language): string {
  const own = navigator.languages.find((name) => name.toLowerCase().startsWith(lang));
  return own ?? (lang === 'zh' ? 'zh-CN' : 'en-GB');
}

function numberFormat(lang: Language, options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  return cached(`n ${lang} ${JSON.stringify(options)}`, () => new Intl.NumberFormat(tag(lang), options));
}

function dateFormat(lang: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const timeZone = boxZone();
  return cached(
    `d ${lang} ${timeZone} ${JSON.stringify(options)}`,
    () => new Intl.DateTimeFormat(tag(lang), { ...options, timeZone, hourCycle: 'h23' }),
  );
}

const DATE = { year: 'numeric', month: 'short', day: 'numeric' } as const;
const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
const SPANS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** Texts and formats for one plugin ('' for the shell). Reading it in a component subscribes to the language. */
export function translator(scope: string): I18n {
  const lang = language.value;
  const texts = catalogs.value;
  const own = texts.get(`${lang}/${scope}`);
  const shell = texts.get(`${lang}/`);
  const find = (key: string) => own?.[key] ?? shell?.[key];
  const i18n: I18n = {
    language: lang,
    t: (key, values) => fill(find(key) ?? key, values, lang),
    or: (key, fallback, values) => fill(find(key) ?? fallback, values, lang),
    of: translator,
    time: (ms) => dateFormat(lang, { ...DATE, ...CLOCK }).format(ms),
    date: (ms) => dateFormat(lang, DATE).format(ms),
    clock: (ms) => dateFormat(lang, CLOCK).format(ms),
    ago: (ms) => {
      const passed = Date.now() - ms;
      const [unit, length] = SPANS.find(([, span]) => Math.abs(passed) >= span) ?? SPANS[3];
      const format = cached(`r ${lang}`, () => new Intl.RelativeTimeFormat(tag(lang), { numeric: 'auto' }));
      return format.format(-Math.trunc(passed / length), unit);
    },
    duration: (ms) => {
      const first = SPANS.findIndex(([, span]) => ms >= span);
      const shown = first < 0 ? SPANS.slice(3) : SPANS.slice(first, first + 2);
      let rest = Math.max(0, ms);
      const parts: string[] = [];
      for (const [unit, span] of shown) {
        const count = Math.floor(rest / span);
        rest -= count * span;
        if (count > 0 || parts.length === 0)
          parts.push(numberFormat(lang, { style: 'unit', unit, unitDisplay: 'short' }).format(count));
      }
      return parts.join(' ');
    },
    number: (n, options) => numberFormat(lang, options).format(n),
    percent: (n) => numberFormat(lang, { style: 'percent', maximumFractionDigits: 0 }).format(n),
    bytes: (n) => {
      const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
      let step = 0;
      let value = n;
      while (value >= 1000 && step < units.length - 1) {
        value /= 1000;
        step++;
      }
      const digits = step === 0 || value >= 100 ? 0 : 1;
      const options = {
        style: 'unit',
        unit: units[step],
        unitDisplay: 'short',
        maximumFractionDigits: digits,
      } as const;
      return numberFormat(lang, options).format(value);
    },
    error: (error) => describeError(error, i18n),
  };
  return i18n;
}

/** The shell's texts, for its own components. */
export const shellTexts = (): I18n => translator('');

/** One text of the shell. */
export const t = (key: string, values?: TextValues): string => translator('').t(key, values);
