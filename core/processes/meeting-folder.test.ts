import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeMeetingFolder, SOCKET } from './meeting-folder.ts';

function temporary(t: TestContext): string {
  const parent = mkdtempSync(join(tmpdir(), 'gatehouse-meeting-'));
  t.after(() => rmSync(parent, { recursive: true, force: true }));
  return parent;
}

test('a folder left by a core that was killed goes, one in use and one just made stay', async (t) => {
  const parent = temporary(t);
  const used = await makeMeetingFolder(parent);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(used, SOCKET), resolve));
  t.after(() => server.close());
  const fresh = await makeMeetingFolder(parent);
  const left = await makeMeetingFolder(parent);
  mkdirSync(join(parent, 'somebody-elses'));
  // A process that is killed leaves its socket behind, and nobody listens any more.
  const listen = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync('node', ['-e', listen, join(left, SOCKET)]);
  assert.ok(existsSync(join(left, SOCKET)));

  const mine = await makeMeetingFolder(parent);
  const there = readdirSync(parent).map((name) => join(parent, name));
  assert.deepEqual(there.sort(), [fresh, mine, used, join(parent, 'somebody-elses')].sort());
});
