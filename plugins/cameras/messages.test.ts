import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { CODE } from '../../core/gateway/errors.ts';
import { tableDrift } from '../../core/store/table-drift.ts';
import { TASKS } from '../../core/vision/keys.ts';
import { asset } from '../../tests/kit/assets.ts';
import { rtspCamera, startBox, status, type TestBox } from './fixture.ts';
import * as tables from './tables.ts';

interface Listed {
  camera: Record<string, unknown>[];
  computing_power_capacity: number;
  used_computing_power: number;
}

async function list(box: TestBox): Promise<Listed> {
  return (await box.send(516, {})).data as Listed;
}

async function row(box: TestBox, channel = 1): Promise<Record<string, unknown>> {
  const found = (await list(box)).camera.find((one) => one['channel'] === channel);
  assert.ok(found, `channel ${channel} is not listed`);
  return found;
}

async function add(box: TestBox, change: Record<string, unknown> = {}): Promise<number> {
  const answer = await box.send(513, rtspCamera(change));
  assert.equal(answer.code, CODE.ok, answer.msg);
  return (answer.data as { channel: number }).channel;
}

/** A 516 row of a camera that was given only what it needs. */
const DEFAULT_ROW = {
  camera_name: 'Gate',
  channel: 1,
  decoder: '',
  camera_mode: 'VIDEO',
  description: '',
  lib_ids: '',
  vehicle_lib_ids: '',
  position: '',
  protocol: 'rtsp',
  status: 0,
  threshold: 75,
  url: 'rtsp://admin:******@10.0.0.9:554/stream1',
  camera_roi: '',
  roi_max: 2_073_600,
  snap_mode: 1,
  facesize_min: 60,
  facesize_max: 1000,
  task_type: 'face,body,vehicle,cyclist,abnormal,violate operate',
  frame_interval: 5,
  liveness_switch: 0,
  liveness_threshold: 0,
  body_sub_task: '',
  abnormal_sub_task: '',
  violate_operate_sub_task: '',
  dup_alarm_gap: 5,
  invade_area: '',
  leave_area: '',
  over_boundary_line: '',
  over_boundary_direction: 0,
  crowd_area: '',
  crowd_threshold: 5,
  invade_time_threshold: 0,
  leave_time_threshold: 0,
  leave_num_threshold: 0,
  doze_time_threshold: 0,
  helmet_type: '',
  work_cloth_color: '',
  work_cloth_type: '',
  smoke_alarm_gap: 0,
  call_alarm_gap: 0,
  helmet_alarm_gap: 0,
  work_cloth_alarm_gap: 0,
  invade_alarm_gap: 0,
  leave_alarm_gap: 0,
  doze_alarm_gap: 0,
  crowd_alarm_gap: 0,
  firesmoke_alarm_gap: 0,
  fireExtinguisher_alarm_gap: 0,
  fireExtinguisher_area: '',
  fireExtinguisher_time_threshold: 0,
};

/** A value other than the default for everything that can be set. */
const EVERYTHING = {
  description: 'north side',
  lib_ids: '3,1',
  vehicle_lib_ids: '2',
  position: 'Door 1',
  camera_roi: '10,20,300,400',
  facesize_min: 80,
  facesize_max: 500,
  task_type: 'body,violate operate',
  frame_interval: 12,
  liveness_switch: 1,
  liveness_threshold: 40,
  body_sub_task: '3,10',
  abnormal_sub_task: '1',
  violate_operate_sub_task: '1',
  dup_alarm_gap: 9,
  invade_area: '0*0,9*0,9*9',
  leave_area: '1*0,9*0,9*9',
  over_boundary_line: '0*1,9*9',
  over_boundary_direction: 3,
  crowd_area: '2*0,9*0,9*9',
  crowd_threshold: 12,
  invade_time_threshold: 1,
  leave_time_threshold: 2,
  leave_num_threshold: 3,
  doze_time_threshold: 4,
  helmet_type: 'bonnet,cap',
  work_cloth_color: 'purple,green',
  work_cloth_type: 'st_chef_uniform',
  smoke_alarm_gap: 11,
  call_alarm_gap: 12,
  helmet_alarm_gap: 13,
  work_cloth_alarm_gap: 14,
  invade_alarm_gap: 15,
  leave_alarm_gap: 16,
  doze_alarm_gap: 17,
  crowd_alarm_gap: 18,
  firesmoke_alarm_gap: 19,
  fireExtinguisher_alarm_gap: 20,
  fireExtinguisher_area: '3*0,9*0,9*9',
  fireExtinguisher_time_threshold: 5,
};

test('the tables are those of the migrations', async (t) => {
  const box = await startBox(t);
  assert.deepEqual(tableDrift(box.store, tables), []);
});

test('an added camera is listed with every field and its default', async (t) => {
  const box = await startBox(t);
  assert.deepEqual(await list(box), { camera: [], computing_power_capacity: 16, used_computing_power: 0 });
  assert.deepEqual(await box.send(513, rtspCamera()), { code: 0, data: { channel: 1 }, msg: '' });
  assert.deepEqual(await list(box), {
    camera: [DEFAULT_ROW],
    computing_power_capacity: 16,
    used_computing_power: 2,
  });
  assert.deepEqual(box.remarks, ['channel 1, "Gate"']);
});

test('the row has exactly the fields of the interface contract', async (t) => {
  const file = asset(t, 'reference', 'interface', 'contract.json');
  if (!file) return;
  const contract = JSON.parse(await readFile(file, 'utf8')) as {
    interfaces: { msg_id: string; response: { camera_variants?: Record<string, { name: string; type: string }[]> } }[];
  };
  const fields = contract.interfaces.find((one) => one.msg_id === '516')!.response.camera_variants!['rtsp']!;
  assert.deepEqual(Object.keys(DEFAULT_ROW).sort(), fields.map((field) => field.name).sort());
  for (const { name, type } of fields) {
    const value = DEFAULT_ROW[name as keyof typeof DEFAULT_ROW];
    assert.equal(typeof value, type === 'int' ? 'number' : 'string', name);
  }
});

test('everything that is set comes back, also after a restart, and a row may be written back as it is', async (t) => {
  const box = await startBox(t);
  await add(box, EVERYTHING);
  const wanted = { ...DEFAULT_ROW, ...EVERYTHING };
  assert.deepEqual(await row(box), wanted);
  await box.restart();
  assert.deepEqual(await row(box), wanted);

  assert.deepEqual(await box.send(515, await row(box)), { code: 0, data: { channel: 1 }, msg: '' });
  assert.deepEqual(await row(box), wanted);
  assert.equal(box.vision.plans[0]?.url, 'rtsp://admin:secret-1@10.0.0.9:554/stream1');
});

test('liveness is asked for where its switch is on, from the threshold on where there is one', async (t) => {
  const box = await startBox(t);
  const asked = async (id: number, parameters: Record<string, unknown>) => {
    assert.equal((await box.send(id, parameters)).code, 0);
    return box.vision.plans[0]?.liveness;
  };
  assert.equal(await asked(513, rtspCamera()), undefined);
  const modified = (change: Record<string, unknown>) => asked(515, { channel: 1, ...change });
  assert.equal(await modified({ liveness_threshold: 70 }), undefined);
  assert.deepEqual(await modified({ liveness_switch: '1' }), { threshold: 70 });
  await box.restart();
  assert.deepEqual(box.vision.plans[0]?.liveness, { threshold: 70 });
  assert.deepEqual(await modified({ liveness_threshold: 0 }), {});
  assert.equal(await modified({ liveness_switch: 0 }), undefined);
});

test('modify changes what is given and nothing else', async (t) => {
  const box = await startBox(t);
  await add(box, EVERYTHING);
  const before = await row(box);
  const changes: Record<string, unknown>[] = [
    { camera_name: 'Yard' },
    { threshold: '0' },
    { snap_mode: 3 },
    { url: 'rtsp://10.0.0.7/b' },
    ...Object.entries(EVERYTHING).map(([name]) => ({ [name]: DEFAULT_ROW[name as keyof typeof DEFAULT_ROW] })),
  ];
  for (const change of changes) {
    const restored = await box.send(515, { ...before, url: 'rtsp://admin:secret-1@10.0.0.9:554/stream1' });
    assert.equal(restored.code, 0, restored.msg);
    const answer = await box.send(515, { channel: '1', ...change });
    assert.equal(answer.code, 0, answer.msg);
    const [[name, value]] = Object.entries(change) as [[string, unknown]];
    const wanted = { ...before, [name]: name === 'threshold' ? 0 : value };
    assert.deepEqual(await row(box), wanted, name);
  }
});

test('face sizes that contradict each other become the defaults', async (t) => {
  const box = await startBox(t);
  await add(box, { facesize_min: 500, facesize_max: 100 });
  const sizes = async () => [(await row(box))['facesize_min'], (await row(box))['facesize_max']];
  assert.deepEqual(await sizes(), [60, 1000]);
  await box.send(515, { channel: 1, facesize_max: 100 });
  assert.deepEqual(await sizes(), [60, 100]);
  await box.send(515, { channel: 1, facesize_min: 200 });
  assert.deepEqual(await sizes(), [60, 1000]);
});

test('passwords are masked, and the masked address sent back keeps them', async (t) => {
  const box = await startBox(t);
  await add(box);
  const shown = (await row(box))['url'];
  for (const url of [shown, '******', 'rtsp://admin:******@10.0.0.9:554/stream1']) {
    assert.equal((await box.send(515, { channel: 1, url })).code, 0);
    assert.equal(box.vision.plans[0]?.url, 'rtsp://admin:secret-1@10.0.0.9:554/stream1');
  }
  await box.send(515, { channel: 1, url: 'rtsp://admin:******@10.0.0.9:554/stream2' });
  assert.equal(box.vision.plans[0]?.url, 'rtsp://admin:secret-1@10.0.0.9:554/stream2');
  const stolen = await box.send(515, { channel: 1, url: 'rtsp://admin:******@10.6.6.6:554/stream1' });
  assert.equal(stolen.code, CODE.wrongParameter);
  assert.equal(box.vision.plans[0]?.url, 'rtsp://admin:secret-1@10.0.0.9:554/stream2');
  assert.equal((await box.send(513, rtspCamera({ url: shown }))).code, CODE.wrongParameter);
});

test('the password is not in the database in clear, nor in remarks and events', async (t) => {
  const box = await startBox(t);
  await add(box);
  await box.send(515, { channel: 1, url: 'rtsp://admin:secret-2@10.0.0.9/' });
  const stored = box.store.read.select().from(tables.cameras).all();
  const told = JSON.stringify([stored, box.remarks, box.emitted, await list(box), box.directory.list()]);
  assert.doesNotMatch(told, /secret-/);
  assert.match(stored[0]!.sealedUrl, /^gs1\./);
});

test('a sealed address that was moved to another camera does not open, and that camera says so', async (t) => {
  const box = await startBox(t);
  await add(box);
  await add(box, { url: 'rtsp://root:other@10.0.0.8/' });
  const [first] = box.store.read.select().from(tables.cameras).all();
  await box.store.write((tx) => tx.update(tables.cameras).set({ sealedUrl: first!.sealedUrl }).run());
  await box.restart();
  assert.equal((await row(box, 2))['url'], '');
  assert.deepEqual(
    box.vision.plans.map((plan) => plan.channel),
    [1],
  );
  const health = await box.parts.health?.();
  assert.equal(health?.state, 'degraded');
  assert.match(health?.detail ?? '', /2 "Gate"/);
  // Other changes leave what is stored alone; a new address mends it.
  await box.send(515, { channel: 2, camera_name: 'Yard' });
  const kept = box.store.read.select().from(tables.cameras).all()[1];
  assert.equal(kept?.sealedUrl, first!.sealedUrl);
  await box.send(515, { channel: 2, url: 'rtsp://10.0.0.8/' });
  assert.equal((await box.parts.health?.())?.state, 'ok');
  assert.equal(box.vision.plans.length, 2);
});

test('channels: the lowest free one, or the one that was asked for', async (t) => {
  const box = await startBox(t);
  assert.equal(await add(box), 1);
  assert.equal(await add(box, { channel: '3' }), 3);
  assert.equal(await add(box), 2);
  assert.equal(await add(box), 4);
  assert.equal((await box.send(513, rtspCamera({ channel: 3 }))).code, CODE.channelTaken);
  await box.send(514, { channel: 2 });
  assert.equal(await add(box), 2);
  assert.deepEqual(
    (await list(box)).camera.map((camera) => camera['channel']),
    [1, 2, 3, 4],
  );
});

test('computing power runs out, and comes back with a deleted camera', async (t) => {
  const box = await startBox(t);
  box.config.computeUnits = 5;
  await add(box);
  await add(box);
  const refused = await box.send(513, rtspCamera());
  assert.equal(refused.code, CODE.notEnoughComputingPower);
  assert.match(refused.msg, /4 of 5/);
  assert.deepEqual([(await list(box)).computing_power_capacity, (await list(box)).used_computing_power], [5, 4]);
  await box.send(514, { channel: 1 });
  assert.equal(await add(box), 1);
});

test('all 32 channels can be used, and no more', async (t) => {
  const box = await startBox(t);
  box.config.computeUnits = 64;
  for (let channel = 1; channel <= 32; channel++) assert.equal(await add(box), channel);
  assert.equal((await box.send(513, rtspCamera())).code, CODE.channelTaken);
});

test('adds at the same time never share a channel nor exceed the budget', async (t) => {
  const box = await startBox(t);
  const answers = await Promise.all(Array.from({ length: 20 }, () => box.send(513, rtspCamera())));
  const channels = answers.flatMap(({ code, data }) => (code === 0 ? [(data as { channel: number }).channel] : []));
  assert.deepEqual(channels.sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(answers.filter(({ code }) => code === CODE.notEnoughComputingPower).length, 12);

  await box.send(514, { channel: 5 });
  const same = await Promise.all(Array.from({ length: 5 }, () => box.send(513, rtspCamera({ channel: 5 }))));
  assert.deepEqual(
    same.map(({ code }) => code).sort((a, b) => b - a),
    [0, -115, -115, -115, -115],
  );
  assert.equal(box.vision.plans.length, 8);
});

test('changes at the same time are all kept', async (t) => {
  const box = await startBox(t);
  await add(box);
  const changes = [{ camera_name: 'Yard' }, { threshold: 5 }, { dup_alarm_gap: 6 }, { smoke_alarm_gap: 7 }];
  await Promise.all(changes.map((change) => box.send(515, { channel: 1, ...change })));
  assert.deepEqual(await row(box), Object.assign({ ...DEFAULT_ROW }, ...changes));
});

test('unknown and impossible channels', async (t) => {
  const box = await startBox(t);
  for (const id of [514, 515]) {
    assert.equal((await box.send(id, { channel: 9, camera_name: 'x' })).code, CODE.noSuchCamera);
    for (const channel of [0, 33, 'x', '', undefined]) {
      assert.equal((await box.send(id, { channel })).code, CODE.wrongParameter, `${id} ${channel}`);
    }
  }
  await add(box);
  const answers = await Promise.all([box.send(514, { channel: 1 }), box.send(514, { channel: '1' })]);
  assert.deepEqual(answers, [
    { code: 0, data: '', msg: '' },
    { code: CODE.noSuchCamera, data: '', msg: 'no camera has channel 1' },
  ]);
});

test('protocols that are understood but not available yet: checked, answered, not stored', async (t) => {
  const box = await startBox(t);
  const { url: _, protocol: __, ...video } = rtspCamera();
  const login = { ip: '10.0.0.9', port: 80, camera_user: 'admin', camera_pwd: 'x' };
  const requests: [Record<string, unknown>, RegExp][] = [
    [{ ...video, protocol: 'ONVIF', ...login }, /onvif is not available yet/],
    [{ ...video, ...login, server_sip_id: '1', camera_sip_id: '2' }, /gb28181 is not available yet/],
    [
      {
        ...video,
        protocol: 'vcn',
        camera_sip_id: '2',
        trd_login_user: 'u',
        trd_login_pwd: 'p',
        trd_login_url: 'http://h/',
        trd_fetch_stream_url: 'http://h/',
      },
      /vcn is not available yet/,
    ],
    [{ ...video, camera_mode: 'image', ...login }, /IMAGE is not available yet/],
  ];
  for (const [request, why] of requests) {
    const answer = await box.send(513, request);
    assert.equal(answer.code, CODE.wrongParameter);
    assert.match(answer.msg, why);
  }
  const wrong = await box.send(513, { ...video, protocol: 'onvif', ...login, port: 70_000 });
  assert.match(wrong.msg, /^port: /);
  assert.deepEqual((await list(box)).camera, []);
  assert.deepEqual(box.emitted, []);
});

test('the region must fit the picture, as far as it is known', async (t) => {
  const box = await startBox(t);
  await add(box);
  const roi = (camera_roi: string) => box.send(515, { channel: 1, camera_roi });
  assert.equal((await roi('0,0,1920,1081')).code, CODE.wrongParameter);
  assert.equal((await roi('0,0,1920,1080')).code, 0);
  await box.tellStatus(status(1, { width: 1280, height: 720 }));
  assert.equal((await row(box))['roi_max'], 1280 * 720);
  assert.equal((await row(box))['status'], 1);
  const refused = await roi('0,0,1281,720');
  assert.equal(refused.code, CODE.wrongParameter);
  assert.match(refused.msg, /1280 x 720/);
  assert.equal((await roi('0,0,1280,720')).code, 0);
  assert.deepEqual(box.vision.plans[0]?.roi, [0, 0, 1280, 720]);
  await roi('');
  assert.equal(box.vision.plans[0]?.roi, undefined);
  // Known again after a restart, and forgotten with the address.
  await box.restart();
  assert.equal((await row(box))['roi_max'], 1280 * 720);
  await box.send(515, { channel: 1, url: 'rtsp://10.0.0.7/' });
  assert.equal((await row(box))['roi_max'], 2_073_600);
  // What vision says of an address it was not given says nothing of the one that is stored.
  await box.call('PATCH', '/cameras/1', { enabled: false });
  await box.tellStatus(status(1, { width: 640, height: 480 }));
  assert.equal((await row(box))['roi_max'], 2_073_600);
});

test('a region goes with a picture that has another size, also that of another stream of the camera', async (t) => {
  const box = await startBox(t);
  await add(box);
  await box.tellStatus(status(1, { width: 1920, height: 1080 }));
  await box.send(515, { channel: 1, camera_roi: '960,540,1920,1080' });
  await box.tellStatus(status(1, { width: 1280, height: 720 }));
  assert.equal((await row(box))['camera_roi'], '640,360,1280,720');
  assert.deepEqual(box.vision.plans[0]?.roi, [640, 360, 1280, 720]);
  await box.send(515, { channel: 1, url: 'rtsp://10.0.0.7/small' });
  assert.equal((await row(box))['camera_roi'], '640,360,1280,720');
  await box.tellStatus(status(1, { width: 640, height: 360 }));
  assert.equal((await row(box))['camera_roi'], '320,180,640,360');
  await box.restart();
  assert.deepEqual(box.vision.plans[0]?.roi, [320, 180, 640, 360]);
  // Drawn before anybody saw the picture it is for: the whole picture is better than none of it.
  await box.send(515, { channel: 1, url: 'rtsp://10.0.0.8/', camera_roi: '1000,500,1900,1000' });
  await box.tellStatus(status(1, { width: 640, height: 360 }));
  assert.equal(box.vision.plans[0]?.roi, undefined);
});

test('vision, other plugins and pages hear of every change', async (t) => {
  const box = await startBox(t);
  assert.equal(box.vision.plans.length, 0);
  await add(box, { lib_ids: '2', position: 'Door' });
  const [plan] = box.vision.plans;
  assert.deepEqual(plan, {
    channel: 1,
    name: 'Gate',
    url: 'rtsp://admin:secret-1@10.0.0.9:554/stream1',
    transport: 'tcp',
    tasks: [...TASKS],
    snapMode: 1,
    faceSizeMin: 60,
    faceSizeMax: 1000,
  });
  await box.send(515, { channel: 1, frame_interval: 4, task_type: 'face' });
  assert.equal(box.vision.plans[0]?.frameInterval, 4);
  assert.deepEqual(box.directory.get(1), {
    channel: 1,
    name: 'Gate',
    position: 'Door',
    description: '',
    threshold: 75,
    libraryIds: [2],
    tasks: ['face'],
    enabled: true,
    online: false,
  });
  box.vision.states.set(1, status(1));
  assert.equal(box.directory.get(1)?.online, true);
  await box.restart();
  assert.equal(box.vision.plans.length, 1);
  await box.send(514, { channel: 1 });
  assert.equal(box.vision.plans.length, 0);
  assert.equal(box.directory.get(1), undefined);
  assert.deepEqual(
    box.emitted,
    [1, 1, 1].map((channel) => ({ event: 'camera.changed@1', payload: { channel } })),
  );
  assert.deepEqual(box.changes, ['cameras', 'cameras', 'cameras']);
});

test('a refused change leaves everything as it was', async (t) => {
  const box = await startBox(t);
  await add(box);
  const before = await list(box);
  box.emitted.length = 0;
  await box.send(515, { channel: 1, camera_name: 'Yard', camera_roi: '0,0,9999,9999' });
  await box.send(515, { channel: 1, camera_name: 'Yard', threshold: 101 });
  assert.deepEqual(await list(box), before);
  assert.deepEqual(box.emitted, []);
});
