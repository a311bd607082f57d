import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { StoreDamagedError } from './errors.ts';
import { collectLog, temporaryFolder, temporaryStore } from './fixture.ts';
import { KeyRing, openKeyRing, SecretError } from './secrets.ts';
import { settings } from './tables.ts';

const refuses = (message: RegExp) => (error: unknown) => error instanceof SecretError && message.test(error.message);

test('text and bytes are sealed and opened, with both key sizes, and never look alike', () => {
  const ring = new KeyRing(randomBytes(32));
  const secrets = ring.for('portraits');
  for (const bits of [256, 128] as const) {
    ring.bits = bits;
    const sealed = secrets.seal('Ann, +49 151 è', 'person:1:phone');
    assert.match(sealed, /^gs1\.[A-Za-z0-9_-]+$/);
    assert.equal(Buffer.from(sealed.slice(4), 'base64url')[1], bits / 8);
    assert.notEqual(secrets.seal('Ann, +49 151 è', 'person:1:phone'), sealed);
    assert.equal(secrets.open(sealed, 'person:1:phone'), 'Ann, +49 151 è');
    const embedding = Buffer.from(new Float32Array(512).fill(0.25).buffer);
    assert.deepEqual(secrets.openBytes(secrets.sealBytes(embedding)), embedding);
    assert.equal(secrets.open(secrets.seal('')), '');
  }
  ring.bits = 256;
  const old = secrets.sealBytes(Buffer.from('old'));
  ring.bits = 128;
  assert.equal(secrets.openBytes(old).toString(), 'old', 'a change of size leaves earlier values readable');
});

test('a changed value, another place, another purpose and another key are refused', () => {
  const ring = new KeyRing(randomBytes(32));
  const secrets = ring.for('portraits');
  const sealed = secrets.sealBytes(Buffer.from('secret'), 'person:1');
  assert.throws(() => secrets.openBytes(sealed, 'person:2'), refuses(/changed, or belongs to another place/));
  assert.throws(() => secrets.openBytes(sealed), refuses(/changed/));
  assert.throws(() => ring.for('cameras').openBytes(sealed, 'person:1'), refuses(/changed/));
  const other = new KeyRing(randomBytes(32));
  assert.throws(
    () => other.for('portraits').openBytes(sealed, 'person:1'),
    refuses(new RegExp(`sealed with key ${ring.id}, but the box has key ${other.id}: put back the secret.key`)),
  );
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed[at]! ^= 1;
    assert.throws(() => secrets.openBytes(changed, 'person:1'), SecretError, `byte ${at}`);
  }
  for (const length of [0, 1, 10, 37, sealed.length - 1]) {
    assert.throws(() => secrets.openBytes(sealed.subarray(0, length), 'person:1'), SecretError, `length ${length}`);
  }
  // The same bytes with the other key size in the head must not open either.
  const downgraded = Buffer.from(sealed);
  downgraded[1] = 16;
  assert.throws(() => secrets.openBytes(downgraded, 'person:1'), SecretError);
  for (const text of ['', 'plain text', 'gs1.', 'gs1.!!!!', 'gs2.AAAA']) {
    assert.throws(() => secrets.open(text), SecretError, text);
  }
});

test('lookup hashes are stable, keyed and separate for each purpose', () => {
  const master = randomBytes(32);
  const secrets = new KeyRing(master).for('people');
  assert.equal(secrets.lookupHash('A 17'), new KeyRing(master).for('people').lookupHash('A 17'));
  assert.match(secrets.lookupHash('A 17'), /^[A-Za-z0-9_-]{43}$/);
  const others = [
    secrets.lookupHash('A 18'),
    new KeyRing(master).for('visitors').lookupHash('A 17'),
    new KeyRing(randomBytes(32)).for('people').lookupHash('A 17'),
  ];
  assert.equal(new Set([...others, secrets.lookupHash('A 17')]).size, 4);
  assert.throws(() => new KeyRing(randomBytes(16)), TypeError);
});

test('the key is made once, private, tightened when it was open, and refused when damaged', async (t) => {
  const folder = await temporaryFolder(t);
  const log = collectLog();
  const file = join(folder, 'secret.key');
  const sealed = (await openKeyRing(folder, log)).for('a').seal('x');
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.match(await readFile(file, 'utf8'), /^[0-9a-f]{64}\n$/);

  await chmod(file, 0o644);
  assert.equal((await openKeyRing(folder, log)).for('a').open(sealed), 'x');
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.ok(log.lines.some((line) => line.startsWith('warn: others could read the secret key')));

  await writeFile(file, 'half a k');
  await assert.rejects(openKeyRing(folder, log), (error: unknown) => {
    return error instanceof StoreDamagedError && error.message.includes(file);
  });
  await rm(file);
  const fresh = await openKeyRing(folder, log);
  assert.throws(() => fresh.for('a').open(sealed), refuses(/put back the secret.key/));
});

test('settings are checked, sealed where asked, replaced, deleted and kept over a restart', async (t) => {
  const { store, folder } = await temporaryStore(t);
  const mode = z.enum(['http', 'https']);
  assert.equal(store.settings.get('protocol.mode', mode), undefined);
  await store.settings.set('protocol.mode', 'https');
  assert.equal(store.settings.get('protocol.mode', mode), 'https');
  await store.settings.set('mail', { host: 'h', password: 'hunter2' }, { sealed: true });
  await store.settings.set('protocol.mode', 'http');
  assert.equal(store.settings.get('protocol.mode', mode), 'http');
  assert.throws(() => store.settings.get('protocol.mode', z.number()), /the stored setting protocol.mode does not fit/);
  assert.throws(() => store.settings.setIn(undefined as never, 'nothing', undefined), /cannot be stored as JSON/);
  await assert.rejects(
    store.write((tx) => {
      store.settings.setIn(tx, 'protocol.mode', 'https');
      throw new Error('undone');
    }),
  );
  assert.equal(store.settings.get('protocol.mode', mode), 'http');

  const raw = store.read.select().from(settings).all();
  assert.ok(!JSON.stringify(raw).includes('hunter2'));
  // A sealed value moved to another key must not open there.
  await store.write((tx) =>
    tx
      .insert(settings)
      .values({ ...raw.find(({ key }) => key === 'mail')!, key: 'moved' })
      .run(),
  );
  assert.throws(() => store.settings.get('moved', z.unknown()), SecretError);

  await store.setCipherBits(128);
  await store.close();
  const { store: again } = await temporaryStore(t, { folder });
  assert.equal(again.keys.bits, 128);
  assert.deepEqual(again.settings.get('mail', z.object({ host: z.string(), password: z.string() })), {
    host: 'h',
    password: 'hunter2',
  });
  await again.settings.delete('mail');
  assert.equal(again.settings.get('mail', z.unknown()), undefined);
});

test('a key from elsewhere is used and no key file is made', async (t) => {
  const { store, folder } = await temporaryStore(t, { key: Buffer.alloc(32, 7) });
  assert.equal(store.keys.id, new KeyRing(Buffer.alloc(32, 7)).id);
  await assert.rejects(stat(join(folder, 'secret.key')), { code: 'ENOENT' });
});
