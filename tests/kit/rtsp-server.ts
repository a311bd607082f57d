import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { signalChild } from '../../drivers/video/signal.ts';

/** One stream that the test server offers. */
export interface RtspStream {
  /** Path with its leading slash, such as `/one`. */
  path: string;
  codec: 'h264' | 'h265' | 'mjpeg';
  /** An .mp4, .mkv or .avi file whose stored pictures are sent as they are; every client gets it from its start. */
  file?: string;
  /** A videotestsrc pattern, encoded live for each client; `smpte` where neither this nor `file` is given. */
  pattern?: string;
  width?: number;
  height?: number;
  fps?: number;
  /** A file starts over at its end instead of ending the stream. */
  loop?: boolean;
  /** The pattern changes its size after so many frames; the stream ends after as many again unless it loops. */
  changesTo?: { width: number; height: number; afterFrames: number };
  /**
   * H.264 of which nothing is right but its packets: `all` sends noise from the first byte on, `pictures` sends the
   * headers of a real stream and noise for its pictures. It goes on for ever.
   */
  garbage?: 'all' | 'pictures';
}

export interface RtspServerOptions {
  streams: RtspStream[];
  user?: string;
  password?: string;
  /** How the server asks for the password; digest by default. */
  scheme?: 'basic' | 'digest';
  /** 0 takes a free port, which `restart` keeps. */
  port?: number;
}

export interface RtspServer {
  readonly port: number;
  /** Address of a stream, with the user and password where there are any. */
  url(path: string): string;
  /** Stops the process with its connections open, as a hung camera does. */
  freeze(): void;
  thaw(): void;
  /** Ends the process at once, without a word to its clients. */
  kill(): Promise<void>;
  /** Starts, or starts again, on the same port; new options, such as another password, stay. */
  restart(changes?: Partial<RtspServerOptions>): Promise<void>;
  stop(): Promise<void>;
}

const script = join(import.meta.dirname, 'rtsp-server.py');

/** Starts an RTSP server on 127.0.0.1. It ends with `stop()`, and with this process whatever happens. */
export async function startRtspServer(options: RtspServerOptions): Promise<RtspServer> {
  let current = options;
  let child: ChildProcess | undefined;
  let port = options.port ?? 0;

  const start = async (): Promise<void> => {
    // The system's own interpreter: the GStreamer bindings are installed for no other.
    const started = spawn('/usr/bin/python3', [script, JSON.stringify({ ...current, port })], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child = started;
    port = await readPort(started);
  };

  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    const ending = child;
    child = undefined;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = once(ending, 'exit');
    // A frozen process acts on no signal but these two.
    signalChild(ending, 'SIGCONT');
    signalChild(ending, signal);
    const timer = setTimeout(() => signalChild(ending, 'SIGKILL'), 2000);
    await gone;
    clearTimeout(timer);
  };

  await start();
  return {
    get port() {
      return port;
    },
    url(path) {
      const { user, password = '' } = current;
      const sign = user ? `${encodeURIComponent(user)}:${encodeURIComponent(password)}@` : '';
      return `rtsp://${sign}127.0.0.1:${port}${path}`;
    },
    freeze: () => void (child && signalChild(child, 'SIGSTOP')),
    thaw: () => void (child && signalChild(child, 'SIGCONT')),
    kill: () => end('SIGKILL'),
    async restart(changes = {}) {
      await end('SIGKILL');
      current = { ...current, ...changes };
      await start();
    },
    stop: () => end('SIGTERM'),
  };
}

async function readPort(child: ChildProcess): Promise<number> {
  const lines = createInterface({ input: child.stdout! });
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the RTSP test server ended with ${code} before it listened`);
  });
  exited.catch(() => {});
  try {
    const [line] = (await Promise.race([once(lines, 'line'), exited])) as [string];
    return (JSON.parse(line) as { port: number }).port;
  } finally {
    lines.close();
  }
}
