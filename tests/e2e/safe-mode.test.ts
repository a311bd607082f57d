import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startBox, type TestBox } from '../kit/box.ts';
import { until } from '../kit/wait.ts';

/** A box that fails at its start again and again comes back as it last ran well, and says so. */

interface Overview {
  start: { mode: string; failed: { reason: string }[]; putBack: string[] };
  problems: { kind: string }[];
  plugins: { id: string; state: string }[];
}

const overview = async (box: TestBox) => (await box.rest<Overview>('GET', '/p/system/overview')).body;
const RETENTION = '/p/system/plugins/captures/config';

async function dataFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-safe-mode-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('killed at each start: the last good settings count, and the way back is one request', async (t) => {
  const folder = await dataFolder(t);
  let box = await startBox({ dataFolder: folder });
  t.after(() => box.stop('SIGKILL'));
  await box.login();
  const { ports } = box;
  const again = async () => {
    box = await startBox({ dataFolder: folder, ports });
    await box.login();
  };
  const days = async () => (await box.rest<{ values: { keepDays: number } }>('GET', RETENTION)).body.values.keepDays;
  const good = await days();
  assert.equal(typeof good, 'number');
  assert.equal(await box.stop(), 0);

  await again();
  const newer = good + 7;
  const changed = await box.rest('PUT', RETENTION, { keepDays: newer });
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
  for (let i = 0; i < 3; i += 1) {
    assert.equal((await overview(box)).start.mode, 'normal');
    await box.stop('SIGKILL');
    await again();
  }
  const safe = await overview(box);
  assert.equal(safe.start.mode, 'last-good');
  assert.equal(safe.start.failed.length, 3);
  assert.deepEqual(safe.start.putBack, ['plugin.captures']);
  assert.ok(safe.problems.some(({ kind }) => kind === 'start'));
  assert.equal(await days(), good);
  const health = await box.rest<{ status: string }>('GET', '/healthz');
  assert.equal(health.status, 200);
  assert.equal(health.body.status, 'degraded');
  const boot = (await (await fetch(`${box.url}/ui/boot.json`)).json()) as { startMode: string };
  assert.equal(boot.startMode, 'last-good');

  assert.equal((await box.rest('POST', '/p/system/start-normally', { newer: true })).status, 200);
  await until(
    'the box to run normally',
    async () => {
      try {
        return (await overview(box)).start.mode === 'normal';
      } catch {
        return false;
      }
    },
    20_000,
  );
  assert.equal(await days(), newer, 'the session and the newer settings are there again');
  assert.equal(await box.stop(), 0);
});

test('a configuration nobody can start with: the last good one counts until it is mended', async (t) => {
  const folder = await dataFolder(t);
  let box = await startBox({ dataFolder: folder });
  t.after(() => box.stop('SIGKILL'));
  await box.login();
  const { ports } = box;
  assert.equal(await box.stop(), 0);

  await writeFile(join(folder, 'gatehouse.json'), '{ "analysisRate": "often" }');
  for (let i = 0; i < 3; i += 1) await assert.rejects(startBox({ dataFolder: folder, ports }), /analysisRate/);
  box = await startBox({ dataFolder: folder, ports });
  await box.login();
  const { start } = await overview(box);
  assert.equal(start.mode, 'last-good');
  assert.match(start.failed[0]?.reason ?? '', /analysisRate/);
  const refused = await box.rest<{ msg?: string }>('POST', '/p/system/start-normally', {});
  assert.equal(refused.status, 400);
  assert.match(JSON.stringify(refused.body), /analysisRate/);
  assert.equal(await box.stop(), 0);

  await writeFile(join(folder, 'gatehouse.json'), '{ "analysisRate": 4 }');
  box = await startBox({ dataFolder: folder, ports });
  await box.login();
  assert.equal((await overview(box)).start.mode, 'normal');
  assert.equal(await box.stop(), 0);
});

test('asked for essentials: somebody can sign in, and nothing else runs', async (t) => {
  const box = await startBox({ environment: { GATEHOUSE_SAFE_MODE: 'essentials' } });
  t.after(() => box.stop());
  await box.login();
  const { start, plugins } = await overview(box);
  assert.equal(start.mode, 'essentials');
  const state = new Map(plugins.map(({ id, state }) => [id, state]));
  assert.equal(state.get('users'), 'RUNNING');
  assert.equal(state.get('operation-log'), 'RUNNING');
  assert.equal(state.get('captures'), 'DISABLED');
  assert.equal(state.get('cameras'), 'DISABLED');
});
