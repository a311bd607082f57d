import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gdpHeaderBytes } from './gdp.ts';
import { GdpReader } from './gdp-reader.ts';
import { headerOf, RtspSplitter } from './rtsp-splitter.ts';
import { Thinner } from './thinner.ts';

function packet(payload: string): Buffer {
  const bytes = Buffer.alloc(gdpHeaderBytes + payload.length);
  bytes[0] = 1;
  bytes.writeUInt32BE(payload.length, 6);
  bytes.write(payload, gdpHeaderBytes);
  return bytes;
}

function inChunks(bytes: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}

test('GDP packets are found wherever the chunks of the pipe end', () => {
  const packets = ['one', '', 'a longer one'.repeat(20), '', 'last'].map(packet);
  const stream = Buffer.concat(packets);
  for (const size of [1, 7, gdpHeaderBytes, 100, stream.length]) {
    const reader = new GdpReader();
    const found = inChunks(stream, size).flatMap((chunk) => reader.push(Buffer.from(chunk)));
    assert.deepEqual(found, packets);
  }
});

test('what is no GDP packet is refused before memory is taken for it', () => {
  const tooLong = packet('');
  tooLong.writeUInt32BE(0xffff_ffff, 6);
  const other = packet('');
  other[0] = 2;
  for (const wrong of [tooLong, other]) assert.throws(() => new GdpReader().push(wrong), { code: 'decode' });
});

test('RTSP messages and media are told apart wherever the chunks end', () => {
  const media = Buffer.concat([Buffer.from([0x24, 0, 0, 5]), Buffer.from('\r\n\r\n$')]);
  const question = Buffer.from('OPTIONS rtsp://a RTSP/1.0\r\nCSeq: 1\r\n\r\n');
  const answer = Buffer.from('RTSP/1.0 200 OK\r\ncontent-LENGTH: 3\r\nA: 1\r\na:2\r\n\r\nxyz');
  const stream = Buffer.concat([question, media, media, answer, media]);
  for (const size of [1, 3, 10, stream.length]) {
    const splitter = new RtspSplitter();
    const parts = inChunks(stream, size).flatMap((chunk) => splitter.push(chunk));
    assert.deepEqual(Buffer.concat(parts.map((part) => part.bytes)), stream);
    const messages = parts.flatMap((part) => (part.head === undefined ? [] : [part]));
    assert.deepEqual(
      messages.map((message) => message.body.toString()),
      ['', 'xyz'],
    );
    assert.deepEqual(headerOf(messages[1]!.head, 'a'), ['1', '2']);
  }
});

test('RTSP messages without end are refused', () => {
  for (const wrong of [
    'x'.repeat(20_000),
    `OPTIONS a RTSP/1.0\r\n${'A: b\r\n'.repeat(4000)}\r\n`,
    'RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n',
    'RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n',
    'RTSP/1.0 200 OK\r\nContent-Length: many\r\n\r\n',
  ]) {
    assert.throws(() => new RtspSplitter().push(Buffer.from(wrong)), { code: 'protocol' });
  }
});

/** Times of the frames let through, of a stream of so many frames a second over ten seconds. */
function thinned(fps: number, wanted: number, incoming: number, jitter = 0): number[] {
  const thinner = new Thinner();
  const times = Array.from({ length: fps * 10 }, (_, index) => (index * 1e9) / fps + (index % 2) * jitter);
  return times.filter((time) => thinner.wants(time, wanted, incoming));
}

for (const [fps, wanted, incoming, jitter] of [
  [25, 5, 25, 0],
  [10, 5, 10, 15e6],
  [25, 10, 12.5, 0],
  // A burst: every frame comes, though no more than wanted should.
  [25, 5, 5, 0],
  // No more than wanted comes: nothing is lost, though the times are not even.
  [5, 5, 5, 80e6],
] as const) {
  test(`of ${fps} frames a second ${wanted} get through, where ${incoming} are expected`, () => {
    const times = thinned(fps, wanted, incoming, jitter);
    assert.ok(Math.abs(times.length - 10 * wanted) <= 1, `${times.length} in 10 s`);
    for (let index = 1; index < times.length; index += 1) {
      assert.ok(times[index]! - times[index - 1]! < 1.7e9 / wanted, 'evenly');
    }
  });
}

test('after a pause, and where times begin anew, thinning goes on from there', () => {
  const thinner = new Thinner();
  const wants = (ms: number): boolean => thinner.wants(ms * 1e6, 5, 25);
  assert.deepEqual([0, 40, 80].map(wants), [true, false, false]);
  assert.deepEqual([9000, 9040, 9080, 9120, 9160, 9200].map(wants), [true, false, false, false, true, false]);
  assert.deepEqual([100, 140].map(wants), [true, false]);
  thinner.restart();
  assert.deepEqual([120, 160].map(wants), [true, false]);
});
