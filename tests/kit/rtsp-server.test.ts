import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { until } from './wait.ts';

const kit = JSON.stringify(join(import.meta.dirname, 'rtsp-server.ts'));

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
    const program = `
      import { startRtspServer } from ${kit};
      const server = await startRtspServer({ streams: [{ path: '/one', codec: 'mjpeg' }] });
      ${frozen ? 'server.freeze();' : ''}
      console.log(server.port);
    `;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
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
