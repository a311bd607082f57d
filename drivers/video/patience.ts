import { emptyFile, type Fault } from './fault.ts';

/** How often a source looks after its stream. */
export const tickMs = 500;
/** A file is not played over more often than this. */
export const shortestLoopMs = 500;

/** A camera may wait for its next key frame, and some send one in ten seconds. */
const firstFrameMs = 12_000;
/** decodebin sometimes loses the error of a demuxer that gives up at once, and then stands still. */
const firstFileFrameMs = 5000;
const stallMs = 3000;
/** A stalled stream of less than a frame a second is given four frames' time, up to this. */
const longestStallMs = 15_000;
/** A stream that is decoded, but of which nothing comes through for so long, is given up. */
const silentMs = 15_000;

/** How a stream is doing; times in milliseconds. */
export interface Progress {
  kind: 'rtsp' | 'file';
  /** Frames decoded since the start of this run. */
  decoded: number;
  /** Since the last frame was decoded, or since the start of the run. */
  waited: number;
  /** Since the last frame was handed out. */
  silent: number;
  streamFps: number | undefined;
  /** Frames a second that are meant to come through. */
  framesPerSecond: number;
}

/** The reason to give a stream up, or undefined while it is worth waiting for. */
export function lostPatience({ kind, decoded, waited, silent, ...rates }: Progress): Fault | undefined {
  if (decoded === 0) {
    if (kind === 'file') return waited > firstFileFrameMs ? emptyFile : undefined;
    if (waited <= firstFrameMs) return undefined;
    return { code: 'stalled', message: `no picture came within ${firstFrameMs / 1000} s` };
  }
  const { streamFps, framesPerSecond } = rates;
  const patience = Math.min(longestStallMs, Math.max(stallMs, streamFps ? 4000 / streamFps : 0));
  if (waited > patience) {
    return { code: 'stalled', message: `no picture has come for ${Math.round(waited / 100) / 10} s` };
  }
  if (silent <= Math.max(silentMs, 3000 / framesPerSecond)) return undefined;
  return { code: 'decode', message: 'the stream is decoded, but no picture of it comes through' };
}
