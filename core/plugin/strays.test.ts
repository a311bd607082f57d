import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { runtime } from '../../tests/kit/runtime.ts';
import type { PluginReport } from './services.ts';

const root = resolve(import.meta.dirname, '../..');

/** What a plugin may do wrong in its first life, by the message of the error. */
const FAULTS: Record<string, string> = {
  timer: `setTimeout(() => { throw new Error('timer'); }, 5);`,
  interval: `setInterval(() => { throw new Error('interval'); }, 5);`,
  immediate: `setImmediate(() => { throw new Error('immediate'); });`,
  tick: `process.nextTick(() => { throw new Error('tick'); });`,
  microtask: `queueMicrotask(() => { throw new Error('microtask'); });`,
  rejection: `Promise.reject(new Error('rejection'));`,
  'late-rejection': `(async () => { await new Promise((go) => setTimeout(go, 5)); throw new Error('late-rejection'); })();`,
  emitter: `setTimeout(() => new EventEmitter().emit('error', new Error('emitter')), 5);`,
  socket: `connect(1, '127.0.0.1');`,
  file: `readFile('/no/such/file', () => { throw new Error('file'); });`,
  text: `setTimeout(() => { throw 'text'; }, 5);`,
  recursion: `const deep = () => deep() + 1; setTimeout(deep, 5);`,
  listener: `const one = new EventEmitter(); one.on('x', () => { throw new Error('listener'); }); setTimeout(() => one.emit('x'), 5);`,
};

const plugin = (fault: string) => `
  import { EventEmitter } from 'node:events';
  import { readFile } from 'node:fs';
  import { connect } from 'node:net';
  let lives = 0;
  export default { setup: () => ({ start() { lives += 1; if (lives === 1) { ${fault} } } }) };`;

test('every stray error takes down its own plugin alone, and one of nobody ends the process', async () => {
  const { command, run } = runtime();
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-strays-'));
  try {
    for (const [id, fault] of [...Object.entries(FAULTS), ['steady', '']] as const) {
      const its = join(folder, 'plugins', id);
      mkdirSync(its, { recursive: true });
      writeFileSync(join(its, 'plugin.json'), JSON.stringify({ id, version: '1.0.0', core: '^0.1.0' }));
      writeFileSync(join(its, 'package.json'), '{"type":"module"}');
      writeFileSync(join(its, 'index.ts'), plugin(id === 'steady' ? '' : fault));
    }
    const child = spawn(command, [...run, join(import.meta.dirname, 'strays.fixture.ts'), folder], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    assert.equal(await new Promise((done) => child.once('exit', done)), 23);
    const reports = JSON.parse(readFileSync(join(folder, 'reports.json'), 'utf8')) as PluginReport[];
    assert.equal(reports.length, Object.keys(FAULTS).length + 1);
    for (const { id, restarts, errors } of reports) {
      assert.equal(restarts, id === 'steady' ? 0 : 1, id);
      assert.ok(id === 'steady' ? errors === 0 : errors >= 1, `${id}: ${errors} errors`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
