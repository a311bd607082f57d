import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { runtime } from './runtime.ts';
import { until } from './wait.ts';

const program = join(import.meta.dirname, 'rtsp-server.fixture.ts');

function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(true));
    socket.on('connect', () => {
      socket.destroy();
      resolve(false);
    });
  });
}

for (const frozen of [false, true]) {
  test(`the RTSP server ends with its parent${frozen ? ', even when it is frozen' : ''}`, async (t) => {
    const { command, run } = runtime();
    const parent = spawn(command, [...run, program, frozen ? 'freeze' : ''], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => parent.kill('SIGKILL'));
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    const port = Number(line);
    // A frozen process still has its port: the kernel takes the connection.
    assert.equal(await refuses(port), false);
    parent.kill('SIGKILL');
    await until('the port to be free', () => refuses(port));
  });
}
