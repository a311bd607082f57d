import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Account } from '../plugin/services.ts';
import { openStore } from '../store/database.ts';
import { StoreFullError } from '../store/errors.ts';
import { IDLE_MS, SessionRegistry } from './sessions.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

async function registry(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-sessions-'));
  const store = await openStore({ folder, log: quiet });
  await store.migrate('gateway', join(import.meta.dirname, 'migrations'));
  const clock = {
    /** What has passed, and how far the wall clock was set off it. */
    time: 1_700_000_000_000,
    set: 0,
    now: () => clock.time + clock.set,
    steady: () => clock.time,
    zone: 'UTC',
  };
  const account: Account = {
    userId: 1,
    userName: 'ada',
    role: 'viewer',
    imageRight: true,
    mustChangePassword: false,
    passwordVersion: 1,
  };
  const accounts = { find: (id: number) => (id === 1 ? account : undefined) };
  const make = async () => {
    const sessions = new SessionRegistry(store, clock, () => accounts);
    await sessions.start();
    return sessions;
  };
  t.after(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { make, clock, account, store };
}

test('a session outlives a restart, ends after 30 idle minutes, and activity keeps it', async (t) => {
  const { make, clock } = await registry(t);
  const sessions = await make();
  const id = await sessions.open(1, '10.0.0.1', 1);
  clock.time += IDLE_MS - 1_000;
  assert.equal(sessions.find(id)?.userName, 'ada');
  await sessions.stop();
  const later = await make();
  clock.time += IDLE_MS - 1_000;
  assert.equal(later.find(id)?.userName, 'ada');
  clock.time += IDLE_MS + 1_000;
  assert.equal(later.find(id), undefined);
  clock.time -= IDLE_MS;
  assert.equal(later.find(id), undefined, 'what has ended stays ended');
  assert.equal(later.find('nonsense'), undefined);
  await later.stop();
});

test('a changed password ends every session but the one that goes on; the old password opens none', async (t) => {
  const { make, account } = await registry(t);
  const sessions = await make();
  const own = await sessions.open(1, 'a', 1);
  const other = await sessions.open(1, 'b', 1);
  const ended: string[] = [];
  sessions.onEnded((key) => ended.push(key));
  account.passwordVersion = 2;
  const closing = sessions.closeAllOf(1, own);
  assert.ok(sessions.find(own), 'also while the others are being closed');
  await closing;
  assert.ok(sessions.find(own));
  assert.equal(sessions.find(other), undefined);
  assert.deepEqual(ended, [sessions.key(other)]);
  // The password was checked before the change, the session is opened after it.
  const late = await sessions.open(1, 'c', 1);
  assert.equal(sessions.find(late), undefined);
  await sessions.stop();
});

test('a session closed while others are written does not come back with the next start', async (t) => {
  const { make, clock } = await registry(t);
  const sessions = await make();
  const idle = await sessions.open(1, 'a', 1);
  const used = await sessions.open(1, 'b', 1);
  clock.time += IDLE_MS + 1;
  assert.equal(sessions.find(idle, false), undefined);
  sessions.find(used);
  const kept = await sessions.open(1, 'c', 1);
  sessions.find(kept);
  const stopping = sessions.stop();
  await sessions.close(kept);
  await stopping;
  const later = await make();
  assert.equal(later.find(kept), undefined);
  await later.stop();
});

test('a logout that could not be written is written later, and keeps nobody from signing in', async (t) => {
  const { make, store } = await registry(t);
  const sessions = await make();
  const id = await sessions.open(1, 'a', 1);
  const { write } = store;
  store.write = () => Promise.reject(new StoreFullError('full', new Error('no space')));
  await assert.rejects(sessions.close(id), StoreFullError);
  assert.equal(sessions.find(id), undefined, 'it has ended all the same');
  assert.ok(sessions.find(await sessions.open(1, 'b', 1)));
  store.write = write;
  await sessions.stop();
  const later = await make();
  assert.equal(later.find(id), undefined);
  await later.stop();
});

test('activity that could not be written is written later', async (t) => {
  const { make, clock, store } = await registry(t);
  const sessions = await make();
  const id = await sessions.open(1, 'a', 1);
  clock.time += IDLE_MS - 1_000;
  assert.ok(sessions.find(id));
  const { write } = store;
  store.write = () => Promise.reject(new StoreFullError('full', new Error('no space')));
  await assert.rejects(sessions.stop(), StoreFullError);
  store.write = write;
  await sessions.stop();
  const later = await make();
  clock.time += IDLE_MS - 1_000;
  assert.ok(later.find(id), 'the box knows after a start that it was used');
  await later.stop();
});

test('setting the clock ends no session and spares none, over a restart too', async (t) => {
  const { make, clock } = await registry(t);
  const HOUR = 3_600_000;
  for (const jump of [-HOUR, HOUR, 10 * 365 * 24 * HOUR]) {
    const sessions = await make();
    const used = await sessions.open(1, '10.0.0.1', 1);
    const idle = await sessions.open(1, '10.0.0.1', 1);
    clock.set += jump;
    clock.time += IDLE_MS - 1_000;
    assert.ok(sessions.find(used), `set by ${jump} ms`);
    assert.ok(sessions.find(idle, false), `set by ${jump} ms`);
    clock.set -= jump;
    clock.time += 2_000;
    assert.ok(sessions.find(used));
    assert.equal(sessions.find(idle), undefined, `set by ${jump} ms and back: thirty minutes are over`);
    await sessions.stop();
  }
  const before = await make();
  const id = await before.open(1, '10.0.0.1', 1);
  await before.stop();
  clock.set -= 10 * 365 * 24 * HOUR;
  const after = await make();
  assert.ok(after.find(id, false), 'seen in the future counts as seen just now');
  clock.time += IDLE_MS + 1;
  assert.equal(after.find(id), undefined, 'and is not eternal');
  await after.stop();
});
