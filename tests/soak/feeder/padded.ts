import { createHash } from 'node:crypto';

/** Longest text of one comment of a JPEG. */
const LONGEST = 65_533;

/** The JPEG with so many bytes, padded with comments that are different for every number. */
export function padded(jpeg: Uint8Array, number: number, bytes: number): Uint8Array {
  const parts: Uint8Array[] = [jpeg.subarray(0, 2)];
  let filler = createHash('sha256').update(String(number)).digest();
  for (let left = Math.max(40, bytes - jpeg.length); left > 0; ) {
    const text = Math.max(1, Math.min(left - 4, LONGEST));
    const comment = Buffer.alloc(4 + text);
    comment.writeUInt16BE(0xfffe, 0);
    comment.writeUInt16BE(text + 2, 2);
    for (let at = 4; at < comment.length; at += filler.length) filler.copy(comment, at);
    parts.push(comment);
    left -= comment.length;
    filler = createHash('sha256').update(filler).digest();
  }
  return Buffer.concat([...parts, jpeg.subarray(2)]);
}
