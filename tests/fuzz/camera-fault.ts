import { connect, createServer, type Socket } from 'node:net';
import { parseRtspUrl } from '../../drivers/video/address.ts';
import { probeRtsp } from '../../drivers/video/rtsp-probe.ts';
import { openRelay } from '../../drivers/video/rtsp-relay.ts';
import type { CameraCase } from './case.ts';

/** A probe that hears nothing more gives up after this long, ms. */
const PROBE_MS = 500;
/** A busy machine is late; a probe that forgot its deadline is later. */
const LATE_MS = 5_000;
/** How long a decoder listens, ms. */
const RELAY_MS = 150;
const PASSWORD = 'camera-secret-7';
const ENDLESS = Buffer.alloc(64 * 1024, 'X-More: y\r\n');
/** What sockets of the system may hold, and what a probe may read before it judges, bytes. */
const MAX_TAKEN = 16 * 1024 * 1024;

/**
 * Plays the camera, has it asked, and gives what is wrong with the outcome; undefined where nothing is.
 * @param taken called when it was taken for a camera
 */
export async function cameraFault(one: CameraCase, taken: () => void): Promise<string | undefined> {
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
  const user = one.signedIn ? `operator:${PASSWORD}@` : '';
  const url = `rtsp://${user}127.0.0.1:${port}${one.path}`;
  try {
    const fault = one.asks === 'probe' ? await probeFault(url, taken) : await relayFault(url, taken);
    if (fault) return fault;
    return sent > MAX_TAKEN ? `${sent} bytes were taken from an endless answer` : undefined;
  } catch (error) {
    return `the ${one.asks} threw ${(error as Error).stack ?? error}`;
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

async function probeFault(url: string, taken: () => void): Promise<string | undefined> {
  const result = await Promise.race([probeRtsp(url, { timeoutMs: PROBE_MS }), late()]);
  if (result === 'late') return `the probe had not ended ${LATE_MS} ms after its deadline`;
  if (result.ok) {
    taken();
    const { payloadType, fps = 1, width = 1, height = 1 } = result.sdp;
    const sane = [payloadType, fps, width, height].every((value) => Number.isFinite(value) && value >= 0);
    return sane ? undefined : `the description holds no numbers: ${JSON.stringify(result.sdp)}`;
  }
  const { message } = result;
  if (message.includes(PASSWORD)) return 'the reason holds the password';
  if (message.length > 300) return 'the reason is longer than a sentence';
  if (/[^\x20-\x7e…]/.test(message)) return `the reason is not printable: ${JSON.stringify(message)}`;
  if (/undefined|\[object|TypeError|RangeError|is not a function|Cannot read/.test(message)) {
    return `the reason is that of a fault in the program: ${message}`;
  }
  return undefined;
}

/** Asks through the relay as a decoder does. Nothing of what the camera is asked with may come out on this side. */
async function relayFault(url: string, taken: () => void): Promise<string | undefined> {
  const relay = await openRelay(parseRtspUrl(url));
  const decoder = connect({ host: '127.0.0.1', port: Number(new URL(relay.url).port) });
  const gone = new Promise<void>((resolve) => decoder.on('close', () => resolve()));
  let heard = 0;
  let leak: string | undefined;
  let tail = '';
  decoder.on('error', () => {});
  decoder.on('data', (chunk) => {
    heard += chunk.length;
    tail = tail.slice(-200) + chunk.toString('latin1');
    if (tail.includes(PASSWORD)) leak = 'the relay gives the password away';
  });
  for (const [index, method] of ['OPTIONS', 'DESCRIBE', 'SETUP'].entries()) {
    decoder.write(`${method} ${relay.url} RTSP/1.0\r\nCSeq: ${index + 1}\r\n\r\n`);
  }
  // A camera that keeps silent is waited for by the decoder, not by the relay.
  await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, RELAY_MS))]);
  relay.close();
  if (heard > 0) taken();
  const closed = await Promise.race([gone, late()]);
  decoder.destroy();
  if (closed === 'late') return 'the relay holds its connection after it was closed';
  return leak ?? (heard > MAX_TAKEN ? `the relay handed ${heard} bytes on` : undefined);
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
