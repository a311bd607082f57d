import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Box, startBox } from '../../core/box.ts';
import { loadConfig } from '../../core/config.ts';
import { createLog, RecentLog } from '../../core/log.ts';
import { ADMIN_PASSWORD, type Answer, freePort } from '../kit/box.ts';
import { until } from '../kit/wait.ts';
import { storedCaptures } from '../soak/data-check.ts';
import { pluginRoot } from '../soak/plugin-root.ts';

/** A whole box whose clock is set while it runs, and while it is off. */

const HOUR = 3_600_000;
const TEN_YEARS = 10 * 365 * 24 * HOUR;

test('a clock that is set: sessions, locks, captures and what is kept', async (t) => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'gatehouse-clock-'));
  const port = await freePort();
  const config = loadConfig({
    GATEHOUSE_DATA_DIR: dataFolder,
    GATEHOUSE_HOST: '127.0.0.1',
    GATEHOUSE_HTTP_PORT: String(port),
    GATEHOUSE_PROTOCOL: 'http',
    GATEHOUSE_ADMIN_PASSWORD: ADMIN_PASSWORD,
    GATEHOUSE_DEMO: '0',
    GATEHOUSE_FETCH_MODELS: '0',
    GATEHOUSE_LOG_LEVEL: 'error',
  });
  let set = 0;
  const clock = { now: () => Date.now() + set, steady: () => performance.now(), zone: 'UTC' };
  const recentLog = new RecentLog();
  const plugins = pluginRoot(join(dataFolder, 'test-plugins'));
  const start = () =>
    startBox({ config, version: '0.1.0', log: createLog('error', recentLog), recentLog, clock, pluginRoot: plugins });
  let box: Box = await start();
  t.after(async () => {
    await box.stop();
    await rm(dataFolder, { recursive: true, force: true });
  });
  const request = async <T>(method: string, path: string, sessionId: string, body?: object): Promise<T> => {
    const headers = { 'content-type': 'application/json', ...(sessionId ? { sessionid: sessionId } : {}) };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return (await response.json()) as T;
  };
  const call = <T>(id: number, parameters: object, sessionId = '') =>
    request<Answer<T>>('POST', '/api/json', sessionId, { msg_id: id, ...parameters });
  const logIn = (name: string, password: string) => call<string>(257, { user_name: name, user_pwd: password });
  const { data: session } = await logIn('admin', ADMIN_PASSWORD);

  for (let tries = 0; tries < 5; tries += 1) await logIn('nobody', 'wrong-Pass-1');
  const locked = async () => /locked for (\d+) more/.exec((await logIn('nobody', 'wrong-Pass-1')).msg)?.[1];
  assert.ok(await locked());

  let stored = 0;
  for (const jump of [0, -HOUR, HOUR, TEN_YEARS, 0]) {
    set = jump;
    assert.equal((await call(1281, {}, session)).code, 0, `signed in at ${jump}`);
    const seconds = Number(await locked());
    assert.ok(seconds > 200 && seconds <= 300, `locked for ${seconds} s at ${jump}`);
    await request('PUT', '/p/feeder/rate', session, { perSecond: 100, bytes: 5_000 });
    await until('captures', () => storedCaptures(dataFolder).length >= stored + 20);
    const { made } = await request<{ made: number }>('PUT', '/p/feeder/rate', session, { perSecond: 0, bytes: 5_000 });
    await until('the last of them', () => storedCaptures(dataFolder).length === made);
    stored = made;
  }
  const rows = storedCaptures(dataFolder);
  for (const key of ['id', 'moment'] as const) assert.equal(new Set(rows.map((row) => row[key])).size, stored, key);
  assert.equal(new Set(rows.flatMap(({ numbers }) => numbers)).size, 2 * stored, 'no path is used twice');
  const { startedAt } = await request<{ startedAt: number }>('GET', '/p/system/overview', session);
  assert.ok(Date.now() - startedAt < 600_000, 'it has run for minutes, not for years');

  for (const jump of [TEN_YEARS, -TEN_YEARS, 0]) {
    await box.stop();
    set = jump;
    box = await start();
    const { data: again } = await logIn('admin', ADMIN_PASSWORD);
    const { retention } = await until('retention to have run', async () => {
      const overview = await request<{ retention: { lastRun?: number; doubtedUntil?: number } }>(
        'GET',
        '/p/system/overview',
        again,
      );
      return overview.retention.lastRun !== undefined && overview;
    });
    assert.ok(retention.doubtedUntil, `the clock is doubted at ${jump}`);
    assert.equal(storedCaptures(dataFolder).length, stored, `nothing was deleted at ${jump}`);
  }
});
