import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { until } from '../../tests/kit/wait.ts';
import { GREEN, made, picture, pidOf, plain, RED, refused, start } from './fixture.ts';

/** Pictures that cost the worker its life. */

test('a picture over which the worker is killed fails alone, and is not tried again', async (t) => {
  const { detector } = await made(t);
  const { service, lines } = await start(t, [detector]);
  await service.examine(await picture(RED));
  const pid = await pidOf(service);
  // It stands still, so that the picture is surely under way when it is killed.
  process.kill(pid, 'SIGSTOP');
  const killer = await picture(RED, 97);
  const result = service.examine(killer);
  process.kill(pid, 'SIGKILL');
  await assert.rejects(result, refused('failed'));
  assert.equal((await service.examine(await picture(RED, 98))).width, 98);
  assert.equal(service.report.restarts, 1);
  assert.match(service.report.lastError ?? '', /SIGKILL/);
  assert.match(lines.join(), /a picture was given up/);
  await assert.rejects(service.examine(killer), refused('failed'));
  assert.equal(service.report.restarts, 1, 'the worker was not even asked');
});

test('where the worker is killed over several pictures, each is tried again', async (t) => {
  const { detector } = await made(t);
  const { service, lines } = await start(t, [detector]);
  await service.examine(await picture(RED));
  const pid = await pidOf(service);
  process.kill(pid, 'SIGSTOP');
  const order: number[] = [];
  const examine = async (colour: string, width: number) => {
    const { faces } = await service.examine(await picture(colour, width), { lane: 'batch' });
    order.push(width);
    return faces.length;
  };
  const results = [examine(RED, 97), examine(RED, 98), examine(GREEN, 99)];
  await until('all to wait', () => service.waiting === 3);
  process.kill(pid, 'SIGKILL');
  assert.deepEqual(await Promise.all(results), [1, 1, 0]);
  assert.deepEqual([...order].sort(), [97, 98, 99]);
  assert.equal(service.report.restarts, 1);
  assert.doesNotMatch(lines.join(), /given up/);
});

test('a picture that never comes to an end fails alone, though the event loop of the worker runs', async (t) => {
  const { detector, folder } = await made(t);
  // Reading it waits for a writer that never comes, as a decoder might that has lost its way.
  const file = await folder.put('made-pipe', new Uint8Array());
  rmSync(file);
  execFileSync('mkfifo', [file]);
  const { service, lines } = await start(t, [{ ...detector, file }], {
    pictureMs: 300,
    childLimits: { silenceMs: 1_500 },
  });
  const first = service.examine(await picture(RED));
  const second = service.examine(await picture(RED, 98));
  await assert.rejects(first, refused('failed'));
  assert.match(lines.join(), /a picture was given up/);
  rmSync(file);
  copyFileSync(detector.file, file);
  assert.equal((await second).width, 98);
  assert.equal(service.report.restarts, 1, 'nobody but the first was suspected');
});

test('a picture that takes more memory than the worker may have fails alone', async (t) => {
  const { detector } = await made(t);
  const residentBytes = (pid: number) => {
    const [, kibibytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kibibytes) * 1024;
  };
  const usual = await start(t, [detector]);
  await usual.service.examine(await picture(RED));
  const most = residentBytes(await pidOf(usual.service)) + 80 * 1024 ** 2;
  await usual.service.stop();
  const { service } = await start(t, [detector], { childLimits: { mostResidentBytes: most } });
  // Rows of an interlaced picture come in no order, so that it is held whole: 136 MiB.
  const large = await plain(6_300, 5_700, RED, 4).png({ progressive: true, compressionLevel: 1 }).toBuffer();
  const first = service.examine(large);
  const second = service.examine(await picture(RED));
  // The supervisor looks once a second: the worker stands still at its height until it does. The first that does has
  // both pictures, the second only the large one.
  const full = setInterval(() => {
    const { pid, state } = service.report;
    if (pid && state === 'running' && residentBytes(pid) > most) process.kill(pid, 'SIGSTOP');
  }, 5);
  const results = await Promise.allSettled([first, second]).finally(() => clearInterval(full));
  assert.ok(results[0]?.status === 'rejected' && refused('failed')(results[0].reason));
  assert.ok(results[1]?.status === 'fulfilled');
  assert.match(service.report.lastError ?? '', /MiB of memory/);
  assert.equal(service.report.restarts, 2);
});
