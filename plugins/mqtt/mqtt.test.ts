import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { cameraStatusChanged } from '../../core/vision/keys.ts';
import { tell } from '../../tests/kit/plugin.ts';
import { until } from '../../tests/kit/wait.ts';
import { mqttEvent } from './event-schema.ts';
import { alarm, camera, capture, match, SERIAL, startPlugin, type TestPlugin } from './fixture.ts';
import { homeAssistantSees } from './home-assistant.fixture.ts';
import { mosquittoMissing, type Observer, observe, startBroker, type TestBroker } from './mosquitto.fixture.ts';
import { openClient } from './stream.ts';

const BOX = `gatehouse_${SERIAL}`;
const CAMERA = `${BOX}_camera-3`;
const config = (objectId: string) => `homeassistant/device/${objectId}/config`;

interface Standing {
  broker: TestBroker;
  box: TestPlugin;
  observer: Observer;
}

async function stand(t: TestContext, settings: object = {}): Promise<Standing | undefined> {
  if (mosquittoMissing(t)) return undefined;
  const broker = await startBroker(t);
  const observer = await observe(t, broker);
  const box = await startPlugin(t, { url: `mqtt://127.0.0.1:${broker.port}`, ...settings });
  await until('the connection', () => box.state().state === 'connected');
  return { broker, box, observer };
}

const configs = ({ newest }: Observer) => new Map([...newest].filter(([topic]) => topic.startsWith('homeassistant/')));

test('Home Assistant finds the box and its cameras, and loses what is removed', async (t) => {
  const standing = await stand(t);
  if (!standing) return;
  const { broker, box, observer } = standing;
  const { newest } = observer;
  await until('the states', () => newest.get('gatehouse/camera-3/enabled/state'));
  const found = homeAssistantSees(configs(observer));
  assert.deepEqual([...found.keys()].sort(), [BOX, CAMERA]);
  assert.deepEqual(Object.keys(found.get(BOX)!.cmps), ['online']);
  const { dev, cmps, availability_topic } = found.get(CAMERA)!;
  assert.deepEqual([dev.name, dev.via_device, availability_topic], ['Gate 3', BOX, 'gatehouse/available']);
  // Neither pictures, names nor commands, as long as nobody has allowed them.
  assert.deepEqual(Object.keys(cmps).sort(), ['alarm', 'body', 'face', 'online', 'people']);
  await until(
    'the kinds of alarms there were',
    () =>
      homeAssistantSees(configs(observer)).get(CAMERA)!.cmps['alarm']!['event_types']!.toString() ===
      'crowd,key-person',
  );

  const late = await observe(t, broker);
  await until('what is kept', () => late.newest.get('gatehouse/camera-3/online/state') === 'ON');
  assert.ok(late.heard.every(({ retained }) => retained));
  assert.equal(late.newest.get('gatehouse/available'), 'online');
  assert.equal(late.newest.get('gatehouse/camera-3/people/state'), 'None', 'nobody has looked yet');

  const overlay = ['person', 'person', 'face'].map((label, trackId) => ({
    trackId,
    label,
    score: 1,
    box: [0, 0, 9, 9],
  }));
  box.watchers.get(3)!({ channel: 3, time: 0, width: 9, height: 9, overlay } as never);
  await until('the number of people', () => newest.get('gatehouse/camera-3/people/state') === '2');
  box.later(6000);
  await until('the end of what is known', () => newest.get('gatehouse/camera-3/people/state') === 'None');

  const before = observer.of(config(CAMERA)).length;
  observer.heard.length = 0;
  await observer.say('homeassistant/status', 'online');
  await until('states after the birth', () => observer.of('gatehouse/camera-3/people/state').length > 0);
  const told = observer.heard.map(({ topic }) => topic);
  assert.ok(before > 0 && told.indexOf(config(CAMERA)) >= 0, 'it is described again');
  assert.ok(told.indexOf(config(CAMERA)) < told.indexOf('gatehouse/camera-3/online/state'), 'before its states');

  // The plugin is off while the camera goes.
  await box.parts.stop?.();
  await until('the goodbye', () => newest.get('gatehouse/available') === 'offline');
  box.cameras.clear();
  box.cameras.set(4, camera(4, { name: 'Yard', online: false }));
  await box.restart();
  await until('the other camera', () => newest.get('gatehouse/camera-4/online/state') === 'OFF');
  await until(
    'the old one to go',
    () => newest.get(config(CAMERA)) === '' && !newest.get('gatehouse/camera-3/online/state'),
  );
  const last = await observe(t, broker);
  await until('what is kept now', () => last.newest.get('gatehouse/camera-4/people/state'));
  assert.deepEqual([...homeAssistantSees(configs(last)).keys()].sort(), [BOX, `${BOX}_camera-4`]);
  assert.ok(![...last.newest.keys()].some((topic) => topic.includes('camera-3')));
});

test('a component that is switched off is taken back', async (t) => {
  const standing = await stand(t, { pictures: true, names: true, commandCameras: true });
  if (!standing) return;
  const { broker, box, observer } = standing;
  const of = () => Object.keys(homeAssistantSees(configs(observer)).get(CAMERA)?.cmps ?? {}).sort();
  await until('all of it', () => of().join() === 'alarm,body,enabled,face,image,online,people,person');
  await box.restart({ url: `mqtt://127.0.0.1:${broker.port}`, people: false });
  await until('less of it', () => of().join() === 'alarm,body,face,online');
  assert.deepEqual(JSON.parse(observer.newest.get(config(CAMERA))!).cmps.image, { p: 'image' }, 'told to be gone');
  await box.restart({ url: `mqtt://127.0.0.1:${broker.port}`, homeAssistant: false });
  await until('nothing of it', () => [...configs(observer).values()].every((text) => text === ''));
});

test('what was last seen of a vehicle stays with the broker', async (t) => {
  const standing = await stand(t);
  if (!standing) return;
  const { broker, box } = standing;
  box.cameras.set(3, camera(3, { tasks: ['face', 'vehicle'] }));
  await box.put(capture({}, { kind: 'vehicle' }), capture({}, { kind: 'face' }));
  const kept = async () => {
    const late = await observe(t, broker);
    await until('what is kept', () => late.newest.get('gatehouse/camera-3/face/state'));
    await until('that of the vehicle', () => late.newest.get('gatehouse/camera-3/vehicle/state'));
  };
  await kept();
  // Everything that is not to be kept is taken back now.
  box.cameras.set(4, camera(4));
  box.camerasChanged();
  const observer = await observe(t, broker);
  await until('the new camera', () => observer.newest.get('gatehouse/camera-4/online/state') === 'ON');
  await kept();
});

test('a topic that the broker does not allow holds up no other', async (t) => {
  if (mosquittoMissing(t)) return;
  const rights = ['topic readwrite gatehouse/#', 'topic read homeassistant/#'];
  const broker = await startBroker(t, { rights });
  const observer = await observe(t, broker);
  const box = await startPlugin(t, { url: `mqtt://127.0.0.1:${broker.port}` });
  await until('a refusal', () => box.log.some((line) => line.includes('states could not be published')));
  box.cameras.set(3, camera(3, { online: false }));
  box.camerasChanged();
  await until('the state', () => observer.newest.get('gatehouse/camera-3/online/state') === 'OFF');
});

test('the signal of a demo scene is told only with the rest of the demo', async (t) => {
  const standing = await stand(t, { onvif: true });
  if (!standing) return;
  const { box, observer } = standing;
  const lost = (channel: number) => tell(box.parts, cameraStatusChanged, { channel, state: 'connecting' } as never);
  box.cameras.set(9, camera(9, { origin: 'demo' }));
  lost(9);
  lost(3);
  await until('that of the camera', () => [...observer.newest.keys()].some((topic) => topic.endsWith('camera-3')));
  assert.ok(![...observer.newest.keys()].some((topic) => topic.endsWith('camera-9')));
});

test('the broker says offline for a box that is cut off', async (t) => {
  if (mosquittoMissing(t)) return;
  const broker = await startBroker(t);
  const observer = await observe(t, broker);
  for (const protocol of ['5', '3.1.1'] as const) {
    const client = openClient(
      {
        url: `mqtt://127.0.0.1:${broker.port}`,
        user: '',
        password: '',
        ca: '',
        certificate: '',
        key: '',
        protocol,
        clientId: `cut-${protocol}`,
        willTopic: `will/${protocol}`,
        keepSession: false,
      },
      { allowLoopback: true },
    );
    client.on('error', () => {});
    await new Promise((done) => client.once('connect', done));
    client.stream.destroy();
    await until('the will', () => observer.newest.get(`will/${protocol}`) === 'offline');
  }
});

test('captures and alarms as they happen, without names and pictures', async (t) => {
  const standing = await stand(t);
  if (!standing) return;
  const { box, observer, broker } = standing;
  const time = Date.now();
  const jpeg = { part: 'snap' as const, path: 'record/channel3/face/1_1.jpg' };
  await box.put(
    capture({ time, pictures: [] }, { match }),
    capture({ time: time - 60_000 }),
    capture({ time, origin: 'demo' }),
    alarm({ time }),
    alarm({ time: time - 3_600_000 }, { kind: 'crowd', title: 'Ada' }),
  );
  await until('all events', () => observer.of('gatehouse/events').length === 4);
  const events = observer.json('gatehouse/events').map((one) => mqttEvent.parse(one));
  assert.deepEqual(
    events.map(({ type, kind }) => [type, kind]),
    [
      ['capture', 'face'],
      ['capture', 'face'],
      ['alarm', 'key-person'],
      ['alarm', 'crowd'],
    ],
  );
  const [first] = events;
  assert.deepEqual(first?.type === 'capture' && [first.match, first.alive, first.camera], [
    { similarity: 91, libraryType: 2 },
    true,
    'Gate 3',
  ]);
  assert.ok(!observer.heard.some(({ text }) => /Ada|Staff|img-1|facebase/.test(text)), 'no name leaves the box');
  await until('the alarm of the moment', () => observer.of('gatehouse/camera-3/alarm/state').length === 1);
  const [told] = observer.json('gatehouse/camera-3/alarm/state');
  assert.deepEqual([told!['event_type'], told!['alarm'], told!['title']], ['key-person', 12, undefined]);
  await until('the last face', () => observer.newest.get('gatehouse/camera-3/face/state'));
  assert.equal(observer.newest.get('gatehouse/camera-3/face/state'), new Date(time).toISOString(), 'of the newest');
  assert.deepEqual([box.state().delivered, box.state().waiting, box.state().dead], [4, 0, 0]);

  await box.restart({
    url: `mqtt://127.0.0.1:${broker.port}`,
    names: true,
    pictures: true,
    onvif: true,
    alarms: false,
  });
  await until('the connection', () => box.state().state === 'connected');
  observer.heard.length = 0;
  const staged = await box.store.blobs.stage({ ...jpeg, bytes: new TextEncoder().encode('JPEG'), owner: 'test' });
  await box.store.write((tx) => tx.addBlob(staged), { staged: [staged] });
  await box.put(capture({ time, pictures: [jpeg] }, { match }), alarm());
  await until('the picture', () => observer.of('gatehouse/camera-3/face/image').length === 1);
  assert.equal(Buffer.from(observer.of('gatehouse/camera-3/face/image')[0]!, 'base64').toString(), 'JPEG');
  assert.deepEqual(observer.of('gatehouse/camera-3/person/state'), ['Ada']);
  const [named] = observer.json('gatehouse/events');
  assert.deepEqual(named!['match'], { similarity: 91, libraryType: 2, libraryName: 'Staff', personName: 'Ada' });
  const onvif = observer.heard.filter(({ topic }) => topic.startsWith('gatehouse/onvif-ej/'));
  assert.equal(onvif[0]?.topic, 'gatehouse/onvif-ej/RuleEngine/Recognition/Face/&camera-3/Gatehouse/Face');
  assert.deepEqual(Object.keys(JSON.parse(onvif[0]!.text)), ['UtcTime', 'Source', 'Data']);
  assert.equal(observer.of('gatehouse/events').length, 1, 'alarms are not wanted');
  const late = await observe(t, broker);
  await until('what is kept', () => late.newest.get('gatehouse/camera-3/face/state'));
  assert.ok(!late.heard.some(({ text }) => /Ada|Staff/.test(text) || text === 'SlBFRw=='), 'the broker keeps neither');
});

test('nothing that was promised is lost, and its order is kept, while the broker is away', async (t) => {
  const standing = await stand(t);
  if (!standing) return;
  const { box, broker } = standing;
  const reader = await observe(t, broker, { clientId: 'reader', clean: false });
  const some = (n: number) => Array.from({ length: n }, () => capture());
  const before = some(50);
  await box.put(...before);
  await until('the first', () => reader.of('gatehouse/events').length === 50);
  const killed = broker.stop();
  const during = some(200);
  await box.put(...during);
  await killed;
  await until('the end of the connection', () => box.state().state !== 'connected');
  assert.ok(box.state().lastError, 'it says why');
  assert.equal(box.parts.health && (await box.parts.health()).state, 'degraded');
  await broker.start();
  const sent = [...before, ...during].map(({ id }) => id);
  const arrived = () => [...new Set(reader.json('gatehouse/events').map(({ id }) => id))];
  await until('all the others', () => arrived().length === sent.length);
  assert.deepEqual(arrived(), sent);
  await until('the count', () => box.state().waiting === 0);
  assert.deepEqual([box.state().delivered, box.state().dead], [sent.length, 0]);
  await until('the box to be online', () => reader.newest.get('gatehouse/available') === 'online');
  // The connection for commands comes back by itself, a moment before or after.
  await until('health', async () => (await box.parts.health!()).state === 'ok');
});
