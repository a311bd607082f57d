import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Certificate, ensureCertificate } from './certificate.ts';
import { type BoxName, makeAuthority, makeKey, sign } from './certificate-making.ts';

const DAY = 86_400_000;
const HOME: BoxName[] = [
  { type: 'dns', value: 'localhost' },
  { type: 'dns', value: 'gate' },
  { type: 'ip', value: '127.0.0.1' },
  { type: 'ip', value: '2001:db8::7' },
];

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'gatehouse-tls-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Whether a client that trusts only this authority is served. */
async function served(
  { cert, key }: Pick<Certificate, 'cert' | 'key'>,
  ca: string,
  host = 'localhost',
): Promise<string> {
  const server = createServer({ cert, key }, (_, response) => response.end('ok'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise<string>((resolve) => {
      const options = { host: '127.0.0.1', port, ca, servername: host, agent: false };
      get(options, (response) => {
        response.resume();
        resolve(`${response.statusCode}`);
      }).on('error', (error: NodeJS.ErrnoException) => resolve(error.message));
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('the first start makes an authority and a certificate that it signed, and both stay', async (t) => {
  const data = await folder(t);
  const made = await ensureCertificate(data, { names: HOME });
  assert.ok(made.authority);
  assert.equal(await served(made, made.authority), '200');
  assert.equal(made.fingerprint, new X509Certificate(made.cert).fingerprint256);
  assert.deepEqual(await ensureCertificate(data, { names: HOME }), made);
  const ca = new X509Certificate(made.authority);
  assert.ok(ca.ca && !new X509Certificate(made.cert).ca);
  const days = (one: X509Certificate) => (Date.parse(one.validTo) - Date.parse(one.validFrom)) / DAY;
  assert.ok(days(new X509Certificate(made.cert)) <= 825);
  assert.ok(days(ca) >= 3600);
  for (const name of ['key.pem', 'ca-key.pem']) {
    assert.equal((await stat(join(data, 'tls', name))).mode & 0o777, 0o600, name);
  }
});

test('the authority can sign for nobody on the internet', async (t) => {
  const data = await folder(t);
  const { authority: cert = '' } = await ensureCertificate(data, { names: HOME });
  const authority = { cert, key: await readFile(join(data, 'tls/ca-key.pem'), 'utf8') };
  const key = await makeKey();
  const of = async (name: BoxName) => ({ key, cert: await sign(authority, key, [name], Date.now()) });
  const bank = { type: 'dns', value: 'bank.example.com' } as const;
  // Deno does not say why.
  assert.match(await served(await of(bank), cert, bank.value), /permitted subtree violation|unable to verify/);
  assert.equal(await served(await of({ type: 'dns', value: 'gate.lan' }), cert, 'gate.lan'), '200');
});

test('an installation that has a certificate keeps it', async (t) => {
  const data = await folder(t);
  await ensureCertificate(data, { names: HOME });
  for (const name of ['ca.pem', 'ca-key.pem']) await unlink(join(data, 'tls', name));
  const before = await readFile(join(data, 'tls/certificate.pem'), 'utf8');
  // Long after its end, and at another address: what the box did not sign is not its own to change.
  const later = await ensureCertificate(data, {
    names: [{ type: 'ip', value: '10.0.0.9' }],
    now: Date.now() + 900 * DAY,
  });
  assert.equal(later.cert, before);
  assert.equal(later.authority, undefined);
  assert.deepEqual((await readdir(join(data, 'tls'))).sort(), ['certificate.pem', 'key.pem']);
  // One of somebody else beside an authority of the box.
  const other = await makeAuthority(HOME, Date.now());
  await writeFile(join(data, 'tls/ca.pem'), other.cert);
  await writeFile(join(data, 'tls/ca-key.pem'), other.key);
  assert.equal((await ensureCertificate(data, { names: HOME })).cert, before);
});

test('it is signed anew for another address and before it ends, for the same key', async (t) => {
  const data = await folder(t);
  const first = await ensureCertificate(data, { names: HOME });
  const moved = await ensureCertificate(data, { names: [...HOME, { type: 'ip', value: '192.168.4.9' }] });
  assert.notEqual(moved.cert, first.cert);
  assert.deepEqual([moved.key, moved.authority], [first.key, first.authority]);
  assert.ok(new X509Certificate(moved.cert).checkIP('192.168.4.9'));
  // It still names what went away: then there is nothing to do.
  assert.equal((await ensureCertificate(data, { names: HOME })).cert, moved.cert);
  const later = await ensureCertificate(data, { names: HOME, now: Date.now() + 700 * DAY });
  assert.notEqual(later.cert, moved.cert);
  assert.equal(later.key, first.key);
});

test('a start that was cut off is made up for', async (t) => {
  const data = await folder(t);
  const first = await ensureCertificate(data, { names: HOME });
  await unlink(join(data, 'tls/certificate.pem'));
  const again = await ensureCertificate(data, { names: HOME });
  assert.equal(again.authority, first.authority);
  assert.equal(await served(again, first.authority ?? ''), '200');
});

test('a box whose clock stands in 1970 at its first start is served once the clock is right', async (t) => {
  const data = await folder(t);
  const first = await ensureCertificate(data, { names: HOME, now: 3600_000 });
  assert.equal(await served(first, first.authority ?? ''), '200');
  // Neither the right clock nor one that stands in the past again changes what browsers have been told to trust.
  for (const now of [Date.now(), 7200_000]) {
    assert.deepEqual(await ensureCertificate(data, { names: HOME, now }), first);
  }
});

test('a box whose clock is years ahead at its first start is served after the first start at which it is right', async (t) => {
  const data = await folder(t);
  const ahead = Date.now() + 9 * 365 * DAY;
  const first = await ensureCertificate(data, { names: HOME, now: ahead });
  // A clock that is certainly wrong says nothing of what was made by another.
  assert.deepEqual(await ensureCertificate(data, { names: HOME, now: 3600_000 }), first);
  const right = await ensureCertificate(data, { names: HOME });
  assert.deepEqual([right.key, right.authority], [first.key, first.authority]);
  assert.equal(await served(right, first.authority ?? ''), '200');
  assert.deepEqual(await ensureCertificate(data, { names: HOME }), right);
});

test('an authority that ended before there was this software is made anew, with what it signed', async (t) => {
  const data = await folder(t);
  await mkdir(join(data, 'tls'));
  const authority = await makeAuthority(HOME, 0);
  const key = await makeKey();
  const files = { 'ca.pem': authority.cert, 'ca-key.pem': authority.key, 'key.pem': key };
  for (const [name, text] of Object.entries(files)) await writeFile(join(data, 'tls', name), text);
  await writeFile(join(data, 'tls/certificate.pem'), await sign(authority, key, HOME, 0));
  const now = await ensureCertificate(data, { names: HOME });
  assert.notEqual(now.authority, authority.cert);
  assert.equal(await served(now, now.authority ?? ''), '200');
  assert.deepEqual(await ensureCertificate(data, { names: HOME }), now);
});
