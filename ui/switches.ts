import { html } from 'htm/preact';
import { Button, IconButton } from './components/button.ts';
import { Segmented } from './components/choices.ts';
import type { IconName } from './components/icon.ts';
import type { Language } from './contract.ts';
import { switchLanguage, t } from './i18n.ts';
import { chooseTheme, language, type Theme, theme } from './preferences.ts';

/** Choosing language and theme: small buttons for the navigation, plain choices for everywhere else. */

/** A language is named in itself, so that whoever is lost in the wrong one finds the way out. */
const LANGUAGES: { value: Language; label: string }[] = [
  { value: 'en', label: 'English' },
  { value: 'zh', label: '中文' },
];

const THEME_ICONS: Record<Theme, IconName> = { system: 'screen', dark: 'moon', light: 'sun' };
const THEMES = Object.keys(THEME_ICONS) as Theme[];

export function LanguageSwitch() {
  return html`<${Segmented} label=${t('shell.language')} value=${language.value} options=${LANGUAGES} onChange=${switchLanguage} />`;
}

export function ThemeSwitch() {
  const options = THEMES.map((value) => ({ value, label: t(`theme.${value}`), icon: THEME_ICONS[value] }));
  return html`<${Segmented} label=${t('shell.theme')} value=${theme.value} options=${options} onChange=${chooseTheme} />`;
}

export function LanguageButton() {
  const other = LANGUAGES.find(({ value }) => value !== language.value) ?? LANGUAGES[0];
  return html`<${Button} kind="quiet" title=${other?.label} label=${other?.label} onClick=${() => other && switchLanguage(other.value)}>${other?.value === 'zh' ? '中' : 'EN'}</${Button}>`;
}

export function ThemeButton() {
  const next = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'system';
  const label = t('shell.themeNow', { theme: t(`theme.${theme.value}`) });
  return html`<${IconButton} icon=${THEME_ICONS[theme.value]} label=${label} onClick=${() => chooseTheme(next)} />`;
}
