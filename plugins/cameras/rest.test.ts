import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../core/gateway/authorization.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { CameraSwitches } from '../../core/plugin/push-services.ts';
import type { ProbeResult } from '../../core/plugin/services.ts';
import { admin } from '../../tests/kit/plugin.ts';
import { rtspCamera, startBox, status, type TestBox } from './fixture.ts';

const CAMERA = { name: 'Gate', url: 'rtsp://admin:secret-1@10.0.0.9:554/stream1' };

const refusal = (code: number) => (error: unknown) => error instanceof ContractError && error.code === code;

async function shown(box: TestBox, channel = 1): Promise<Record<string, unknown>> {
  const { cameras } = (await box.call('GET', '/cameras')) as { cameras: Record<string, unknown>[] };
  return cameras.find((camera) => camera['channel'] === channel)!;
}

test('cameras as the pages see them', async (t) => {
  const box = await startBox(t);
  box.vision.stageReports = [
    { channel: 1, stage: 'detect-faces', running: true },
    { channel: 1, stage: 'detect-vehicles', running: false, reason: 'no model' },
    { channel: 2, stage: 'detect-faces', running: true },
  ];
  const camera = {
    channel: 1,
    mode: 'VIDEO',
    protocol: 'rtsp',
    name: 'Gate',
    url: 'rtsp://admin:******@10.0.0.9:554/stream1',
    transport: 'tcp',
    decoding: 'auto',
    enabled: true,
    position: '',
    description: '',
    threshold: 80,
    snapMode: 1,
    faceSizeMin: 60,
    faceSizeMax: 1000,
    tasks: ['face', 'body'],
    frameInterval: null,
    roi: null,
    libraryIds: [],
    liveness: false,
    livenessThreshold: 0,
    status: {
      channel: 1,
      state: 'connecting',
      since: 1000,
      analysedFps: 0,
      framesAnalysed: 0,
      framesDropped: 0,
      reconnects: 0,
    },
    stages: [
      { stage: 'detect-faces', running: true },
      { stage: 'detect-vehicles', running: false, reason: 'no model' },
    ],
  };
  assert.deepEqual(await box.call('POST', '/cameras', CAMERA), camera);
  assert.deepEqual(await box.call('GET', '/cameras'), {
    cameras: [camera],
    units: { used: 2, total: 16 },
    channels: 32,
  });
});

test('a page changes what it sends and gets the camera back', async (t) => {
  const box = await startBox(t);
  await box.call('POST', '/cameras', { ...CAMERA, channel: 4, transport: 'udp' });
  const change = {
    name: 'Yard',
    position: 'Door 1',
    description: 'north',
    threshold: 60,
    snapMode: 2,
    faceSizeMin: 70,
    faceSizeMax: 90,
    tasks: ['face', 'face', 'vehicle'],
    frameInterval: 9,
    roi: [1, 2, 30, 40],
    libraryIds: [2, 1],
    liveness: true,
    livenessThreshold: 55,
    url: 'rtsp://admin:******@10.0.0.9:554/stream2',
  };
  const after = (await box.call('PATCH', '/cameras/4', change)) as Record<string, unknown>;
  for (const [name, value] of Object.entries({ ...change, tasks: ['face', 'vehicle'], transport: 'udp' })) {
    assert.deepEqual(after[name], value, name);
  }
  assert.equal(box.vision.plans[0]?.url, 'rtsp://admin:secret-1@10.0.0.9:554/stream2');
  assert.deepEqual(box.vision.plans[0]?.liveness, { threshold: 55 });
  const cleared = (await box.call('PATCH', '/cameras/4', { frameInterval: null, roi: null })) as Record<
    string,
    unknown
  >;
  assert.deepEqual([cleared['frameInterval'], cleared['roi'], cleared['name']], [null, null, 'Yard']);
  assert.deepEqual([cleared['liveness'], cleared['livenessThreshold']], [true, 55]);
  assert.match(box.remarks.at(-1)!, /frameInterval, roi$/);
  await box.call('DELETE', '/cameras/4');
  assert.deepEqual(box.vision.plans, []);
});

test('of two changes at once that do not go together one is refused, and none is taken back unsaid', async (t) => {
  const box = await startBox(t);
  await box.call('POST', '/cameras', CAMERA);
  const changes = [{ faceSizeMin: 500 }, { faceSizeMax: 300 }].map((change) => box.call('PATCH', '/cameras/1', change));
  const [first, second] = await Promise.allSettled(changes);
  assert.equal(first?.status, 'fulfilled');
  assert.ok(second?.status === 'rejected' && refusal(CODE.wrongParameter)(second.reason));
  const { faceSizeMin, faceSizeMax } = await shown(box);
  assert.deepEqual([faceSizeMin, faceSizeMax], [500, 1000]);
});

test('a camera that is switched off is kept, and nothing is taken from it', async (t) => {
  const box = await startBox(t);
  await box.call('POST', '/cameras', CAMERA);
  box.vision.states.delete(1);
  const off = (await box.call('PATCH', '/cameras/1', { enabled: false })) as Record<string, { reason?: object }>;
  assert.deepEqual(box.vision.plans, []);
  assert.deepEqual(off['status']!.reason, { code: 'disabled', message: 'the camera is switched off here' });
  const { detail } = (await box.parts.health?.()) ?? {};
  assert.equal(detail, undefined, 'a camera nobody wants is not missed');
  await box.restart();
  assert.deepEqual([box.vision.plans, (await shown(box))['enabled']], [[], false]);
  const switches = box.parts.services!.find(({ capability }) => capability.id === 'camera.switch@1')!
    .implementation as CameraSwitches;
  assert.deepEqual([switches.enabled(1), switches.enabled(2)], [false, undefined]);
  await switches.setEnabled(1, true);
  assert.deepEqual([box.vision.plans.length, switches.enabled(1)], [1, true]);
  await assert.rejects(switches.setEnabled(2, true), refusal(CODE.noSuchCamera));
});

test('where a camera is decoded is kept, told to vision, and nothing that messages know of', async (t) => {
  const box = await startBox(t);
  await box.send(513, rtspCamera());
  assert.equal((await shown(box))['decoding'], 'auto');
  assert.ok(!('backend' in box.vision.plans[0]!));
  for (const decoding of ['process', 'addon'] as const) {
    const after = (await box.call('PATCH', '/cameras/1', { decoding })) as Record<string, unknown>;
    assert.equal(after['decoding'], decoding);
    assert.equal(box.vision.plans[0]?.backend, decoding);
  }
  assert.equal((await box.send(515, { channel: 1, camera_name: 'Yard', decoding: 'auto' })).code, CODE.ok);
  await box.restart();
  assert.equal(box.vision.plans[0]?.backend, 'addon');
  const [row] = ((await box.send(516, {})).data as { camera: Record<string, unknown>[] }).camera;
  assert.ok(!Object.keys(row!).some((name) => /decoding|backend/.test(name)));
  await box.call('PATCH', '/cameras/1', { decoding: 'auto' });
  assert.ok(!('backend' in box.vision.plans[0]!));
});

test('pages get a refusal where messages would take a default', async (t) => {
  const box = await startBox(t);
  await box.call('POST', '/cameras', CAMERA);
  const wrong: Record<string, unknown>[] = [
    { name: '' },
    { url: 'http://10.0.0.9/' },
    { url: '' },
    { transport: 'quic' },
    { decoding: 'gpu' },
    { decoding: null },
    { threshold: 101 },
    { snapMode: 4 },
    { faceSizeMin: 29 },
    { faceSizeMax: 1001 },
    { faceSizeMin: 200, faceSizeMax: 100 },
    { tasks: [] },
    { tasks: ['dance'] },
    { frameInterval: 2 },
    { roi: [5, 5, 1, 1] },
    { roi: [0, 0, 9000, 9000] },
    { libraryIds: [0] },
  ];
  for (const change of wrong) {
    await assert.rejects(box.call('PATCH', '/cameras/1', change), refusal(CODE.wrongParameter), JSON.stringify(change));
    await assert.rejects(box.call('POST', '/cameras', { ...CAMERA, ...change }), refusal(CODE.wrongParameter));
  }
  await assert.rejects(box.call('POST', '/cameras', { ...CAMERA, channel: 1 }), refusal(CODE.channelTaken));
  await assert.rejects(box.call('PATCH', '/cameras/2', { name: 'x' }), refusal(CODE.noSuchCamera));
  await assert.rejects(box.call('DELETE', '/cameras/2'), refusal(CODE.noSuchCamera));
  assert.equal((await shown(box))['name'], 'Gate');
});

test('a snapshot, or why there is none', async (t) => {
  const box = await startBox(t);
  await assert.rejects(box.call('GET', '/cameras/1/snapshot.jpg'), refusal(CODE.noSuchCamera));
  await box.call('POST', '/cameras', CAMERA);
  box.vision.states.set(1, status(1, { state: 'offline', reason: { code: 'login', message: 'wrong password' } }));
  const none = (await box.call('GET', '/cameras/1/snapshot.jpg')) as Response;
  assert.equal(none.status, 503);
  assert.match(((await none.json()) as { msg: string }).msg, /wrong password/);
  box.vision.picture = { jpeg: Uint8Array.of(0xff, 0xd8, 1), time: 1, width: 2, height: 2 };
  const answer = (await box.call('GET', '/cameras/1/snapshot.jpg')) as Response;
  assert.equal(answer.headers.get('content-type'), 'image/jpeg');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.deepEqual(new Uint8Array(await answer.arrayBuffer()), Uint8Array.of(0xff, 0xd8, 1));
});

const FOUND: ProbeResult = {
  ok: true,
  code: 'ok',
  message: 'H.264, 1280 x 720',
  codec: 'H.264',
  width: 1280,
  height: 720,
  fps: 50,
  jpeg: Uint8Array.of(1, 2, 3),
};

test('a probe shows what it found, and the camera added then knows its stream', async (t) => {
  const box = await startBox(t);
  box.vision.answerProbe = async () => FOUND;
  const { jpeg: _, ...facts } = FOUND;
  assert.deepEqual(await box.call('POST', '/probe', { url: CAMERA.url }), {
    ...facts,
    picture: 'data:image/jpeg;base64,AQID',
  });
  await box.call('POST', '/cameras', CAMERA);
  const { data } = await box.send(516, {});
  const [row] = (data as { camera: Record<string, unknown>[] }).camera;
  assert.equal(row?.['roi_max'], 1280 * 720);
  assert.equal(row?.['frame_interval'], 10, 'a tenth of 50 frames a second is 5');
});

test('a region is held against the picture that a probe has shown, larger than usual or smaller', async (t) => {
  const box = await startBox(t);
  const roi = [256, 144, 2304, 1296];
  box.vision.answerProbe = async () => ({ ...FOUND, width: 2560, height: 1440 });
  await box.call('POST', '/probe', { url: CAMERA.url });
  await box.call('POST', '/cameras', { ...CAMERA, roi });
  assert.deepEqual((await shown(box))['roi'], roi);

  box.vision.answerProbe = async () => FOUND;
  const url = 'rtsp://admin:******@10.0.0.9:554/stream2';
  await box.call('POST', '/probe', { url, channel: 1 });
  await assert.rejects(box.call('PATCH', '/cameras/1', { url, roi }), /picture of 1280 x 720/);
  await box.call('PATCH', '/cameras/1', { url, roi: [0, 0, 1280, 720] });
  const { data } = await box.send(516, {});
  const [row] = (data as { camera: Record<string, unknown>[] }).camera;
  assert.deepEqual([row?.['roi_max'], row?.['frame_interval']], [1280 * 720, 10]);
});

test('a probe with a channel takes the stored password, for the stored address only', async (t) => {
  const box = await startBox(t);
  box.vision.answerProbe = async () => FOUND;
  await box.send(513, rtspCamera());
  await box.call('POST', '/probe', { url: 'rtsp://admin:******@10.0.0.9:554/stream2', channel: 1 });
  assert.deepEqual(box.vision.probed, ['rtsp://admin:secret-1@10.0.0.9:554/stream2']);
  assert.equal(((await box.send(516, {})).data as { camera: { roi_max: number }[] }).camera[0]?.roi_max, 2_073_600);
  await box.call('POST', '/probe', { url: '******', channel: 1 });
  assert.equal(((await box.send(516, {})).data as { camera: { roi_max: number }[] }).camera[0]?.roi_max, 1280 * 720);
  for (const body of [
    { url: 'rtsp://admin:******@10.6.6.6:554/stream1', channel: 1 },
    { url: 'rtsp://admin:******@10.0.0.9:554/stream1' },
    { url: 'exec:reboot' },
  ]) {
    await assert.rejects(box.call('POST', '/probe', body), refusal(CODE.wrongParameter));
  }
  await assert.rejects(box.call('POST', '/probe', { ...CAMERA, channel: 2 }), refusal(CODE.noSuchCamera));
  assert.equal(box.vision.probed.length, 2);
});

test('a probe shows no picture to somebody who may not see pictures', async (t) => {
  const box = await startBox(t);
  box.vision.answerProbe = async () => FOUND;
  for (const caller of [
    { ...admin, imageRight: false },
    { ...admin, role: 'device-admin' as const },
  ]) {
    const result = (await box.call('POST', '/probe', { url: CAMERA.url }, caller)) as object;
    assert.ok(!('picture' in result));
    assert.ok(!('jpeg' in result));
  }
});

test('two probes at once, and a failed one frees its place', async (t) => {
  const box = await startBox(t);
  const ends: { resolve(result: ProbeResult): void; reject(error: Error): void }[] = [];
  box.vision.answerProbe = () => new Promise((resolve, reject) => ends.push({ resolve, reject }));
  const probe = () => box.call('POST', '/probe', { url: CAMERA.url }) as Promise<ProbeResult>;
  const first = probe();
  const second = probe();
  assert.equal((await probe()).code, 'busy');
  assert.equal(box.vision.probed.length, 2);
  ends[0]!.reject(new Error('the worker died'));
  await assert.rejects(first, /worker died/);
  const third = probe();
  assert.equal(box.vision.probed.length, 3);
  for (const end of ends.slice(1)) end.resolve(FOUND);
  assert.equal((await second).ok, true);
  assert.equal((await third).ok, true);
});

test('live frames: pictures on one topic, boxes on another', async (t) => {
  const box = await startBox(t);
  await box.call('POST', '/cameras', CAMERA);
  assert.throws(() => box.open('cameras.frames', { channel: 2, picture: true }), refusal(CODE.noSuchCamera));
  assert.throws(() => box.open('cameras.boxes', { channel: 2 }), refusal(CODE.noSuchCamera));
  const frames = box.open('cameras.frames', { channel: 1, picture: true });
  const boxes = box.open('cameras.boxes', { channel: 1 });
  assert.deepEqual(
    box.vision.watchers.map(({ channel, picture }) => [channel, picture]),
    [
      [1, true],
      [1, false],
    ],
  );
  const data = {
    channel: 1,
    time: 5,
    width: 64,
    height: 48,
    overlay: [{ trackId: 1, label: 'face', score: 0.9, box: [1, 2, 3, 4] as [number, number, number, number] }],
  };
  const jpeg = Uint8Array.of(9);
  // The worker may send the same frame, picture included, to all who watch.
  for (const watcher of box.vision.watchers) watcher.onFrame({ ...data, jpeg });
  assert.deepEqual(frames.sent, [{ data, bytes: jpeg }]);
  assert.deepEqual(boxes.sent, [{ data }]);
  frames.close();
  boxes.close();
  assert.equal(box.vision.watchers.length, 0);
});

test('states: all at the subscription, then the changes', async (t) => {
  const box = await startBox(t);
  await box.call('POST', '/cameras', CAMERA);
  await box.call('POST', '/cameras', CAMERA);
  box.vision.states.set(2, status(2));
  const feed = box.open('cameras.status', {});
  const states = () =>
    feed.sent.map(({ data }) => [(data as { channel: number }).channel, (data as { state: string }).state]);
  assert.deepEqual(states(), [
    [1, 'connecting'],
    [2, 'online'],
  ]);
  await box.tellStatus(status(1, { state: 'offline' }));
  assert.deepEqual(states().at(-1), [1, 'offline']);
  feed.close();
  await box.tellStatus(status(1));
  assert.equal(feed.sent.length, 3);
});

test('health: an offline camera is told, but is no fault of the plugin', async (t) => {
  const box = await startBox(t);
  await box.call('POST', '/cameras', CAMERA);
  assert.deepEqual(await box.parts.health?.(), { state: 'ok' });
  box.vision.states.set(1, status(1, { state: 'offline' }));
  assert.deepEqual(await box.parts.health?.(), { state: 'ok', detail: 'offline: 1 "Gate"' });
});

test('who may do what', async (t) => {
  const box = await startBox(t);
  const may = (access: Parameters<typeof decide>[0], change: Partial<typeof admin>) =>
    decide(access, { ...admin, ...change }) === 'allowed';
  const accessOf = (method: string, path: string) =>
    box.parts.routes!.find((route) => route.method === method && route.path === path)!.access;
  for (const route of box.parts.routes!) {
    const changes = route.method !== 'GET';
    assert.equal(may(route.access, { role: 'viewer' }), !changes, `${route.method} ${route.path}`);
    assert.equal(may(route.access, { role: 'visitor-admin' }), false);
  }
  assert.equal(may(accessOf('GET', '/cameras/:channel/snapshot.jpg'), { role: 'device-admin' }), false);
  assert.equal(may(accessOf('GET', '/cameras/:channel/snapshot.jpg'), { imageRight: false }), false);
  assert.equal(may(accessOf('POST', '/cameras'), { role: 'device-admin' }), true);
  const topicOf = (id: string) => box.parts.topics!.find((topic) => topic.id === id)!.access;
  assert.equal(may(topicOf('cameras.frames'), { imageRight: false }), false);
  assert.equal(may(topicOf('cameras.boxes'), { imageRight: false }), true);
  assert.equal(may(topicOf('cameras.status'), { role: 'device-admin' }), true);
  for (const message of box.parts.messages!) {
    assert.equal(may(message.access, { role: 'viewer' }), message.id === 516, String(message.id));
    assert.equal(may(message.access, { role: 'device-admin' }), true, String(message.id));
  }
});
