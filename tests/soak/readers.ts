import { spawnSync } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestBox } from '../kit/box.ts';
import { until } from '../kit/wait.ts';

/**
 * Clients of the interface WebSocket over bare sockets: those that read, and those that do not, read one byte a second,
 * or are gone without a word.
 */

export type Manner = 'reads' | 'never reads' | 'one byte a second' | 'gone';

const MINUTE_MS = 60_000;
/** Longest a text frame of a push may be, so that a wrong length shows at once. */
const LONGEST = 16 * 1024 * 1024;

/** One subscriber. It counts whole frames and when they came, and keeps none of them. */
export class Reader {
  readonly manner: Manner;
  /** Pushes read. */
  pushes = 0;
  /** Delay of each push, from the moment it was captured until its last byte was here, ms. */
  readonly delays: number[] = [];
  readonly #socket: Socket;
  #head: Buffer[] = [];
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;

  private constructor(socket: Socket, manner: Manner) {
    this.#socket = socket;
    this.manner = manner;
    socket.on('close', () => clearInterval(this.#timer));
    socket.on('error', () => {});
  }

  /** Connects and subscribes as clients do, then reads in its own manner. */
  static async subscribe(box: TestBox, key: string, manner: Manner): Promise<Reader> {
    const { port, host } = new URL(box.url);
    const socket = connect({
      port: Number(port),
      host: '127.0.0.1',
      noDelay: true,
      ...(manner === 'gone' ? { localAddress: VANISHING } : {}),
    });
    const reader = new Reader(socket, manner);
    let answer = '';
    const hear = (chunk: Buffer) => {
      answer += chunk.toString('latin1');
    };
    socket.on('data', hear);
    socket.write(
      `GET /ws HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    await until('the upgrade', () => answer.includes('\r\n\r\n'));
    socket.write(masked(0x1, JSON.stringify({ msg_id: '776', key })));
    await until('the acknowledgement', () => /"code":0/.test(answer));
    socket.off('data', hear);
    reader.#begin();
    return reader;
  }

  close(): void {
    this.#socket.destroy();
  }

  #begin(): void {
    if (this.manner === 'reads') {
      this.#socket.on('data', (chunk: Buffer) => this.#take(chunk));
      return;
    }
    this.#socket.pause();
    if (this.manner !== 'one byte a second') return;
    this.#timer = setInterval(() => this.#socket.read(1), 1_000);
  }

  /** Counts the frames in what comes; pings are answered. */
  #take(chunk: Buffer): void {
    this.#head.push(chunk);
    this.#waiting += chunk.length;
    for (;;) {
      const start = this.#peek();
      if (start.length < 2) return;
      const short = start[1]! & 0x7f;
      const skip = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (start.length < skip) return;
      const length = short === 127 ? Number(start.readBigUInt64BE(2)) : short === 126 ? start.readUInt16BE(2) : short;
      if (length > LONGEST) throw new Error(`a frame of ${length} bytes`);
      if (this.#waiting < skip + length) return;
      const all = Buffer.concat(this.#head);
      this.#head = [all.subarray(skip + length)];
      this.#waiting -= skip + length;
      this.#frame(start[0]! & 0x0f, all.subarray(skip, skip + length));
    }
  }

  /** The first bytes that wait, enough for a header. */
  #peek(): Buffer {
    const [first] = this.#head;
    if (first && first.length >= 10) return first;
    return Buffer.concat(this.#head);
  }

  #frame(opcode: number, payload: Buffer): void {
    if (opcode === 0x9) this.#socket.write(masked(0xa, payload));
    if (opcode !== 0x1) return;
    this.pushes += 1;
    // The feeder writes the moment of a capture into its box; the rest of a push needs no parsing.
    const at = /"ora_pos_left":(\d+)/.exec(payload.subarray(0, 2_000).toString('latin1'))?.[1];
    if (at !== undefined) this.delays.push((Date.now() - Number(at) + MINUTE_MS) % MINUTE_MS);
  }
}

/** What a run of readers showed. */
export interface ReadersReport {
  made: number;
  /** Pushes the slowest of those that read has got. */
  fewest: number;
  delays: { median: number; p99: number; longest: number };
  /** Resident memory of the core before, at its highest, and after; MiB. */
  memory: { before: number; highest: number; after: number };
  /** Captures that were not pushed to somebody because of a backlog. */
  dropped: number;
  /** Subscribers the box cut, each by the time since all were there, s. */
  cutAfter: number[];
  /** Subscribers at the end. */
  left: number;
}

export interface ReadersSetup {
  readers: Partial<Record<Manner, number>>;
  perSecond: number;
  bytes: number;
  seconds: number;
}

/** An address that those who vanish connect from: without it no packet finds its way back to them. */
const VANISHING = '10.99.7.1';

/** Whether an address of this machine can be taken away (needs root). */
export function canVanish(): boolean {
  const added = spawnSync('ip', ['address', 'add', `${VANISHING}/32`, 'dev', 'lo']).status === 0;
  if (added) spawnSync('ip', ['address', 'del', `${VANISHING}/32`, 'dev', 'lo']);
  return added;
}

/** Pushes to a crowd of readers of all manners, and looks at what each got and what it cost. */
export async function runReaders(box: TestBox, setup: ReadersSetup): Promise<ReadersReport> {
  const { key } = (await box.call<{ key: string }>(1286)).data;
  const crowd: Reader[] = [];
  const vanishing = (setup.readers.gone ?? 0) > 0;
  if (vanishing) spawnSync('ip', ['address', 'add', `${VANISHING}/32`, 'dev', 'lo']);
  try {
    for (const [manner, count] of Object.entries(setup.readers) as [Manner, number][]) {
      for (let n = 0; n < count; n += 1) crowd.push(await Reader.subscribe(box, key, manner));
    }
    if (vanishing) spawnSync('ip', ['address', 'del', `${VANISHING}/32`, 'dev', 'lo']);
    const before = await memoryOf(box);
    await box.rest('PUT', '/p/feeder/rate', { perSecond: setup.perSecond, bytes: setup.bytes });
    let highest = before;
    const began = performance.now();
    const cutAfter: number[] = [];
    let left = crowd.length;
    for (const end = performance.now() + setup.seconds * 1000; performance.now() < end; ) {
      await pause(500);
      highest = Math.max(highest, await memoryOf(box));
      // A peer that does not read cannot tell when it was cut.
      const { body } = await box.rest<{ subscribers: unknown[] }>('GET', '/p/push-ws/subscribers');
      for (; left > body.subscribers.length; left -= 1) cutAfter.push(Math.round((performance.now() - began) / 1000));
    }
    const { body } = await box.rest<{ made: number }>('PUT', '/p/feeder/rate', { perSecond: 0, bytes: setup.bytes });
    const alive = crowd.filter(({ manner }) => manner === 'reads');
    // What is under way arrives; what is lost never does.
    await until('the last pushes', () => alive.every(({ pushes }) => pushes >= body.made), 10_000).catch(() => {});
    const delays = alive.flatMap((reader) => reader.delays).sort((a, b) => a - b);
    return {
      made: body.made,
      fewest: Math.min(...alive.map(({ pushes }) => pushes)),
      delays: { median: at(delays, 0.5), p99: at(delays, 0.99), longest: at(delays, 1) },
      memory: { before, highest, after: await memoryOf(box) },
      dropped: await metric(box, 'push_ws_dropped_total'),
      cutAfter,
      left,
    };
  } finally {
    for (const reader of crowd) reader.close();
    if (vanishing) spawnSync('ip', ['address', 'del', `${VANISHING}/32`, 'dev', 'lo']);
  }
}

function at(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** A number of the box's own metrics. */
export async function metric(box: TestBox, name: string): Promise<number> {
  const text = await (await fetch(`${box.url}/metrics`)).text();
  return Number(new RegExp(`^gatehouse_${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
}

/** Resident memory of the core, MiB. */
export async function memoryOf(box: TestBox): Promise<number> {
  return (await metric(box, 'process_resident_memory_bytes')) / 2 ** 20;
}

/** A client's frame of up to 65,535 bytes. */
function masked(opcode: number, payload: string | Buffer): Buffer {
  const body = Buffer.from(payload);
  const header = body.length < 126 ? Buffer.from([0x80 | opcode, 0x80 | body.length]) : Buffer.alloc(4);
  if (body.length >= 126) {
    header[0] = 0x80 | opcode;
    header[1] = 0x80 | 126;
    header.writeUInt16BE(body.length, 2);
  }
  // A mask of zeros is a mask.
  return Buffer.concat([header, Buffer.alloc(4), body]);
}
