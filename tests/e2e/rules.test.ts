import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { SmtpServer } from '../../plugins/mail/smtp-server.fixture.ts';
import { mosquittoMissing, observe, startBroker } from '../../plugins/mqtt/mosquitto.fixture.ts';
import type { ChoicesView, PreviewView, RulesView, RuleView } from '../../plugins/rules/shapes.ts';
import { startBox, type TestBox } from '../kit/box.ts';
import { look, openPage, signIn, startBrowser } from '../kit/browser.ts';
import { until } from '../kit/wait.ts';
import { Receiver } from '../receivers/receiver.ts';

/** Rules of a whole box: what is captured reaches real receivers by them, and people make them on the page. */

let box: TestBox;
let dataFolder: string;
let browser: Browser;

const start = (ports?: TestBox['ports']) =>
  startBox({
    dataFolder,
    // The box with a plugin that makes captures.
    main: 'tests/soak/box-main.ts',
    environment: { GATEHOUSE_LOG_LEVEL: 'error', GATEHOUSE_ALLOW_LOOPBACK_PUSH: '1' },
    ...(ports ? { ports } : {}),
  });

before(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'gatehouse-rules-'));
  box = await start();
  await box.login();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await box?.stop();
  await rm(dataFolder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
});

async function asked<T>(method: string, path: string, body?: object): Promise<T> {
  const answer = await box.rest<T>(method, path, body);
  assert.equal(answer.status, 200, `${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const rate = (perSecond: number) => asked<{ made: number }>('PUT', '/p/feeder/rate', { perSecond, bytes: 20_000 });
const rules = async () => (await asked<RulesView>('GET', '/p/rules/rules')).rules;

test('a capture reaches an HTTP receiver, a broker and a mail server by a rule, also over a kill of the box', async (t) => {
  if (mosquittoMissing(t)) return;
  let receiver = new Receiver('http_receiver.py');
  t.after(() => receiver.stop());
  const broker = await startBroker(t);
  const observer = await observe(t, broker);
  const smtp = await SmtpServer.start();
  t.after(() => smtp.stop());
  const port = String(await receiver.value('port'));
  await asked('PUT', '/p/system/plugins/mqtt/config', { url: `mqtt://127.0.0.1:${broker.port}` });
  const mail = { host: '127.0.0.1', port: smtp.port, security: 'none', from: 'box@site.example' };
  await asked('PUT', '/p/system/plugins/mail/config', mail);
  await asked('POST', '/p/mail/recipients', { address: 'ann@site.example', alarms: false });
  // By its own choice it gets nothing at all.
  await asked('POST', '/p/push-http/targets', { url: `http://127.0.0.1:${port}/`, name: 'Desk', kinds: [] });

  const { reactions } = await until('all that can be done', async () => {
    const choices = await asked<ChoicesView>('GET', '/p/rules/choices');
    return choices.reactions.length === 3 && choices;
  });
  const steps = reactions.map(({ id }) => id);
  assert.deepEqual(steps.sort(), ['mail/1', 'mqtt/publish', 'push-http/1']);
  for (const reaction of steps) assert.deepEqual(await asked('POST', '/p/rules/try', { reaction }), { ok: true });
  await until('the test at the broker', () => observer.of('gatehouse/rules/test').length === 1);
  await until('the test mail', () => smtp.mails.length === 1);

  // The feeder makes faces and bodies for four channels: quiet for a day, the rule fires once for each with bodies.
  const when = { what: ['capture/body'], quietMinutes: 1440 };
  const rule = await asked<RuleView>('POST', '/p/rules/rules', { name: 'Anybody', when, steps });
  await rate(20);
  const topic = `gatehouse/rules/${rule.id}`;
  await until('everybody to hear of both', () => {
    const counts = [receiver.of(774).length, observer.of(topic).length, smtp.mails.length - 1];
    return counts.every((count) => count >= 2);
  });
  const { made } = await rate(0);
  const channels = (observer.json(topic) as { channel: number; kind: string; rule: object }[]).map((one) => {
    assert.deepEqual([one.kind, one.rule], ['body', { id: rule.id, name: 'Anybody' }]);
    return one.channel;
  });
  assert.deepEqual(channels.sort(), [30, 32]);
  assert.match(smtp.mails.at(-1)?.data ?? '', /Rule: Anybody/);
  await until('them to be counted', async () =>
    (await rules()).find(({ id }) => id === rule.id)?.steps.every(({ delivered }) => delivered === 2),
  );
  const preview = await until('everything to be recorded', async () => {
    const found = await asked<PreviewView>('POST', '/p/rules/preview', { when, steps });
    return found.looked >= made && found;
  });
  assert.equal(preview.fired, 2, 'the preview says what has happened');

  // Nobody is at the desk, and the box is killed.
  await receiver.stop();
  await asked('PUT', `/p/rules/rules/${rule.id}`, { name: 'Anybody', when: { ...when, quietMinutes: 0 }, steps });
  await rate(20);
  const waiting = async () => (await rules())[0]?.steps.find(({ kind }) => kind === 'push')?.waiting ?? 0;
  await until('some to wait', async () => (await waiting()) >= 5);
  await rate(0);
  await until('the others to have them', async () =>
    (await rules())[0]?.steps.every(({ kind, waiting: waits }) => kind === 'push' || waits === 0),
  );
  const waited = await waiting();
  const published = () => new Set(observer.json(topic).map(({ id }) => id)).size;
  const heard = published();
  await box.stop('SIGKILL');
  receiver = new Receiver('http_receiver.py', '--port', port);
  box = await start(box.ports);
  await box.login();
  const pushed = await until('what waited', () => receiver.of(774).length >= waited && receiver.of(774));
  const ids = pushed.map((one) => (one['data'] as Record<string, unknown>)['snap_id']);
  assert.ok(new Set(ids).size >= waited);
  // What was not noted as delivered yet comes twice, with the same id.
  assert.equal(published(), heard, 'nobody else gets anything new');
  assert.deepEqual(receiver.faults, []);
});

for (const [size, language] of [
  ['desktop', 'en'],
  ['phone', 'zh'],
] as const) {
  test(`the page: ${size}, ${language}`, async (t) => {
    const words = language === 'en' ? EN : ZH;
    for (const { id } of await rules()) await asked('DELETE', `/p/rules/rules/${id}`);
    const { page, errors } = await openPage(browser, size, { language });
    t.after(() => page.context().close());
    await signIn(page, box);
    await page.goto(`${box.url}/#/rules`);
    await page.waitForSelector(`main :text("${words.none}")`);
    await look(page, `rules-none-${size}-${language}`);

    await page.click(`main button:has-text("${words.add}")`);
    await page.waitForSelector('main form');
    // Whoever forgets something is told what.
    await page.click(`main form button:has-text("${words.save}")`);
    await page.waitForSelector(`main :text("${words.noSteps}")`);
    await page.getByLabel(words.keyPerson, { exact: true }).click();
    await page.getByLabel(words.notCompared, { exact: true }).click();
    await page.fill('main input[name="quietMinutes"]', '0');
    await page.fill('main input[name="name"]', 'Everybody');
    await page.click('main .rules-choice:has-text("ann@site.example") input');
    const shown = await until('the preview', async () => {
      const events = await page.locator('main .rules-events li').count();
      return events > 0 && events;
    });
    const { fired } = await asked<PreviewView>('POST', '/p/rules/preview', {
      when: { what: ['capture/face'], groups: ['unknown'], quietMinutes: 0 },
      steps: [],
    });
    assert.equal(shown, Math.min(50, fired));
    await look(page, `rules-new-${size}-${language}`);
    await page.click(`main form button:has-text("${words.save}")`);
    await page.waitForSelector(`main :text("${words.sentence}")`);
    await look(page, `rules-list-${size}-${language}`);

    await page.click(`[aria-label="${words.switchOff}"]`);
    await page.waitForSelector(`main :text("${words.off}")`);
    assert.equal((await rules())[0]?.enabled, false);
    await page.click(`[aria-label="${words.edit}"]`);
    await page.waitForSelector('main form');
    assert.equal(await page.inputValue('main input[name="name"]'), 'Everybody');
    assert.deepEqual(errors, []);
  });
}

const EN = {
  none: 'There are no rules yet',
  add: 'Add a rule',
  save: 'Save',
  noSteps: 'Choose what is to be done',
  keyPerson: 'Key person',
  notCompared: 'Not compared',
  sentence: 'When there is a face that was not compared, at any camera',
  switchOff: 'Switch off Everybody',
  off: 'Switched off',
  edit: 'Change Everybody',
};
const ZH: typeof EN = {
  none: '还没有规则',
  add: '添加规则',
  save: '保存',
  noSteps: '请选择要做什么',
  keyPerson: '重点人员',
  notCompared: '未比对',
  sentence: '当出现未比对的人脸，任何摄像机',
  switchOff: '停用 Everybody',
  off: '已停用',
  edit: '修改 Everybody',
};
