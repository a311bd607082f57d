import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { I18n } from '../../../ui/contract.ts';
import { attributesOf, looksInShort } from './looks.ts';

function words(language: 'en' | 'zh'): I18n {
  const texts = JSON.parse(readFileSync(new URL(`./locales/${language}.json`, import.meta.url), 'utf8')) as Record<
    string,
    string
  >;
  const t = (key: string, values: Record<string, unknown> = {}) =>
    (texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
  return { language, t, or: (key: string, other: string) => texts[key] ?? other, number: String } as unknown as I18n;
}

const body = {
  gender_code: 'male',
  st_age: 'st_adult',
  coat_style: 't_shirt',
  coat_color: 'red',
  pants_length_type: 'trousers',
  trousers_color: 'blue',
  bag_type: 'bag_style_type_none',
  st_umbrella: 'st_umbrella',
};

test('a face in a few words, without what says nothing', () => {
  const attributes = {
    st_age_value: '34.000000',
    st_age: 'st_adult',
    gender_code: 'female',
    glass_style: 'sunglasses',
    st_respirator: 'st_respirator_full',
    st_expression: 'st_calm',
    cap_style: 'hat_style_type_none',
  };
  assert.equal(looksInShort(words('en'), { kind: 'face', attributes }), 'Female · 34 · Sunglasses · Mask');
  assert.equal(looksInShort(words('zh'), { kind: 'face', attributes }), '女 · 34 · 太阳镜 · 戴口罩');
  assert.equal(looksInShort(words('en'), { kind: 'face', attributes: {} }), '');
  assert.equal(looksInShort(words('en'), { kind: 'face', attributes: { st_expression: 'st_calm' } }), '');
});

test('a body by its clothes and their colours', () => {
  assert.equal(
    looksInShort(words('en'), { kind: 'body', attributes: body }),
    'Male · Adult · Red T-shirt · Blue trousers',
  );
  assert.equal(looksInShort(words('zh'), { kind: 'body', attributes: body }), '男 · 成年 · 红色T 恤 · 蓝色长裤');
  const { coat_color: _, gender_code: __, ...less } = body;
  assert.equal(
    looksInShort(words('en'), { kind: 'body', attributes: less }),
    'Adult · T-shirt · Blue trousers · Umbrella',
  );
});

test('what a model of tomorrow says is shown as it is', () => {
  const i18n = words('en');
  assert.deepEqual(attributesOf(i18n, { kind: 'face', attributes: { st_age: 'st_teen', st_new: 'x', empty: '' } }), [
    { label: 'Age group', value: 'st_teen' },
    { label: 'st_new', value: 'x' },
  ]);
});
