import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { Connection } from '../../core/store/connection.ts';
import { startBox, type TestBox } from '../kit/box.ts';
import { StoredFiles } from '../kit/stored.ts';
import { until } from '../kit/wait.ts';
import { WireClient } from '../kit/wire-client.ts';
import { account, everyRole, PASSWORD, ROLES, type Role, type Sessions, signIn } from './people.ts';

/**
 * Who gets to see pictures: every kind of media address and both WebSockets, by every role, by nobody, and by sessions
 * that have ended or whose account has lost a right since. The expectations are written from the manual's table of
 * roles and what its clients do; nothing of the program's own table is read here.
 *
 * Columns: super admin, sub-admin, general admin, device admin, visitor admin, viewer.
 */
const SEES_RECORDS = 'y y y - - y';
const SEES_PEOPLE = 'y y y - - y';
const SEES_DEVICES = 'y y y y - y';
const CHANGES_DEVICES = 'y y y y - -';
const SEES_VISITORS = 'y y y - y y';
const SEES_ALL = 'y - - - - -';

/** Files as plugins store them. What belongs to nobody in particular is for whoever may see everything. */
const FILES: { path: string; area?: string; picture: boolean; seenBy: string }[] = [
  { path: 'record/channel1/face/1795238161_1.jpg', area: 'records', picture: true, seenBy: SEES_RECORDS },
  { path: 'record/channel1/frame/1795238161_2.jpg', area: 'records', picture: true, seenBy: SEES_RECORDS },
  { path: 'facebase/libid2/2_1620975347_1.png', area: 'people', picture: true, seenBy: SEES_PEOPLE },
  { path: 'tmp/visit.jpg', area: 'visitors', picture: true, seenBy: SEES_VISITORS },
  { path: 'tmp/records.csv', area: 'records', picture: false, seenBy: SEES_RECORDS },
  { path: 'tmp/cameras.csv', area: 'devices', picture: false, seenBy: SEES_DEVICES },
  { path: 'tmp/log.zip', area: 'accounts', picture: false, seenBy: SEES_ALL },
  { path: 'tmp/keys.zip', area: 'platform', picture: false, seenBy: SEES_ALL },
  { path: 'tmp/of-nobody.jpg', picture: true, seenBy: SEES_ALL },
  { path: 'tmp/of-no-area.jpg', area: 'constructor', picture: true, seenBy: SEES_ALL },
];
const PICTURE = FILES[0]!.path;
const SHEET = FILES[4]!.path;
const SNAPSHOT = '/p/cameras/cameras/1/snapshot.jpg';
const IDLE_MS = 30 * 60_000;

let box: TestBox;
let folder: string;
let sessions: Sessions;
let captured: { id: string; cropPath: string; framePath: string };
/** Sessions that are good for nothing any more. */
const ended: Record<string, string> = {};

const may = (right: string, role: Role) => right.split(' ')[ROLES.indexOf(role)] === 'y';
const contents = (path: string) => Buffer.from(`what stands in ${path}`);

async function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const response = await fetch(box.url + path, { method, headers });
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()), headers: response.headers };
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-media-'));
  const clip = 'videotestsrc num-buffers=50 ! video/x-raw,width=320,height=240,framerate=25/1 ! x264enc ! mp4mux';
  execFileSync('gst-launch-1.0', ['-q', ...clip.split(' '), '!', 'filesink', `location=${folder}/clip.mp4`]);
  const setup = { dataFolder: join(folder, 'data'), environment: { GATEHOUSE_CLIP_FOLDER: folder } };
  box = await startBox(setup);
  await box.login();
  sessions = await everyRole(box);
  const added = await box.rest('POST', '/p/cameras/cameras', { name: 'Gate', url: 'file:clip.mp4', channel: 1 });
  assert.equal(added.status, 200, JSON.stringify(added.body));
  await endSessions();

  const stored = new StoredFiles(box.dataFolder);
  for (const { path, area, picture } of FILES) stored.put(path, contents(path), { ...(area ? { area } : {}), picture });
  captured = stored.capture('face', 2, Date.now(), Buffer.from('a face'));
  stored.close();

  // A session nobody has used for almost as long as it lives; the others are used below, and live on.
  const { ports } = box;
  await box.stop();
  const connection = new Connection(join(box.dataFolder, 'gatehouse.db'));
  const user = connection.prepare("SELECT id FROM users WHERE name = 'idle'").get() as { id: number };
  const lastSeen = Date.now() - IDLE_MS + 3_000;
  connection.prepare('UPDATE sessions SET last_seen = ? WHERE user_id = ?').run(lastSeen, user.id);
  connection.close();
  const sessionId = box.sessionId;
  box = await startBox({ ...setup, ports });
  box.sessionId = sessionId;
  await until('the camera to be online', async () => (await get(SNAPSHOT, { sessionid: sessionId })).status === 200);
  await until('the idle session to be too old', () => Date.now() - lastSeen > IDLE_MS);
});

after(async () => {
  await box?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Ends a session in each way there is. */
async function endSessions(): Promise<void> {
  ended['idle for half an hour'] = (await account(box, 'idle', 'sub-admin')).sessionId;
  ended['signed out'] = (await account(box, 'gone', 'sub-admin')).sessionId;
  await box.call(258, {}, ended['signed out']);
  const deleted = await account(box, 'deleted', 'sub-admin');
  ended['of a deleted account'] = deleted.sessionId;
  await box.rest('DELETE', `/p/users/users/${deleted.id}`);
  const changed = await account(box, 'changed', 'sub-admin');
  ended['from before a new password'] = changed.sessionId;
  await box.rest('PATCH', `/p/users/users/${changed.id}`, { password: 'Gate-house-3' });
  ended['never opened'] = 'x'.repeat(32);
  ended['empty'] = '';
}

test('stored files, by role', async () => {
  for (const { path, seenBy } of FILES) {
    for (const role of ROLES) {
      const { status, bytes, headers } = await get(`/ws/${path}`, { sessionid: sessions[role] });
      const say = `${role} /ws/${path}: ${status}`;
      if (!may(seenBy, role)) {
        assert.equal(status, 403, say);
        continue;
      }
      assert.equal(status, 200, say);
      assert.deepEqual(bytes, contents(path), say);
      assert.match(headers.get('cache-control') ?? '', /private/, 'nobody between may keep it');
    }
    assert.equal((await get(`/ws/${path}`)).status, 401, `nobody /ws/${path}`);
  }
});

test('a file that is not there is 404, and nobody learns so without a session', async () => {
  for (const path of ['record/channel1/face/9_9.jpg', 'secret.key', 'gatehouse.db', '..%2fsecret.key', 'record']) {
    for (const role of ROLES) {
      assert.equal((await get(`/ws/${path}`, { sessionid: sessions[role] })).status, 404, `${role} ${path}`);
    }
    assert.equal((await get(`/ws/${path}`)).status, 401, `nobody ${path}`);
  }
});

test('sessions that have ended open no address of a picture', async () => {
  const addresses = [`/ws/${PICTURE}`, `/ws/${SHEET}`, SNAPSHOT, `/p/captures/captures/${captured.id}`];
  for (const [why, sessionId] of Object.entries(ended)) {
    for (const path of addresses) {
      assert.equal((await get(path, { sessionid: sessionId })).status, 401, `${why}, header: ${path}`);
      const cookie = `gatehouse_session=${sessionId}`;
      assert.equal((await get(path, { cookie })).status, 401, `${why}, cookie: ${path}`);
    }
  }
});

test('the ways to show a session: header and own cookie, nothing else', async () => {
  const sessionId = sessions['sub-admin'];
  const cookie = `gatehouse_session=${sessionId}`;
  const good: [string, Record<string, string>][] = [
    ['', { sessionid: sessionId }],
    ['', { cookie }],
    ['', { cookie: `a=b; ${cookie}; c=d` }],
    ['', { cookie, origin: box.url }],
  ];
  const bad: [string, Record<string, string>][] = [
    ['', { cookie, origin: 'http://elsewhere.example' }],
    ['', { cookie, origin: 'null' }],
    ['', { cookie: `other=${sessionId}` }],
    ['', { cookie: `sessionid=${sessionId}` }],
    ['', { authorization: `Bearer ${sessionId}` }],
    ['', { authorization: `Basic ${Buffer.from(`sub-admin:${PASSWORD}`).toString('base64')}` }],
    ['', { 'x-sessionid': sessionId }],
    ['', { sessionid: `${sessionId}x` }],
    ['', { sessionid: sessionId.toUpperCase() }],
    [`?sessionid=${sessionId}`, {}],
    [`?gatehouse_session=${sessionId}`, {}],
    [`?key=${sessionId}`, {}],
  ];
  for (const path of [`/ws/${PICTURE}`, SNAPSHOT]) {
    for (const [more, headers] of good) {
      assert.equal((await get(path + more, headers)).status, 200, `${path}${more} ${JSON.stringify(headers)}`);
    }
    for (const [more, headers] of bad) {
      const { status, bytes } = await get(path + more, headers);
      assert.equal(status, 401, `${path}${more} ${JSON.stringify(headers)}`);
      assert.ok(bytes.length < 200, 'a refusal shows no picture');
    }
  }
});

test('what is asked otherwise than by GET shows no more', async () => {
  const etag = (await get(`/ws/${PICTURE}`, { sessionid: sessions.viewer })).headers.get('etag') ?? '';
  const known = { 'if-none-match': etag };
  assert.equal((await get(`/ws/${PICTURE}`, { ...known, sessionid: sessions.viewer })).status, 304);
  for (const [why, headers, refusal] of [
    ['nobody', {}, 401],
    ['device admin', { sessionid: sessions['device-admin'] }, 403],
  ] as const) {
    assert.equal((await get(`/ws/${PICTURE}`, { ...headers, ...known })).status, refusal, `${why} with its etag`);
    assert.equal((await get(`/ws/${PICTURE}`, headers, 'HEAD')).status, refusal, `${why} by HEAD`);
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      assert.ok((await get(`/ws/${PICTURE}`, headers, method)).status >= 400, `${why} by ${method}`);
    }
  }
  assert.deepEqual((await get(`/ws/${PICTURE}`, { sessionid: sessions.viewer })).bytes, contents(PICTURE));
});

test('live pictures and probes, by role', async () => {
  for (const role of ROLES) {
    const { status, headers } = await get(SNAPSHOT, { sessionid: sessions[role] });
    assert.equal(status, may(SEES_RECORDS, role) ? 200 : 403, `${role}: snapshot`);
    if (status === 200) assert.equal(headers.get('content-type'), 'image/jpeg');
    const probed = await box.rest<{ picture?: string }>(
      'POST',
      '/p/cameras/probe',
      { url: 'file:clip.mp4' },
      sessions[role],
    );
    assert.equal(probed.status, may(CHANGES_DEVICES, role) ? 200 : 403, `${role}: probe`);
    // Whoever sets up cameras sees through them only with the right to see the rest.
    const shown = probed.body.picture !== undefined;
    assert.equal(shown, may(CHANGES_DEVICES, role) && may(SEES_RECORDS, role), `${role}: picture of the probe`);
  }
  assert.equal((await get(SNAPSHOT)).status, 401);
});

test('the pictures of a capture, from its record to its file', async () => {
  for (const role of ROLES) {
    const { status, body } = await box.rest<{ cropPath: string }>(
      'GET',
      `/p/captures/captures/${captured.id}`,
      undefined,
      sessions[role],
    );
    assert.equal(status, may(SEES_RECORDS, role) ? 200 : 403, role);
    assert.equal(status === 200 ? body.cropPath : captured.cropPath, captured.cropPath);
    for (const path of [captured.cropPath, captured.framePath]) {
      const file = await get(`/ws/${path}`, { sessionid: sessions[role] });
      assert.equal(file.status, may(SEES_RECORDS, role) ? 200 : 403, `${role} ${path}`);
    }
  }
});

test('a right that is taken away counts from the next request on', async () => {
  const { id, name, sessionId } = await account(box, 'watcher', 'sub-admin');
  const sees = async () => {
    const statuses = [];
    for (const path of [`/ws/${PICTURE}`, SNAPSHOT, `/ws/${SHEET}`, '/ws/tmp/cameras.csv']) {
      statuses.push((await get(path, { sessionid: sessionId })).status);
    }
    return statuses;
  };
  assert.deepEqual(await sees(), [200, 200, 200, 200]);
  await box.call(272, { user_name: name, right_item: 1, right_value: 0 });
  assert.deepEqual(await sees(), [403, 403, 200, 200], 'no pictures, but sheets');
  await box.call(272, { user_name: name, right_item: 1, right_value: 1 });
  await box.call(269, { user_name: name, is_authed: 0 });
  assert.deepEqual(await sees(), [403, 403, 200, 200], 'not authorised: no pictures either');
  await box.call(269, { user_name: name, is_authed: 1 });
  assert.deepEqual(await sees(), [200, 200, 200, 200]);
  await box.rest('PATCH', `/p/users/users/${id}`, { role: 'device-admin' });
  assert.deepEqual(await sees(), [403, 403, 403, 200], 'devices only');
  await box.rest('PATCH', `/p/users/users/${id}`, { role: 'visitor-admin' });
  assert.deepEqual(await sees(), [403, 403, 403, 403]);
  await box.rest('DELETE', `/p/users/users/${id}`);
  assert.deepEqual(await sees(), [401, 401, 401, 401]);
});

test('with a password that must be changed no picture is shown', async () => {
  const made = await box.rest<{ oneTimePassword: string }>('POST', '/p/users/users', {
    name: 'new',
    role: 'sub-admin',
  });
  const sessionId = await signIn(box, 'new', made.body.oneTimePassword);
  for (const path of [`/ws/${PICTURE}`, `/ws/${SHEET}`, SNAPSHOT, `/p/captures/captures/${captured.id}`]) {
    assert.equal((await get(path, { sessionid: sessionId })).status, 403, path);
  }
  assert.equal(await liveStatus({ sessionid: sessionId }), 401, '/live');
  assert.equal((await box.call(1286, {}, sessionId)).code, -140);
});

test('pages are code and hold no data: everybody gets them, and nothing beside them', async () => {
  const pages = ['/', '/ui/app.ts', '/ui/boot.json', '/p/cameras/ui/live.ts', '/p/captures/ui/records.ts'];
  const inside = [
    '/p/cameras/index.ts',
    '/p/cameras/plugin.json',
    '/p/cameras/ui/../index.ts',
    '/p/cameras/ui/%2e%2e/index.ts',
    '/p/nothing/ui/index.ts',
    '/ui/../core/main.ts',
    '/ui/vendor/../../package.json',
  ];
  const callers: Record<string, string>[] = [
    {},
    { sessionid: ended['signed out'] ?? '' },
    ...ROLES.map((role) => ({ sessionid: sessions[role] })),
  ];
  for (const headers of callers) {
    for (const path of pages) assert.equal((await get(path, headers)).status, 200, path);
    for (const path of inside) assert.equal((await get(path, headers)).status, 404, path);
  }
});

// --- the two WebSockets ------------------------------------------------------------------------------------------

/** HTTP status of the answer to a handshake on /live. */
function liveStatus(headers: Record<string, string>, path = '/live'): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(box.url.replace('http', 'ws') + path, { headers });
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('error', () => {});
  });
}

test('/live is for sessions: by header, or by cookie from the own origin', async () => {
  for (const role of ROLES) {
    const sessionId = sessions[role];
    const cookie = `gatehouse_session=${sessionId}`;
    assert.equal(await liveStatus({ sessionid: sessionId }), 101, `${role}: header`);
    assert.equal(await liveStatus({ cookie, origin: box.url }), 101, `${role}: cookie`);
    assert.equal(await liveStatus({ cookie }), 401, `${role}: a browser names its origin`);
    assert.equal(await liveStatus({ cookie, origin: 'http://elsewhere.example' }), 401, `${role}: another website`);
    assert.equal(await liveStatus({}, `/live?sessionid=${sessionId}`), 401, `${role}: query`);
  }
  assert.equal(await liveStatus({}), 401, 'nobody');
  for (const [why, sessionId] of Object.entries(ended)) {
    const cookie = `gatehouse_session=${sessionId}`;
    assert.equal(await liveStatus({ sessionid: sessionId }), 401, `${why}: header`);
    assert.equal(await liveStatus({ cookie, origin: box.url }), 401, `${why}: cookie`);
  }
});

/** A page of the box. */
class Page {
  readonly socket: WebSocket;
  readonly frames: { id?: number; error?: { code: number }; picture: boolean }[] = [];
  closed: number | undefined;

  constructor(sessionId: string) {
    this.socket = new WebSocket(`${box.url.replace('http', 'ws')}/live`, { headers: { sessionid: sessionId } });
    this.socket.on('message', (data: Buffer, binary) => {
      const json = binary ? data.subarray(4, 4 + data.readUInt32BE(0)) : data;
      this.frames.push({ ...(JSON.parse(String(json)) as object), picture: binary });
    });
    this.socket.on('close', (code) => {
      this.closed = code;
    });
  }

  async ask(id: number, topic: string, params: object): Promise<void> {
    await until('the page to be open', () => this.socket.readyState === WebSocket.OPEN);
    this.socket.send(JSON.stringify({ op: 'subscribe', id, topic, params }));
  }

  /** What the first frame of a subscription is: a picture, data, or the code of the refusal. */
  async first(id: number): Promise<string> {
    const frame = await until(`a frame of subscription ${id}`, () => this.frames.find((one) => one.id === id));
    return frame.error ? String(frame.error.code) : frame.picture ? 'picture' : 'data';
  }
}

test('/live gives each role its topics', async () => {
  for (const role of ROLES) {
    const page = new Page(sessions[role]);
    await page.ask(1, 'cameras.frames', { channel: 1, picture: true });
    await page.ask(2, 'cameras.boxes', { channel: 1 });
    await page.ask(3, 'cameras.status', {});
    assert.equal(await page.first(1), may(SEES_RECORDS, role) ? 'picture' : '-140', `${role}: live pictures`);
    assert.equal(await page.first(2), may(SEES_RECORDS, role) ? 'data' : '-140', `${role}: boxes`);
    assert.equal(await page.first(3), may(SEES_DEVICES, role) ? 'data' : '-140', `${role}: states of cameras`);
    // Says nothing until something is captured: only a refusal comes, and before the answer to what is asked next.
    await page.ask(4, 'captures.new', {});
    await page.ask(5, 'nothing.here', {});
    assert.equal(await page.first(5), '-105');
    const refused = page.frames.some((frame) => frame.id === 4 && frame.error?.code === -140);
    assert.equal(refused, !may(SEES_RECORDS, role), `${role}: new captures`);
    page.socket.terminate();
  }
});

test('live pictures end with the right to see them, and with the session', async () => {
  const { id, name, sessionId } = await account(box, 'looker', 'viewer');
  const look = async () => {
    const page = new Page(sessionId);
    await page.ask(1, 'cameras.frames', { channel: 1, picture: true });
    return page;
  };
  const page = await look();
  assert.equal(await page.first(1), 'picture');
  await box.call(272, { user_name: name, right_item: 1, right_value: 0 });
  // At once: the rare look at every page is not waited for.
  await until('the page to be closed', () => page.closed, 5_000);
  assert.equal(page.closed, 4400, 'it comes back under its new rights');
  const again = await look();
  assert.equal(await again.first(1), '-140');
  await box.rest('DELETE', `/p/users/users/${id}`);
  await until('the page to be closed', () => again.closed);
  assert.equal(again.closed, 4401);
});

test('/ws is opened by keys, and keys are for those who may see records', async () => {
  for (const role of ROLES) {
    const { code, data } = await box.call<{ key: string }>(1286, {}, sessions[role]);
    assert.equal(code, may(SEES_RECORDS, role) ? 0 : -140, role);
    if (code !== 0) continue;
    for (const path of ['/ws', '/ws/']) {
      const client = await WireClient.connect(box.url, path);
      const acknowledged = await client.subscribe(data.key);
      assert.equal(acknowledged['code'], 0, `${role} ${path}`);
      assert.ok(!('data' in acknowledged), 'an acknowledgement has no data');
      client.close();
    }
  }
  for (const key of ['', 'x', '00000000-0000-4000-8000-000000000000', sessions['super-admin']]) {
    const client = await WireClient.connect(box.url);
    assert.notEqual((await client.subscribe(key))['code'], 0, key);
    client.close();
  }
});

test('a key is worth no more than its account', async () => {
  const { id, sessionId } = await account(box, 'receiver', 'sub-admin');
  const { key } = (await box.call<{ key: string }>(1286, {}, sessionId)).data;
  const client = await WireClient.connect(box.url);
  assert.equal((await client.subscribe(key))['code'], 0);
  await box.rest('PATCH', `/p/users/users/${id}`, { role: 'device-admin' });
  const later = await WireClient.connect(box.url);
  assert.notEqual((await later.subscribe(key))['code'], 0, 'its key opens nothing more');
  later.close();
  await box.rest('DELETE', `/p/users/users/${id}`);
  await until('the subscription to end', () => client.closed);
});
