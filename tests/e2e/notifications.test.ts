import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { get } from 'node:https';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { SmtpServer } from '../../plugins/mail/smtp-server.fixture.ts';
import { startBox, type TestBox } from '../kit/box.ts';
import { look, SIZES, screenshot, signIn, startBrowser } from '../kit/browser.ts';
import { until } from '../kit/wait.ts';

/** A browser that trusts the box, over HTTPS: it takes the box for an app, and shows what is pushed to it. */

let box: TestBox;
let browser: Browser;

before(async () => {
  box = await startBox({ environment: { GATEHOUSE_PROTOCOL: 'https', GATEHOUSE_ALLOW_LOOPBACK_PUSH: '1' } });
  // As if the authority was installed: this very key is trusted, and no other.
  const key = (await leaf()).publicKey.export({ type: 'spki', format: 'der' });
  const pin = createHash('sha256').update(key).digest('base64');
  browser = await startBrowser([`--ignore-certificate-errors-spki-list=${pin}`]);
});

after(async () => {
  await browser?.close();
  await box?.stop();
});

function leaf(): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: box.ports.https, rejectUnauthorized: false }, () => {
      const raw = socket.getPeerCertificate().raw;
      socket.destroy();
      resolve(new X509Certificate(raw));
    });
    socket.on('error', reject);
  });
}

function fetched(path: string, ca?: string): Promise<{ status: number; type: string; body: string }> {
  return new Promise((resolve, reject) => {
    const trust = ca === undefined ? { rejectUnauthorized: false } : { ca };
    get(`${box.url}${path}`, { ...trust, agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: String(response.headers['content-type']), body }),
      );
    }).on('error', reject);
  });
}

async function signedIn(
  size: keyof typeof SIZES,
  language: 'en' | 'zh',
): Promise<{ page: Page; context: BrowserContext }> {
  const context = await browser.newContext({
    viewport: SIZES[size],
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    permissions: ['notifications'],
  });
  const page = await context.newPage();
  await signIn(page, box);
  return { page, context };
}

/** A push service this machine cannot reach: what the browser would give is made here. */
async function withPushService(context: BrowserContext): Promise<void> {
  await context.addInitScript({
    content: `
      const keys = { p256dh: 'B' + 'A'.repeat(86), auth: 'A'.repeat(22) };
      const endpoint = 'https://push.example/' + innerWidth;
      const made = { endpoint, options: {}, toJSON: () => ({ endpoint, keys }), unsubscribe: async () => true };
      let given = null;
      PushManager.prototype.subscribe = async () => (given = made);
      PushManager.prototype.getSubscription = async () => given;
    `,
  });
}

test('the authority is public, and whoever installs it trusts the box', async () => {
  const { status, type, body } = await fetched('/ca.crt');
  assert.deepEqual([status, type], [200, 'application/x-x509-ca-cert']);
  assert.ok(new X509Certificate(body).ca);
  assert.doesNotMatch(body, /PRIVATE/);
  assert.equal((await fetched('/healthz', body)).status, 200);
  await assert.rejects(fetched('/healthz', ''), /self-signed|unable to verify|issuer/i);
});

test('the pages can be installed as an app', async () => {
  const { page, context } = await signedIn('desktop', 'en');
  const session = await context.newCDPSession(page);
  const { errors, data } = await session.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  assert.equal((JSON.parse(data ?? '') as { display: string }).display, 'standalone');
  const problems = await session.send('Page.getInstallabilityErrors');
  assert.deepEqual(
    problems.installabilityErrors.map(({ errorId }) => errorId).filter((one) => one !== 'in-incognito'),
    [],
  );
  await context.close();
});

test('a push is shown by the service worker', async () => {
  const { page, context } = await signedIn('desktop', 'en');
  const session = await context.newCDPSession(page);
  const registrations: string[] = [];
  session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: updated }) => {
    for (const { registrationId, scopeURL } of updated)
      if (scopeURL === `${box.url}/`) registrations.push(registrationId);
  });
  await session.send('ServiceWorker.enable');
  await page.evaluate(async () => {
    await navigator.serviceWorker.register('/service-worker.js', { scope: '/' });
    await navigator.serviceWorker.ready;
  });
  const registrationId = await until('the registration', () => registrations.at(-1));
  const shown = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      const all = await registration.getNotifications();
      return all.map(({ title, body, tag, data }) => ({ title, body, tag, data: data as unknown }));
    });
  const push = (data: string) =>
    session.send('ServiceWorker.deliverPushMessage', { origin: box.url, registrationId, data });
  const notification = { title: 'Key person', body: 'Gate · 10:09:21', tag: 'key-person-3', page: '#/alarms', time: 1 };
  await push(JSON.stringify(notification));
  const [first] = await until('the notification', async () => {
    const found = await shown();
    return found.length === 1 && found;
  });
  assert.deepEqual(first, {
    title: 'Key person',
    body: 'Gate · 10:09:21',
    tag: 'key-person-3',
    data: { page: '#/alarms' },
  });
  // A newer one of the same takes its place; what cannot be read is told as what it is: something of the box.
  await push(JSON.stringify({ ...notification, body: 'Gate · 10:10:00' }));
  await push('not JSON');
  const titles = await until('two notifications', async () => {
    const found = await shown();
    return found.length === 2 && found.some(({ body }) => body.endsWith('10:10:00')) && found.map(({ title }) => title);
  });
  assert.deepEqual(titles.sort(), ['Gatehouse', 'Key person']);
  await context.close();
});

for (const [size, language] of [
  ['desktop', 'en'],
  ['phone', 'zh'],
] as const) {
  test(`pages: ${size}, ${language}`, async () => {
    const { page, context } = await signedIn(size, language);
    await withPushService(context);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${box.url}/#/web-push`);
    await page.reload();
    await page.click(`main button:has-text("${language === 'en' ? 'Show alarms here' : '在此显示告警'}")`);
    await page.waitForSelector(`main :text("${language === 'en' ? 'this one' : '当前'}")`);
    await look(page, `web-push-${size}-${language}`);
    await page.click(`[aria-label^="${language === 'en' ? 'Change' : '修改'}"]`);
    await page.waitForSelector('dialog input, [role="dialog"] input');
    await look(page, `web-push-form-${size}-${language}`);
    await page.goto(`${box.url}/#/web-push-certificate`);
    await page.waitForSelector('main ol li');
    await look(page, `web-push-certificate-${size}-${language}`);
    await page.goto(`${box.url}/#/mail`);
    await page.waitForSelector('main h1');
    await page.click(`main button:has-text("${language === 'en' ? 'Add a recipient' : '添加收件人'}")`);
    await page.fill('dialog input[type="email"], [role="dialog"] input[type="email"]', `guard-${size}@site.example`);
    await look(page, `mail-form-${size}-${language}`);
    await page.click(
      `[role="dialog"] button:has-text("${language === 'en' ? 'Save' : '保存'}"), dialog button:has-text("${language === 'en' ? 'Save' : '保存'}")`,
    );
    await page.waitForSelector(`main :text("guard-${size}@site.example")`);
    await look(page, `mail-${size}-${language}`);
    assert.deepEqual(errors, []);
    await context.close();
  });
}

test('mail: the button says what went wrong, and a new account is told of', async (t) => {
  const server = await SmtpServer.start({ answers: { RCPT: '550 5.1.1 nobody of that name' } });
  t.after(() => server.stop());
  const { page, context } = await signedIn('desktop', 'en');
  const send = (method: string, path: string, body: object) =>
    page.evaluate(
      async (given) => {
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(given.path, { method: given.method, headers, body: given.body });
        return { status: answer.status, text: await answer.text() };
      },
      { method, path, body: JSON.stringify(body) },
    );
  const settings = { host: '127.0.0.1', port: server.port, security: 'none', from: 'box@site.example' };
  const saved = await send('PUT', '/p/system/plugins/mail/config', settings);
  assert.equal(saved.status, 200, saved.text);
  await send('POST', '/p/mail/recipients', { address: 'admin@site.example', accounts: true });
  await page.goto(`${box.url}/#/mail`);
  await page.click('main button:has-text("Send a test mail")');
  await page.waitForSelector('main :text("The mail server refuses the recipient")');
  assert.match(await page.innerText('main'), /550 5\.1\.1 nobody of that name/);
  await screenshot(page, 'mail-refused-desktop-en');
  server.manner = {};
  await page.click('main button:has-text("Send a test mail")');
  await page.waitForSelector('main :text("has taken the mail")');
  server.mails.length = 0;
  await send('POST', '/p/users/users', { name: 'newcomer', role: 'viewer' });
  const mail = await until('the notice', () => server.mails[0]);
  assert.deepEqual(mail.to, ['admin@site.example']);
  assert.match(mail.data, /The account "newcomer" was made/);
  await context.close();
});
