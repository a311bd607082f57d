import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startBox } from './kit/box.ts';
import { openPage, SIZES, signIn, startBrowser } from './kit/browser.ts';
import { showScenes } from './truth/watch.ts';

/**
 * Takes pictures of the box's pages while it runs its demo site: those of the README, and with a folder named every page
 * in both sizes, to be looked at.
 *
 *     node --import tsx tests/readme-picture.ts [folder]
 */

const README = join(import.meta.dirname, '../docs/pictures');
const PAGES = ['live', 'overview', 'records', 'demo-site', 'cameras', 'system'];
/** Until the lobby is full of people, s. */
const FULL = 14;

const folder = process.argv[2];
const box = await startBox({ environment: { GATEHOUSE_DEMO: '1' } });
const browser = await startBrowser();
try {
  await box.login();
  await showScenes(box, ['lobby', 'hall']);
  for (const size of Object.keys(SIZES) as (keyof typeof SIZES)[]) {
    const { page, errors } = await openPage(browser, size);
    await signIn(page, box);
    await page.goto(`${box.url}/#/live`);
    await page.waitForTimeout(FULL * 1000);
    for (const name of PAGES) {
      await page.goto(`${box.url}/#/${name}`);
      await page.waitForTimeout(name === 'live' ? 4_000 : 2_500);
      if (folder) {
        await mkdir(folder, { recursive: true });
        await page.screenshot({ path: join(folder, `${name}-${size}.png`) });
      } else if (size === 'desktop' && name === 'live') {
        await mkdir(README, { recursive: true });
        await page.screenshot({ path: join(README, `${name}.png`) });
      }
    }
    if (errors.length > 0) console.error(`${size}: ${errors.join('; ')}`);
  }
} finally {
  await browser.close();
  await box.stop();
}
