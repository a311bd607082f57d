import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addonMissing } from '../../tests/kit/runtime.ts';
import type { BackendName } from './backend.ts';
import { BackendChooser } from './choice.ts';
import type { Stream } from './source.ts';

const clip: Stream = { kind: 'file', path: '/clip.mp4' };
const address = { host: 'camera', port: 554, location: 'rtsp://camera/' };
const sha256: Stream = { kind: 'rtsp', address, codec: 'h264', transport: 'tcp', signIn: 'sha-256' };

/** A chooser with its clock, and what it chose so far. */
function chooser(wanted?: BackendName) {
  const clock = { now: 0 };
  const limits = { connections: 3, withinMs: 10_000, steadyMs: 60_000 };
  const one = new BackendChooser(wanted, limits, () => clock.now);
  const chooseAt = (now: number, stream = clip): string => {
    clock.now = now;
    const { backend, reason } = one.choose(stream);
    return `${backend} ${reason.code}`;
  };
  return { one, chooseAt };
}

const usual = 'addon usual';
const flapping = 'process flapping';
const skip = addonMissing();

test('more connections than the limit move a camera, and slower ones never do', { skip }, () => {
  const { chooseAt } = chooser();
  assert.deepEqual(
    [0, 4000, 8000, 9999, 500_000].map((at) => chooseAt(at)),
    [usual, usual, usual, flapping, flapping],
  );
  const slow = chooser();
  for (let at = 0; at < 1_000_000; at += 3400) assert.equal(slow.chooseAt(at), usual);
});

test('a connection that held long enough lets it back, and it is counted anew', { skip }, () => {
  const { one, chooseAt } = chooser();
  for (let at = 0; at < 4; at += 1) chooseAt(at);
  one.held(59_999);
  assert.equal(chooseAt(100_000), flapping);
  one.held(60_000);
  assert.deepEqual(
    [0, 1, 2, 3].map((at) => chooseAt(200_000 + at)),
    [usual, usual, usual, flapping],
  );
});

test('what is set holds, whatever happens', { skip }, () => {
  for (const backend of ['addon', 'process'] as const) {
    const { chooseAt } = chooser(backend);
    for (let at = 0; at < 20; at += 1) assert.equal(chooseAt(at, at % 2 ? clip : sha256), `${backend} setting`);
  }
});

test('a camera that only the relay can sign in to costs no count', { skip }, () => {
  const { chooseAt } = chooser();
  for (let at = 0; at < 10; at += 1) assert.equal(chooseAt(at, sha256), 'process sign-in');
  assert.equal(chooseAt(10), usual);
});

test('without the addon there is nothing to choose', (t) => {
  const before = process.env['GATEHOUSE_VIDEO_ADDON'];
  process.env['GATEHOUSE_VIDEO_ADDON'] = 'off';
  t.after(() => {
    if (before === undefined) delete process.env['GATEHOUSE_VIDEO_ADDON'];
    else process.env['GATEHOUSE_VIDEO_ADDON'] = before;
  });
  assert.equal(chooser().chooseAt(0), 'process no-addon');
  assert.equal(chooser('addon').chooseAt(0), 'process no-addon');
  assert.equal(chooser('process').chooseAt(0), 'process setting');
});
