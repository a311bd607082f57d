import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { startBox } from '../kit/box.ts';
import { until } from '../kit/wait.ts';
import { campaign } from './campaign.ts';
import type { HttpCase, SocketCase } from './case.ts';
import { Random } from './random.ts';
import { spoiltFields, toJson } from './values.ts';
import { judgeHttp, judgeSocket } from './verdict.ts';
import type { HttpAnswer, Outcome } from './wire.ts';

test('a box stays whole under 1500 bad requests of one seed', async (t) => {
  const report = await campaign({ first: 0, end: 1500, seed: 20 });
  const { http, socket, camera } = report.cases;
  t.diagnostic(`${http} HTTP, ${socket} WebSocket, ${camera} camera cases in ${report.seconds.toFixed(0)} s`);
  assert.deepEqual(
    report.findings.map(({ title, text }) => `${title}: ${text}`),
    [],
  );
  assert.equal(http + socket + camera, 1500);
  // Cases that are all refused at the door would find nothing behind it.
  assert.ok((report.codes.get(0) ?? 0) > 100, 'many cases succeed');
  for (const code of [-3596, -141, -140])
    assert.ok((report.codes.get(code) ?? 0) > 30, `many cases are refused with ${code}`);
});

test('a refused client that does not hang up holds no connection', async () => {
  const box = await startBox();
  const clients: Socket[] = [];
  after(() => box.stop());
  after(() => {
    for (const client of clients) client.destroy();
  });
  const open = () => readdirSync(`/proc/${box.child.pid}/fd`).length;
  const before = open();
  const upgrade = 'HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\r\n';
  for (const words of [`GET /nowhere ${upgrade}`, `GET /live ${upgrade}`, 'NO HTTP AT ALL\r\n\r\n']) {
    for (let n = 0; n < 20; n += 1) {
      const client = connect({ host: '127.0.0.1', port: box.ports.http, allowHalfOpen: true });
      clients.push(client);
      client.on('error', () => {});
      client.on('connect', () => client.write(words));
      client.resume();
    }
  }
  await until('every client to be refused', () => clients.every((client) => client.readableEnded));
  await until('the box to let go of them', () => open() < before + 20);
});

test('the verdict finds what it must', () => {
  const one: HttpCase = {
    kind: 'http',
    title: '',
    session: 'viewer',
    method: 'POST',
    target: '/api/json',
    headers: [],
    expect: 'message',
    mayNotSucceed: true,
  };
  const answer = (status: number, body: string): Outcome<HttpAnswer> => ({
    end: 'answer',
    answer: { status, headers: new Map([['content-type', 'application/json']]), body: Buffer.from(body) },
  });
  const refusal = '{"code":-140,"data":"","msg":"no"}';
  const route: HttpCase = { ...one, expect: 'rest', answerFields: ['cameras'] };
  const allowed: HttpCase = { ...route, mayNotSucceed: false };
  assert.equal(judgeHttp(one, answer(200, refusal)), undefined);
  assert.equal(judgeHttp(route, answer(403, refusal)), undefined);
  assert.equal(judgeHttp(allowed, answer(200, '{"cameras":[]}')), undefined);
  const bad: [HttpCase, Outcome<HttpAnswer>, RegExp][] = [
    [one, { end: 'silence' }, /deadline/],
    [one, { end: 'closed' }, /closed/],
    [one, answer(500, refusal), /500/],
    [one, answer(404, refusal), /404/],
    [one, answer(200, 'x'), /no JSON/],
    [one, answer(200, '{"code":-140,"msg":""}'), /fields/],
    [one, answer(200, '{"code":-3524,"data":"","msg":""}'), /-3524/],
    [one, answer(200, '{"code":-7,"data":"","msg":""}'), /Appendix A/],
    [one, answer(200, '{"code":0,"data":"","msg":""}'), /without the right/],
    [one, answer(200, '{"code":-1,"data":"","msg":"SQLITE_ERROR"}'), /inside/],
    [route, answer(200, '{}'), /without the right/],
    [route, answer(418, refusal), /418/],
    [allowed, answer(200, '{}'), /documented/],
    [{ ...one, expect: 'any' }, answer(200, 'root:x:0:0:'), /given away/],
  ];
  for (const [asked, outcome, fault] of bad) assert.match(judgeHttp(asked, outcome) ?? '', fault);
  const page: SocketCase = {
    kind: 'socket',
    title: '',
    session: 'admin',
    path: '/live',
    headers: [],
    frames: [],
    answered: true,
  };
  const frames = (...texts: string[]) => ({ end: 'answer' as const, answer: { status: 101, texts, closed: false } });
  assert.equal(judgeSocket(page, frames('{"id":1,"error":{"code":-105,"msg":"x"}}', '{"id":1,"data":{}}')), undefined);
  assert.match(judgeSocket(page, frames('{"id":1,"error":{"code":-3524,"msg":"x"}}')) ?? '', /-3524/);
  assert.match(judgeSocket({ ...page, session: 'none' }, frames()) ?? '', /without a session/);
});

test('the same seed and number make the same values', () => {
  const schema = { properties: { a: { type: 'integer' }, b: { type: 'string' } }, required: ['a', 'b'] };
  const make = (seed: number, index: number) =>
    spoiltFields(schema, new Random(seed, index)).map(([, value]) => toJson(value));
  const texts = Array.from({ length: 50 }, (_, index) => make(5, index).join());
  assert.deepEqual(
    texts,
    Array.from({ length: 50 }, (_, index) => make(5, index).join()),
  );
  assert.ok(new Set(texts).size > 40);
});
