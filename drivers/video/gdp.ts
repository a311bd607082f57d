import type { Colorimetry } from './frame.ts';

/**
 * GStreamer's data protocol (elements gdppay, gdpdepay): every buffer and event with a header of its own. It is
 * used because an appsink hands out bytes without their time, and the header carries it.
 */
export const gdpHeaderBytes = 62;

const typeBuffer = 1;
const typeCaps = 2;

/** A time that is not known, as GStreamer writes it. */
const noTime = 0xffff_ffff_ffff_ffffn;

export interface GdpBuffer {
  /** Nanoseconds, or undefined for a buffer without a time. */
  pts: number | undefined;
  /** A view of the packet, not a copy. */
  payload: Uint8Array;
}

/** The buffer in a packet, or undefined where the packet is an event or is cut short. */
export function readGdpBuffer(packet: Buffer): GdpBuffer | undefined {
  if (packet.length < gdpHeaderBytes || packet.readUInt16BE(4) !== typeBuffer) return undefined;
  const length = packet.readUInt32BE(6);
  if (packet.length !== gdpHeaderBytes + length) return undefined;
  const pts = packet.readBigUInt64BE(10);
  return { pts: pts === noTime ? undefined : Number(pts), payload: packet.subarray(gdpHeaderBytes) };
}

/** The text of a caps packet, such as `video/x-raw, format=(string)RGB, …`, or undefined for another packet. */
export function readGdpCaps(packet: Buffer): string | undefined {
  if (packet.length <= gdpHeaderBytes || packet.readUInt16BE(4) !== typeCaps) return undefined;
  return packet.toString('latin1', gdpHeaderBytes).replace(/\0.*$/s, '');
}

/** What the caps of one branch say of its pictures. */
export interface BranchCaps {
  branch: number;
  format: string;
  width: number;
  height: number;
  colorimetry: Colorimetry;
}

/** Reads the caps of a branch; undefined where they are not those of raw video with a branch number. */
export function parseBranchCaps(text: string): BranchCaps | undefined {
  const field = (name: string): string | undefined =>
    new RegExp(`[ ,]${name}=(?:\\([a-z]+\\))?"?([^,;"]+)`).exec(text)?.[1]?.trim();
  const branch = Number(field('branch'));
  const width = Number(field('width'));
  const height = Number(field('height'));
  const format = field('format');
  if (!format || !Number.isInteger(branch) || !(width > 0) || !(height > 0)) return undefined;
  return { branch, format, width, height, colorimetry: readColorimetry(field('colorimetry'), height) };
}

const namedColorimetry: Record<string, Colorimetry> = {
  bt601: { matrix: 'bt601', range: 'limited' },
  smpte240m: { matrix: 'bt601', range: 'limited' },
  bt709: { matrix: 'bt709', range: 'limited' },
  bt2020: { matrix: 'bt2020', range: 'limited' },
  'bt2020-10': { matrix: 'bt2020', range: 'limited' },
  'bt2100-pq': { matrix: 'bt2020', range: 'limited' },
  'bt2100-hlg': { matrix: 'bt2020', range: 'limited' },
  sRGB: { matrix: 'bt601', range: 'full' },
};

/** GStreamer writes a known name or `range:matrix:transfer:primaries` in numbers. */
function readColorimetry(text: string | undefined, height: number): Colorimetry {
  const known = text ? namedColorimetry[text] : undefined;
  if (known) return known;
  const [range, matrix] = (text ?? '').split(':');
  return {
    // Where a stream names no matrix, its height decides, as in GStreamer.
    matrix: matrix === '3' ? 'bt709' : matrix === '6' ? 'bt2020' : matrix === '4' || height <= 576 ? 'bt601' : 'bt709',
    range: range === '1' ? 'full' : 'limited',
  };
}
