import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { parse as parseCookies } from 'hono/utils/cookie';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import type { App } from './app.ts';
import type { Certificate } from './certificate.ts';
import { Connections } from './connections.ts';
import type { LiveGateway } from './live.ts';
import { addressOf, SESSION_COOKIE, sameOrigin } from './request.ts';
import type { SessionRegistry } from './sessions.ts';
import type { WireGateway } from './websocket.ts';

/** Connections still open so long after the box began to stop are cut, ms. */
const CLOSE_MS = 1_500;
/** Against clients that send slowly. How slowly a body may come is `body.ts`. */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 120_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000,
};
/** On every answer. */
const PROTECTION = Object.entries({
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
});
/** Largest frame a WebSocket client may send, bytes. */
const MAX_FRAME = 64 * 1024;

export interface ServerOptions {
  protocol: 'http' | 'https';
  host: string;
  httpPort: number;
  httpsPort: number;
  certificate?: Certificate;
  app: App;
  sessions: SessionRegistry;
  wire: WireGateway;
  live: LiveGateway;
  log: Logger;
}

export interface RunningServer {
  /** Where the box answers, for people. */
  address: string;
  /** Open connections, and those cut at once because too many were open. */
  connections(): { open: number; refused: number };
  close(): Promise<void>;
}

/**
 * Listens. In HTTPS mode the HTTP port answers nothing but a redirect.
 * @throws Error naming the port when it is taken or may not be used
 */
export async function listen(options: ServerOptions): Promise<RunningServer> {
  const answer = getRequestListener(options.app.fetch);
  // Here and not in the app, where each header would cost a copy of the answer.
  const listener: RequestListener = (request, response) => {
    for (const [name, value] of PROTECTION) response.setHeader(name, value);
    return answer(request, response);
  };
  const servers: Server[] = [];
  const connections = new Connections();
  const secure = options.protocol === 'https';
  if (secure && !options.certificate) throw new Error('https needs a certificate');
  const main = secure
    ? createSecureServer(
        {
          key: options.certificate?.key,
          cert: options.certificate?.cert,
          minVersion: 'TLSv1.2',
          handshakeTimeout: 15_000,
          ...LIMITS,
        },
        listener,
      )
    : createServer(LIMITS, listener);
  harden(main, connections);
  upgrade(main, options);
  servers.push(main);
  await bind(main, options.host, secure ? options.httpsPort : options.httpPort);
  if (secure) {
    const redirect = createServer(LIMITS, (request, response) => {
      response.writeHead(308, { location: secureAddress(request, options.httpsPort), 'content-length': '0' });
      response.end();
    });
    harden(redirect, connections);
    servers.push(redirect);
    try {
      await bind(redirect, options.host, options.httpPort);
    } catch (error) {
      // The box works without its redirect; it does not without its main port.
      options.log.warn({ reason: (error as Error).message }, 'the HTTP port redirects nobody');
      servers.pop();
    }
  }
  const shown = options.host === '0.0.0.0' || options.host === '::' ? 'localhost' : options.host;
  const port = secure ? options.httpsPort : options.httpPort;
  const standard = port === (secure ? 443 : 80);
  return {
    address: `${options.protocol}://${shown}${standard ? '' : `:${port}`}/`,
    connections: () => ({ open: connections.size, refused: connections.refused }),
    async close() {
      // Raw connections too: one that never began its TLS handshake is known to no HTTP server.
      setTimeout(() => connections.destroyAll(), CLOSE_MS).unref();
      await Promise.all(
        servers.map(
          (server) =>
            new Promise<void>((resolve) => {
              server.close(() => resolve());
              server.closeIdleConnections();
            }),
        ),
      );
    },
  };
}

function harden(server: Server, connections: Connections): void {
  server.on('connection', (socket: Socket) => connections.admit(socket));
  server.on('clientError', (_error, socket: Duplex) => {
    // Into an answer that is under way nothing may be written.
    const silent = (socket as Socket).bytesWritten === 0;
    if (socket.writable && silent) last(socket, 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });
}

/** The box cannot have its port; the message says why. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? 'is taken by another program'
          : error.code === 'EACCES'
            ? 'may not be used by this user'
            : `cannot be used: ${error.message}`;
      reject(new ListenError(`port ${port} on ${host} ${why}`));
    };
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

/** Address of the same page over HTTPS. The Host header is the client's word: only a plain name is taken from it. */
function secureAddress(request: IncomingMessage, httpsPort: number): string {
  const host = /^([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?$/.exec(request.headers.host ?? '')?.[1];
  const path = /^\/[\x21-\x7e]*$/.test(request.url ?? '') && !request.url?.startsWith('//') ? request.url : '/';
  return `https://${host ?? 'localhost'}${httpsPort === 443 ? '' : `:${httpsPort}`}${path}`;
}

function upgrade(server: Server, options: ServerOptions): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME, perMessageDeflate: false });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const path = (request.url ?? '').split('?')[0];
    const source = addressOf(request.socket);
    if (path === '/ws' || path === '/ws/') {
      sockets.handleUpgrade(request, socket, head, (client) => options.wire.accept(client, source));
      return;
    }
    if (path === '/live') {
      const found = liveSession(request, options.sessions);
      if (!found) return refuse(socket, 401, 'Unauthorized');
      sockets.handleUpgrade(request, socket, head, (client) => options.live.accept(client, { ...found, source }));
      return;
    }
    refuse(socket, 404, 'Not Found');
  });
}

/** The session of a page that opens its live socket. A browser names its origin, and that must be the box itself. */
function liveSession(request: IncomingMessage, sessions: SessionRegistry) {
  const { origin, host, cookie } = request.headers;
  const header = request.headers['sessionid'];
  const own = origin !== undefined && sameOrigin(origin, host);
  const sessionId =
    typeof header === 'string' ? header : own ? parseCookies(cookie ?? '', SESSION_COOKIE)[SESSION_COOKIE] : undefined;
  const caller = sessionId ? sessions.find(sessionId) : undefined;
  return sessionId && caller && !caller.mustChangePassword ? { sessionId, caller } : undefined;
}

function refuse(socket: Duplex, status: number, text: string): void {
  last(socket, `HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Says the last word. A client that never hangs up in turn must not keep its place among the connections. */
function last(socket: Duplex, words: string): void {
  socket.end(words, () => socket.destroy());
}
