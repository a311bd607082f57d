import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { headerOf, RtspSplitter } from '../../drivers/video/rtsp-splitter.ts';

export interface SignInDoor {
  /** Address of a stream behind the door, with user and password. */
  url(path: string): string;
  /** Requests that came in with a right password. */
  readonly admitted: number;
  close(): void;
}

/**
 * Stands before an RTSP server without password and lets in only who signs in with digest SHA-256, which the server's
 * own library does not know. `alsoMd5` offers the older digest beside it, as most cameras do.
 */
export async function openSignInDoor(
  serverPort: number,
  { user = 'admin', password = 'secret', alsoMd5 = false } = {},
): Promise<SignInDoor> {
  const nonce = randomBytes(8).toString('hex');
  const sockets = new Set<Socket>();
  let admitted = 0;
  const offers = (alsoMd5 ? ['SHA-256', 'MD5'] : ['SHA-256']).map(
    (algorithm) => `WWW-Authenticate: Digest realm="door", nonce="${nonce}", algorithm=${algorithm}\r\n`,
  );
  const mayPass = (head: string): boolean => {
    const [answer = ''] = headerOf(head, 'authorization');
    const part = (name: string) => new RegExp(`${name}="?([^",]+)`).exec(answer)?.[1] ?? '';
    const sha = part('algorithm') === 'SHA-256';
    if (!sha && !alsoMd5) return false;
    const hash = (text: string) =>
      createHash(sha ? 'sha256' : 'md5')
        .update(text)
        .digest('hex');
    const request = hash(`${/^\S+/.exec(head)?.[0]}:${part('uri')}`);
    return part('response') === hash(`${hash(`${user}:door:${password}`)}:${nonce}:${request}`);
  };
  const server = createServer((client) => {
    const camera = connect(serverPort, '127.0.0.1');
    for (const socket of [client, camera]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        camera.destroy();
      });
    }
    camera.pipe(client, { end: false });
    const requests = new RtspSplitter();
    client.on('data', (chunk: Buffer) => {
      for (const { head, bytes } of requests.push(chunk)) {
        if (head === undefined || mayPass(head)) {
          if (head !== undefined) admitted += 1;
          camera.write(bytes);
        } else {
          const [sequence] = headerOf(head, 'cseq');
          client.write(`RTSP/1.0 401 Unauthorized\r\nCSeq: ${sequence}\r\n${offers.join('')}\r\n`);
        }
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: (path) => `rtsp://${user}:${password}@127.0.0.1:${port}${path}`,
    get admitted() {
      return admitted;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
