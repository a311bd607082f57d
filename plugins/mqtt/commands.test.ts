import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE } from '../../core/gateway/errors.ts';
import type { Operation } from '../../core/plugin/services.ts';
import { until } from '../../tests/kit/wait.ts';
import { Commands } from './commands.ts';
import { startPlugin } from './fixture.ts';
import { homeAssistantSees } from './home-assistant.fixture.ts';
import { mosquittoMissing, observe, startBroker } from './mosquitto.fixture.ts';
import { Topics } from './topics.ts';

const ALLOWED = { commandCameras: true, commandAlarms: true, commandActions: true };

test('commands: refused unless they are allowed, in the operation log either way', async (t) => {
  if (mosquittoMissing(t)) return;
  const broker = await startBroker(t);
  const observer = await observe(t, broker);
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const box = await startPlugin(t, { url });
  let opened = 0;
  box.actions.register({
    id: 'doors-1',
    name: 'Open the gate',
    run: async () => {
      opened += 1;
      if (opened > 1) throw new Error('the door does not answer');
    },
  });
  await until('the connection', () => box.state().state === 'connected');
  const ask = async () => {
    await observer.say('gatehouse/camera-3/enabled/set', 'OFF');
    await observer.say('gatehouse/alarms/acknowledge', '{"id":12,"note":"seen"}');
    await observer.say('gatehouse/actions/doors-1/run', 'PRESS');
  };
  const told = () => box.operations.map(({ item, detail, result }) => [item, detail, result]);

  await ask();
  await until('three refusals', () => box.operations.length === 3);
  assert.deepEqual([...new Set(told().map(([, , result]) => result))], [CODE.notAllowed]);
  assert.deepEqual([box.switched.get(3), box.acknowledged, opened], [true, [], 0]);
  assert.deepEqual(Object.keys(homeAssistantSees(configs()).get('gatehouse_GH-1')!.cmps), ['online']);

  await box.restart({ url, ...ALLOWED });
  box.operations.length = 0;
  await until('the connection', () => box.state().state === 'connected');
  await ask();
  await until('three deeds', () => box.operations.length === 3);
  assert.deepEqual(told(), [
    ['command camera', 'channel 3: off', CODE.ok],
    ['command alarm', 'alarm 12', CODE.ok],
    ['command action', 'doors-1', CODE.ok],
  ]);
  assert.deepEqual(box.acknowledged, [{ id: 12, by: 'MQTT', note: 'seen' }]);
  assert.deepEqual([box.switched.get(3), opened], [false, 1]);
  assert.equal(box.operations[0]!.source, `127.0.0.1:${broker.port}`);
  await until('the state after it', () => observer.newest.get('gatehouse/camera-3/enabled/state') === 'OFF');
  await until('the button', () => homeAssistantSees(configs()).get('gatehouse_GH-1')!.cmps['action_doors-1']);

  box.operations.length = 0;
  await observer.say('gatehouse/actions/doors-1/run', 'PRESS');
  await observer.say('gatehouse/actions/doors-2/run', 'PRESS');
  await observer.say('gatehouse/alarms/acknowledge', '101');
  await until('three failures', () => box.operations.length === 3);
  assert.deepEqual(told(), [
    ['command action', 'doors-1; the door does not answer', CODE.unknownError],
    ['command action', 'doors-2; there is no such action', CODE.noSuchData],
    ['command alarm', 'alarm 101; no such alarm is open', CODE.noSuchData],
  ]);

  box.operations.length = 0;
  const heard = observer.heard.length;
  const nonsense: [string, string][] = [
    ['gatehouse/camera-3/enabled/set', 'toggle'],
    ['gatehouse/camera-x/enabled/set', 'ON'],
    ['gatehouse/alarms/acknowledge', '{"id":'],
    ['gatehouse/alarms/acknowledge', '-1'],
    ['gatehouse/alarms/acknowledge', `{"id":1,"note":"${'x'.repeat(2000)}"}`],
    ['gatehouse/actions/doors-1/run', ''],
    ['gatehouse/actions/../run', 'PRESS'],
  ];
  for (const [topic, text] of nonsense.slice(0, 6)) await observer.say(topic, text);
  await until('nonsense to be counted', () => box.state().commands.malformed === 6);
  assert.deepEqual([box.operations, observer.heard.length - heard], [[], 6], 'answered nowhere');

  for (let n = 0; n < 60; n++) observer.client.publish('gatehouse/alarms/acknowledge', '1');
  await until('a flood to be dropped', () => box.state().commands.dropped >= 30);
  assert.ok(box.operations.length <= 30, `${box.operations.length} of 60 were run`);

  function configs() {
    return new Map([...observer.newest].filter(([topic]) => topic.startsWith('homeassistant/device/')));
  }
});

test('a command that the broker has kept, or that waited while the box was away, is none', async (t) => {
  if (mosquittoMissing(t)) return;
  // Some brokers do that unasked.
  const broker = await startBroker(t, { lines: ['queue_qos0_messages true'] });
  const observer = await observe(t, broker);
  const settings = { url: `mqtt://127.0.0.1:${broker.port}`, ...ALLOWED };
  await observer.say('gatehouse/camera-3/enabled/set', 'OFF', true);
  const box = await startPlugin(t, settings);
  await until('the kept one', () => box.state().commands.malformed === 1);
  await box.parts.stop?.();
  await observer.say('gatehouse/alarms/acknowledge', '12');
  await box.restart(settings);
  await until('the connection', () => box.state().state === 'connected');
  await observer.say('gatehouse/alarms/acknowledge', '13');
  await until('the new one', () => box.acknowledged.length > 0);
  assert.deepEqual(
    box.acknowledged.map(({ id }) => id),
    [13],
  );
  assert.equal(box.switched.get(3), true);
});

test('commands that never end have failed after a while, and the next are run', async () => {
  const operations: Operation[] = [];
  let hangs = true;
  let steady = 0;
  const commands = new Commands({
    topics: new Topics('gatehouse', 'homeassistant'),
    settings: { commandCameras: true, commandAlarms: true, commandActions: true },
    source: 'broker',
    now: () => 0,
    steady: () => steady,
    switches: () => ({
      enabled: () => true,
      setEnabled: () => (hangs ? new Promise(() => {}) : Promise.resolve()),
    }),
    desk: () => undefined,
    actions: () => undefined,
    performed: (operation) => void operations.push(operation),
    patience: 20,
  });
  const ask = () =>
    commands.handle({ topic: 'gatehouse/camera-3/enabled/set', payload: Buffer.from('OFF'), retained: false });
  await Promise.all(Array.from({ length: 9 }, ask));
  assert.deepEqual([commands.counts.failed, commands.counts.dropped], [8, 1]);
  assert.match(operations[0]?.detail ?? '', /did not end within/);
  hangs = false;
  steady += 60_000;
  await ask();
  assert.equal(commands.counts.run, 1);
});
