import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { until } from '../../tests/kit/wait.ts';
import { type ChildEnd, type ChildLimits, ChildSupervisor } from './child-supervisor.ts';
import { DoingNote, readDoing } from './doing.ts';

type Settings = { exit?: number; signal?: NodeJS.Signals; other?: boolean };

async function start(
  t: TestContext,
  settings: Settings,
  limits: Partial<ChildLimits> = {},
  environment: Record<string, string> = {},
) {
  const told = { ups: 0, ends: [] as ChildEnd[], beats: 0 };
  const supervisor = new ChildSupervisor<Settings, { type: string }, { type: string }>({
    name: 'test',
    module: new URL('./child.fixture.ts', import.meta.url),
    log: pino({ level: 'silent' }),
    limits,
    environment,
    events: {
      message: ({ type }) => {
        if (type === 'beat') told.beats += 1;
      },
      up: () => {
        told.ups += 1;
      },
      down: (end) => told.ends.push(end),
    },
  });
  t.after(() => supervisor.stop());
  await supervisor.start(settings);
  return { supervisor, told };
}

test('a child that always ends is started ever more rarely, and the report says when next and why', async (t) => {
  const { supervisor, told } = await start(t, { exit: 3 }, { pauses: [1, 2, 60_000] });
  await until('the long pause', () => told.ends.length === 3, 30_000);
  const { state, restarts, failures, renewals, lastError, nextStartAt = 0, pid } = supervisor.report;
  assert.deepEqual(
    [state, restarts, failures, renewals, lastError, pid],
    ['restarting', 3, 3, 0, 'exit code 3', undefined],
  );
  const pause = nextStartAt - Date.now();
  assert.ok(pause > 30_000 && pause <= 60_000, `${pause} ms`);
  assert.deepEqual(told.ends[0], { reason: 'exit code 3', renewed: false });
});

test('a socket that a system has tidied away is made anew for the next child', async (t) => {
  const temporary = mkdtempSync(join(tmpdir(), 'gatehouse-tidied-'));
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = temporary;
  t.after(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(temporary, { recursive: true, force: true });
  });
  const { supervisor, told } = await start(t, {}, { pauses: [1] });
  for (const [n, tidied] of ['socket', ''].entries()) {
    await until('the child to be up', () => told.ups === n + 1, 20_000);
    const folder = readdirSync(temporary).find((name) => name.startsWith('gatehouse-run-')) ?? '';
    rmSync(join(temporary, folder, tidied), { recursive: true });
    process.kill(supervisor.report.pid!, 'SIGKILL');
  }
  await until('the third to be up', () => told.ups === 3, 20_000);
});

test('a child that has run steadily for a while gets its quick restarts back', async (t) => {
  const { supervisor, told } = await start(t, {}, { pauses: [1, 60_000], steadyMs: 300 });
  for (const time of [1, 2]) {
    await until('the child to be up', () => told.ups === time);
    await until('it to be steady', () => supervisor.report.failures === 0);
    process.kill(supervisor.report.pid!, 'SIGKILL');
    await until('its end', () => told.ends.length === time);
    assert.equal(supervisor.report.lastError, 'killed by SIGKILL');
  }
  await until('the child to be up again', () => told.ups === 3);
  assert.equal(supervisor.report.restarts, 2);
});

test('other settings renew the child; the same ones do not', async (t) => {
  const { supervisor, told } = await start(t, {});
  await until('a beat', () => told.beats > 0);
  supervisor.configure({}, 'the same');
  supervisor.configure({ other: true }, 'other settings');
  await until('the next one', () => told.ups === 2);
  const { restarts, failures, renewals, lastRenewal, lastError } = supervisor.report;
  assert.deepEqual([restarts, failures, renewals, lastRenewal, lastError], [0, 0, 1, 'other settings', undefined]);
  assert.deepEqual(told.ends, [{ reason: 'exit code 0', renewed: true }]);
});

test('a child that never says hello is killed', async (t) => {
  const { supervisor, told } = await start(t, {}, { startMs: 500, pauses: [60_000] }, { MUTE: '1' });
  await until('its end', () => told.ends.length === 1);
  assert.match(supervisor.report.lastError ?? '', /no sign of life/);
});

test('of a child that crashed it is told what it was doing; of one that somebody killed it is not', async (t) => {
  for (const [signal, noted] of [
    ['SIGSEGV', { crashedIn: 'a step' }],
    ['SIGABRT', { crashedIn: 'a step' }],
    ['SIGKILL', {}],
  ] as const) {
    const { told } = await start(t, { signal }, { pauses: [60_000] });
    await until('its end', () => told.ends.length === 1, 30_000);
    assert.deepEqual(told.ends, [{ reason: `killed by ${signal}`, renewed: false, ...noted }]);
  }
});

test('what a child is doing can be read from outside; the newest counts', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-doing-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'doing');
  assert.equal(readDoing(path), undefined);
  const note = new DoingNote(path);
  note.write('a long text about what it does');
  note.write('short');
  assert.equal(readDoing(path), 'short');
  note.write('');
  assert.equal(readDoing(path), undefined);
});
