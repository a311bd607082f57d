import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { Connections } from './connections.ts';

class FakeSocket extends EventEmitter {
  remoteAddress: string | undefined;
  destroyed = false;

  constructor(address: string) {
    super();
    this.remoteAddress = address;
  }

  destroy(): void {
    this.destroyed = true;
    // As of a real socket: its address is gone with it.
    this.remoteAddress = undefined;
    this.emit('close');
  }
}

test('one source gets its share, all together theirs, and places come back', () => {
  const connections = new Connections(4, 2);
  const open = (address: string) => {
    const socket = new FakeSocket(address);
    connections.admit(socket as unknown as Socket);
    return socket;
  };
  const [first, second] = [open('10.0.0.1'), open('::ffff:10.0.0.1')];
  assert.equal(open('10.0.0.1').destroyed, true, 'both spellings are one address');
  const [third, fourth] = [open('2001:db8::1'), open('2001:db8::2')];
  assert.equal(open('2001:db8::3').destroyed, true, 'hosts of one IPv6 network are one source');
  assert.equal(open('10.0.0.2').destroyed, true, 'no room is left');
  assert.deepEqual(
    [first, second, third, fourth].map((socket) => socket?.destroyed),
    [false, false, false, false],
  );
  assert.equal(connections.size, 4);
  assert.equal(connections.refused, 3);
  first.destroy();
  assert.equal(open('10.0.0.1').destroyed, false);
  connections.destroyAll();
  assert.equal(connections.size, 0);
});
