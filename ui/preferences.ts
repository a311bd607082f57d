import { signal } from '@preact/signals';
import type { Language } from './contract.ts';

/** What this browser remembers: theme, language, width of the navigation. Nothing of it is the box's business. */

export type Theme = 'system' | 'dark' | 'light';

function read(name: string): string | null {
  try {
    return localStorage.getItem(`gatehouse.${name}`);
  } catch {
    return null; // storage can be switched off
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(`gatehouse.${name}`, value);
  } catch {
    // then it lasts as long as the tab
  }
}

function firstLanguage(): Language {
  const stored = read('language');
  if (stored === 'en' || stored === 'zh') return stored;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

const storedTheme = read('theme');

export const theme = signal<Theme>(storedTheme === 'dark' || storedTheme === 'light' ? storedTheme : 'system');
export const language = signal<Language>(firstLanguage());
/** The desktop navigation shows icons only. */
export const narrowNavigation = signal(read('navigation') === 'narrow');

/** The window has no room for words in the navigation, whatever was chosen. */
export const cramped = signal(false);
const room = matchMedia('(max-width: 1020px)');
cramped.value = room.matches;
room.addEventListener('change', () => {
  cramped.value = room.matches;
});

theme.subscribe((value) => {
  const root = document.documentElement;
  if (value === 'system') root.removeAttribute('data-theme');
  else root.setAttribute('data-theme', value);
});

language.subscribe((value) => {
  document.documentElement.lang = value === 'zh' ? 'zh-CN' : 'en';
});

export function chooseTheme(value: Theme): void {
  theme.value = value;
  write('theme', value);
}

/** Use `switchLanguage` of `i18n.ts`, which loads the texts first. */
export function rememberLanguage(value: Language): void {
  language.value = value;
  write('language', value);
}

export function chooseNavigation(narrow: boolean): void {
  narrowNavigation.value = narrow;
  write('navigation', narrow ? 'narrow' : 'wide');
}
