import { VideoError } from './fault.ts';
import { gdpHeaderBytes } from './gdp.ts';

/** More than the largest picture that a pipeline lets through. */
const maxPayloadBytes = 64 * 2 ** 20;

/** Cuts a stream of GStreamer's data protocol into its packets. */
export class GdpReader {
  readonly #header = Buffer.alloc(gdpHeaderBytes);
  #packet: Buffer = this.#header;
  #filled = 0;

  /** The packets that end in this chunk, each in memory of its own. Throws VideoError `decode` for what is no packet. */
  push(chunk: Buffer): Buffer[] {
    const packets: Buffer[] = [];
    for (let at = 0; at < chunk.length; ) {
      const length = Math.min(chunk.length - at, this.#packet.length - this.#filled);
      chunk.copy(this.#packet, this.#filled, at, at + length);
      this.#filled += length;
      at += length;
      if (this.#filled < this.#packet.length) break;
      if (this.#packet === this.#header) this.#packet = this.#room();
      if (this.#filled < this.#packet.length) continue;
      packets.push(this.#packet);
      this.#packet = this.#header;
      this.#filled = 0;
    }
    return packets;
  }

  /** Memory for the packet whose header has come, with the header in it. */
  #room(): Buffer {
    const [major, minor] = this.#header;
    const length = this.#header.readUInt32BE(6);
    if (major !== 1 || minor !== 0 || length > maxPayloadBytes) {
      throw new VideoError('decode', 'what the decoder wrote cannot be read');
    }
    // Not from the pool: frames are kept for long, and would hold the pool with them.
    const packet = Buffer.allocUnsafeSlow(gdpHeaderBytes + length);
    this.#header.copy(packet);
    return packet;
  }
}
