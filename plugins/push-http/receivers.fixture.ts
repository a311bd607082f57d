import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** Receivers that behave, and receivers that do not. */

export interface Heard {
  headers: IncomingMessage['headers'];
  body: string;
  /** `774`, `775` */
  id: string;
}

export interface TestReceiver {
  url: string;
  /** Requests that came whole. */
  heard: Heard[];
  /** Connections that were made. */
  connections: number;
}

/** A receiver over HTTP, or over HTTPS with a certificate. It hears a request to its end before it answers. */
export async function receiver(
  t: TestContext,
  answer: (response: ServerResponse, heard: Heard, request: IncomingMessage) => void = (response) => response.end(),
  tls?: { key: string; cert: string },
): Promise<TestReceiver> {
  const found: TestReceiver = { url: '', heard: [], connections: 0 };
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {});
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('latin1');
      const heard = { headers: request.headers, body, id: /"msg_id":(\d+)/.exec(body)?.[1] ?? '' };
      found.heard.push(heard);
      answer(response, heard, request);
    });
  };
  const server = tls ? createSecureServer(tls, listener) : createServer(listener);
  const port = await listen(t, server, () => {
    found.connections += 1;
  });
  found.url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}/push`;
  return found;
}

/** A receiver that is none: it does with each connection what it likes. */
export async function rawReceiver(t: TestContext, does: (socket: Socket) => void): Promise<TestReceiver> {
  const found: TestReceiver = { url: '', heard: [], connections: 0 };
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    does(socket);
  });
  const port = await listen(t, server, () => {
    found.connections += 1;
  });
  found.url = `http://127.0.0.1:${port}/`;
  return found;
}

async function listen(t: TestContext, server: Server, connected: () => void): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connected();
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return (server.address() as { port: number }).port;
}

/** A certificate that nobody signed. */
export function selfSigned(name: string): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cert-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'];
    execFileSync('openssl', ['req', '-x509', ...kind, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
