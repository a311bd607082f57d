import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';

/** A WebSocket as the box has it, and the bare socket of its peer, which answers nothing by itself. */
export async function barePeer(t: TestContext): Promise<{ socket: WebSocket; peer: Socket }> {
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const peer = connect((server.address() as AddressInfo).port, '127.0.0.1');
  peer.on('error', () => {});
  peer.write(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  const [socket] = (await once(sockets, 'connection')) as [WebSocket];
  t.after(() => {
    peer.destroy();
    for (const client of sockets.clients) client.terminate();
    sockets.close();
    server.close();
  });
  return { socket, peer };
}
