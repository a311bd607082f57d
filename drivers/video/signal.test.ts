import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { signalChild } from './signal.ts';

test('a child that does not mind one signal gets the next one', async (t) => {
  const child = spawn('sh', ['-c', 'trap "" INT; echo ready; while :; do sleep 1; done'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const ended = once(child, 'exit');
  assert.equal(signalChild(child, 'SIGINT'), true);
  assert.equal(signalChild(child, 'SIGSTOP'), true);
  assert.deepEqual([child.exitCode, child.signalCode], [null, null], 'it has not ended');
  assert.equal(signalChild(child, 'SIGKILL'), true);
  assert.deepEqual(await ended, [null, 'SIGKILL']);
  assert.equal(signalChild(child, 'SIGKILL'), false, 'its number may belong to another process now');
});
