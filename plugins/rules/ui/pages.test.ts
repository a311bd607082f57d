import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { I18n } from '../../../ui/contract.ts';
import { type When, when } from '../when.ts';
import { doesWords, eventWords, hoursWords, whenWords } from './words.ts';

/** A page in a language, with the texts the plugin has. */
function page(language: 'en' | 'zh') {
  const texts = JSON.parse(readFileSync(join(import.meta.dirname, `locales/${language}.json`), 'utf8')) as Record<
    string,
    string
  >;
  const t = (key: string, values: Record<string, string | number> = {}) => {
    const text = texts[key];
    assert.ok(text, `there is no text "${key}"`);
    return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
  };
  return { i18n: { t } as I18n, ui: { alarmKind: (kind: string) => (kind === 'key-person' ? 'Key person' : kind) } };
}

const known = {
  cameras: [
    { channel: 3, name: 'Gate' },
    { channel: 4, name: '' },
  ],
  databases: [{ id: 4, name: 'Wanted' }],
};
const rule = (change: object): When => when.parse({ what: ['capture/face'], ...change });
const sentence = (change: object, language: 'en' | 'zh' = 'en') => whenWords(page(language), rule(change), known);

test('a rule is a plain sentence', () => {
  assert.equal(sentence({}), 'When there is any face, at any camera');
  assert.equal(
    sentence({ groups: ['key'], cameras: [3], days: [1, 2, 3, 4, 5], from: '18:00', to: '06:00' }),
    'When there is the face of a key person, at Gate, Mon–Fri 18:00–06:00',
  );
  assert.equal(
    sentence({ what: ['capture/face', 'capture/body', 'alarm/key-person', 'alarm'], groups: ['stranger'] }),
    'When there is the face of a stranger, any person, an alarm (Key person) or any alarm, at any camera',
  );
  assert.equal(
    sentence({ databases: [4, 9], cameras: [3, 4, 5] }),
    'When there is any face (known to Wanted or Database 9, which is gone), at Gate, Channel 4 or Channel 5',
  );
  assert.equal(
    sentence({ groups: ['key', 'white'], cameras: [3, 4], days: [6, 7] }, 'zh'),
    '当出现重点人员的人脸或白名单人员的人脸，地点为 Gate或通道 4，周六、周日',
  );
  const steps = [
    { kind: 'mail', name: 'ann@site.example' },
    { kind: 'action', name: 'Gate' },
  ] as const;
  assert.equal(doesWords(page('en').i18n, steps), 'mail to ann@site.example, action Gate');
});

test('days in a row are a range, and always is not said', () => {
  const { i18n } = page('en');
  const words = (days: number[], from = '00:00', to = '00:00') => hoursWords(i18n, { days, from, to });
  assert.equal(words([]), '');
  assert.equal(words([1, 2, 3, 4, 5, 6, 7]), '');
  assert.equal(words([1, 2]), 'Mon, Tue');
  assert.equal(words([7, 1, 3, 4, 5]), 'Mon, Wed–Fri, Sun');
  assert.equal(words([], '08:00', '12:30'), '08:00–12:30');
});

test('an event of the preview says what was seen and whom, as far as somebody knows', () => {
  const words = (what: string, group: 'key' | 'stranger' | 'unknown' | undefined, title: string) =>
    eventWords(page('en'), { what, group, title });
  assert.equal(words('capture/face', 'key', 'Ada'), 'Face · Key person: Ada');
  assert.equal(words('capture/face', 'stranger', ''), 'Face · Stranger');
  assert.equal(words('capture/body', 'unknown', ''), 'Person');
  assert.equal(words('alarm/key-person', undefined, 'Ada'), 'Alarm: Key person: Ada');
});
