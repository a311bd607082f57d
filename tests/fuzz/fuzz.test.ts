import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { startBox } from '../kit/box.ts';
import { until } from '../kit/wait.ts';
import { MESSAGE_DATA } from './answers.ts';
import { campaign } from './campaign.ts';
import type { HttpCase, RawCase, SocketCase } from './case.ts';
import { type HttpAnswer, readAnswers } from './http-answer.ts';
import type { StoredFile } from './media-cases.ts';
import { Random } from './random.ts';
import { mismatch } from './schema.ts';
import { spoiltFields, toJson } from './values.ts';
import { judgeHttp, judgeRaw, judgeSocket } from './verdict.ts';
import type { Outcome } from './wire.ts';

test('a box stays whole under 1500 bad requests of one seed', async (t) => {
  const report = await campaign({ first: 0, end: 1500, seed: 20 });
  t.diagnostic(`${report.seconds.toFixed(0)} s: ${JSON.stringify(report.kinds)}`);
  assert.deepEqual(
    report.findings.map(({ title, text }) => `${title}: ${text}`),
    [],
  );
  const kinds = Object.entries(report.kinds);
  assert.equal(
    kinds.reduce((sum, [, { cases }]) => sum + cases, 0),
    1500,
  );
  // Cases that are all refused at the door would find nothing behind it.
  for (const [kind, { succeeded }] of kinds) assert.ok(succeeded >= 3, `${kind}: ${succeeded} cases were let in`);
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
  const cameras = { type: 'object', properties: { cameras: { type: 'array' } }, required: ['cameras'] };
  const route: HttpCase = { ...one, expect: 'rest', answer: cameras };
  const message: HttpCase = { ...one, mayNotSucceed: false, answer: MESSAGE_DATA[1301]!, refusal: { const: '' } };
  const file: HttpCase = { ...one, expect: 'media', method: 'GET', target: '/ws/record/a.jpg', exact: true };
  const bytes = Buffer.from('the picture');
  const files = (...seenBy: StoredFile['seenBy']): StoredFile[] => [{ path: 'record/a.jpg', bytes, seenBy }];
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
    [allowed, answer(200, '{}'), /lacks cameras/],
    [allowed, answer(200, '{"cameras":{}}'), /cameras is no list/],
    [message, answer(200, '{"code":0,"data":{"device_id":1},"msg":""}'), /data.device_id is no text/],
    [message, answer(200, '{"code":-105,"data":{},"msg":"no"}'), /data is not ""/],
    [message, answer(200, '{"code":-105,"data":"","msg":7}'), /msg is no text/],
    [{ ...one, expect: 'any' }, answer(200, 'root:x:0:0:'), /given away/],
  ];
  for (const [asked, outcome, fault] of bad) assert.match(judgeHttp(asked, outcome) ?? '', fault);
  assert.equal(judgeHttp(file, answer(200, 'the picture'), files('viewer')), undefined);
  assert.match(judgeHttp(file, answer(200, 'the picture'), files('admin')) ?? '', /without the right/);
  assert.match(judgeHttp(file, answer(404, ''), files('viewer')) ?? '', /got HTTP 404/);
  assert.match(judgeHttp({ ...file, exact: false }, answer(200, 'else'), files('viewer')) ?? '', /no stored file/);
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
  assert.match(judgeSocket(page, frames('{"id":1,"secret":{}}')) ?? '', /the fields id,secret/);
  assert.match(judgeSocket({ ...page, session: 'none' }, frames()) ?? '', /without a session/);
  const wire: SocketCase = { ...page, path: '/ws' };
  assert.equal(judgeSocket(wire, frames('{"code":-3596,"msg":"x"}')), undefined);
  assert.match(judgeSocket(wire, frames('{"code":-3596,"msg":"x","data":1}')) ?? '', /refusal has data/);
});

test('the verdict of bytes that are no HTTP finds what it must', () => {
  const one: RawCase = { kind: 'raw', title: '', pieces: [], halfClose: true, answers: [0, 1], refused: true };
  const came = (text: string) => ({ end: 'answer' as const, answer: readAnswers(Buffer.from(text)) });
  const bad = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n';
  const good = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';
  const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n';
  assert.equal(judgeRaw(one, came(bad)), undefined);
  assert.equal(judgeRaw({ ...one, refused: false, answers: [3, 3] }, came(good + chunked + good)), undefined);
  assert.match(judgeRaw(one, came(good)) ?? '', /answered with 200/);
  assert.match(judgeRaw(one, came(bad.replace('400 Bad Request', '500 x'))) ?? '', /500/);
  assert.match(judgeRaw({ ...one, refused: false }, came(good + good)) ?? '', /hidden request/);
  assert.match(judgeRaw({ ...one, answers: [2, 2] }, came(good)) ?? '', /1 answers instead of 2/);
  assert.match(judgeRaw(one, came(`${good}garbage`)) ?? '', /no answer came/);
  assert.match(judgeRaw(one, { end: 'silence' }) ?? '', /nor closed/);
});

test('a value is held against a schema', () => {
  const page = MESSAGE_DATA[1046]!;
  const record = {
    camera_name: '',
    channel: 1,
    position: '',
    quality: 50,
    snap_id: 'a',
    snap_path: 'record/channel1/body/a.jpg',
    trigger: '2026-01-02 03:04:05',
    body_attr: {},
  };
  const answer = (change: object) => ({ record: [{ ...record, ...change }], result_num: 1, total_num: 1 });
  assert.equal(mismatch(page, answer({})), undefined);
  assert.match(mismatch(page, answer({ quality: 101 })) ?? '', /record\[0\].quality is out of its range/);
  assert.match(mismatch(page, answer({ quality: '50' })) ?? '', /is no number/);
  assert.match(mismatch(page, answer({ trigger: 'now' })) ?? '', /does not match/);
  assert.match(mismatch(page, answer({ trigger: undefined })) ?? '', /is no text/);
  assert.match(mismatch(page, { record: [], total_num: 0 }) ?? '', /lacks result_num/);
  assert.match(mismatch({ anyOf: [{ type: 'null' }, { type: 'number' }] }, 'x') ?? '', /is not null/);
  assert.match(mismatch({ type: 'object', additionalProperties: false }, { a: 1 }) ?? '', /unknown field a/);
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
