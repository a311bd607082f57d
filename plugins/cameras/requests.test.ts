import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { TASKS } from '../../core/vision/keys.ts';
import { asset } from '../../tests/kit/assets.ts';
import { behaviourFields, UNSET } from './behaviour.ts';
import { VARIANTS, type Variant } from './camera.ts';
import { addRequest, MODIFICATIONS, toChange } from './requests.ts';

type Fields = Record<string, unknown>;

const video = { camera_mode: 'VIDEO', camera_name: 'Gate', threshold: 75, snap_mode: 1 };

/** The least that each variant needs. */
const LEAST: Record<Variant, Fields> = {
  rtsp: { ...video, protocol: 'rtsp', url: 'rtsp://10.0.0.9/a' },
  onvif: { ...video, protocol: 'onvif', ip: '10.0.0.9', port: 80, camera_user: 'admin', camera_pwd: 'x' },
  gb28181: {
    ...video,
    protocol: 'gb28181',
    ip: '10.0.0.9',
    port: 5060,
    server_sip_id: '34020000002000000001',
    camera_sip_id: '34020000001320000001',
  },
  vcn: {
    ...video,
    protocol: 'vcn',
    camera_sip_id: '34020000001320000001',
    trd_login_user: 'u',
    trd_login_pwd: 'p',
    trd_login_url: 'http://10.0.0.9:8888/login',
    trd_fetch_stream_url: 'http://10.0.0.9:8888/url',
  },
  image: {
    camera_mode: 'IMAGE',
    camera_name: 'Gate',
    threshold: 75,
    ip: '10.0.0.9',
    port: 37777,
    camera_user: 'admin',
    camera_pwd: 'x',
  },
};

function faultOf(fields: Fields): string {
  const parsed = addRequest.safeParse(fields);
  assert.ok(!parsed.success, `${JSON.stringify(fields)} was taken`);
  return parsed.error.issues[0]!.path.join('.');
}

function decoded(fields: Fields): Fields {
  return addRequest.parse(fields) as Fields;
}

for (const variant of VARIANTS) {
  test(`${variant}: the least is enough, and each part of it is needed`, () => {
    assert.equal(decoded(LEAST[variant])['variant'], variant);
    for (const name of Object.keys(LEAST[variant])) {
      if (name === 'protocol') continue;
      for (const value of [undefined, '', null]) {
        const fields = { ...LEAST[variant], [name]: value };
        assert.equal(faultOf(fields), name, `${name} = ${JSON.stringify(value)}`);
      }
    }
  });

  test(`${variant}: the mode and the protocol count in any case; an absent protocol is told from the fields`, () => {
    const { camera_mode: mode, protocol, ...rest } = LEAST[variant];
    assert.equal(decoded({ ...rest, protocol, camera_mode: String(mode).toLowerCase() })['variant'], variant);
    assert.equal(decoded({ ...rest, camera_mode: mode })['variant'], variant);
    if (protocol) {
      assert.equal(
        decoded({ ...rest, camera_mode: mode, protocol: String(protocol).toUpperCase() })['variant'],
        variant,
      );
    }
  });

  test(`${variant}: numbers may be texts`, () => {
    const texts = Object.fromEntries(
      Object.entries(LEAST[variant]).map(([name, value]) => [name, ` ${value} `.trim()]),
    );
    const { variant: _, ...fields } = decoded(texts);
    assert.deepEqual(fields, (({ variant: __, ...same }) => same)(decoded(LEAST[variant])));
    assert.equal(fields['threshold'], 75);
  });

  test(`${variant}: the example of the interface contract is understood`, async (t) => {
    const file = asset(t, 'reference', 'interface', 'contract.json');
    if (!file) return;
    const contract = JSON.parse(await readFile(file, 'utf8')) as {
      interfaces: { msg_id: string; variants?: Record<string, { example_request: Fields }> }[];
    };
    const example = (id: string) => contract.interfaces.find((one) => one.msg_id === id)!.variants![variant]!;
    const { msg_id: _, ...add } = example('513').example_request;
    const added = decoded(add);
    assert.equal(added['variant'], variant);
    for (const [name, value] of Object.entries(add)) {
      if (['camera_mode', 'protocol', 'decoder', 'lib_ids', 'vehicle_lib_ids', 'task_type'].includes(name)) continue;
      assert.equal(String(added[name]), String(value), name);
    }
    const { msg_id: __, channel, ...change } = example('515').example_request;
    const modified = MODIFICATIONS[variant].parse(change) as Fields;
    assert.equal(modified['camera_name'], change['camera_name']);
    assert.equal(modified['threshold'], change['threshold']);
    assert.ok(channel);
  });
}

test('an unknown mode or protocol is refused by name', () => {
  assert.equal(faultOf({ ...LEAST.rtsp, camera_mode: 'AUDIO' }), 'camera_mode');
  assert.equal(faultOf({ ...LEAST.rtsp, protocol: 'rtmp' }), 'protocol');
  assert.equal(faultOf({ ...LEAST.rtsp, protocol: 5 }), 'protocol');
  assert.equal(faultOf({ ...video }), 'protocol');
});

const OUT_OF_RANGE: [variant: Variant, name: string, values: unknown[]][] = [
  ['rtsp', 'threshold', [-1, 101, '101', 1.5, 'high', [1]]],
  ['rtsp', 'snap_mode', [0, 4, '4', 'fast']],
  ['rtsp', 'camera_name', ['   ', 'a\nb', 'a\u0000', 'a\u202eb', 'a\ud800', 'x'.repeat(65), {}]],
  ['rtsp', 'position', ['a\tb', 'x'.repeat(101)]],
  ['rtsp', 'description', ['a\u0007', 'x'.repeat(501)]],
  ['rtsp', 'url', ['http://10.0.0.9/', 'rtsp://', 5]],
  ['rtsp', 'channel', [0, 33, '33', -1, 'x']],
  ['rtsp', 'lib_ids', ['0', 'a', '1,-2', '1;2', '1.5']],
  ['rtsp', 'vehicle_lib_ids', ['x']],
  ['rtsp', 'frame_interval', [2, 26, '26', 'x']],
  ['rtsp', 'camera_roi', ['1,2,3', '5,5,1,1']],
  ['rtsp', 'liveness_switch', [2, -1, 'on']],
  ['rtsp', 'liveness_threshold', [101, -1]],
  ['rtsp', 'body_sub_task', ['1', '3,8', 'x']],
  ['rtsp', 'abnormal_sub_task', ['2']],
  ['rtsp', 'violate_operate_sub_task', ['2']],
  ['rtsp', 'over_boundary_direction', [4, -1, 'left']],
  ['rtsp', 'over_boundary_line', ['0*0', '0*0,0*0']],
  ['rtsp', 'helmet_type', ['crown']],
  ['rtsp', 'work_cloth_color', ['pink']],
  ['rtsp', 'work_cloth_type', ['tuxedo']],
  ['onvif', 'ip', ['1.2.3', '999.1.1.1', 'a b', '-x', 'http://10.0.0.9']],
  ['onvif', 'port', [0, 65_536, '65536', 'x']],
  ['onvif', 'camera_user', ['a\nb', 'x'.repeat(65)]],
  ['gb28181', 'server_sip_id', ['3'.repeat(21)]],
  ['gb28181', 'camera_sip_id', ['3'.repeat(21)]],
  ['vcn', 'trd_login_url', ['ftp://x/', 'http://', 'login']],
  ['vcn', 'trd_fetch_stream_url', ['javascript:x']],
  ['image', 'threshold', [-1, 101]],
  ['image', 'product', ['x'.repeat(65)]],
];

for (const [variant, name, values] of OUT_OF_RANGE) {
  test(`${variant}: ${name} out of its range is refused`, () => {
    for (const value of values) {
      const fault = faultOf({ ...LEAST[variant], [name]: value });
      assert.equal(fault.split('.')[0], name, JSON.stringify(value));
    }
  });
}

test('numbers of behaviour are limited, in every one of them', () => {
  const numbers = Object.entries(UNSET).filter(([, value]) => typeof value === 'number');
  assert.equal(numbers.length, 20);
  for (const [name] of numbers) {
    assert.equal(decoded({ ...LEAST.rtsp, [name]: '1' })[name], 1, name);
    assert.equal(faultOf({ ...LEAST.rtsp, [name]: 86_401 }), name);
    assert.equal(faultOf({ ...LEAST.rtsp, [name]: -1 }), name);
  }
});

test('polygons of behaviour are checked, in every one of them', () => {
  for (const name of Object.keys(UNSET).filter((one) => one.endsWith('_area'))) {
    assert.equal(decoded({ ...LEAST.rtsp, [name]: '0*0, 9*0,9*9' })[name], '0*0,9*0,9*9');
    assert.equal(faultOf({ ...LEAST.rtsp, [name]: '0*0,9*0' }), name);
  }
});

test('both spellings of the fire extinguisher parameters', () => {
  const fields = decoded({
    ...LEAST.rtsp,
    fire_extinguisher_area: '0*0,9*0,9*9',
    fire_extinguisher_alarm_gap: 7,
    fireExtinguisher_time_threshold: 8,
  });
  assert.equal(fields['fireExtinguisher_area'], '0*0,9*0,9*9');
  assert.equal(fields['fireExtinguisher_alarm_gap'], 7);
  assert.equal(fields['fireExtinguisher_time_threshold'], 8);
});

test('task_type: spellings, and the default in place of anything unknown', () => {
  const tasksOf = (variant: Variant, task_type: unknown) => decoded({ ...LEAST[variant], task_type })['task_type'];
  const cases: [unknown, unknown][] = [
    ['face', ['face']],
    [' Face , BODY,face', ['face', 'body']],
    ['violate_operate', ['violate operate']],
    ['violate  operate', ['violate operate']],
    ['fire extinguisher,violate operate', ['violate operate']],
    ['fire_extinguisher', ['violate operate']],
    [
      ['body', 'face'],
      ['body', 'face'],
    ],
    ['face,dance', [...TASKS]],
    [',', [...TASKS]],
    [7, [...TASKS]],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [value, tasks] of cases) assert.deepEqual(tasksOf('rtsp', value), tasks, JSON.stringify(value));
  assert.deepEqual(tasksOf('image', 'abnormal'), ['face', 'body', 'vehicle', 'cyclist']);
});

test('face sizes that are invalid become the defaults', () => {
  const cases: [Fields, unknown, unknown][] = [
    [{ facesize_min: 30, facesize_max: 1000 }, 30, 1000],
    [{ facesize_min: '80', facesize_max: '90' }, 80, 90],
    [{ facesize_min: 29, facesize_max: 1001 }, 60, 1000],
    [{ facesize_min: 'small', facesize_max: -5 }, 60, 1000],
    [{ facesize_min: '', facesize_max: null }, undefined, undefined],
  ];
  for (const [given, min, max] of cases) {
    const fields = decoded({ ...LEAST.rtsp, ...given });
    assert.deepEqual([fields['facesize_min'], fields['facesize_max']], [min, max], JSON.stringify(given));
  }
});

test('a vendor that is unknown is dahua', () => {
  assert.equal(decoded({ ...LEAST.image, vendor: 'HikVision' })['vendor'], 'hikvision');
  assert.equal(decoded({ ...LEAST.image, vendor: 'acme' })['vendor'], 'dahua');
});

test('fields of other variants and unknown ones are ignored, even when they make no sense', () => {
  const fields = decoded({ ...LEAST.rtsp, port: 'x', trd_login_url: 5, vendor: {}, unheard_of: true });
  for (const name of ['port', 'trd_login_url', 'vendor', 'unheard_of']) assert.ok(!(name in fields), name);
});

test('modify: absent and empty numbers stay, empty texts empty their field', () => {
  const change = toChange(
    MODIFICATIONS.rtsp.parse({
      channel: 1,
      camera_name: '',
      threshold: '',
      url: '',
      snap_mode: null,
      frame_interval: '',
      dup_alarm_gap: '',
      position: '',
      lib_ids: '',
      camera_roi: '',
      invade_area: '',
      helmet_type: '',
      over_boundary_direction: '',
      ip: 'not an address',
      port: 'x',
    }),
  );
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  assert.deepEqual(given, {
    position: '',
    libraryIds: [],
    roi: null,
    behaviour: { invade_area: '', helmet_type: '', over_boundary_direction: 0 },
  });
});

test('modify: what is given is checked as strictly as when adding', () => {
  for (const [variant, name, values] of OUT_OF_RANGE) {
    if (name === 'channel') continue;
    for (const value of values) {
      const parsed = MODIFICATIONS[variant].safeParse({ [name]: value });
      assert.ok(!parsed.success, `${variant}: ${name} = ${JSON.stringify(value)} was taken`);
    }
  }
});

test('every behaviour parameter has a value for "unset"', () => {
  assert.deepEqual(Object.keys(UNSET), Object.keys(behaviourFields));
});
