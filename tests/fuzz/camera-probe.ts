import { createServer, type Socket } from 'node:net';
import { probeRtsp } from '../../drivers/video/rtsp-probe.ts';
import type { CameraCase } from './case.ts';

/** A probe that hears nothing more gives up after this long, ms. */
const PROBE_MS = 500;
/** A busy machine is late; a probe that forgot its deadline is later. */
const LATE_MS = 5_000;
const PASSWORD = 'camera-secret-7';
const ENDLESS = Buffer.alloc(64 * 1024, 'X-More: y\r\n');
/** What sockets of the system may hold, and what a probe may read before it judges, bytes. */
const MAX_TAKEN = 16 * 1024 * 1024;

/** Plays the camera, probes it, and gives what is wrong with the outcome; undefined where nothing is. */
export async function probeCase(one: CameraCase): Promise<string | undefined> {
  const sockets = new Set<Socket>();
  let sent = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    let request = 0;
    let heard = '';
    socket.on('data', (chunk) => {
      heard += String(chunk);
      for (let end = heard.indexOf('\r\n\r\n'); end >= 0; end = heard.indexOf('\r\n\r\n')) {
        heard = heard.slice(end + 4);
        const pieces = one.answers[Math.min(request, one.answers.length - 1)] ?? [];
        request += 1;
        void play(socket, pieces, one, (bytes) => {
          sent += bytes;
        });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  try {
    const user = one.signedIn ? `operator:${PASSWORD}@` : '';
    const probing = probeRtsp(`rtsp://${user}127.0.0.1:${port}${one.path}`, { timeoutMs: PROBE_MS });
    const result = await Promise.race([probing, late()]);
    if (result === 'late') return `the probe had not ended ${LATE_MS} ms after its deadline`;
    if (sent > MAX_TAKEN) return `the probe took ${sent} bytes from an endless answer`;
    if (result.ok) {
      const { payloadType, fps = 1, width = 1, height = 1 } = result.sdp;
      const sane = [payloadType, fps, width, height].every((value) => Number.isFinite(value) && value >= 0);
      return sane ? undefined : `the description holds no numbers: ${JSON.stringify(result.sdp)}`;
    }
    if (result.message.includes(PASSWORD)) return 'the reason holds the password';
    if (result.message.length > 300) return 'the reason is longer than a sentence';
    if (/[^\x20-\x7e…]/.test(result.message)) return `the reason is not printable: ${JSON.stringify(result.message)}`;
    if (/undefined|\[object|TypeError|RangeError|is not a function|Cannot read/.test(result.message)) {
      return `the reason is that of a fault in the program: ${result.message}`;
    }
    return undefined;
  } catch (error) {
    return `the probe threw ${(error as Error).stack ?? error}`;
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

function late(): Promise<'late'> {
  return new Promise((resolve) => setTimeout(() => resolve('late'), PROBE_MS + LATE_MS).unref());
}

async function play(socket: Socket, pieces: Buffer[], one: CameraCase, count: (bytes: number) => void): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return;
    socket.write(piece);
    count(piece.length);
    if (pieces.length > 1) await new Promise((resolve) => setTimeout(resolve, one.pauseMs));
  }
  if (one.afterwards === 'close') socket.end();
  else if (one.afterwards === 'reset') socket.resetAndDestroy();
  else if (one.afterwards === 'endless') more(socket, count);
}

/** Sends for as long as anybody reads. */
function more(socket: Socket, count: (bytes: number) => void): void {
  if (socket.destroyed) return;
  count(ENDLESS.length);
  if (socket.write(ENDLESS)) setImmediate(() => more(socket, count));
  else socket.once('drain', () => more(socket, count));
}
