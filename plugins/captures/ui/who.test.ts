import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { I18n } from '../../../ui/contract.ts';
import type { Capture } from './shapes.ts';
import { nameWord, whoIs, whoWord } from './who.ts';

function words(language: 'en' | 'zh'): I18n {
  const file = new URL(`./locales/${language}.json`, import.meta.url);
  const texts = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  const t = (key: string, values: Record<string, unknown> = {}) =>
    (texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
  return { language, t, number: String } as unknown as I18n;
}

const match: NonNullable<Capture['match']> = {
  libraryId: 1,
  libraryName: 'Staff',
  libraryType: 2,
  imageId: 'img-1',
  imagePath: '',
  personName: 'Ada',
  similarity: 80,
  ranking: 1,
  threshold: 80,
};

test('a face is somebody, a stranger, or was not compared; nobody becomes a stranger otherwise', () => {
  const cases: [Parameters<typeof whoIs>[0], ReturnType<typeof whoIs>, string, string][] = [
    [{ kind: 'face', compared: true, match }, 'known', 'Ada 80', 'Ada 80'],
    [{ kind: 'face', compared: true, match: { ...match, similarity: 79.9 } }, 'stranger', 'Stranger', '陌生人'],
    [{ kind: 'face', compared: true, match: null }, 'stranger', 'Stranger', '陌生人'],
    [{ kind: 'face', compared: false, match: null }, 'not-compared', 'Not compared', '未比对'],
    [{ kind: 'body', compared: false, match: null }, undefined, '', ''],
  ];
  for (const [capture, who, english, chinese] of cases) {
    assert.equal(whoIs(capture), who);
    assert.equal(whoWord(words('en'), capture), english);
    assert.equal(whoWord(words('zh'), capture), chinese);
  }
  assert.equal(nameWord({ ...match, personName: ' ' }), 'img-1');
});
