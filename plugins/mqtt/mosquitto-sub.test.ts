import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { signalChild } from '../../drivers/video/signal.ts';
import { skip } from '../../tests/kit/runtime.ts';
import { until } from '../../tests/kit/wait.ts';
import { mqttEvent } from './event-schema.ts';
import { alarm, SERIAL, startPlugin } from './fixture.ts';
import { mosquittoMissing, startBroker, type TestBroker } from './mosquitto.fixture.ts';

/** What somebody sees who looks with Mosquitto's own command, with nothing of ours between them and the broker. */

/** Lines `topic {payload}` as `mosquitto_sub` prints them. */
function subscribed(t: TestContext, broker: TestBroker, topic: string): string[] {
  const arguments_ = ['-h', '127.0.0.1', '-p', String(broker.port), '-q', '1', '-v', '-t', topic];
  const child = spawn('mosquitto_sub', arguments_, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => signalChild(child, 'SIGKILL'));
  const lines: string[] = [];
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString('utf8')).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  return lines;
}

const payloadOf = (line: string) => JSON.parse(line.slice(line.indexOf(' ') + 1)) as Record<string, unknown>;

test('mosquitto_sub shows the kept discovery of the box and its cameras, and an event as it comes', async (t) => {
  if (mosquittoMissing(t)) return;
  if (spawnSync('mosquitto_sub', ['--help'], { stdio: 'ignore' }).error)
    return skip(t, "Mosquitto's clients are not installed");
  const broker = await startBroker(t);
  const events = subscribed(t, broker, 'gatehouse/events');
  const box = await startPlugin(t, { url: `mqtt://127.0.0.1:${broker.port}` });
  await until('the connection', () => box.state().state === 'connected');

  // Whoever comes after the box has told of itself is told as well: the broker keeps it.
  const discovery = await until('the discovery', () => {
    const lines = subscribed(t, broker, 'homeassistant/device/+/config');
    return until('both devices', () => lines.length >= 2 && lines, 1_000);
  });
  const devices = new Map(discovery.map((line) => [line.split(' ', 1)[0]!, payloadOf(line)]));
  assert.deepEqual(
    [...devices.keys()].sort(),
    [`gatehouse_${SERIAL}`, `gatehouse_${SERIAL}_camera-3`].map((id) => `homeassistant/device/${id}/config`),
  );
  const named = [...devices.values()].map((one) => (one['dev'] as { name: string }).name);
  assert.ok(named.includes('Gate 3'), named.join());

  // The command may have been faster than the broker's answer to it.
  const seen = await until('the event', async () => {
    await box.put(alarm({ time: Date.now() }));
    return until('a line', () => events[0], 500);
  });
  const event = mqttEvent.parse(payloadOf(seen));
  assert.deepEqual([seen.split(' ', 1)[0], event.type], ['gatehouse/events', 'alarm']);
});
