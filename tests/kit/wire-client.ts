import WebSocket from 'ws';
import { until } from './wait.ts';

/** A client of the interface WebSocket, as existing ones are: text frames of JSON, one key, endless pushes. */
export class WireClient {
  readonly frames: Record<string, unknown>[] = [];
  readonly socket: WebSocket;
  pongs = 0;
  closed: number | undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => this.frames.push(JSON.parse(String(data)) as Record<string, unknown>));
    socket.on('pong', () => {
      this.pongs += 1;
    });
    socket.on('close', (code) => {
      this.closed = code;
    });
    socket.on('error', () => {});
  }

  /** @param url of the box, `http://…`; the path may be `/ws` or `/ws/` */
  static async connect(url: string, path = '/ws'): Promise<WireClient> {
    const socket = new WebSocket(url.replace(/^http/, 'ws') + path, { rejectUnauthorized: false });
    const client = new WireClient(socket);
    await until('the WebSocket to open', () => socket.readyState === WebSocket.OPEN);
    return client;
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** Subscribes and waits for the acknowledgement. */
  async subscribe(key: string): Promise<Record<string, unknown>> {
    const before = this.frames.length;
    this.send({ msg_id: '776', key });
    return until('an acknowledgement', () => this.frames[before]);
  }

  pushes(): Record<string, unknown>[] {
    return this.frames.filter((frame) => frame['msg_id'] === '777');
  }

  close(): void {
    this.socket.terminate();
  }
}
