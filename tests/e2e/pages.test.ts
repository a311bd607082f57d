import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { assetFolder } from '../kit/assets.ts';
import { startBox, type TestBox } from '../kit/box.ts';
import { openPage, SIZES, screenshot, signIn, startBrowser } from '../kit/browser.ts';
import { type RtspServer, startRtspServer } from '../kit/rtsp-server.ts';
import { until } from '../kit/wait.ts';

/** Every page, at desktop and phone width, in both languages, on a box with a camera and captures. */

const PAGES = [
  'overview',
  'live',
  'alarms',
  'records',
  'people',
  'face-search',
  'cameras',
  'demo-site',
  'camera?new=1',
  'camera?channel=1',
  'settings',
  'users',
];
const MORE = ['push-http', 'mqtt', 'mail', 'web-push', 'rules', 'operation-log', 'system', 'log', 'account'];

/** What a page must not do, whatever it shows. */
async function faults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth + 1) found.push(`it is ${scrollWidth} px wide on a screen of ${clientWidth}`);
    const text = document.body.innerText;
    // A key instead of its text: lower-case words joined by a dot, alone on a line.
    for (const line of text.split('\n')) {
      if (/^[a-z][a-zA-Z]*(\.[a-z][a-zA-Z]*)+$/.test(line.trim())) found.push(`a key is shown: ${line.trim()}`);
    }
    if (/undefined|NaN|\[object /.test(text)) found.push('it shows undefined, NaN or [object');
    for (const image of document.querySelectorAll('img')) {
      if (image.complete && image.naturalWidth === 0) found.push(`a picture is broken: ${image.src.slice(0, 80)}`);
    }
    return found;
  });
}

describe('pages', { skip: assetFolder() ? false : 'needs models and videos: set GATEHOUSE_TEST_ASSETS' }, () => {
  let box: TestBox;
  let server: RtspServer;
  let browser: Browser;

  before(async () => {
    box = await startBox({ models: `${assetFolder()}/models` });
    await box.login();
    const file = `${assetFolder()}/media/video/one-by-one-person-detection.mp4`;
    server = await startRtspServer({ streams: [{ path: '/one', file, codec: 'h264', loop: true }] });
    const camera = { camera_mode: 'VIDEO', protocol: 'rtsp', threshold: 75, snap_mode: 3, task_type: 'face,body' };
    await box.call(513, { ...camera, camera_name: 'Entrance', position: 'Ground floor', url: server.url('/one') });
    await box.call(513, { ...camera, camera_name: 'Yard', url: 'rtsp://127.0.0.1:9/none' });
    await until('a capture', async () => (await box.call<{ total_num: number }>(1046)).data.total_num > 0, 40_000);
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await box?.stop();
  });

  for (const size of Object.keys(SIZES) as (keyof typeof SIZES)[]) {
    for (const language of ['en', 'zh'] as const) {
      test(`${size}, ${language}`, async () => {
        const { page, errors } = await openPage(browser, size, { language });
        await signIn(page, box);
        for (const name of [...PAGES, ...MORE]) {
          await page.goto(`${box.url}/#/${name}`);
          await page.waitForSelector('main h1');
          await page.waitForFunction(() => !document.querySelector('main [aria-busy="true"], main .g-skeleton'));
          await page.waitForFunction(() =>
            [...document.querySelectorAll('main [data-state="loading"]')].every(
              (picture) => picture.getBoundingClientRect().top > innerHeight,
            ),
          );
          // Live pictures and fades.
          await page.waitForTimeout(name === 'live' ? 1500 : 400);
          await screenshot(page, `${name.replace(/\W+/g, '-')}-${size}-${language}`);
          assert.deepEqual(await faults(page), [], `${name}, ${size}, ${language}`);
        }
        assert.deepEqual(errors, []);
        await page.context().close();
      });
    }
  }

  test('live: at least 5 pictures a second, at most 500 ms behind, the boxes of that very frame', async () => {
    const { page, errors } = await openPage(browser, 'desktop');
    await signIn(page, box);
    const seen: { at: number; time: number; boxes: number; bytes: number }[] = [];
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        if (typeof payload === 'string') return;
        const length = payload.readUInt32BE(0);
        const { data } = JSON.parse(payload.toString('utf8', 4, 4 + length)) as {
          data: { time: number; overlay: object[] };
        };
        const bytes = payload.byteLength - 4 - length;
        seen.push({ at: Date.now(), time: data.time, boxes: data.overlay.length, bytes });
      }),
    );
    await page.goto(`${box.url}/#/live?channels=1`);
    await page.reload();
    await until('pictures', () => seen.length > 10);
    const from = seen.length;
    const began = performance.now();
    await page.waitForTimeout(6_000);
    const rate = (seen.length - from) / ((performance.now() - began) / 1000);
    assert.ok(rate >= 4.5, `${rate.toFixed(1)} pictures a second of a stream analysed 5 times a second`);
    const behind = seen.slice(from).map((frame) => frame.at - frame.time);
    behind.sort((a, b) => a - b);
    const p95 = behind[Math.floor(behind.length * 0.95)] ?? Number.POSITIVE_INFINITY;
    assert.ok(p95 <= 500, `95 % of the pictures are at most ${p95} ms old`);
    assert.ok(seen.every((frame) => frame.bytes > 1000));
    await until('a box on a picture', () => seen.some((frame) => frame.boxes > 0), 60_000);
    assert.deepEqual(errors, []);
    await page.context().close();
  });

  test('the first page is small and asks nobody but the box', async () => {
    const { page } = await openPage(browser, 'desktop');
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    let bytes = 0;
    session.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await page.goto(`${box.url}/`);
    await page.waitForSelector('input[autocomplete="current-password"]');
    assert.deepEqual([...hosts], [new URL(box.url).host]);
    assert.ok(bytes < 150_000, `${bytes} bytes`);
    await page.context().close();
  });

  test('a page recovers by itself when the box restarts', async () => {
    const own = await startBox();
    const { page } = await openPage(browser, 'desktop');
    try {
      await signIn(page, own);
      await page.waitForSelector('main h1');
      const { dataFolder, ports } = own;
      own.child.kill('SIGKILL');
      await page.waitForSelector('[role="status"], [role="alert"]');
      const again = await startBox({ dataFolder, environment: { GATEHOUSE_HTTP_PORT: String(ports.http) } });
      try {
        // The navigation was never gone, and the page reads again without a new login.
        await page.waitForFunction(
          async () => {
            const boot = (await (await fetch('/ui/boot.json')).json()) as { user: unknown };
            return boot.user !== null;
          },
          undefined,
          { timeout: 20_000 },
        );
        assert.equal(await page.locator('input[autocomplete="current-password"]').count(), 0);
      } finally {
        await again.stop();
      }
    } finally {
      await page.context().close();
      await own.stop();
    }
  });
});
