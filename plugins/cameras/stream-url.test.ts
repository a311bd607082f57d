import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskStreamUrl, parseStreamUrl, streamUrl, withStoredSecrets } from './stream-url.ts';

const GOOD: [text: string, plain: string][] = [
  ['rtsp://10.0.0.9', 'rtsp://10.0.0.9'],
  [' RTSP://admin:x@10.0.0.9:554/Stream1 ', 'rtsp://admin:x@10.0.0.9:554/Stream1'],
  ['rtsp://cam-1.lan:322/live?profile=2', 'rtsp://cam-1.lan:322/live?profile=2'],
  ['rtsp://[fe80::1]:8554/a', 'rtsp://[fe80::1]:8554/a'],
  ['rtsp://admin:p@ss@10.0.0.9/a', 'rtsp://admin:p%40ss@10.0.0.9/a'],
  ['rtsp://admin:p%23%2F%25@10.0.0.9/a', 'rtsp://admin:p%23%2F%25@10.0.0.9/a'],
  ['rtsp://10.0.0.9/../a', 'rtsp://10.0.0.9/a'],
  ['file:yard.mp4', 'file:yard.mp4'],
];

const BAD: [text: string, why: RegExp][] = [
  ['', /begin with/],
  ['10.0.0.9/stream', /begin with/],
  ['http://10.0.0.9/', /begin with/],
  ['exec:reboot', /begin with/],
  ['rtspt://10.0.0.9/', /begin with/],
  ['rtsps://10.0.0.9:322/a', /rtsps, which is not available/],
  ['rtsp:10.0.0.9/a', /begin with rtsp:\/\//],
  ['rtsp:///a', /host/],
  ['rtsp://10.0.0.9:99999/', /form/],
  ['rtsp://10.0.0.9:0/', /port/],
  ['rtsp://999.0.0.9/', /host/],
  ['rtsp://-x/', /host/],
  ['rtsp://kämera/', /host/],
  ['rtsp://10.0.0.9/a b', /blanks/],
  ['rtsp://10.0.0.9\\@evil/', /back-slashes/],
  ['rtsp://10.0.0.9/a\r\nX: y', /control|blanks/],
  ['rtsp://10.0.0.9/\u0007', /control/],
  ['rtsp://admin:a%0d%0aX@10.0.0.9/', /control/],
  ['rtsp://10.0.0.9/%00', /control/],
  ['rtsp://admin:100%@10.0.0.9/', /%25/],
  ['rtsp://admin:12#3@10.0.0.9/', /%23/],
  ['rtsp://admin:12/3@10.0.0.9/', /%2F/],
  ['rtsp://admin:12?3@10.0.0.9/', /%2F|%3F/],
  ['file:../secret.key', /plain name/],
  ['file:/etc/passwd', /plain name/],
  ['file:///etc/passwd', /plain name/],
  ['file:.hidden', /plain name/],
  ['file:', /plain name/],
  ['rtsp://cam?x=1', /right behind the host/],
];

test('addresses that are taken, in their plain spelling', () => {
  for (const [text, url] of GOOD) assert.deepEqual(parseStreamUrl(text), { url }, text);
});

test('addresses that are refused, and why', () => {
  for (const [text, why] of BAD) {
    const parsed = parseStreamUrl(text);
    assert.ok('fault' in parsed, `${JSON.stringify(text)} was taken as ${JSON.stringify(parsed)}`);
    assert.match(parsed.fault, why, text);
  }
  assert.ok(!streamUrl().safeParse(`rtsp://10.0.0.9/${'a'.repeat(1000)}`).success);
  // Characters that are escaped make an address longer than it was.
  assert.ok(!streamUrl().safeParse(`rtsp://10.0.0.9/${'é'.repeat(900)}`).success);
});

test('a host that fits but for its last letter is refused at once', () => {
  const began = performance.now();
  for (const host of ['a'.repeat(250), 'a-'.repeat(60), 'a.'.repeat(120)]) {
    assert.ok('fault' in parseStreamUrl(`rtsp://${host}!/x`), host);
  }
  assert.ok(performance.now() - began < 1_000);
});

test('masking hides every password and nothing else', () => {
  const cases: [string, string][] = [
    ['rtsp://admin:secret@10.0.0.9:554/a', 'rtsp://admin:******@10.0.0.9:554/a'],
    ['rtsp://:secret@10.0.0.9/a', 'rtsp://:******@10.0.0.9/a'],
    ['rtsp://admin@10.0.0.9/a', 'rtsp://admin@10.0.0.9/a'],
    ['rtsp://10.0.0.9/a?channel=1', 'rtsp://10.0.0.9/a?channel=1'],
    ['rtsp://10.0.0.9?password=x', 'rtsp://10.0.0.9?password=******'],
    ['rtsp://10.0.0.9/user=a&password=s_1&channel=1', 'rtsp://10.0.0.9/user=a&password=******&channel=1'],
    ['rtsp://10.0.0.9/user=a_password=s1_channel=1', 'rtsp://10.0.0.9/user=a_password=******_channel=1'],
    ['rtsp://10.0.0.9/user=a&password=&channel=1', 'rtsp://10.0.0.9/user=a&password=&channel=1'],
    ['rtsp://u:p@10.0.0.9/x?Token=t&pwd=q', 'rtsp://u:******@10.0.0.9/x?Token=******&pwd=******'],
    ['file:yard.mp4', 'file:yard.mp4'],
  ];
  for (const [url, masked] of cases) assert.equal(maskStreamUrl(url), masked);
});

test('a masked address sent back means what is stored', () => {
  const stored = 'rtsp://admin:p%40ss@10.0.0.9:554/a?token=t1';
  assert.equal(withStoredSecrets(maskStreamUrl(stored), stored), stored);
  assert.equal(withStoredSecrets('******', stored), stored);
  assert.equal(
    withStoredSecrets('rtsp://admin:***@10.0.0.9:554/b?token=******', stored),
    'rtsp://admin:p%40ss@10.0.0.9:554/b?token=t1',
    'the path may change',
  );
  assert.equal(withStoredSecrets('rtsp://admin:new@10.0.0.9/', stored), 'rtsp://admin:new@10.0.0.9/');
  assert.equal(withStoredSecrets('rtsp://10.0.0.8/', undefined), 'rtsp://10.0.0.8/');
});

test('a stored password goes nowhere but to where it belongs', () => {
  const stored = 'rtsps://admin:secret@10.0.0.9:322/a';
  const elsewhere = [
    'rtsps://admin:******@10.0.0.66:322/a',
    'rtsps://admin:******@10.0.0.9:323/a',
    'rtsps://root:******@10.0.0.9:322/a',
    'rtsp://admin:******@10.0.0.9:322/a',
    'rtsps://admin:x@10.0.0.9:322/a?password=******',
  ];
  for (const sent of elsewhere) assert.throws(() => withStoredSecrets(sent, stored), /enter the password again/, sent);
  assert.throws(() => withStoredSecrets('rtsp://admin:******@10.0.0.9/', undefined), /none is stored/);
  assert.throws(() => withStoredSecrets('******', undefined), /no address is stored/);
  assert.throws(() => withStoredSecrets('rtsp://a:******@10.0.0.9/', 'file:yard.mp4'), /another one/);
});
