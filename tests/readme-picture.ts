import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { assetFolder } from './kit/assets.ts';
import { ADMIN_PASSWORD, startBox } from './kit/box.ts';
import { openPage, startBrowser } from './kit/browser.ts';
import { startRtspServer } from './kit/rtsp-server.ts';
import { until } from './kit/wait.ts';

/** Makes the README's picture from a running box with made video: `node --import tsx tests/readme-picture.ts`. */

const CAMERAS = [
  { name: 'Main entrance', position: 'Building A, ground floor', pattern: 'ball' },
  { name: 'Loading bay', position: 'Building A, north', pattern: 'smpte75' },
  { name: 'Car park', position: 'Yard', pattern: 'zone-plate' },
];

const assets = assetFolder();
const box = await startBox(assets ? { models: `${assets}/models` } : {});
const server = await startRtspServer({
  streams: CAMERAS.map(({ pattern }) => ({
    path: `/${pattern}`,
    pattern,
    codec: 'h264' as const,
    width: 640,
    height: 360,
    fps: 10,
  })),
});
const browser = await startBrowser();
try {
  await box.login();
  for (const { name, position, pattern } of CAMERAS) {
    const made = await box.rest('POST', '/p/cameras/cameras', { name, position, url: server.url(`/${pattern}`) });
    if (made.status !== 200) throw new Error(JSON.stringify(made.body));
  }
  const states = async () =>
    (await box.rest<{ cameras: { state: string }[] }>('GET', '/p/system/overview')).body.cameras;
  await until('the cameras', async () => (await states()).filter(({ state }) => state === 'online').length === 3);
  const { page } = await openPage(browser, 'desktop');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(`${box.url}/`);
  await page.fill('input[autocomplete="username"]', 'admin');
  await page.fill('input[autocomplete="current-password"]', ADMIN_PASSWORD);
  await page.keyboard.press('Enter');
  await page.waitForSelector('nav', { state: 'attached' });
  await page.waitForTimeout(12_000);
  await page.goto(`${box.url}/#/cameras`);
  await page.goto(`${box.url}/#/overview`);
  await page.waitForTimeout(2_000);
  const folder = join(import.meta.dirname, '../docs/pictures');
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, 'overview.png') });
} finally {
  await browser.close();
  await server.stop();
  await box.stop();
}
