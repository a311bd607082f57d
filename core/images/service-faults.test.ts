import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { GREEN, made, picture, pidOf, plain, RED, refused, start } from './fixture.ts';

/** Pictures that cost the worker its life. */

test('a picture over which the worker is killed fails alone, and is not tried again', async (t) => {
  const { detector } = await made(t);
  const { service, lines } = await start(t, [detector]);
  await service.examine(await picture(RED));
  const pid = await pidOf(service);
  // It stands still, so that the next picture is surely under way when it is killed.
  process.kill(pid, 'SIGSTOP');
  const killer = await picture(RED, 97);
  const results = [
    service.examine(killer),
    service.examine(await picture(RED, 98)),
    service.examine(await picture(GREEN)),
  ];
  assert.equal(service.waiting, 3);
  process.kill(pid, 'SIGKILL');
  const [first, second, third] = await Promise.allSettled(results);
  assert.ok(first?.status === 'rejected' && refused('failed')(first.reason));
  assert.ok(second?.status === 'fulfilled' && second.value.width === 98);
  assert.ok(third?.status === 'fulfilled' && third.value.faces.length === 0);
  assert.equal(service.report.restarts, 1);
  assert.match(service.report.lastError ?? '', /SIGKILL/);
  assert.match(lines.join(), /a picture was given up/);
  await assert.rejects(service.examine(killer), refused('failed'));
  assert.equal(service.report.restarts, 1, 'the worker was not even asked');
});

test('a picture that never comes to an end fails, though the event loop of the worker runs', async (t) => {
  const { detector, folder } = await made(t);
  // Reading it waits for a writer that never comes, as a decoder might that has lost its way.
  const file = await folder.put('made-pipe', new Uint8Array());
  rmSync(file);
  execFileSync('mkfifo', [file]);
  const { service, lines } = await start(t, [{ ...detector, file }], {
    pictureMs: 300,
    childLimits: { silenceMs: 1_500 },
  });
  await assert.rejects(service.examine(await picture(RED)), refused('failed'));
  assert.match(lines.join(), /a picture was given up/);
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
  const pid = await pidOf(service);
  // The supervisor looks once a second: the worker stands still at its height until it does.
  const full = setInterval(() => {
    if (service.report.pid === pid && residentBytes(pid) > most) process.kill(pid, 'SIGSTOP');
  }, 5);
  const results = await Promise.allSettled([first, second]).finally(() => clearInterval(full));
  assert.ok(results[0]?.status === 'rejected' && refused('failed')(results[0].reason));
  assert.ok(results[1]?.status === 'fulfilled');
  assert.match(service.report.lastError ?? '', /MiB of memory/);
});
