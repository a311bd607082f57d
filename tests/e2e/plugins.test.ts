import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { PluginReport } from '../../core/plugin/services.ts';
import { ADMIN_PASSWORD, startBox, type TestBox } from '../kit/box.ts';
import { openPage, screenshot, startBrowser } from '../kit/browser.ts';
import { until } from '../kit/wait.ts';
import { ROUNDS, runPluginRounds } from '../soak/plugin-rounds.ts';

const SWITCH = (id: string) => `/p/system/plugins/${id}/enabled`;
const stateOf = async (box: TestBox, id: string) => {
  const { plugins } = (await box.rest<{ plugins: PluginReport[] }>('GET', '/p/system/overview')).body;
  return plugins.find((one) => one.id === id)?.state;
};
const pages = async (box: TestBox) =>
  (await box.rest<{ pages: { id: string }[] }>('GET', '/ui/boot.json')).body.pages.map(({ id }) => id);

test('every plugin off and on, configured, at fault: the others lose no answer and no capture, nothing stays behind', async () => {
  const box = await startBox({ main: 'tests/soak/plugins-main.ts', environment: { GATEHOUSE_LOG_LEVEL: 'error' } });
  try {
    await box.login();
    const report = await runPluginRounds(box, ROUNDS);
    assert.deepEqual(report.faults, []);
    assert.ok(report.answers > ROUNDS, `${report.answers} answers`);
    assert.ok(report.pushes > 0, `${report.pushes} pushes`);
    assert.ok(report.handles.end - report.handles.warm < 10, JSON.stringify(report.handles));
    assert.equal(box.child.exitCode, null);
  } finally {
    await box.stop();
  }
});

test('a plugin that is switched off answers as one that was never there, also after a restart, and the log says who', async (t) => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'gatehouse-switch-'));
  t.after(() => rm(dataFolder, { recursive: true, force: true }));
  let box = await startBox({ dataFolder });
  t.after(() => box.stop());
  await box.login();
  for (const id of ['users', 'system', 'operation-log']) {
    const { status, body } = await box.rest<{ msg: string }>('PUT', SWITCH(id), { enabled: false });
    assert.equal(status, 400, id);
    assert.match(body.msg, /cannot be switched off/);
  }
  assert.equal((await box.rest('PUT', SWITCH('nobody'), { enabled: false })).status, 404);
  assert.ok((await pages(box)).includes('records'));
  assert.equal((await box.call(1046)).code, 0);
  assert.equal((await box.rest('PUT', SWITCH('captures'), { enabled: false })).status, 200);
  const gone = async () => {
    assert.equal(await stateOf(box, 'captures'), 'DISABLED');
    assert.equal((await box.call(1046)).code, -3599);
    assert.equal((await box.rest('GET', '/p/captures/captures')).status, 404);
    assert.equal((await fetch(`${box.url}/p/captures/ui/records.ts`)).status, 404);
    assert.ok(!(await pages(box)).includes('records'));
    await until('the box to be well', async () => {
      const { body } = await box.rest<{ status: string }>('GET', '/healthz');
      return body.status === 'ok';
    });
    assert.doesNotMatch(await (await fetch(`${box.url}/metrics`)).text(), /gatehouse_captures_/);
  };
  await gone();
  const { entries } = (
    await box.rest<{ entries: { item: string; detail: string; userName: string }[] }>(
      'GET',
      '/p/operation-log/entries?module=system',
    )
  ).body;
  assert.ok(
    entries.some(({ item, detail, userName }) => /enabled/.test(item) && detail === 'captures: off' && userName),
  );
  const { ports } = box;
  assert.equal(await box.stop(), 0);
  box = await startBox({ dataFolder, ports });
  await box.login();
  await gone();
  assert.equal((await box.rest('PUT', SWITCH('captures'), { enabled: true })).status, 200);
  assert.equal((await box.call(1046)).code, 0);
  assert.ok((await pages(box)).includes('records'));
});

test('the health page switches a plugin off after a question, and on again', async () => {
  const box = await startBox();
  const browser = await startBrowser();
  try {
    await box.login();
    for (const [size, language, off] of [
      ['desktop', 'en', 'Switch off'],
      ['phone', 'zh', '停用'],
    ] as const) {
      const { page, errors } = await openPage(browser, size, { language });
      await page.goto(`${box.url}/`);
      await page.fill('input[autocomplete="username"]', 'admin');
      await page.fill('input[autocomplete="current-password"]', ADMIN_PASSWORD);
      await page.click('button[type="submit"]');
      await page.waitForSelector('main h1');
      await page.goto(`${box.url}/#/system`);
      const row = page.locator('label.g-switch', {
        hasText: language === 'en' ? 'Captures on or off' : '启用或停用抓拍',
      });
      await row.click();
      await page.locator('dialog').getByRole('button', { name: off }).waitFor();
      await screenshot(page, `plugin-off-${size}-${language}`);
      await page.keyboard.press('Escape');
      await until('the switch to show what is', () => row.locator('input').isChecked());
      assert.equal(await stateOf(box, 'captures'), 'RUNNING');
      await row.click();
      await page.locator('dialog').getByRole('button', { name: off }).click();
      await until('it to be off', async () => (await stateOf(box, 'captures')) === 'DISABLED');
      await until('its page to vanish', async () => (await page.locator('a[href="#/records"]').count()) === 0);
      await until('the switch to be off', async () => !(await row.locator('input').isChecked()));
      await screenshot(page, `plugins-${size}-${language}`);
      const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(width <= 0, `${width} px too wide`);
      await row.click();
      await until('it to run', async () => (await stateOf(box, 'captures')) === 'RUNNING');
      await until('its page to be back', async () => (await page.locator('a[href="#/records"]').count()) > 0);
      assert.deepEqual(errors, []);
      await page.context().close();
    }
  } finally {
    await browser.close();
    await box.stop();
  }
});
