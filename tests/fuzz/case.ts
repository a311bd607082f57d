import type { Schema } from './catalog.ts';

/** One case: what is sent, as data, so that it can be printed and sent again. */

export type Session = 'none' | 'admin' | 'viewer';

export interface HttpCase {
  kind: 'http';
  title: string;
  session: Session;
  method: string;
  /** As it stands in the request line, unchecked. */
  target: string;
  /** Without `host`, the session and `connection`. */
  headers: [string, string][];
  /** Undefined: no body, and no length is said. */
  body?: Buffer;
  /** How the body is announced; `claimed` says a length that is not true. */
  framing?: 'length' | 'chunked' | { claimed: string };
  /** How the answer is judged: `message`, `rest` and `media` by their contracts, `any` by what no answer may be. */
  expect: 'message' | 'rest' | 'media' | 'any';
  /** An answer to this caller with success is a hole in the authorization. */
  mayNotSucceed: boolean;
  /** What a success must look like: `data` of a message, or the whole answer of a route. */
  answer?: Schema;
  /** What `data` of a refusal must look like. */
  refusal?: Schema;
  /** A stored file asked for by its very path: whoever may see it must get it. */
  exact?: boolean;
}

/** Bytes on a connection that is read until the box closes it. */
export interface RawCase {
  kind: 'raw';
  title: string;
  /** Sent with pauses between. */
  pieces: Buffer[];
  /** Whether the sending half is closed after them. */
  halfClose: boolean;
  /** Fewest and most answers. */
  answers: [number, number];
  /** No parser may take it: any success would be a request the box has read in a way of its own. */
  refused: boolean;
}

export interface SocketCase {
  kind: 'socket';
  title: string;
  session: Session;
  path: string;
  headers: [string, string][];
  /** Bytes after the handshake; `KEY` in a text frame was put in already. */
  frames: Buffer[];
  /** False: what was sent leaves the box waiting for more, so no answer is owed. */
  answered: boolean;
}

export interface CameraCase {
  kind: 'camera';
  title: string;
  /** Who hears its answers: the probe, or the relay that stands before a decoder in a process of its own. */
  asks: 'probe' | 'relay';
  /** User and password stand in the address. */
  signedIn: boolean;
  /** Path of the address. */
  path: string;
  /** What the camera sends for each request in turn, the last one again and again; pieces with pauses between. */
  answers: Buffer[][];
  pauseMs: number;
  /** What it does after an answer. */
  afterwards: 'wait' | 'close' | 'reset' | 'endless';
}

export type Case = HttpCase | RawCase | SocketCase | CameraCase;

/** A case in a few lines, for a report. */
export function described(one: Case): string {
  const shown = (bytes: Buffer) => {
    const text = JSON.stringify(bytes.toString('latin1'));
    return text.length > 500 ? `${text.slice(0, 400)}… (${bytes.length} bytes)` : text;
  };
  if (one.kind === 'raw') {
    return [`${one.title}, ${one.pieces.length} pieces`, shown(Buffer.concat(one.pieces))].join('\n    ');
  }
  if (one.kind === 'camera') {
    return [
      `camera for the ${one.asks}, ${one.path.slice(0, 100)}, ${one.answers.length} answers, then ${one.afterwards}`,
      ...one.answers.flat().slice(0, 3).map(shown),
    ].join('\n    ');
  }
  if (one.kind === 'socket') {
    return [`WebSocket ${one.path} as ${one.session}`, ...one.frames.slice(0, 5).map(shown)].join('\n    ');
  }
  const target = one.target.length > 300 ? `${one.target.slice(0, 300)}… (${one.target.length})` : one.target;
  const headers = one.headers.map(([name, value]) => `${name}: ${value.slice(0, 200)}`);
  return [
    `${one.method} ${JSON.stringify(target)} as ${one.session}`,
    ...headers,
    ...(one.body ? [shown(one.body)] : []),
  ].join('\n    ');
}
