import { signal } from '@preact/signals';
import type { Live, LiveState } from './contract.ts';

/**
 * The tab's one WebSocket (`/live`). It reconnects by itself with growing pauses, subscribes again to everything
 * that is still wanted, and then tells every listener to read again, because changes may have been missed.
 */

interface Subscription {
  topic: string;
  params: Record<string, unknown>;
  onData(data: unknown, bytes?: Uint8Array<ArrayBuffer>): void;
  onError?: ((error: { code: number; msg: string }) => void) | undefined;
  /** The box ended or refused it, as it does when the topic's plugin is not there. */
  refused?: boolean;
}

interface ServerText {
  id?: number;
  data?: unknown;
  error?: { code: number; msg: string };
  op?: 'changed' | 'session-ended';
  plugin?: string;
  what?: string;
}

const PAUSE = { first: 500, most: 10_000 };
/** A half-open connection says nothing at all: after this silence the box is asked over HTTP. */
const SILENCE = 30_000;

export class LiveConnection implements Live {
  readonly state = signal<LiveState>('idle');
  /** Called when the box ended the session, and after every reconnect. */
  onSessionEnded: () => void = () => {};
  onReconnected: () => void = () => {};
  /** Called when a try to connect fails: browsers do not say whether the box is away or has forgotten the session. */
  onRefused: () => void = () => {};

  private socket: WebSocket | undefined;
  private subscriptions = new Map<number, Subscription>();
  private listeners = new Map<string, Set<(what: string) => void>>();
  private nextId = 1;
  private attempts = 0;
  private wanted = false;
  private wasOpen = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setInterval> | undefined;
  private lastHeard = 0;
  private readonly text = new TextDecoder();

  /** Opens the connection and keeps it open until `close`. */
  open(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.attempts = 0;
    this.wasOpen = false;
    addEventListener('online', this.retryNow);
    document.addEventListener('visibilitychange', this.retryNow);
    this.watchdog = setInterval(() => void this.checkSilence(), SILENCE / 2);
    this.connect();
  }

  close(): void {
    this.wanted = false;
    clearTimeout(this.timer);
    clearInterval(this.watchdog);
    removeEventListener('online', this.retryNow);
    document.removeEventListener('visibilitychange', this.retryNow);
    this.drop();
    this.state.value = 'idle';
  }

  subscribe<T>(
    topic: string,
    params: Record<string, unknown>,
    onData: (data: T, bytes?: Uint8Array<ArrayBuffer>) => void,
    onError?: (error: { code: number; msg: string }) => void,
  ): () => void {
    const id = this.nextId++;
    this.subscriptions.set(id, { topic, params, onData: onData as Subscription['onData'], onError });
    this.ask(id);
    return () => {
      if (this.subscriptions.delete(id)) this.send({ op: 'unsubscribe', id });
    };
  }

  onChanged(plugin: string, listener: (what: string) => void): () => void {
    const known = this.listeners.get(plugin) ?? new Set();
    known.add(listener);
    this.listeners.set(plugin, known);
    return () => known.delete(listener);
  }

  /** Tries at once instead of waiting for the end of the pause. */
  readonly retryNow = (): void => {
    if (!this.wanted || this.socket || document.visibilityState === 'hidden') return;
    clearTimeout(this.timer);
    this.connect();
  };

  private connect(): void {
    if (this.state.peek() !== 'lost') this.state.value = 'connecting';
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(`${scheme}//${location.host}/live`);
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.opened();
    };
    socket.onmessage = (event) => this.received(event.data as string | ArrayBuffer);
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.lost();
      if (!opened) this.onRefused();
    };
  }

  private opened(): void {
    this.attempts = 0;
    this.lastHeard = Date.now();
    for (const id of this.subscriptions.keys()) this.ask(id);
    this.state.value = 'open';
    if (this.wasOpen) {
      this.onReconnected();
      for (const plugin of this.listeners.keys()) this.tell(plugin, '*');
    }
    this.wasOpen = true;
  }

  private ask(id: number): void {
    const subscription = this.subscriptions.get(id);
    if (!subscription) return;
    subscription.refused = false;
    this.send({ op: 'subscribe', id, topic: subscription.topic, params: subscription.params });
  }

  private lost(): void {
    this.socket = undefined;
    if (!this.wanted) return;
    this.state.value = 'lost';
    const pause = Math.min(PAUSE.most, PAUSE.first * 2 ** this.attempts++);
    // Half of it at random: ten tabs must not come back in the same moment.
    this.timer = setTimeout(() => this.connect(), pause / 2 + (Math.random() * pause) / 2);
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = undefined;
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
    socket?.close();
  }

  private send(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private received(frame: string | ArrayBuffer): void {
    this.lastHeard = Date.now();
    if (typeof frame === 'string') {
      this.handle(JSON.parse(frame) as ServerText);
      return;
    }
    const headerLength = new DataView(frame).getUint32(0);
    const header = JSON.parse(this.text.decode(new Uint8Array(frame, 4, headerLength))) as ServerText;
    this.handle(header, new Uint8Array(frame, 4 + headerLength));
  }

  private handle(message: ServerText, bytes?: Uint8Array<ArrayBuffer>): void {
    if (message.op === 'changed' && message.plugin !== undefined) this.tell(message.plugin, message.what ?? '*');
    else if (message.op === 'session-ended') this.onSessionEnded();
    else if (message.id !== undefined) {
      const subscription = this.subscriptions.get(message.id);
      if (message.error) {
        if (subscription) subscription.refused = true;
        subscription?.onError?.(message.error);
      } else subscription?.onData(message.data, bytes);
    }
  }

  private tell(plugin: string, what: string): void {
    // Plugins have come or gone: a topic that was away may be there again.
    if (plugin === 'core') for (const [id, { refused }] of this.subscriptions) if (refused) this.ask(id);
    for (const listener of this.listeners.get(plugin) ?? []) listener(what);
  }

  private async checkSilence(): Promise<void> {
    const socket = this.socket;
    if (this.state.peek() !== 'open' || Date.now() - this.lastHeard < SILENCE) return;
    try {
      await fetch('/healthz', { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(5_000) });
      this.lastHeard = Date.now();
    } catch {
      if (socket !== this.socket) return;
      this.drop();
      this.lost();
    }
  }
}

export const live = new LiveConnection();
