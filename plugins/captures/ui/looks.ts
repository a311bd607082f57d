import { html } from 'htm/preact';
import type { I18n, PageProps } from '../../../ui/contract.ts';
import type { Capture } from './shapes.ts';

/** What models said of a capture's looks, in a few words and as a badge. */

type Said = Pick<Capture, 'kind' | 'attributes'>;

/** Values that say nothing worth a word in a short line. */
const PLAIN = new Set([
  'st_calm',
  'st_normal',
  'st_respirator_mouth',
  'mustache_style_type_none',
  'mustache_style_none',
  'glasses_style_type_none',
  'hat_style_type_none',
  'bag_style_type_none',
  'color_type_none',
  'coat_style_type_other',
]);

/** What tells people apart at a glance, the most telling first. */
const TELLING = {
  face: ['glass_style', 'st_respirator', 'cap_style', 'mustache_style', 'st_expression'],
  body: ['bag_type', 'cap_style', 'st_umbrella', 'st_respirator', 'st_status_type'],
  vehicle: [],
} as const;

/** Things with the attribute that holds their colour. */
const COLOURED = [
  ['coat_style', 'coat_color'],
  ['pants_length_type', 'trousers_color'],
] as const;

/** Words in a short line. */
const MOST = 4;

/** "Female · 34 · Sunglasses"; empty where nothing is known. */
export function looksInShort(i18n: I18n, { kind, attributes }: Said): string {
  const known = (name: string): string | undefined => {
    const value = attributes[name];
    return value && !PLAIN.has(value) ? value : undefined;
  };
  const word = (name: string): string | undefined => {
    const value = known(name);
    return value && i18n.or(`look.${value}`, valueWord(i18n, name, value));
  };
  const age = word('st_age_value') ?? word('st_age');
  const clothes = kind === 'body' ? COLOURED.map(([thing, colour]) => coloured(i18n, word(thing), word(colour))) : [];
  const words = [word('gender_code'), age, ...clothes, ...TELLING[kind].map(word)];
  return [...new Set(words.filter(Boolean))].slice(0, MOST).join(' · ');
}

/** "Red jacket" */
function coloured(i18n: I18n, thing: string | undefined, colour: string | undefined): string | undefined {
  if (!thing || !colour) return thing;
  // In the middle of words a capital is small, but that of a T-shirt.
  return i18n.t('look.coloured', {
    colour,
    thing: thing.replace(/^\p{Lu}(?=\p{Ll})/u, (first) => first.toLowerCase()),
  });
}

/** Names and values of what models said, in the user's language where it is known. */
export function attributesOf(i18n: I18n, { attributes }: Said): { label: string; value: string }[] {
  return Object.entries(attributes)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => ({
      label: i18n.or(`attribute.${name}`, name),
      value: valueWord(i18n, name, value),
    }));
}

function valueWord(i18n: I18n, name: string, value: string): string {
  const number = Number(value);
  if (name === 'st_age_value' && Number.isFinite(number)) return i18n.number(Math.round(number));
  return i18n.or(`value.${value}`, value);
}

/** Alive or not, as a badge; nothing where it is not known. */
export function AliveBadge({ page, capture, short }: { page: PageProps; capture: Capture; short?: boolean }) {
  const { i18n, ui } = page;
  if (capture.aliveType === 0) return null;
  const alive = capture.aliveType === 2;
  const text = i18n.t(`alive.${alive ? 'yes' : 'no'}${short ? '.short' : ''}`);
  return html`<${ui.Badge} tone=${alive ? 'ok' : 'bad'} icon=${alive ? 'check' : 'warn'}>${text}</${ui.Badge}>`;
}
