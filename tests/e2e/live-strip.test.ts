import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBox } from '../kit/box.ts';
import { openPage, signIn, startBrowser } from '../kit/browser.ts';
import { until } from '../kit/wait.ts';

/** The newest captures beside the live picture, as somebody sees them who leaves the page open. */

test('a capture that is deleted leaves the page, and those beside it stay', async (t) => {
  const box = await startBox({ environment: { GATEHOUSE_DEMO: undefined } });
  t.after(() => box.stop());
  await box.login();
  const browser = await startBrowser();
  t.after(() => browser.close());
  const { page, errors } = await openPage(browser, 'desktop');
  await signIn(page, box);
  await page.goto(`${box.url}/#/live`);
  const shown = async (): Promise<string[]> =>
    page.$$eval('.captures-strip a', (links) => links.map((link) => link.getAttribute('href') ?? ''));
  const before = await until(
    'some captures',
    async () => {
      const links = await shown();
      return links.length >= 5 && links;
    },
    60_000,
  );
  const id = /id=([^&]+)/.exec(before[2]!)![1]!;
  await box.rest('POST', '/p/captures/captures/delete', { ids: [id] });
  let fewest = before.length;
  await until(
    'it to be gone',
    async () => {
      const links = await shown();
      fewest = Math.min(fewest, links.length);
      return !links.some((link) => link.includes(id));
    },
    5_000,
  );
  assert.ok(fewest >= before.length - 1, `the strip fell from ${before.length} to ${fewest}`);
  assert.deepEqual(errors, []);
});
