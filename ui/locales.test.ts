import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';

/** The texts are complete: both languages have the same keys, and every key the code asks for exists. */

const ROOT = join(import.meta.dirname, '..');
const LANGUAGES = ['en', 'zh'] as const;

type Texts = Record<string, string>;

function foldersWithTexts(): string[] {
  const plugins = readdirSync(join(ROOT, 'plugins'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(ROOT, 'plugins', name, 'ui'));
  return [join(ROOT, 'ui'), ...plugins.filter((folder) => filesUnder(folder).some((file) => file.endsWith('.ts')))];
}

function filesUnder(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function read(folder: string, language: string): Texts {
  return JSON.parse(readFileSync(join(folder, 'locales', `${language}.json`), 'utf8')) as Texts;
}

/** Names of the values a text takes, each once; plural forms count as the value they depend on. */
function valuesOf(text: string): string[] {
  return [...new Set([...text.matchAll(/\{(\w+)(?:\|[^{}]*)?\}/g)].map(([, name = '']) => name))].sort();
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

const shell = read(join(ROOT, 'ui'), 'en');

for (const folder of foldersWithTexts()) {
  const place = relative(ROOT, folder);
  const [en, zh] = LANGUAGES.map((language) => read(folder, language)) as [Texts, Texts];

  test(`${place}: English and Chinese have the same keys`, () => {
    assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
  });

  test(`${place}: no text is empty, and both languages take the same values`, () => {
    for (const [key, text] of Object.entries(en)) {
      assert.notEqual(text.trim(), '', `${key} (en)`);
      assert.notEqual(zh[key]?.trim() ?? '', '', `${key} (zh)`);
      assert.deepEqual(valuesOf(zh[key] ?? ''), valuesOf(text), key);
    }
  });

  test(`${place}: every key the code asks for exists`, () => {
    const missing: string[] = [];
    for (const file of filesUnder(folder)) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
      const source = withoutComments(readFileSync(file, 'utf8'));
      // t('key') and t(condition ? 'key' : 'other'); keys put together from parts cannot be seen here.
      for (const [, call = ''] of source.matchAll(/\bt\(([^()`]*)/g)) {
        const argument = call.split(/,\s*\{/)[0] ?? '';
        const literals = [...argument.matchAll(/(^\s*|[?:]\s*)'([^']+)'/g)].map(([, , key = '']) => key);
        for (const key of literals) {
          if (en[key] === undefined && shell[key] === undefined) missing.push(`${relative(ROOT, file)}: ${key}`);
        }
      }
      // t(`problem.${kind}`): at least one text must begin like that.
      for (const [, start = ''] of source.matchAll(/\bt\([^()]*?`([a-z][\w.-]*\.)\$\{/g)) {
        const known = [...Object.keys(en), ...Object.keys(shell)].some((key) => key.startsWith(start));
        if (!known) missing.push(`${relative(ROOT, file)}: ${start}…`);
      }
    }
    assert.deepEqual(missing, []);
  });

  test(`${place}: the pages of the navigation have their titles`, () => {
    if (place === 'ui') return;
    const definition = readFileSync(join(folder, '..', 'index.ts'), 'utf8');
    const titles = [...definition.matchAll(/\btitle: '([^']+)'/g)].map(([, key = '']) => key);
    assert.deepEqual(
      titles.filter((key) => en[key] === undefined),
      [],
    );
  });
}

test('every slot, role and code of the box has a text', async () => {
  const { SLOTS } = await import('../core/plugin/contract.ts');
  const { ROLES } = await import('../core/gateway/authorization.ts');
  const { CODE } = await import('../core/gateway/errors.ts');
  const wanted = [
    ...SLOTS.map((slot) => `slot.${slot}`),
    ...ROLES.flatMap((role) => [`role.${role}`, `roleText.${role}`]),
    ...Object.values(CODE)
      .filter((code) => code !== 0)
      .map((code) => `code.${code}`),
  ];
  assert.deepEqual(
    wanted.filter((key) => shell[key] === undefined),
    [],
  );
});
