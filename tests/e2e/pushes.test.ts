import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startBox, type TestBox } from '../kit/box.ts';
import { until } from '../kit/wait.ts';
import { Receiver, type Said } from '../receivers/receiver.ts';

/** What a whole box pushes, taken by receivers as strict as the samples of the interface. */

const KEY = 'db504129-85e0-49ca-8626-f639b8d09846';
const PER_SECOND = 50;

interface Listed {
  targets: { id: number; waiting: number; delivered: number; dead: number; failures: number; lastError: string }[];
}

const dataOf = (said: Said) => said['data'] as Record<string, unknown>;
const idsOf = (said: Said[]) => said.map((one) => String(dataOf(one)['snap_id']));
const targetsOf = async (box: TestBox) => (await box.rest<Listed>('GET', '/p/push-http/targets')).body.targets;

/** Everything that is recorded. */
async function recorded(box: TestBox): Promise<string[]> {
  // A page may show again what was on the one before, when something is recorded in between.
  const ids = new Set<string>();
  for (let before = ''; ; ) {
    const path = `/p/captures/captures?limit=200${before}`;
    const { status, body } = await box.rest<{ records: { id: string }[]; next: string | null }>('GET', path);
    assert.equal(status, 200);
    for (const { id } of body.records) ids.add(id);
    if (body.next === null) return [...ids].sort();
    before = `&before=${body.next}`;
  }
}

/** Makes captures for a while; resolves when all that were made since the box started are recorded. */
async function feed(box: TestBox, ms: number, before: number): Promise<string[]> {
  const rate = (perSecond: number) => box.rest<{ made: number }>('PUT', '/p/feeder/rate', { perSecond, bytes: 60_000 });
  await rate(PER_SECOND);
  await new Promise((done) => setTimeout(done, ms));
  const { made } = (await rate(0)).body;
  assert.ok(made > before, 'nothing was made');
  return until('the captures to be recorded', async () => {
    const ids = await recorded(box);
    return ids.length === made && ids;
  });
}

/** ms from making a capture, which its box tells to the millisecond, to hearing of it: the 95th of a hundred. */
function p95(said: Said[]): number {
  const took = said.map((one) => {
    const left = Number(dataOf(one)['ora_pos_left']);
    return (Number(one['heardAt']) - left + 60_000) % 60_000;
  });
  return took.sort((a, b) => a - b)[Math.floor(took.length * 0.95)] ?? 0;
}

test('every capture reaches every receiver, also those that were away while the box was killed', async (t) => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'gatehouse-pushes-'));
  const receivers: Receiver[] = [];
  const listen = (script: string, ...options: string[]) => {
    const one = new Receiver(script, ...options);
    receivers.push(one);
    return one;
  };
  const start = (ports?: TestBox['ports']) =>
    startBox({
      dataFolder,
      main: 'tests/soak/box-main.ts',
      environment: { GATEHOUSE_LOG_LEVEL: 'error', GATEHOUSE_ALLOW_LOOPBACK_PUSH: '1' },
      ...(ports ? { ports } : {}),
    });
  let box = await start();
  t.after(async () => {
    await Promise.all(receivers.map((one) => one.stop()));
    await box.stop();
    // What the killed box had started may still be about to end.
    await rm(dataFolder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  });
  await box.login();

  const [all, bodies] = [listen('http_receiver.py'), listen('http_receiver.py')];
  const port = await all.value('port');
  assert.equal((await box.call(1298, { url: 'http://169.254.169.254/', key: KEY })).code, -3596);
  assert.equal((await box.call(1298, { url: `127.0.0.1:${port}/agbox`, key: KEY })).code, 0);
  const { status } = await box.rest('POST', '/p/push-http/targets', {
    url: `http://127.0.0.1:${await bodies.value('port')}/`,
    kinds: ['body'],
  });
  assert.equal(status, 200);
  const { data } = await box.call<{ key: string }>(1286);
  const socket = listen('ws_receiver.py', '127.0.0.1', String(box.ports.http), data.key);
  const counts = listen('ws_receiver.py', '127.0.0.1', String(box.ports.http), data.key, '--msg-id', '778');
  assert.equal(await socket.value('acknowledged'), 0);
  await until('the counts', () => counts.of('778').length === 1);
  await until('both heartbeats', () => all.of(775).length > 0 && bodies.of(775).length > 0);

  const first = await feed(box, 4_000, 50);
  await until('all pushes', () => all.of(774).length >= first.length && socket.of('777').length >= first.length);
  assert.deepEqual(idsOf(all.of(774)).sort(), first, 'each once');
  assert.deepEqual(idsOf(socket.of('777')).sort(), first, 'each once');
  await until('the bodies', async () => (await targetsOf(box)).every(({ waiting }) => waiting === 0));
  assert.ok(bodies.of(774).every((one) => dataOf(one)['obj_label'] === 2));
  for (const heard of [all.of(774), socket.of('777')]) {
    assert.deepEqual(new Set(heard.map((one) => dataOf(one)['obj_label'])), new Set([1, 2, 4]));
  }
  for (const one of all.of(774)) {
    assert.equal(one['key'], KEY);
    assert.deepEqual(Object.keys(one['files'] as object), ['snap', 'snap_frame']);
    assert.ok(Object.values(one['starts'] as object).every((bytes) => bytes === 'ffd8ff'));
  }
  const late = { http: p95(all.of(774)), socket: p95(socket.of('777')) };
  t.diagnostic(`p95 at ${PER_SECOND}/s: HTTP ${late.http} ms, WebSocket ${late.socket} ms`);
  // The aims of 100 and 50 ms are for a machine of its own; with other tests beside it this still finds what hangs.
  assert.ok(Math.max(late.http, late.socket) < 2_000, 'no push waits for anything but its turn');

  // Whom the box does not reach misses nothing, and no power cut takes it away.
  await all.stop();
  const second = await feed(box, 1_000, first.length + 10);
  await until('a failure', async () => (await targetsOf(box))[0]!.failures > 0);
  await until('some to wait', async () => (await targetsOf(box))[0]!.waiting > 10);
  assert.deepEqual([...all.faults, ...bodies.faults, ...socket.faults, ...counts.faults], []);
  await box.stop('SIGKILL');
  box = await start(box.ports);
  await box.login();
  const back = listen('http_receiver.py', '--port', String(port));
  const missed = second.filter((id) => !first.includes(id));
  await until('what was missed', () => missed.every((id) => idsOf(back.of(774)).includes(id)), 60_000);
  // What had arrived just before the end may come again, and nothing else does.
  assert.ok(idsOf(back.of(774)).every((id) => second.includes(id)));
  const times = back.of(774).map((one) => String(dataOf(one)['trigger']));
  assert.deepEqual(times, times.toSorted(), 'in order');
  assert.deepEqual(back.faults, []);
  assert.ok(!box.output.includes(KEY));
});

test('what is recorded while the box stops in order is pushed after its next start', async (t) => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'gatehouse-pushes-'));
  const environment = { GATEHOUSE_LOG_LEVEL: 'error', GATEHOUSE_ALLOW_LOOPBACK_PUSH: '1' };
  const options = { dataFolder, main: 'tests/soak/box-main.ts', environment };
  let box = await startBox(options);
  const receiver = new Receiver('http_receiver.py');
  t.after(async () => {
    await receiver.stop();
    await box.stop();
    await rm(dataFolder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  });
  await box.login();
  await box.call(1298, { url: `127.0.0.1:${await receiver.value('port')}/agbox`, key: KEY });
  await until('a heartbeat', () => receiver.of(775).length > 0);
  await box.rest('PUT', '/p/feeder/rate', { perSecond: 400, bytes: 60_000 });
  await until('some pushes', () => receiver.of(774).length > 20);
  // More is made than is recorded at once: the rest is recorded while plugins end, those that push before those that record.
  await box.stop('SIGTERM');
  box = await startBox({ ...options, ports: box.ports });
  await box.login();
  const ids = await recorded(box);
  await until('all of them', () => {
    const got = new Set(idsOf(receiver.of(774)));
    return ids.every((id) => got.has(id));
  });
  assert.deepEqual(receiver.faults, []);
});
