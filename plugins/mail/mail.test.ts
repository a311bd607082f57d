import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RefusedError } from '../../core/plugin/push-services.ts';
import { tableDrift } from '../../core/store/table-drift.ts';
import { alarm, startMail } from './fixture.ts';
import type { RecipientState } from './mailing.ts';
import { SmtpServer } from './smtp-server.fixture.ts';
import * as tables from './tables.ts';

async function withServer(t: Parameters<typeof startMail>[0], manner = {}, settings = {}) {
  const server = await SmtpServer.start(manner);
  t.after(() => server.stop());
  const box = await startMail(t, { port: server.port, ...settings });
  const add = (address: string, change: object = {}) => box.call('POST', '/recipients', { address, ...change });
  const states = async () =>
    (await box.call<{ recipients: (RecipientState & { address: string })[] }>('GET', '/overview')).recipients;
  return { server, box, add, states };
}

/** Head and body of a mail, the body decoded. */
function opened(data: string): { head: string; text: string } {
  const [head = '', ...rest] = data.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  if (/base64/i.test(head)) return { head, text: Buffer.from(body, 'base64').toString() };
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return { head, text: Buffer.from(bytes, 'latin1').toString() };
}

test('the tables are those of the migration', async (t) => {
  const { box } = await withServer(t);
  assert.deepEqual(tableDrift(box.store, tables), []);
});

test('an alarm goes to each recipient in a mail of its own, and is delivered at 250', async (t) => {
  const { server, box, add, states } = await withServer(t);
  await add('guard@site.example');
  await add('chief@site.example');
  assert.equal(await box.deliver(alarm()), true);
  assert.deepEqual(
    server.mails.map(({ from, to }) => [from, to]),
    [
      ['box@site.example', ['guard@site.example']],
      ['box@site.example', ['chief@site.example']],
    ],
  );
  assert.equal(server.connections, 1);
  const { head, text } = opened(server.mails[0]?.data ?? '');
  assert.match(head, /^Subject: \[north-gate\] Alarm: Key person, Gate$/m);
  assert.match(head, /^To: guard@site\.example$/m);
  assert.match(head, /^Auto-Submitted: auto-generated$/m);
  // The other recipient and the person are not told in the head.
  assert.doesNotMatch(head, /chief|Ada/);
  assert.match(text, /Key person: Ada Lovelace/);
  assert.match(text, /Time: 2026-11-21 10:09:21 \(Asia\/Shanghai\)/);
  assert.match(text, /Similarity \(of 100\): 91\.3/);
  assert.equal((await states())[0]?.sent, 1);
});

test('what is asked for decides: kinds, cameras, hours, the demo, and being switched on', async (t) => {
  const { server, box, add } = await withServer(t);
  await add('kinds@site.example', { rule: { kinds: ['intrusion'] } });
  await add('cameras@site.example', { rule: { cameras: [4] } });
  // 10:09 in the zone of the box.
  await add('hours@site.example', { rule: { from: '18:00', to: '10:00' } });
  await add('demo@site.example', { rule: { demo: true, cameras: [7] } });
  await add('off@site.example', { enabled: false });
  const told = async (message: Parameters<typeof box.deliver>[0]) => {
    server.mails.length = 0;
    await box.deliver(message);
    return server.mails.flatMap(({ to }) => to.map((address) => address.split('@')[0]));
  };
  assert.deepEqual(await told(alarm({}, { title: 'one' })), []);
  assert.deepEqual(await told(alarm({}, { title: 'two', kind: 'intrusion' })), ['kinds']);
  assert.deepEqual(await told(alarm({ channel: 4 }, { title: 'three' })), ['cameras']);
  const night = Date.UTC(2026, 10, 21, 15, 0, 0);
  assert.deepEqual(await told(alarm({ time: night }, { title: 'four' })), ['hours']);
  assert.deepEqual(await told(alarm({ channel: 7, origin: 'demo' }, { title: 'five' })), ['demo']);
  assert.equal(box.destination.wants(alarm({ topic: 'capture' })), false);
});

test('repeats and more than the hour allows are kept quiet, and the next mail says how many', async (t) => {
  const { server, box, add, states } = await withServer(t);
  await add('guard@site.example', { rule: { perHour: 3, repeatMinutes: 5 } });
  const minutes = (n: number) => {
    box.clock.steady += n * 60_000;
  };
  await box.deliver(alarm());
  await box.deliver(alarm());
  minutes(6);
  await box.deliver(alarm());
  assert.equal(server.mails.length, 2);
  assert.match(opened(server.mails[1]?.data ?? '').text, /One more alarm was not mailed/);
  await box.deliver(alarm({}, { title: 'Someone' }));
  for (let i = 0; i < 20; i += 1) await box.deliver(alarm({}, { title: `Person ${i}` }));
  assert.equal(server.mails.length, 3);
  assert.equal((await states())[0]?.held, 21);
  minutes(61);
  await box.deliver(alarm({}, { title: 'Late' }));
  assert.match(opened(server.mails[3]?.data ?? '').text, /20 more alarms were not mailed/);
});

test('a mail that failed counts for nothing: it goes as soon as the server takes it, and nobody gets it twice', async (t) => {
  const { server, box, add, states } = await withServer(t);
  await add('one@site.example', { rule: { perHour: 1 } });
  await add('two@site.example', { rule: { perHour: 1 } });
  const message = alarm();
  server.manner = { answers: { 'RCPT TO:<two': '451 4.7.1 greylisted, come again' } };
  await assert.rejects(box.deliver(message), /^MailFault: the mail server refuses the recipient$/);
  const fault = (await states())[1]?.lastFault;
  assert.equal(fault?.code, 'recipient');
  assert.match(fault?.message ?? '', /refuses the recipient: 451 4\.7\.1 greylisted, come again/);
  await assert.rejects(box.deliver(message));
  server.manner = {};
  await box.deliver(message);
  assert.deepEqual(
    server.mails.map(({ to }) => to[0]),
    ['one@site.example', 'two@site.example'],
  );
  assert.equal((await states())[1]?.lastFault, undefined);
});

test('an alarm whose picture cannot be read just now is told when it can', async (t) => {
  const { server, box, add } = await withServer(t, {}, { pictures: true });
  await add('guard@site.example');
  const message = alarm({ pictures: [{ part: 'snap', path: 'record/1.jpg' }] });
  const unreadable = () => Promise.reject(new Error('EMFILE: too many open files'));
  const context = { signal: AbortSignal.timeout(20_000), lane: 'live', attempt: 1 } as const;
  await assert.rejects(Promise.resolve(box.destination.deliver(message, unreadable, context)));
  await box.deliver(message);
  assert.equal(server.mails.length, 1);
});

test('refused for good is given up, unless somebody else has it', async (t) => {
  const { server, box, add } = await withServer(t, { answers: { 'RCPT TO:<gone': '550 no gone@site.example here' } });
  await add('gone@site.example');
  await assert.rejects(box.deliver(alarm()), (error) => {
    assert.ok(error instanceof RefusedError);
    // It goes to the log and the list of what was given up; the server's words name the recipient.
    assert.equal(error.message, 'the mail server refuses the recipient');
    return true;
  });
  await add('here@site.example');
  await box.deliver(alarm({}, { title: 'Another' }));
  assert.deepEqual(server.mails[0]?.to, ['here@site.example']);
  // A mail that the server takes for nobody.
  server.manner = { answers: { '.': '554 5.7.1 content rejected' } };
  await assert.rejects(box.deliver(alarm({}, { title: 'Third' })), RefusedError);
  server.manner = { answers: { MAIL: '552 5.3.4 message size exceeds fixed limit' } };
  await assert.rejects(box.deliver(alarm({}, { title: 'Too large' })), RefusedError);
  // The sender is a matter of the settings: it may be mended while the mail waits.
  server.manner = { answers: { MAIL: '550 not from here' } };
  await assert.rejects(box.deliver(alarm({}, { title: 'Fourth' })), (error) => !(error instanceof RefusedError));
  await assert.rejects(box.deliver({ ...alarm(), body: { kind: 'key-person' } }), RefusedError);
});

test('no text can begin another header, command or mail', async (t) => {
  const { server, box, add } = await withServer(t);
  await add('guard@site.example');
  const evil = 'x\r\nBcc: spy@evil.example\r\n\r\n.\r\nMAIL FROM:<spy@evil.example>\r\n\u2028\u202Etxt';
  await box.deliver(
    alarm({}, { title: evil, cameraName: evil, kind: evil.slice(0, 40), facts: { [evil.slice(0, 40)]: evil } }),
  );
  assert.equal(server.mails.length, 1);
  assert.deepEqual(server.mails[0]?.to, ['guard@site.example']);
  assert.equal(server.commands.filter((line) => line.startsWith('MAIL')).length, 1);
  const { head, text } = opened(server.mails[0]?.data ?? '');
  assert.doesNotMatch(head, /^(Bcc|bcc):/m);
  assert.doesNotMatch(text, /^(Bcc|MAIL|\.)/m);
  for (const address of [
    'a@b\r\nRCPT TO:<c@d>',
    'a b@c.d',
    '<a@b.c>',
    'a@b,c@d',
    '"x y"@b.c',
    'a@',
    '@b',
    'ä@b.c',
    `${'a'.repeat(65)}@b.c`,
  ]) {
    await assert.rejects(add(address), /address/, address);
  }
});

test('pictures go only where the settings allow it', async (t) => {
  const { server, box, add } = await withServer(t);
  await add('guard@site.example');
  const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
  box.pictures.set('record/1.jpg', jpeg).set('record/2.jpg', new TextEncoder().encode('<html>'));
  const pictures = [
    { part: 'snap' as const, path: 'record/1.jpg' },
    { part: 'snap' as const, path: 'record/2.jpg' },
    { part: 'library' as const, path: 'record/1.jpg' },
  ];
  await box.deliver(alarm({ pictures }));
  assert.doesNotMatch(server.mails[0]?.data ?? '', /image\//);
  box.config = { ...box.config, pictures: true };
  await box.deliver(alarm({ pictures }, { title: 'Another' }));
  const data = server.mails[1]?.data ?? '';
  assert.equal(data.match(/Content-Type: image\/jpeg/g)?.length, 1);
  assert.ok(data.includes(Buffer.from(jpeg).toString('base64')));
});

test('administrators are told when accounts are made or changed, where mail is set up', async (t) => {
  const { server, box, add } = await withServer(t, {}, { language: 'zh' });
  await add('admin@site.example', { alarms: false, accounts: true });
  await add('guard@site.example');
  const changed = (body: object) => box.deliver({ ...alarm(), topic: 'account', body: { ...body } });
  assert.equal(await changed({ userId: 2, userName: 'eve\r\nBcc: x@y', change: 'made' }), true);
  assert.equal(await changed({ userId: 3, userName: 'bob', change: 'removed' }), true);
  assert.deepEqual(
    server.mails.map(({ to }) => to[0]),
    ['admin@site.example', 'admin@site.example'],
  );
  assert.match(opened(server.mails[0]?.data ?? '').text, /已创建账号 "eve Bcc: x@y"/);
  assert.match(opened(server.mails[1]?.data ?? '').text, /已删除账号 "bob"/);
  box.config = { ...box.config, host: '' };
  assert.equal(await changed({ userId: 2, userName: 'eve', change: 'rights' }), false);
});

test('who is told of accounts is chosen by those who manage accounts', async (t) => {
  const { box } = await withServer(t);
  const person = { address: 'me@site.example', accounts: true };
  await assert.rejects(box.call('POST', '/recipients', person, 'sub-admin'), /manage accounts/);
  await box.call('POST', '/recipients', person);
  await assert.rejects(
    box.call('PUT', '/recipients/1', { address: 'me@site.example' }, 'sub-admin'),
    /manage accounts/,
  );
  await assert.rejects(box.call('DELETE', '/recipients/1', {}, 'sub-admin'), /manage accounts/);
  await assert.rejects(box.call('POST', '/recipients', { address: 'ME@site.example' }), /gets mail already/);
  await box.call('DELETE', '/recipients/1');
  await assert.rejects(box.call('PUT', '/recipients/1', { address: 'me@site.example' }), /no such recipient/);
  for (let i = 0; i < 20; i += 1) await box.call('POST', '/recipients', { address: `a${i}@site.example` });
  await assert.rejects(box.call('POST', '/recipients', { address: 'b@site.example' }), /at most 20/);
});
