import type { Fault } from './fault.ts';
import type { VideoFrame } from './frame.ts';
import type { VideoCodec } from './sdp.ts';
import { openSource, type SourceOptions } from './source.ts';

/** What became of a trial connection. */
export interface StreamProbe {
  ok: boolean;
  /** `ok`, or the code of the fault. */
  code: 'ok' | Fault['code'];
  /** What was found, or what went wrong. */
  message: string;
  codec?: VideoCodec;
  /** Native size in pixels. */
  width?: number;
  height?: number;
  /** Frames per second, measured. */
  fps?: number;
  frame?: VideoFrame;
}

const codecNames: Record<VideoCodec, string> = { h264: 'H.264', h265: 'H.265', mjpeg: 'MJPEG' };
const measureMs = 2500;

/**
 * Opens a camera or file, takes a picture, measures its rate for up to 2.5 seconds, and closes it again. Never
 * rejects; ends within about 20 seconds.
 */
export async function probeStream(
  options: Pick<SourceOptions, 'url' | 'transport' | 'filesFolder'>,
): Promise<StreamProbe> {
  let told: (result: Fault | VideoFrame) => void = () => {};
  const result = new Promise<Fault | VideoFrame>((resolve) => {
    told = resolve;
  });
  const source = openSource({ ...options, pictures: [], rate: { perSecond: 2 }, onFrame: told, onEnd: told });
  try {
    const found = await result;
    if ('code' in found) return { ok: false, ...found };
    const until = performance.now() + measureMs;
    while (source.stats().streamFps === undefined && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { codec, streamFps } = source.stats();
    const facts = [codec ? codecNames[codec] : 'video file', `${found.width} x ${found.height}`];
    if (streamFps) facts.push(`${streamFps} frames a second`);
    return {
      ok: true,
      code: 'ok',
      message: facts.join(', '),
      width: found.width,
      height: found.height,
      frame: found,
      ...(codec ? { codec } : {}),
      ...(streamFps ? { fps: streamFps } : {}),
    };
  } finally {
    await source.stop();
  }
}
