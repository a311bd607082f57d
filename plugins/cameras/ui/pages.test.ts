import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { I18n } from '../../../ui/contract.ts';
import { addressFault, hostOf, suggestName } from './address.ts';
import { Pulse } from './pulse.ts';
import { dragged, fits, middle } from './regions.ts';
import { changesOf, checkSettings, NEW_SETTINGS, type Settings } from './settings.ts';
import { arrange } from './views.ts';

/** Texts stand in as their keys. */
const i18n = { t: (key: string, values = {}) => [key, ...Object.values(values)].join(' ') } as I18n;
const HD = { width: 1920, height: 1080 };

describe('addresses of streams', () => {
  test('what is plainly wrong is said before the box is asked', () => {
    for (const [address, fault] of [
      ['', 'address.missing'],
      ['http://camera/x', 'address.scheme'],
      ['rtsps://camera/x', 'address.scheme'],
      ['rtsp://ca mera/x', 'address.blanks'],
      ['rtsp://u:a#b@camera/x', 'address.hash'],
      ['rtsp:///x', 'address.host'],
      ['rtsp://u:p@', 'address.host'],
    ] as const) {
      assert.equal(addressFault(i18n, address), fault, address);
    }
    for (const address of ['rtsp://camera', ' rtsp://u:p@10.0.0.1:322/a?b=c ', 'file:yard.mp4']) {
      assert.equal(addressFault(i18n, address), undefined, address);
    }
  });

  test('the host is found behind a password with an @ in it, and never with the password', () => {
    assert.equal(hostOf('rtsp://admin:p@ss@192.168.1.64:554/Streaming'), '192.168.1.64');
    assert.equal(hostOf('rtsp://[fe80::1]:554/x'), '[fe80::1]');
    assert.equal(hostOf('rtsp://camera/x@y'), 'camera');
  });

  test('a first name comes from the host', () => {
    assert.equal(suggestName(i18n, 'rtsp://u:p@front-door.lan:554/x'), 'Front door');
    assert.equal(suggestName(i18n, 'rtsp://u:p@192.168.1.64/x'), 'name.byAddress 192.168.1.64');
    assert.equal(suggestName(i18n, 'file:loading_bay.mp4'), 'Loading bay');
    assert.equal(suggestName(i18n, 'nonsense'), '');
  });
});

describe('the region on the picture', () => {
  test('drawing goes in every direction and stays inside the picture, in whole pixels', () => {
    assert.deepEqual(dragged('new', undefined, { x: 500, y: 400 }, { x: 100.4, y: 200.6 }, HD), [100, 201, 500, 400]);
    assert.deepEqual(dragged('new', undefined, { x: 10, y: 10 }, { x: 5000, y: -50 }, HD), [10, 0, 1920, 10]);
  });

  test('moving keeps the size at the edges; a corner may pass the opposite one', () => {
    const box = [100, 100, 300, 200] as const;
    assert.deepEqual(dragged('move', [...box], { x: 0, y: 0 }, { x: 9999, y: -9999 }, HD), [1720, 0, 1920, 100]);
    assert.deepEqual(dragged('rb', [...box], { x: 300, y: 200 }, { x: 50, y: 60 }, HD), [50, 60, 100, 100]);
    assert.deepEqual(dragged('lt', [...box], { x: 100, y: 100 }, { x: 120, y: 90 }, HD), [120, 90, 300, 200]);
  });

  test('only what encloses a part of the picture can be kept', () => {
    assert.equal(fits(middle(HD), HD), true);
    assert.equal(fits([0, 0, 1920, 1080], HD), true);
    assert.equal(fits([0, 0, 1921, 1080], HD), false);
    assert.equal(fits([0, 0, 1921, 1080], undefined), true);
    assert.equal(fits([300, 0, 300, 100], HD), false);
    assert.equal(fits([0, 0, Number.NaN, 100], HD), false);
    assert.equal(fits([0.5, 0, 10, 100], HD), false);
  });
});

describe('settings of a camera', () => {
  const before: Settings = { ...NEW_SETTINGS, name: 'Door' };
  const wrong = (change: Partial<Settings>) =>
    Object.entries(checkSettings(i18n, { ...before, ...change }, HD)).flatMap(([name, text]) => (text ? [name] : []));

  test('only changes are sent', () => {
    assert.deepEqual(changesOf(before, { ...before, name: ' Door ' }), {});
    assert.deepEqual(changesOf(before, { ...before, name: 'Gate', frameInterval: 5 }), {
      name: 'Gate',
      frameInterval: 5,
    });
    assert.deepEqual(changesOf({ ...before, frameInterval: 5 }, before), { frameInterval: null });
    assert.deepEqual(changesOf({ ...before, roi: [0, 0, 9, 9] }, before), { roi: null });
  });

  test('each field is checked where it stands', () => {
    assert.deepEqual(wrong({}), []);
    assert.deepEqual(wrong({ name: '  ', tasks: [] }), ['name', 'tasks']);
    assert.deepEqual(wrong({ faceSizeMin: 29, threshold: 101, frameInterval: 2 }), [
      'faceSizeMin',
      'frameInterval',
      'threshold',
    ]);
    assert.deepEqual(wrong({ faceSizeMin: 500, faceSizeMax: 400 }), ['faceSizeMax']);
    assert.deepEqual(wrong({ faceSizeMin: undefined, threshold: 0.5, roi: [0, 0, 5000, 10] }), [
      'faceSizeMin',
      'threshold',
      'roi',
    ]);
  });
});

describe('the wall', () => {
  const cameras = [1, 2, 3, 5, 8, 13, 21].map((channel) => ({ channel }));
  const channels = (some: { channel: number }[]) => some.map(({ channel }) => channel);

  test('takes as many views as the cameras need', () => {
    assert.equal(arrange(cameras.slice(0, 1), {}).views, 1);
    assert.equal(arrange(cameras.slice(0, 4), {}).views, 4);
    assert.equal(arrange(cameras, {}).views, 9);
    assert.equal(arrange(cameras, { views: '5' }).views, 9);
  });

  test('turns to the page that holds a camera, and to its neighbours', () => {
    const page = arrange(cameras, { views: '4', at: '13' });
    assert.deepEqual(channels(page.shown), [8, 13, 21]);
    assert.equal(page.previous?.channel, 1);
    assert.equal(page.next, undefined);
    const one = arrange(cameras, { views: '1', at: '5' });
    assert.deepEqual(
      [one.previous, ...one.shown, one.next].map((c) => c?.channel),
      [3, 5, 8],
    );
  });

  test('shows a choice; one of cameras that are gone is no choice', () => {
    assert.deepEqual(channels(arrange(cameras, { channels: '21,2,99' }).shown), [2, 21]);
    assert.deepEqual(channels(arrange(cameras, { channels: '99' }).chosen), channels(cameras));
    assert.deepEqual(channels(arrange(cameras, { views: '1', at: '99' }).shown), [1]);
  });
});

test('the pulse of a view: rate over the last five seconds, middle delay', () => {
  const pulse = new Pulse();
  assert.deepEqual(pulse.read(), { fps: undefined, behind: undefined });
  for (let i = 0; i <= 50; i += 1) pulse.beat(i * 200, i === 48 ? 4000 : 100);
  assert.equal(pulse.read().fps, 5);
  assert.equal(pulse.read().behind, 100);
  // After a pause only what came since counts.
  pulse.beat(60_000, undefined);
  assert.deepEqual(pulse.read(), { fps: undefined, behind: undefined });
});
