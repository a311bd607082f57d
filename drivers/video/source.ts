import { isFileUrl, parseRtspUrl, type RtspAddress, resolveFileUrl } from './address.ts';
import { backendOf } from './backend.ts';
import { onlyRelaySignsIn } from './choice.ts';
import { type Fault, faultOf, VideoError } from './fault.ts';
import type { PictureSpec, VideoFrame } from './frame.ts';
import type { FrameRate } from './rate.ts';
import { probeRtsp } from './rtsp-probe.ts';
import type { VideoCodec } from './sdp.ts';

export interface SourceOptions {
  /** `rtsp://user:password@host:port/path`, or `file:name.mp4` inside `filesFolder`. */
  url: string;
  /** How RTSP sends its pictures; TCP by default. */
  transport?: 'tcp' | 'udp';
  /** Folder that `file:` addresses are confined to; without it they are refused. */
  filesFolder?: string;
  /** At most 8, each id once. */
  pictures: PictureSpec[];
  rate: FrameRate;
  /** Called for every frame, in order. The bytes of a frame are never written again. */
  onFrame(frame: VideoFrame): void;
  /** Called once, when the source has ended by itself. Not called after `stop`. */
  onEnd(reason: Fault): void;
}

export interface SourceStats {
  /** Known once the camera has described its stream; a file's stays unknown. */
  codec?: VideoCodec;
  /** Measured frames per second of the stream itself. */
  streamFps?: number;
  /** Frames decoded. */
  decoded: number;
  /** Frames handed out. */
  delivered: number;
  /** Frames that were due but not handed out, because nobody took them in time or their size had just changed. */
  dropped: number;
}

/** One connection to one camera or file. It ends once; a new one is opened to try again. */
export interface FrameSource {
  /** Ends the source and resolves once its threads are free. Always resolves; may be called at any time. */
  stop(): Promise<void>;
  stats(): SourceStats;
}

/** A stream that a backend can open: what is to be read is known and allowed. */
export type Stream =
  | {
      kind: 'rtsp';
      address: RtspAddress;
      codec: VideoCodec;
      transport: 'tcp' | 'udp';
      expectedFps?: number;
      /** Said where the camera takes its password in this way only. */
      signIn?: 'sha-256';
    }
  | { kind: 'file'; path: string };

export type BackendOptions = Pick<SourceOptions, 'pictures' | 'rate' | 'onFrame' | 'onEnd'>;

/** Decodes a stream until it ends or is stopped. Throws VideoError where the stream cannot even be started. */
export type Backend = (stream: Stream, options: BackendOptions) => FrameSource;

/**
 * Opens a camera or file. Returns at once; whatever goes wrong is told to `onEnd`. Throws RangeError for pictures
 * or a rate that cannot be, which is a fault of the caller and not of the camera.
 */
export function openSource(options: SourceOptions, backend: Backend = usualBackend): FrameSource {
  checkOptions(options);
  const giveUp = new AbortController();
  let running: FrameSource | undefined;
  let codec: VideoCodec | undefined;

  const opening = (async () => {
    try {
      const stream = await describeStream(options, giveUp.signal);
      if (giveUp.signal.aborted) return;
      if (stream.kind === 'rtsp') codec = stream.codec;
      running = backend(stream, options);
    } catch (error) {
      if (!giveUp.signal.aborted) options.onEnd(faultOf(error));
    }
  })();

  return {
    async stop() {
      giveUp.abort();
      await opening;
      await running?.stop();
    },
    stats: () => ({ ...(running?.stats() ?? { decoded: 0, delivered: 0, dropped: 0 }), ...(codec ? { codec } : {}) }),
  };
}

const usualBackend: Backend = (stream, options) =>
  backendOf(onlyRelaySignsIn(stream) ? 'process' : 'addon')(stream, options);

async function describeStream(options: SourceOptions, signal: AbortSignal): Promise<Stream> {
  const { url, filesFolder, transport = 'tcp' } = options;
  if (isFileUrl(url)) return { kind: 'file', path: await resolveFileUrl(url, filesFolder) };
  const address = parseRtspUrl(url);
  const probe = await probeRtsp(url, { signal });
  if (!probe.ok) throw new VideoError(probe.code, probe.message);
  const { codec, sdp, signIn } = probe;
  return {
    kind: 'rtsp',
    address,
    codec,
    transport,
    ...(sdp.fps ? { expectedFps: sdp.fps } : {}),
    ...(signIn ? { signIn } : {}),
  };
}

const maxPictures = 8;
const maxPictureSide = 4096;

function checkOptions({ pictures, rate }: SourceOptions): void {
  if (pictures.length > maxPictures) throw new RangeError(`a source makes at most ${maxPictures} pictures of a frame`);
  if (new Set(pictures.map((spec) => spec.id)).size < pictures.length)
    throw new RangeError('two pictures have the same id');
  for (const { id, width, height } of pictures) {
    for (const side of [width, height]) {
      if (!Number.isInteger(side) || side < 16 || side > maxPictureSide) {
        throw new RangeError(`the sides of picture ${id} must be whole numbers from 16 to ${maxPictureSide}`);
      }
    }
  }
  const number = 'perSecond' in rate ? rate.perSecond : rate.everyNth;
  if (!(number > 0 && number <= 1000)) throw new RangeError('the rate must lie above 0 and at most at 1000');
}
