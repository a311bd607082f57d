import { connect, type Socket } from 'node:net';
import { parseRtspUrl, type RtspAddress } from './address.ts';
import { type Fault, faultOf, printable, VideoError } from './fault.ts';
import { answerChallenge, chooseChallenge, onlySha256 } from './rtsp-auth.ts';
import { readSdp, type StreamDescription } from './sdp.ts';

export type ProbeResult = ({ ok: true; codec: StreamDescription['codec'] } & Described) | ({ ok: false } & Fault);

interface Described {
  sdp: StreamDescription;
  /** Said where the camera takes a password in this way only. */
  signIn?: 'sha-256';
}

export interface ProbeOptions {
  /** For the whole probe, connecting and all requests; 5000 by default. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

const maxHeaderBytes = 16 * 1024;
const maxBodyBytes = 64 * 1024;
/** Asked, asked with a password, asked once more with a fresh nonce. */
const maxRequests = 3;

/**
 * Asks a camera to describe its stream, and closes the connection again. Every failure is an answer with a
 * reason; nothing is thrown. No message holds the user's name or password.
 */
export async function probeRtsp(url: string, options: ProbeOptions = {}): Promise<ProbeResult> {
  try {
    const described = await describe(parseRtspUrl(url), options);
    return { ok: true, codec: described.sdp.codec, ...described };
  } catch (error) {
    return { ok: false, ...faultOf(error) };
  }
}

async function describe(address: RtspAddress, options: ProbeOptions): Promise<Described> {
  const { timeoutMs = 5000, signal } = options;
  const where = `${address.host}:${address.port}`;
  const sockets: Socket[] = [];
  let ended: VideoError | undefined;
  const end = (error: VideoError): void => {
    ended = error;
    for (const socket of sockets) socket.destroy(error);
  };
  const open = (): RtspConnection => {
    if (ended) throw ended;
    const socket = connect({ host: address.host, port: address.port });
    sockets.push(socket);
    return new RtspConnection(socket);
  };
  const giveUp = (): void => end(new VideoError('timeout', 'the attempt was given up'));
  if (signal?.aborted) giveUp();
  signal?.addEventListener('abort', giveUp, { once: true });
  const timer = setTimeout(
    () => end(new VideoError('timeout', `${where} did not answer within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  try {
    return await converse(open, address);
  } catch (error) {
    throw connectionFault(error, where);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
    for (const socket of sockets) socket.destroy();
  }
}

function connectionFault(error: unknown, where: string): VideoError {
  if (error instanceof VideoError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new VideoError('resolve', `the host name of ${where} is unknown`);
  if (code === 'ECONNREFUSED') return new VideoError('refused', `${where} refuses connections`);
  if (['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'].includes(code)) {
    return new VideoError('refused', `${where} cannot be reached from here`);
  }
  if (code === 'ETIMEDOUT') return new VideoError('timeout', `${where} did not answer`);
  if (code === 'ECONNRESET' || code === 'EPIPE') return new VideoError('protocol', `${where} closed the connection`);
  return new VideoError('protocol', `the connection to ${where} failed (${printable(code || String(error), 40)})`);
}

async function converse(open: () => RtspConnection, address: RtspAddress): Promise<Described> {
  const { location: uri, user, password = '' } = address;
  const method = 'DESCRIBE';
  let connection = open();
  let authorization: string | undefined;
  let signIn: { signIn?: 'sha-256' } = {};
  for (let sequence = 1; sequence <= maxRequests; sequence += 1) {
    // Some cameras close the connection with their refusal, and take the password on the next one.
    if (connection.closed) connection = open();
    const answer = await connection.request(method, uri, sequence, authorization);
    if (answer.status !== 401) return { sdp: readDescription(answer), ...signIn };
    if (/^close$/i.test(answer.headers.get('connection')?.[0] ?? '')) connection.close();
    const challenges = answer.headers.get('www-authenticate') ?? [];
    const challenge = chooseChallenge(challenges);
    if (user === undefined) throw new VideoError('unauthorized', 'the camera asks for a user name and password');
    if (!challenge) throw new VideoError('unauthorized', 'the camera asks for a way of signing in that is not known');
    if (authorization !== undefined && !challenge.stale) break;
    authorization = answerChallenge(challenge, { method, uri, user, password });
    signIn = onlySha256(challenges) ? { signIn: 'sha-256' } : {};
  }
  throw new VideoError('unauthorized', 'the camera rejects the user name or password');
}

function readDescription(answer: RtspAnswer): StreamDescription {
  const { status } = answer;
  const said = `${status} ${printable(answer.phrase, 60)}`.trim();
  if (status === 403) throw new VideoError('unauthorized', 'the camera denies this user the stream');
  if (status === 404 || status === 410) throw new VideoError('not-found', 'the camera has no stream at this path');
  if (status >= 300 && status < 400) throw new VideoError('protocol', `the camera sends clients elsewhere (${said})`);
  if (status !== 200) throw new VideoError('protocol', `the camera answered ${said}`);
  const type = answer.headers.get('content-type')?.[0] ?? 'application/sdp';
  if (!/^application\/sdp\b/i.test(type)) {
    throw new VideoError('protocol', `the camera described its stream as ${printable(type, 40)}`);
  }
  return readSdp(answer.body);
}

interface RtspAnswer {
  status: number;
  phrase: string;
  /** Values by header name in lower case. */
  headers: Map<string, string[]>;
  body: string;
}

/** Requests and answers in turn over one socket, with nothing kept that is longer than it may be. */
class RtspConnection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #wake: () => void = () => {};
  #failure: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      // Read no further until the answer is taken: a camera may send faster than we judge.
      if (this.#received.length > maxHeaderBytes + maxBodyBytes) socket.pause();
      this.#wake();
    });
    const fail = (error: Error): void => {
      this.#failure ??= error;
      this.#wake();
    };
    socket.on('error', fail);
    socket.on('close', () => fail(new VideoError('protocol', 'the camera closed the connection without an answer')));
  }

  get closed(): boolean {
    return this.#failure !== undefined;
  }

  close(): void {
    this.#failure ??= new VideoError('protocol', 'the connection was closed');
    this.#socket.destroy();
  }

  async request(method: string, uri: string, sequence: number, authorization?: string): Promise<RtspAnswer> {
    const lines = [
      `${method} ${uri} RTSP/1.0`,
      `CSeq: ${sequence}`,
      'User-Agent: gatehouse',
      'Accept: application/sdp',
    ];
    if (authorization) lines.push(`Authorization: ${authorization}`);
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n`);

    const headEnd = await this.#until(() => {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end > maxHeaderBytes || (end < 0 && this.#received.length > maxHeaderBytes)) {
        throw new VideoError('protocol', 'the answer of the camera is too long');
      }
      return end < 0 ? undefined : end;
    });
    const answer = readHead(this.#received.toString('latin1', 0, headEnd));
    const length = bodyLength(answer);
    const bodyStart = headEnd + 4;
    await this.#until(() => (this.#received.length >= bodyStart + length ? true : undefined));
    answer.body = this.#received.toString('utf8', bodyStart, bodyStart + length);
    this.#received = this.#received.subarray(bodyStart + length);
    this.#socket.resume();
    return answer;
  }

  async #until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.#failure) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function readHead(text: string): RtspAnswer {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const status = /^RTSP\/1\.\d (\d{3})(?: (.*))?$/.exec(statusLine);
  if (!status) throw new VideoError('protocol', 'what answers at this address does not speak RTSP');
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return { status: Number(status[1]), phrase: status[2] ?? '', headers, body: '' };
}

function bodyLength(answer: RtspAnswer): number {
  const text = answer.headers.get('content-length')?.[0] ?? '0';
  if (!/^\d{1,9}$/.test(text)) throw new VideoError('protocol', 'the answer of the camera has no valid length');
  const length = Number(text);
  if (length > maxBodyBytes) throw new VideoError('protocol', 'the description of the stream is too long');
  return length;
}
