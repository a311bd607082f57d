import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { startBox } from '../kit/box.ts';
import { interleave, median, medianRatio, ownCpuOf, round, table, verdict } from './kit.ts';

/**
 * CPU of the core process for a small message (1281 over `/api/json`, signed in) ÷ CPU of a bare Hono application that
 * parses the same body and answers the same bytes. Each in a process of its own, both over keep-alive HTTP, asked by a
 * client that waits for each answer, as real ones do. Beside it eight clients at once: there the quicker server keeps
 * its clients so busy that it need not wake them, which makes it quicker still.
 *
 *     npm run bench:api
 */
const AT_MOST = 1.5;
const ROUNDS = 7;
const REQUESTS = 15_000;
const WARM_UP = 10_000;
const MANY = 8;
const BODY = JSON.stringify({ msg_id: '1281' });

/** Sends so many requests from clients whose connections stay open, and checks every answer. */
async function load(port: number, clients: number, requests: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const headers = {
    'content-type': 'application/json',
    'content-length': BODY.length,
    'user-agent': 'bench/1',
    accept: '*/*',
    sessionid: sessionId,
  };
  let left = requests;
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path: '/api/json', method: 'POST', agent, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => (text === expected ? resolve() : reject(new Error(`answered ${text}`))));
      });
      sent.on('error', reject);
      sent.end(BODY);
    });
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (left-- > 0) await one();
    }),
  );
  agent.destroy();
}

const box = await startBox();
const sessionId = await box.login();
const answer = await box.call(1281);
assert.equal(answer.code, 0);
const expected = JSON.stringify(answer);
const bare = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'bare-api.ts'), expected], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const [line] = (await once(bare.stdout, 'data')) as [Buffer];
  const sides = {
    core: { pid: box.child.pid ?? 0, port: box.ports.http },
    bare: { pid: bare.pid ?? 0, port: Number(String(line)) },
  };
  /** CPU of one request, microseconds. */
  const perRequest = async ({ pid, port }: { pid: number; port: number }, clients: number) => {
    const before = ownCpuOf(pid);
    await load(port, clients, REQUESTS);
    return ((ownCpuOf(pid) - before) * 1e6) / REQUESTS;
  };
  for (const { port } of Object.values(sides)) await load(port, MANY, WARM_UP);
  const cpu = await interleave(ROUNDS, {
    core: () => perRequest(sides.core, 1),
    bare: () => perRequest(sides.bare, 1),
    coreOfMany: () => perRequest(sides.core, MANY),
    bareOfMany: () => perRequest(sides.bare, MANY),
  });
  const row = (what: string, values: number[], limit: number[]) => [
    what,
    ...[median(values), Math.min(...values), Math.max(...values), medianRatio(values, limit)].map(round),
  ];
  console.log(`${ROUNDS} rounds of ${REQUESTS} requests of ${BODY.length} bytes, ${expected.length} bytes back`);
  table(
    ['CPU per request, µs', 'median', 'least', 'most', '÷ bare'],
    [
      row('core, message 1281, one client', cpu.core, cpu.bare),
      row('bare Hono, one client', cpu.bare, cpu.bare),
      row(`core, ${MANY} clients at once`, cpu.coreOfMany, cpu.bareOfMany),
      row(`bare Hono, ${MANY} clients at once`, cpu.bareOfMany, cpu.bareOfMany),
    ],
  );
  verdict([{ what: 'core ÷ bare, one client', value: medianRatio(cpu.core, cpu.bare), atMost: AT_MOST }]);
} finally {
  bare.kill();
  await box.stop();
}
