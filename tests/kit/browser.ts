import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { ADMIN_PASSWORD, type TestBox } from './box.ts';

/** Desktop and phone, as every page is looked at. */
export const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;

/** A page with what went wrong in it. */
export interface WatchedPage {
  page: Page;
  /** Console errors and uncaught exceptions, to be empty at the end. */
  errors: string[];
}

/** Debian's Chromium, headless, with nothing of it looking for the internet. @param more further arguments */
export function startBrowser(more: string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  });
}

/** Opens a page of a size and language, and collects its errors. */
export async function openPage(
  browser: Browser,
  size: keyof typeof SIZES,
  options: { language?: 'en' | 'zh' } = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: SIZES[size],
    locale: options.language === 'zh' ? 'zh-CN' : 'en-GB',
    ignoreHTTPSErrors: true,
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  return { page, errors };
}

/** Signs the administrator in, as somebody does who opens the box for the first time in this browser. */
export async function signIn(page: Page, box: Pick<TestBox, 'url'>): Promise<void> {
  await page.goto(`${box.url}/`);
  await page.fill('input[autocomplete="username"]', 'admin');
  await page.fill('input[autocomplete="current-password"]', ADMIN_PASSWORD);
  await page.keyboard.press('Enter');
  // At phone width the navigation is there but folded away.
  await page.waitForSelector('nav', { state: 'attached' });
}

/**
 * Looks at a page once it has what it shows: keeps a screenshot, and refuses what is wider than the screen. A button may be
 * busy: it waits for the answer to its question.
 */
export async function look(page: Page, name: string): Promise<void> {
  await page.waitForFunction(() => !document.querySelector('main .g-skeleton, main [aria-busy="true"]:not(button)'));
  await screenshot(page, name);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 1, `${name} is ${wide} px too wide`);
}

/** Keeps a screenshot where GATEHOUSE_SCREENSHOTS names a folder; otherwise does nothing. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['GATEHOUSE_SCREENSHOTS'];
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
