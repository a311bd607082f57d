import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { createLog, RecentLog, redact } from './log.ts';

test('no secret leaves through the log', async () => {
  const recent = new RecentLog();
  const lines: string[] = [];
  const out = new Writable({ write: (chunk, _, done) => done(void lines.push(String(chunk))) });
  const log = createLog('debug', recent, out);
  const secrets = ['Tiger-1', 's3ss10n', 'c00kie', 'kee', 'p@ss w"rd'];
  log.info({ user_pwd: secrets[0], sessionid: secrets[1], headers: { Cookie: secrets[2] }, key: secrets[3] }, 'login');
  log.warn({ camera_pwd: secrets[4], url: `rtsp://admin:${secrets[0]}@10.0.0.9:554/stream` }, 'camera');
  log.error({ err: new Error(`cannot open rtsp://root:${secrets[0]}@cam/1?token=${secrets[3]}`) }, 'failed');
  log.info(`free text rtsp://u:${secrets[0]}@host/`);
  const text = lines.join('');
  for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} is in ${text}`);
  assert.ok(text.includes('rtsp://admin:******@10.0.0.9:554/stream'));
  for (const line of text.trim().split('\n')) JSON.parse(line);
  const [first, , third] = recent.newest(10);
  assert.equal(first?.message, 'login');
  assert.ok(third?.message.includes('******') && !third.message.includes('Tiger'));
});

test('plain lines stay as they are', () => {
  const line = '{"level":"info","module":"cameras","msg":"keyboard passes, 3 tokens"}';
  assert.equal(redact(line), line);
});

test('the recent log is bounded', () => {
  const recent = new RecentLog(3);
  for (let i = 0; i < 10; i++) recent.add(`{"time":${i},"level":"info","msg":"${i}"}`);
  assert.deepEqual(
    recent.newest(10).map((line) => line.message),
    ['7', '8', '9'],
  );
});
