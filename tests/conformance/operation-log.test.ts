import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startPlugins } from './started-plugins.ts';

test('the operation log has words for everything that is written into it, in both languages', async () => {
  const { acts, faults } = await startPlugins();
  assert.deepEqual(faults, []);
  assert.ok(acts.length > 60, `${acts.length}`);
  for (const language of ['en', 'zh']) {
    const file = new URL(`../../plugins/operation-log/ui/locales/${language}.json`, import.meta.url);
    const words = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
    assert.deepEqual(
      acts.filter((act) => !words[`act.${act}`]),
      [],
      language,
    );
  }
});
