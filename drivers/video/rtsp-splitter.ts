import { VideoError } from './fault.ts';

/** A request or an answer, with its bytes as they came, or a run of media packets between two of them. */
export type RtspPart = { head: string; body: Buffer; bytes: Buffer } | { head?: undefined; bytes: Buffer };

const maxHeadBytes = 16 * 1024;
const maxBodyBytes = 64 * 1024;
const dollar = 0x24;

/** Cuts one direction of an RTSP connection into messages and the media packets that lie between them. */
export class RtspSplitter {
  #rest: Buffer = Buffer.alloc(0);

  /** The parts that end in this chunk. Throws VideoError `protocol` for what is no RTSP. */
  push(chunk: Buffer): RtspPart[] {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const parts: RtspPart[] = [];
    let at = 0;
    let mediaFrom = -1;
    const endMedia = (): void => {
      if (mediaFrom >= 0) parts.push({ bytes: bytes.subarray(mediaFrom, at) });
      mediaFrom = -1;
    };
    while (at < bytes.length) {
      if (bytes[at] === dollar) {
        const end = at + 4 > bytes.length ? Number.POSITIVE_INFINITY : at + 4 + bytes.readUInt16BE(at + 2);
        if (end > bytes.length) break;
        if (mediaFrom < 0) mediaFrom = at;
        at = end;
        continue;
      }
      endMedia();
      const message = readMessage(bytes.subarray(at));
      if (!message) break;
      parts.push(message);
      at += message.bytes.length;
    }
    endMedia();
    this.#rest = bytes.subarray(at);
    return parts;
  }
}

function readMessage(bytes: Buffer): (RtspPart & { head: string }) | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd > maxHeadBytes || (headEnd < 0 && bytes.length > maxHeadBytes)) {
    throw new VideoError('protocol', 'a message of the camera is too long');
  }
  if (headEnd < 0) return undefined;
  const head = bytes.toString('latin1', 0, headEnd);
  const length = Number(headerOf(head, 'content-length')[0] ?? 0);
  if (!(length >= 0 && length <= maxBodyBytes)) {
    throw new VideoError('protocol', 'a message of the camera has no valid length');
  }
  const end = headEnd + 4 + length;
  if (end > bytes.length) return undefined;
  return { head, body: bytes.subarray(headEnd + 4, end), bytes: bytes.subarray(0, end) };
}

/** All values of a header, whose name is given in lower case. */
export function headerOf(head: string, name: string): string[] {
  return head
    .split('\r\n')
    .slice(1)
    .filter((line) => line.slice(0, line.indexOf(':')).trim().toLowerCase() === name)
    .map((line) => line.slice(line.indexOf(':') + 1).trim());
}
