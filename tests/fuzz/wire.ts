import { connect, type Socket } from 'node:net';
import type { HttpCase, RawCase, SocketCase } from './case.ts';
import { type HttpAnswer, readAnswer, readAnswers } from './http-answer.ts';

/** Plain TCP towards the box: nothing in between that would mend a bad request. */

export interface Connection {
  port: number;
  /** Address of the caller: lock-outs count by it, so that each case brings its own. */
  from: string;
  deadlineMs: number;
}

/** How an exchange ended: with an answer, with a closed connection, or with neither. */
export type Outcome<T> = { end: 'answer'; answer: T } | { end: 'closed' } | { end: 'silence' };

function requestBytes(one: HttpCase, port: number, sessionId: string): Buffer {
  const lines = [`${one.method} ${one.target} HTTP/1.1`, `host: 127.0.0.1:${port}`, 'connection: close'];
  if (sessionId) lines.push(`sessionid: ${sessionId}`);
  lines.push(...one.headers.map(([name, value]) => `${name}: ${value}`));
  const { body, framing = 'length' } = one;
  if (body === undefined && framing === 'length') return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  const bytes = body ?? Buffer.alloc(0);
  if (framing === 'chunked') {
    lines.push('transfer-encoding: chunked');
    const half = Math.floor(bytes.length / 2);
    const pieces = [bytes.subarray(0, half), bytes.subarray(half)].filter((piece) => piece.length > 0);
    const chunks = pieces.flatMap((piece) => [
      Buffer.from(`${piece.length.toString(16)}\r\n`),
      piece,
      Buffer.from('\r\n'),
    ]);
    return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), ...chunks, Buffer.from('0\r\n\r\n')]);
  }
  lines.push(`content-length: ${framing === 'length' ? bytes.length : framing.claimed}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]);
}

/** Opens, sends and reads until `take` has what it wants, the box closes, or the deadline has passed. */
function converse<T>(
  { port, from, deadlineMs }: Connection,
  first: Buffer[],
  take: (received: Buffer, ended: boolean, socket: Socket) => T | undefined,
  halfClose = false,
): Promise<Outcome<T>> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress: from });
    let received: Buffer = Buffer.alloc(0);
    const settle = (outcome: Outcome<T>) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => settle({ end: 'silence' }), deadlineMs);
    const look = (ended: boolean) => {
      const answer = take(received, ended, socket);
      if (answer !== undefined) settle({ end: 'answer', answer });
      else if (ended) settle({ end: 'closed' });
    };
    socket.on('connect', () => void say(socket, first, halfClose));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      look(false);
    });
    socket.on('close', () => look(true));
    socket.on('error', () => {});
  });
}

async function say(socket: Socket, pieces: Buffer[], halfClose: boolean): Promise<void> {
  for (const [index, piece] of pieces.entries()) {
    // A pause, so that the pieces do not come as one.
    if (index > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    if (socket.writable) socket.write(piece);
  }
  if (halfClose && socket.writable) socket.end();
}

/** Sends a request as it is and reads the answer. */
export function exchange(one: HttpCase, connection: Connection, sessionId: string): Promise<Outcome<HttpAnswer>> {
  const bytes = requestBytes(one, connection.port, sessionId);
  const take = (received: Buffer, ended: boolean) => readAnswer(received, ended, one.method !== 'HEAD')?.value;
  // A body that is shorter than was said ends with the connection, or the box would rightly wait for the rest.
  return converse(connection, [bytes], take, typeof one.framing === 'object');
}

/** What came back on a connection until the box closed it. */
export interface RawAnswer {
  answers: HttpAnswer[];
  /** Bytes that are no whole answer. */
  rest: Buffer;
}

/** Sends bytes as they are and reads until the box closes the connection. */
export function rawExchange(one: RawCase, connection: Connection): Promise<Outcome<RawAnswer>> {
  const take = (received: Buffer, ended: boolean) => (ended ? readAnswers(received) : undefined);
  return converse(connection, one.pieces, take, one.halfClose);
}

/** What came back over a WebSocket: the answer to the handshake, text frames, whether it was alive at the end. */
export interface SocketAnswer {
  status: number;
  texts: string[];
  closed: boolean;
}

const PING = frame(0x9, Buffer.from('still there?'));

/** A frame as clients send it, masked. */
export function frame(
  opcode: number,
  payload: Buffer,
  options: { fin?: boolean; masked?: boolean; length?: number } = {},
): Buffer {
  const { fin = true, masked = true, length = payload.length } = options;
  const first = (fin ? 0x80 : 0) | opcode;
  const mask = masked ? 0x80 : 0;
  const head =
    length < 126
      ? Buffer.from([first, mask | length])
      : length < 65_536
        ? Buffer.from([first, mask | 126, length >> 8, length & 255])
        : Buffer.concat([Buffer.from([first, mask | 127, 0, 0]), bigLength(length)]);
  // The mask is 0: the bytes stay readable in a report.
  return Buffer.concat([head, masked ? Buffer.alloc(4) : Buffer.alloc(0), payload]);
}

function bigLength(length: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(length, 0, 6);
  return bytes;
}

/** Opens a WebSocket, sends the frames and a ping, and waits for its pong or the end of the connection. */
export function socketExchange(
  one: SocketCase,
  connection: Connection,
  sessionId: string,
): Promise<Outcome<SocketAnswer>> {
  const lines = [`GET ${one.path} HTTP/1.1`, `host: 127.0.0.1:${connection.port}`];
  if (sessionId) lines.push(`sessionid: ${sessionId}`);
  lines.push(...one.headers.map(([name, value]) => `${name}: ${value}`));
  let handshake: number | undefined;
  let frames: Buffer = Buffer.alloc(0);
  return converse(connection, [Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')], (received, ended, socket) => {
    const headEnd = received.indexOf('\r\n\r\n');
    if (headEnd < 0) return undefined;
    if (handshake === undefined) {
      handshake = Number(received.toString('latin1', 9, 12));
      if (handshake === 101) {
        socket.write(Buffer.concat([...one.frames, PING]));
        if (!one.answered) socket.end();
      }
    }
    frames = received.subarray(headEnd + 4);
    if (handshake !== 101) return { status: handshake, texts: [], closed: true };
    const { texts, closed, pong } = readFrames(frames);
    if (!pong && !closed && !ended) return undefined;
    return { status: 101, texts, closed: closed || ended };
  });
}

function readFrames(bytes: Buffer): { texts: string[]; closed: boolean; pong: boolean } {
  const texts: string[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const opcode = bytes[at]! & 0x0f;
    let length = bytes[at + 1]! & 0x7f;
    let start = at + 2;
    if (length === 126) {
      if (bytes.length < at + 4) break;
      length = bytes.readUInt16BE(at + 2);
      start = at + 4;
    } else if (length === 127) {
      if (bytes.length < at + 10) break;
      length = Number(bytes.readBigUInt64BE(at + 2));
      start = at + 10;
    }
    if (bytes.length < start + length) break;
    const payload = bytes.subarray(start, start + length);
    if (opcode === 0x1) texts.push(payload.toString('utf8'));
    if (opcode === 0x8) return { texts, closed: true, pong: false };
    // Only the last ping carries this text; the frames of a case may hold pings of their own.
    if (opcode === 0xa && payload.toString('latin1') === 'still there?') return { texts, closed: false, pong: true };
    at = start + length;
  }
  return { texts, closed: false, pong: false };
}
