import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseRtspUrl, resolveFileUrl } from './address.ts';
import { VideoError } from './fault.ts';

test('user and password are taken out of the address and decoded', () => {
  assert.deepEqual(parseRtspUrl('rtsp://admin:p%40ss%2Fw%3A1@10.0.0.9:8554/live/one?x=1&y=2'), {
    host: '10.0.0.9',
    port: 8554,
    location: 'rtsp://10.0.0.9:8554/live/one?x=1&y=2',
    user: 'admin',
    password: 'p@ss/w:1',
  });
});

test('passwords are taken as people type them', () => {
  const typed = parseRtspUrl('rtsp://admin:a#1@b:c%@camera_7.local/');
  assert.equal(typed.user, 'admin');
  assert.equal(typed.password, 'a#1@b:c%');
  assert.equal(typed.location, 'rtsp://camera_7.local:554/');
});

test('an address without a user, with IPv6, and with a path that is not ASCII', () => {
  assert.deepEqual(parseRtspUrl('RTSP://[fe80::1]/大厅'), {
    host: 'fe80::1',
    port: 554,
    location: 'rtsp://[fe80::1]:554/%E5%A4%A7%E5%8E%85',
  });
});

for (const url of [
  'http://10.0.0.9/x',
  'exec:reboot',
  'rtsp:/10.0.0.9/x',
  'rtsp://10.0.0.9/one two',
  'rtsp://10.0.0.9/one\r\nAuthorization: x',
  'rtsp://user:secret@/one',
  'rtsp://10.0.0.9:70000/one',
  'rtsp://10.0.0.9:0/one',
  'rtsp://host name/one',
  'rtsp://a!b/one',
  `rtsp://10.0.0.9/${'x'.repeat(3000)}`,
]) {
  test(`refused: ${JSON.stringify(url.slice(0, 50))}`, () => {
    assert.throws(
      () => parseRtspUrl(url),
      (error) => error instanceof VideoError && error.code === 'bad-url' && !error.message.includes('secret'),
    );
  });
}

let root: string;
const mp4 = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom'), Buffer.alloc(64)]);

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'video-files-'));
  await mkdir(join(root, 'clips/site'), { recursive: true });
  await writeFile(join(root, 'secret.mp4'), mp4);
  await writeFile(join(root, 'clips/lobby.mp4'), mp4);
  await writeFile(join(root, 'clips/site/two words.mp4'), mp4);
  await writeFile(join(root, 'clips/list.mp4'), '#EXTM3U\nhttp://10.0.0.1/stream.ts\n');
  await writeFile(join(root, 'clips/empty.mp4'), '');
  await symlink(join(root, 'secret.mp4'), join(root, 'clips/escape.mp4'));
  await symlink(root, join(root, 'clips/up'));
  await symlink(join(root, 'clips/lobby.mp4'), join(root, 'clips/inside.mp4'));
});
after(() => rm(root, { recursive: true }));

test('files inside the folder are found, also by a link that stays inside', async () => {
  const clips = join(root, 'clips');
  assert.equal(await resolveFileUrl('file:lobby.mp4', clips), join(clips, 'lobby.mp4'));
  assert.equal(await resolveFileUrl('file:site/two%20words.mp4', clips), join(clips, 'site/two words.mp4'));
  assert.equal(await resolveFileUrl('file:inside.mp4', clips), join(clips, 'lobby.mp4'));
});

for (const [url, code] of [
  ['file:../secret.mp4', 'bad-url'],
  ['file:site/../../secret.mp4', 'bad-url'],
  ['file:%2e%2e/secret.mp4', 'bad-url'],
  ['file:..\\secret.mp4', 'bad-url'],
  ['file:/etc/passwd', 'bad-url'],
  ['file:///etc/passwd', 'bad-url'],
  ['file:', 'bad-url'],
  ['file:lobby.mp4%00.mkv', 'bad-url'],
  ['file:escape.mp4', 'bad-url'],
  ['file:up/secret.mp4', 'bad-url'],
  ['file:site', 'file'],
  ['file:gone.mp4', 'file'],
  ['file:list.mp4', 'file'],
  ['file:empty.mp4', 'file'],
] as const) {
  test(`refused: ${url}`, async () => {
    await assert.rejects(
      resolveFileUrl(url, join(root, 'clips')),
      (error) => error instanceof VideoError && error.code === code && !error.message.includes(root),
    );
  });
}

test('without a folder no file is read', async () => {
  await assert.rejects(resolveFileUrl('file:lobby.mp4', undefined), { code: 'bad-url' });
  await assert.rejects(resolveFileUrl('file:lobby.mp4', ''), { code: 'bad-url' });
});
