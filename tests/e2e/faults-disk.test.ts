import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ADMIN_PASSWORD, startBox, type TestBox } from '../kit/box.ts';
import { until } from '../kit/wait.ts';
import { WireClient } from '../kit/wire-client.ts';
import { faultsOf, pictureOf, storedCaptures } from '../soak/data-check.ts';
import { SmallDisk } from '../soak/small-disk.ts';

/** A box on a disk that is filled to the last byte while captures come in and people work with it. */

const MEBIBYTES = 160;

interface Health {
  status: string;
  disk: string;
}

class FullDiskBox {
  readonly box: TestBox;
  readonly client: WireClient;
  readonly folder: string;

  private constructor(box: TestBox, client: WireClient) {
    this.box = box;
    this.client = client;
    this.folder = box.dataFolder;
  }

  static async start(dataFolder: string): Promise<FullDiskBox> {
    const environment = { GATEHOUSE_LOG_LEVEL: 'error' };
    const box = await startBox({ dataFolder, environment, main: 'tests/soak/box-main.ts' });
    await box.login();
    const client = await WireClient.connect(box.url);
    await client.subscribe((await box.call<{ key: string }>(1286)).data.key);
    return new FullDiskBox(box, client);
  }

  async feed(perSecond: number): Promise<void> {
    const { status } = await this.box.rest('PUT', '/p/feeder/rate', { perSecond, bytes: 150_000 });
    assert.equal(status, 200);
  }

  async health(): Promise<Health> {
    return (await this.box.rest<Health>('GET', '/healthz')).body;
  }

  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.box.url}/metrics`)).text();
    return Number(new RegExp(`^gatehouse_${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  }

  /** Ids of the captures a client was told of, in that order. */
  acknowledged(): string[] {
    return this.client.pushes().map((push) => (push['data'] as { snap_id: string }).snap_id);
  }

  /** What the box still has of them, oldest first; both pictures whole. */
  kept(): Set<string> {
    const rows = storedCaptures(this.folder);
    for (const path of rows.flatMap(({ paths }) => paths)) assert.ok('hash' in pictureOf(this.folder, path), path);
    return new Set(rows.map(({ id }) => id));
  }

  /** Nothing can be stored: what people may do, what they are told, and that nothing is lost. */
  async livesOnFullDisk(): Promise<void> {
    const { box } = this;
    const failed = await this.metric('captures_failed_total');
    await until(
      'captures to be refused and counted',
      async () => (await this.metric('captures_failed_total')) > failed,
    );
    const health = await until('the box to say so', async () => {
      const found = await this.health();
      return found.status === 'degraded' && /disk/.test(found.disk) && found;
    });
    assert.match(health.disk, /delete captures|fewer days/, 'and what to do');
    const { body } = await box.rest<{ problems: { kind: string; message: string }[] }>('GET', '/p/system/overview');
    assert.equal(body.problems.find(({ kind }) => kind === 'disk')?.message, health.disk);

    const began = performance.now();
    const login = await box.call<string>(257, { user_name: 'admin', user_pwd: ADMIN_PASSWORD }, '');
    assert.equal(login.code, 0, login.msg);
    assert.equal((await box.call(1281, {}, login.data)).code, 0);
    const path = '/p/system/plugins/captures/config';
    const { values } = (await box.rest<{ values: { keepDays: number } }>('GET', path)).body;
    const changed = await box.rest<{ values: object }>('PUT', path, { ...values, keepDays: values.keepDays - 1 });
    assert.equal(changed.status, 200, JSON.stringify(changed.body));
    const [oldest, ...others] = this.acknowledged();
    const deleted = await box.rest('POST', '/p/captures/captures/delete', { ids: [oldest] });
    assert.equal(deleted.status, 200, JSON.stringify(deleted.body));
    assert.ok(performance.now() - began < 10_000, 'and all that in seconds');
    const kept = this.kept();
    assert.equal(kept.has(oldest!), false);
    for (const id of others) assert.ok(kept.has(id), `acknowledged, but gone: ${id}`);
  }

  /** There is space again: the box needs nobody. */
  async recovers(): Promise<void> {
    const before = this.acknowledged().length;
    await until('captures to be stored again', () => this.acknowledged().length > before + 5);
    await until('the box to be well', async () => (await this.health()).status === 'ok');
    await this.feed(0);
  }
}

function smallDisk(t: TestContext): SmallDisk | undefined {
  const disk = SmallDisk.mount(MEBIBYTES);
  if (disk) t.after(() => disk.unmount());
  else t.skip('a test disk cannot be mounted here (needs root)');
  return disk;
}

test('a full disk: captures are refused, people can work, nothing is lost, and with space all goes on', async (t) => {
  const disk = smallDisk(t);
  if (!disk) return;
  const full = await FullDiskBox.start(join(disk.folder, 'data'));
  const { box } = full;
  t.after(() => box.stop());
  await full.feed(20);
  await until('captures', () => full.acknowledged().length >= 20);
  disk.fill();
  await full.livesOnFullDisk();
  await disk.empty();
  await full.recovers();

  await t.test('captures themselves fill the disk: the oldest go, and only those', async () => {
    let slowest = 0;
    await full.feed(90);
    const removed = async () =>
      (await box.rest<{ retention: { removed: number } }>('GET', '/p/system/overview')).body.retention.removed;
    await until(
      'the oldest to be deleted',
      async () => {
        const began = performance.now();
        await full.health();
        slowest = Math.max(slowest, performance.now() - began);
        return (await removed()) > 0;
      },
      60_000,
    );
    await full.feed(0);
    assert.ok(slowest < 5_000, `the slowest answer took ${Math.round(slowest)} ms`);
    const kept = full.kept();
    const gone = full.acknowledged().map((id, index) => ({ index, gone: !kept.has(id) }));
    const newestGone = gone.findLast((one) => one.gone)?.index ?? -1;
    const oldestKept = gone.find((one) => !one.gone)?.index ?? 0;
    // Captures of different cameras are told a little out of their order.
    assert.ok(newestGone >= 0 && newestGone < oldestKept + 30, `${newestGone} is gone, ${oldestKept} is not`);
    assert.ok(kept.size > 200, `${kept.size} are left`);
  });

  await box.stop();
  assert.deepEqual(faultsOf(full.folder, Date.now(), Number.MAX_SAFE_INTEGER), []);
});

test('a full disk under the database alone: commits fail, and the same holds', async (t) => {
  const disk = smallDisk(t);
  if (!disk) return;
  const data = join(disk.folder, 'data');
  const roomy = mkdtempSync(join(tmpdir(), 'gatehouse-roomy-'));
  t.after(() => rmSync(roomy, { recursive: true, force: true }));
  mkdirSync(data, { mode: 0o700 });
  for (const name of ['record', 'staged']) {
    mkdirSync(join(roomy, name));
    symlinkSync(join(roomy, name), join(data, name));
  }
  const full = await FullDiskBox.start(data);
  t.after(() => full.box.stop());
  await full.feed(60);
  await until('captures', () => full.acknowledged().length >= 60);
  disk.fill();
  await full.livesOnFullDisk();
  await disk.empty();
  await full.recovers();
  await full.box.stop();
  assert.deepEqual(faultsOf(data, Date.now(), Number.MAX_SAFE_INTEGER), []);
});
