import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Turns } from '../../core/concurrency.ts';
import { type OutMessage, RefusedError } from '../../core/plugin/push-services.ts';
import { until } from '../../tests/kit/wait.ts';
import { alarm } from './fixture.ts';
import { MOST_SESSIONS, mailReactions } from './reactions.ts';
import { settings } from './settings.ts';
import { SmtpServer } from './smtp-server.fixture.ts';
import type { Recipient } from './tables.ts';

/** Mails that rules send. */

const recipient = (id: number, change: Partial<Recipient> = {}): Recipient => ({
  id,
  address: `to-${id}@site.example`,
  // What they get otherwise does not matter to rules.
  ...{ alarms: false, accounts: false, enabled: true, createdAt: 0 },
  rule: { kinds: [], cameras: [], from: '00:00', to: '00:00', perHour: 1, repeatMinutes: 60, demo: false },
  ...change,
});

const capture = (body: object = {}, change: Partial<OutMessage> = {}): OutMessage => ({
  ...alarm({ topic: 'capture', ...change }),
  body: { kind: 'face', cameraName: 'Gate', channel: 3, threshold: 80, compared: true, ...body },
});

const ada = { similarity: 91.26, libraryType: 1, libraryName: 'Wanted', personName: 'Ada\r\nBcc: spy@evil.example' };

async function start(t: TestContext, change: object = {}) {
  const server = await SmtpServer.start();
  t.after(() => server.stop());
  const given = { from: 'box@site.example', host: '127.0.0.1', port: server.port, security: 'none', ...change };
  const recipients = [recipient(1), recipient(2), recipient(3, { enabled: false })];
  const found = mailReactions({
    settings: () => settings.parse(given),
    recipients: () => recipients,
    setting: () => ({ language: settings.parse(given).language, box: 'north-gate', zone: 'Asia/Shanghai' }),
    smtp: () => ({ sender: 'Gatehouse', allowLoopback: true }),
    sessions: new Turns(MOST_SESSIONS),
  });
  const picture = async () => new Uint8Array([0xff, 0xd8, 0xff, 0xe0]);
  const send = async (message: OutMessage) => {
    server.mails.length = 0;
    const signal = AbortSignal.timeout(20_000);
    await found[0]!.deliver(message, picture, {
      signal,
      lane: 'live',
      attempt: 1,
      rule: { id: 7, name: 'Night\nwatch' },
    });
    return server.mails[0]?.data ?? '';
  };
  return { server, found, send };
}

test('everybody who gets mail is offered, once there is a mail server', async (t) => {
  assert.deepEqual(
    (await start(t)).found.map(({ id, kind, name }) => [id, kind, name]),
    [
      ['mail/1', 'mail', 'to-1@site.example'],
      ['mail/2', 'mail', 'to-2@site.example'],
    ],
  );
  assert.deepEqual((await start(t, { host: '' })).found, []);
});

test('a capture, an alarm and a test, to that recipient alone, with the rule they come by', async (t) => {
  const { server, send } = await start(t);
  const known = await send(capture({ match: ada }));
  assert.deepEqual(
    server.mails.map(({ to }) => to),
    [['to-1@site.example']],
  );
  assert.match(known, /^Subject: \[north-gate\] Face, Key person, Gate$/m);
  assert.match(
    known,
    /^Face: Key person\r\n\r\nTime: 2026-11-21 10:09:21 \(Asia\/Shanghai\)\r\nCamera: Gate\r\nPerson: Ada Bcc/m,
  );
  assert.match(known, /^Database: Wanted\r\nSimilarity \(of 100\): 91\.3\r\n/m);
  assert.match(known, /^Rule: Night watch$/m);
  assert.doesNotMatch(known, /^Bcc:|image\//m);
  // Who is only similar is nobody.
  const stranger = await send(capture({ match: { ...ada, similarity: 79 } }, { origin: 'demo' }));
  assert.match(stranger, /^Face: Stranger\r$/m);
  assert.match(stranger, /scene of the demo site/);
  assert.doesNotMatch(stranger, /Ada|Wanted/);
  assert.match(await send(capture({ kind: 'body', compared: false })), /^Subject: \[north-gate\] Person, Gate$/m);
  const vehicle = await send(capture({ kind: 'vehicle', compared: false, plate: { text: 'AB12', score: 0.9 } }));
  assert.match(vehicle, /^Subject: \[north-gate\] Vehicle, Gate$/m);
  assert.match(vehicle, /^Number plate: AB12\r$/m);
  assert.match(await send(alarm()), /^Key person: Ada Lovelace\r$/m);
  assert.match(await send(alarm({ topic: 'test', body: {} })), /^Subject: .*Test of the mail settings$/m);
});

test('pictures go along where the settings of mail let them', async (t) => {
  const { send } = await start(t, { pictures: true, language: 'zh' });
  const mail = await send(capture({}, { pictures: [{ part: 'snap', path: 'record/1.jpg' }] }));
  assert.match(mail, /Content-Type: image\/jpeg/);
});

test('refused for good is given up, anything else is tried again', async (t) => {
  const { server, send } = await start(t);
  server.manner = { answers: { RCPT: '550 5.1.1 no such user' } };
  await assert.rejects(send(capture()), RefusedError);
  server.manner = { answers: { RCPT: '451 4.7.1 come again' } };
  await assert.rejects(send(capture()), (error) => !(error instanceof RefusedError));
  await assert.rejects(send(alarm({}, { title: 7 })), RefusedError);
});

test('however many rules mail at once, the mail server sees few sessions, and nobody is mailed whose time is over', async (t) => {
  const { server, found } = await start(t);
  server.manner = { answers: { EHLO: '' } };
  const over = new AbortController();
  const context = { signal: over.signal, lane: 'live', attempt: 1, rule: { id: 7, name: 'Night' } } as const;
  const ends = Array.from({ length: 10 }, () =>
    assert.rejects(found[0]!.deliver(capture(), async () => undefined, context)),
  );
  await until('the first are under way', () => server.commands.length >= MOST_SESSIONS);
  server.manner = {};
  over.abort(new Error('over'));
  await Promise.all(ends);
  assert.equal(server.connections, MOST_SESSIONS);
  assert.equal(server.mails.length, 0);
});
