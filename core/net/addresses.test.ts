import assert from 'node:assert/strict';
import type { lookup } from 'node:dns';
import { once } from 'node:events';
import { connect, createServer, type LookupFunction } from 'node:net';
import { test } from 'node:test';
import { AddressError, addressFault, checkedLookup, pushUrl } from './addresses.ts';

const strict = { allowLoopback: false };
const lenient = { allowLoopback: true };

test('addresses of networks are allowed, those of the box and of clouds are not', () => {
  for (const good of ['8.8.8.8', '10.0.0.1', '192.168.1.7', '172.16.0.1', '100.64.0.1', 'fd00::5', '2001:db8::1']) {
    assert.equal(addressFault(good, strict), undefined, good);
  }
  const wrong: Record<string, RegExp> = {
    '0.0.0.0': /unspecified/,
    '169.254.169.254': /link-local/,
    '100.100.100.200': /metadata/,
    '239.1.1.1': /multicast/,
    '255.255.255.255': /reserved/,
    '::': /unspecified/,
    'fe80::1': /link-local/,
    'fe80::1%eth0': /link-local/,
    'febf::1': /link-local/,
    'fd00:ec2::254': /metadata/,
    'fd00:c1::a9fe:a9fe': /metadata/,
    'fd20:ce::254': /metadata/,
    'fd00:42::42': /metadata/,
    '64:ff9b:1:a9fe:a9:fe00::': /reserved/,
    '2001:0:4136:e378:8000:63bf:5601:5601': /reserved/,
    '100::1': /reserved/,
    'ff02::1': /multicast/,
    '::ffff:169.254.169.254': /link-local/,
    '::ffff:a9fe:a9fe': /link-local/,
    '::169.254.169.254': /link-local/,
    '64:ff9b::a9fe:a9fe': /link-local/,
    '2002:a9fe:a9fe::1': /link-local/,
    'not an address': /reserved/,
  };
  for (const [address, why] of Object.entries(wrong)) {
    assert.match(addressFault(address, strict) ?? '', why, address);
    assert.match(addressFault(address, lenient) ?? '', why, address);
  }
  for (const own of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '0:0:0:0:0:0:0:1']) {
    assert.match(addressFault(own, strict) ?? '', /loopback.*GATEHOUSE_ALLOW_LOOPBACK_PUSH/, own);
    assert.equal(addressFault(own, lenient), undefined, own);
  }
});

test('an address is understood as a browser would, and refused where it hides something', () => {
  assert.equal(String(pushUrl('google.com', strict)), 'http://google.com/');
  assert.equal(String(pushUrl(' https://a.example:8443/x?y=1#z ', strict)), 'https://a.example:8443/x?y=1');
  assert.equal(String(pushUrl('receiver:8088/push', strict)), 'http://receiver:8088/push');
  for (const wrong of [
    '',
    'http://',
    'ftp://a.example/',
    'file:///etc/passwd',
    'http://user:secret@a.example/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://[::1]/',
    'http://[::ffff:169.254.169.254]/',
    'http://169.254.169.254/latest/meta-data',
  ]) {
    assert.throws(() => pushUrl(wrong, strict), AddressError, wrong);
  }
  assert.equal(pushUrl('http://127.0.0.1:8080/', lenient).port, '8080');
});

const answering = (...addresses: string[]) =>
  ((_: string, __: object, done: (error: null, all: object[]) => void) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )) as unknown as typeof lookup;

const look = (resolve: typeof lookup, all = false) =>
  new Promise<unknown>((done, failed) => {
    const checked: LookupFunction = checkedLookup(strict, resolve);
    checked('a.example', { all }, (error, address) => (error ? failed(error) : done(address)));
  });

test('a name is connected to at the address that was checked, and not at all where one of them is forbidden', async () => {
  assert.equal(await look(answering('10.0.0.1', '10.0.0.2')), '10.0.0.1');
  assert.deepEqual(await look(answering('10.0.0.1'), true), [{ address: '10.0.0.1', family: 4 }]);
  await assert.rejects(look(answering('10.0.0.1', '169.254.169.254')), AddressError);
  await assert.rejects(look(answering('::1')), AddressError);
  await assert.rejects(look(answering()), AddressError);
});

test('the name of the box itself leads nowhere unless that is allowed', async (t) => {
  const server = createServer((socket) => socket.end());
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const refused = connect({ host: 'localhost', port, lookup: checkedLookup(strict) });
  const [error] = (await once(refused, 'error')) as [Error];
  assert.equal(error.name, 'AddressError');
  const reached = connect({ host: 'localhost', port, lookup: checkedLookup(lenient, answering('127.0.0.1')) });
  await once(reached, 'connect');
  reached.destroy();
});
