import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, isIPv4, type Socket } from 'node:net';
import type { RtspAddress } from './address.ts';
import { answerChallenge, type Challenge, chooseChallenge } from './rtsp-auth.ts';
import { headerOf, type RtspPart, RtspSplitter } from './rtsp-splitter.ts';

/** A door on this machine behind which a camera answers without a password. */
export interface RtspRelay {
  /** `rtsp://127.0.0.1:port/stream`: says nothing of the camera. */
  url: string;
  close(): void;
}

/**
 * Lets a child process read a camera without knowing its address or password, which everybody on the machine could
 * read in the child's command line. Requests go to the camera under its own address, signed here; only processes of
 * our own user are let in. Over UDP the pictures go straight to the child, which listens on IPv4 only.
 */
export async function openRelay(address: RtspAddress): Promise<RtspRelay> {
  const sessions = new Set<RelaySession>();
  let closed = false;
  const server = createServer({ pauseOnConnect: true }, async (socket) => {
    socket.on('error', () => {});
    if (!(await isOurs(socket)) || closed) {
      socket.destroy();
      return;
    }
    const session = new RelaySession(socket, address, url);
    sessions.add(session);
    socket.on('close', () => sessions.delete(session));
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/stream`;
  return {
    url,
    close() {
      closed = true;
      server.close();
      for (const session of sessions) session.close();
    },
  };
}

/** Whether the other end of a connection within this machine belongs to our own user; Linux tells. */
async function isOurs(socket: Socket): Promise<boolean> {
  const end = (port: number | undefined): string => `:${(port ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  const table = await readFile('/proc/net/tcp', 'latin1').catch(() => '');
  return table.split('\n').some((line) => {
    const [, from = '', to = '', , , , , user = ''] = line.trim().split(/\s+/);
    const same = from.endsWith(end(socket.remotePort)) && to.endsWith(end(socket.localPort));
    return same && Number(user) === process.geteuid?.();
  });
}

/** The request that the camera has not answered yet. */
interface Pending {
  head: string;
  body: Buffer;
  sequence: string | undefined;
  retried: boolean;
}

/** One connection of the child, and the connection to the camera that belongs to it. */
class RelaySession {
  readonly #child: Socket;
  readonly #address: RtspAddress;
  readonly #localUrl: string;
  #camera: Socket;
  #challenge: Challenge | undefined;
  #pending: Pending | undefined;

  constructor(child: Socket, address: RtspAddress, localUrl: string) {
    this.#child = child;
    this.#address = address;
    this.#localUrl = localUrl;
    this.#camera = this.#dial();
    const requests = new RtspSplitter();
    child.setNoDelay(true);
    child.on('data', (chunk: Buffer) => {
      this.#guarded(() => {
        for (const part of requests.push(chunk)) this.#toCamera(part);
      });
    });
    child.on('close', () => this.close());
  }

  close(): void {
    this.#child.destroy();
    this.#camera.destroy();
  }

  #dial(): Socket {
    const camera = connect({ host: this.#address.host, port: this.#address.port });
    const answers = new RtspSplitter();
    camera.setNoDelay(true);
    camera.on('data', (chunk: Buffer) => {
      this.#guarded(() => {
        for (const part of answers.push(chunk)) if (camera === this.#camera) this.#toChild(part);
      });
    });
    camera.on('drain', () => this.#child.resume());
    camera.on('error', () => {});
    camera.on('close', () => {
      // What has already come is still handed on.
      if (camera === this.#camera) this.#child.end();
    });
    this.#child.removeAllListeners('drain').on('drain', () => camera.resume());
    return camera;
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch {
      this.close();
    }
  }

  #toCamera(part: RtspPart): void {
    if (part.head === undefined) {
      if (!this.#camera.write(part.bytes)) this.#child.pause();
      return;
    }
    const { head, body } = part;
    // The child may answer the camera's own requests.
    if (/^RTSP\//.test(head)) this.#camera.write(part.bytes);
    else this.#ask({ head, body, sequence: headerOf(head, 'cseq')[0], retried: false });
  }

  #ask(pending: Pending): void {
    this.#pending = pending;
    const [line = '', ...headers] = pending.head.split('\r\n');
    const [method = '', asked = ''] = line.split(' ');
    const uri = asked.startsWith(this.#localUrl) ? this.#address.location + asked.slice(this.#localUrl.length) : asked;
    const { user, password = '' } = this.#address;
    const lines = [`${method} ${uri} RTSP/1.0`, ...headers.filter((header) => !/^authorization:/i.test(header))];
    if (user !== undefined && this.#challenge) {
      lines.push(`Authorization: ${answerChallenge(this.#challenge, { method, uri, user, password })}`);
    }
    this.#camera.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), pending.body]));
  }

  #toChild(part: RtspPart): void {
    if (part.head !== undefined && this.#signIn(part.head)) return;
    if (!this.#child.write(this.#withSource(part))) this.#camera.pause();
  }

  /** Where nothing else is said, the child takes the relay's end for the one that its UDP reports go to. */
  #withSource({ head, bytes }: RtspPart): Buffer {
    const { remoteAddress = '' } = this.#camera;
    if (!head || !isIPv4(remoteAddress) || !/^transport:.*client_port=/im.test(head)) return bytes;
    const [transport = ''] = headerOf(head, 'transport');
    if (/;\s*source=/i.test(transport)) return bytes;
    const named = head.replace(/^transport:.*$/im, (line) => `${line.trimEnd()};source=${remoteAddress}`);
    return Buffer.concat([Buffer.from(named, 'latin1'), bytes.subarray(head.length)]);
  }

  /** Answers a refusal by asking again with the password, once for each request; false where that is no use. */
  #signIn(head: string): boolean {
    const pending = this.#pending;
    if (!pending || headerOf(head, 'cseq')[0] !== pending.sequence) return false;
    const challenge = /^RTSP\/1\.\d 401\b/.test(head) && chooseChallenge(headerOf(head, 'www-authenticate'));
    if (!challenge || this.#address.user === undefined || pending.retried) {
      this.#pending = undefined;
      return false;
    }
    this.#challenge = challenge;
    if (/^close$/i.test(headerOf(head, 'connection')[0] ?? '')) {
      const refused = this.#camera;
      this.#camera = this.#dial();
      refused.destroy();
    }
    this.#ask({ ...pending, retried: true });
    return true;
  }
}
