import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { ensureCertificate } from '../../core/gateway/certificate.ts';
import { until } from '../../tests/kit/wait.ts';
import type { MailFault } from './fault.ts';
import { startMail } from './fixture.ts';
import { testLetter } from './letters.ts';
import { type Settings, settings } from './settings.ts';
import { SmtpSession } from './smtp.ts';
import { type ServerManner, SmtpServer } from './smtp-server.fixture.ts';

/** Every way a mail server can be, and what the test button says of it. */

let certificate: { cert: string; key: string };

before(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-mail-'));
  const { cert, key } = await ensureCertificate(folder);
  certificate = { cert, key };
  await rm(folder, { recursive: true });
});

const letter = testLetter({ language: 'en', box: 'north-gate', zone: 'UTC' });
type Test = Parameters<typeof startMail>[0];

/** Sends a mail; gives what the server said, or the code and words of the fault. */
async function send(t: Test, manner: ServerManner, change: Partial<Settings> = {}, patience = 10_000) {
  const server = await SmtpServer.start(manner);
  t.after(() => server.stop());
  const given = settings.parse({
    host: 'localhost',
    port: server.port,
    from: 'box@site.example',
    security: 'none',
    ...change,
  });
  const options = {
    settings: given,
    sender: 'Gatehouse',
    allowLoopback: true,
    patience,
    signal: AbortSignal.timeout(20_000),
  };
  try {
    const session = await SmtpSession.open(options);
    const said = await session.send('guard@site.example', letter).finally(() => session.close());
    return { said, server };
  } catch (error) {
    const { code, told, final } = error as MailFault;
    return { fault: code, message: told, final, server };
  }
}

test('sign in, and encryption as it is set', async (t) => {
  const login = { user: 'box', password: 'open sesame' };
  const signIn = { user: 'box', password: 'open sesame', checkCertificate: false };
  const starttls = await send(t, { login, starttls: certificate }, { security: 'starttls', ...signIn });
  assert.match(starttls.said ?? starttls.message, /^250 2\.0\.0 queued as 42/);
  assert.deepEqual([starttls.server.mails[0]?.secure, starttls.server.mails[0]?.user], [true, 'box']);
  const tls = await send(t, { login, tls: certificate }, { security: 'tls', ...signIn });
  assert.match(tls.said ?? tls.message, /^250/);
  assert.equal((await send(t, {})).server.mails[0]?.secure, false);
});

test('a password never goes in the clear', async (t) => {
  assert.throws(() => settings.parse({ security: 'none', user: 'box' }), /encrypted/);
  const { fault, server } = await send(
    t,
    { login: { user: 'box', password: 'x' } },
    { security: 'starttls', user: 'box' },
  );
  assert.equal(fault, 'no-starttls');
  assert.ok(!server.commands.some((line) => line.startsWith('AUTH')));
});

test('every refusal by its name, with the words of the server', async (t) => {
  const expected = async (code: string, words: RegExp, manner: ServerManner, change: Partial<Settings> = {}) => {
    const { fault, message } = await send(t, manner, change);
    assert.equal(fault, code, message);
    assert.match(message ?? '', words);
  };
  await expected('closed', /554 5\.3\.2 no service/, { greeting: '554 5.3.2 no service' });
  await expected('not-a-mail-server', /no mail server: HTTP/, { greeting: 'HTTP/1.1 400 Bad Request' });
  await expected('closed', /closed/, { hangUpAt: 'EHLO' });
  await expected('closed', /closed/, { hangUpAt: 'DATA' });
  await expected('sender', /553 not yours/, { answers: { MAIL: '553 not yours' } });
  await expected('message', /552 5\.3\.4 too big/, { answers: { MAIL: '552 5.3.4 too big' } });
  await expected('recipient', /452 mailbox full/, { answers: { RCPT: '452 mailbox full' } });
  await expected('message', /552 too much/, { answers: { DATA: '552 too much' } });
  await expected('message', /451 try later/, { answers: { '.': '451 try later' } });
  await expected('certificate', /verified/, { tls: certificate }, { security: 'tls' });
  await expected('certificate', /verified/, { starttls: certificate }, { security: 'starttls' });
  await expected('tls', /encrypted/, {}, { security: 'tls' });
  const login = { user: 'box', password: 'right' };
  await expected(
    'login',
    /535 5\.7\.8 wrong user/,
    { tls: certificate, login },
    { security: 'tls', checkCertificate: false, user: 'box', password: 'wrong' },
  );
  await expected('name-not-found', /not known/, {}, { host: 'no-such-host.invalid' });
  await expected('not-set-up', /no mail server/, {}, { host: '' });
});

test('a server that hangs is waited for no longer than the patience', async (t) => {
  const hanging: ServerManner[] = [
    { greeting: '' },
    { answers: { EHLO: '' } },
    { answers: { DATA: '' } },
    { answers: { '.': '' } },
  ];
  for (const manner of hanging) {
    const { fault, message } = await send(t, manner, {}, 300);
    assert.equal(fault, 'silent', message);
  }
});

test('an answer without end is cut off, and a long one is told in part', async (t) => {
  const { message = '' } = await send(t, { answers: { RCPT: `550 ${'x'.repeat(5000)}\u0007` } });
  assert.ok(message.length < 400, `${message.length}`);
  const { fault } = await send(t, { greeting: `220-${'x'.repeat(200_000)}` });
  assert.equal(fault, 'not-a-mail-server');
});

test('an aborted delivery ends its connection', async (t) => {
  const server = await SmtpServer.start({ answers: { '.': '' } });
  t.after(() => server.stop());
  const stop = new AbortController();
  const given = settings.parse({ host: '127.0.0.1', port: server.port, from: 'a@b.c', security: 'none' });
  const options = { settings: given, sender: 'x', allowLoopback: true, signal: stop.signal };
  const session = await SmtpSession.open(options);
  const sent = session.send('guard@site.example', letter);
  const ended = assert.rejects(sent, /in time/);
  await until('the letter to be under way', () => server.commands.includes('DATA'));
  stop.abort();
  await ended;
  await assert.rejects(SmtpSession.open(options), /cannot be reached/);
});

test('the box itself is sent to only where its owner allows it', async (t) => {
  const server = await SmtpServer.start();
  t.after(() => server.stop());
  for (const host of ['127.0.0.1', 'localhost', '169.254.169.254', '::ffff:127.0.0.1']) {
    const given = settings.parse({ host, port: server.port, from: 'a@b.c', security: 'none' });
    const signal = AbortSignal.timeout(10_000);
    const opened = SmtpSession.open({ settings: given, sender: 'x', allowLoopback: false, signal });
    await assert.rejects(opened, { code: 'forbidden-address' }, host);
  }
  assert.equal(server.connections, 0);
});

test('the button says what went wrong, or what the server said', async (t) => {
  const box = await startMail(t, { port: await closedPort() });
  const result = () =>
    box.call<{ ok: boolean; code?: string; reply?: string }>('POST', '/test', { address: 'me@site.example' });
  assert.deepEqual({ ...(await result()), message: undefined }, { ok: false, code: 'refused', message: undefined });
  const server = await SmtpServer.start({ answers: { RCPT: '550 who?' } });
  t.after(() => server.stop());
  box.config = { ...box.config, port: server.port };
  const refused = await result();
  assert.deepEqual([refused.ok, refused.code], [false, 'recipient']);
  assert.match(refused.reply ?? '', /550 who\?/);
  server.manner = {};
  assert.deepEqual(await result(), { ok: true, reply: '250 2.0.0 queued as 42' });
  assert.match(server.mails[0]?.data ?? '', /If you can read this/);
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}
