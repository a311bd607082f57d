import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

/** The tab's connection against a socket the test plays the box on. */

class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: { op: string; id: number; topic?: string }[] = [];
  binaryType = '';
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;

  constructor() {
    FakeSocket.all.push(this);
  }

  static get last(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    assert.ok(socket, 'no socket was opened');
    return socket;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
  }

  accept(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  breakOff(): void {
    this.readyState = 3;
    this.onclose?.();
  }
}

const listeners = { addEventListener: () => {}, removeEventListener: () => {} };
Object.assign(globalThis, {
  WebSocket: FakeSocket,
  location: { protocol: 'http:', host: 'box' },
  document: { ...listeners, visibilityState: 'visible' },
  ...listeners,
});
const { LiveConnection } = await import('./live.ts');
let connection: InstanceType<typeof LiveConnection>;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  FakeSocket.all = [];
  connection = new LiveConnection();
});
afterEach(() => {
  connection.close();
  mock.timers.reset();
});

test('a subscription made before the connection stands is sent when it does', () => {
  const got: unknown[] = [];
  connection.subscribe('cameras.status', {}, (data) => got.push(data));
  connection.open();
  FakeSocket.last.accept();
  const [request] = FakeSocket.last.sent;
  assert.equal(request?.topic, 'cameras.status');
  FakeSocket.last.say({ id: request?.id, data: { channel: 3 } });
  assert.deepEqual(got, [{ channel: 3 }]);
});

test('after a break it comes back, subscribes again and has everything read anew', () => {
  const told: string[] = [];
  let reconnected = 0;
  connection.onReconnected = () => reconnected++;
  connection.onChanged('cameras', (what) => told.push(what));
  connection.subscribe('cameras.frames', { channel: 1 }, () => {});
  const stop = connection.subscribe('cameras.frames', { channel: 2 }, () => {});
  connection.open();
  FakeSocket.last.accept();
  stop();
  FakeSocket.last.breakOff();
  assert.equal(connection.state.value, 'lost');
  mock.timers.tick(500);
  assert.equal(FakeSocket.all.length, 2);
  assert.equal(connection.state.value, 'lost', 'an attempt is not a success');
  FakeSocket.last.accept();
  assert.equal(connection.state.value, 'open');
  assert.equal(FakeSocket.last.sent.length, 1, 'what was ended is not asked for again');
  assert.deepEqual(told, ['*']);
  assert.equal(reconnected, 1);
});

test('pauses grow while the box stays away, and end at ten seconds', () => {
  connection.open();
  FakeSocket.last.accept();
  for (let attempt = 0; attempt < 8; attempt++) {
    FakeSocket.last.breakOff();
    mock.timers.tick(10_000);
  }
  assert.equal(FakeSocket.all.length, 9, 'ten seconds bring a try each time');
  const before = FakeSocket.all.length;
  FakeSocket.last.breakOff();
  mock.timers.tick(4_999);
  assert.equal(FakeSocket.all.length, before, 'by then half of ten seconds at least');
});

test('a picture comes with the message it belongs to', () => {
  const got: { data: unknown; bytes: number[] }[] = [];
  connection.subscribe('cameras.frames', {}, (data, bytes) => got.push({ data, bytes: [...(bytes ?? [])] }));
  connection.open();
  FakeSocket.last.accept();
  const header = new TextEncoder().encode(JSON.stringify({ id: FakeSocket.last.sent[0]?.id, data: { time: 5 } }));
  const frame = new Uint8Array(4 + header.length + 3);
  new DataView(frame.buffer).setUint32(0, header.length);
  frame.set(header, 4);
  frame.set([0xff, 0xd8, 0xff], 4 + header.length);
  FakeSocket.last.onmessage?.({ data: frame.buffer });
  assert.deepEqual(got, [{ data: { time: 5 }, bytes: [0xff, 0xd8, 0xff] }]);
});

test('the end of the session and refused subscriptions are told', () => {
  let ended = 0;
  const refused: number[] = [];
  connection.onSessionEnded = () => ended++;
  connection.subscribe(
    'x.y',
    {},
    () => assert.fail('no data'),
    ({ code }) => refused.push(code),
  );
  connection.open();
  FakeSocket.last.accept();
  FakeSocket.last.say({ id: FakeSocket.last.sent[0]?.id, error: { code: -140, msg: 'no' } });
  FakeSocket.last.say({ op: 'session-ended' });
  assert.deepEqual([refused, ended], [[-140], 1]);
});

test('once closed it stays closed', () => {
  connection.open();
  FakeSocket.last.accept();
  connection.close();
  mock.timers.tick(60_000);
  assert.equal(FakeSocket.all.length, 1);
  assert.equal(connection.state.value, 'idle');
});

test('a try that is refused is told, one that was open and broke off is not', () => {
  let refused = 0;
  connection.onRefused = () => {
    refused += 1;
  };
  connection.open();
  FakeSocket.last.accept();
  FakeSocket.last.breakOff();
  assert.equal(refused, 0);
  mock.timers.tick(60_000);
  FakeSocket.last.breakOff();
  assert.equal(refused, 1);
  assert.equal(connection.state.value, 'lost');
});

test('a topic whose plugin was away is asked for again when plugins have come or gone', () => {
  connection.open();
  FakeSocket.last.accept();
  const refusals: number[] = [];
  connection.subscribe(
    'cameras.frames',
    {},
    () => {},
    ({ code }) => refusals.push(code),
  );
  connection.subscribe('captures.new', {}, () => {});
  const { sent } = FakeSocket.last;
  assert.equal(sent.length, 2);
  FakeSocket.last.say({ id: sent[0]?.id, error: { code: -105, msg: 'the plugin has stopped' } });
  assert.deepEqual(refusals, [-105]);
  FakeSocket.last.say({ op: 'changed', plugin: 'core', what: 'pages' });
  assert.equal(sent.length, 3);
  assert.deepEqual(sent[2], sent[0]);
  FakeSocket.last.say({ op: 'changed', plugin: 'core', what: 'pages' });
  assert.equal(sent.length, 3, 'it was not refused again');
});
