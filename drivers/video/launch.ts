import { fullBranch } from './assembler.ts';
import type { PictureSpec } from './frame.ts';
import type { VideoCodec } from './sdp.ts';

/** What a pipeline reads: an RTSP stream of a known codec, or a video file. */
export type StreamKind = { kind: 'rtsp'; codec: VideoCodec; transport: 'tcp' | 'udp' } | { kind: 'file' };

const decoders: Record<VideoCodec, string> = {
  h264: 'rtph264depay ! h264parse ! avdec_h264 max-threads=1',
  h265: 'rtph265depay ! h265parse ! avdec_h265 max-threads=1',
  mjpeg: 'rtpjpegdepay ! jpegdec',
};

/** Frames larger than 8192 x 3456 either way are refused: each would take tens of megabytes, many times over. */
const sizeLimit = 'video/x-raw,width=[8,8192],height=[8,3456];video/x-raw,width=[8,3456],height=[8,8192]';

/**
 * The text of a pipeline. It holds nothing but names of elements and numbers of our own: addresses, passwords and
 * paths are set as properties afterwards. Element names used from outside: `src`, `rate`, `ratecaps`, `size0`…, `out`.
 *
 * The order saves most of the work: frames that are not analysed are dropped before anything is scaled, and
 * pictures are scaled before they are converted. All branches end in one appsink, so that one thread waits for
 * them all; a frame's parts arrive in turn. When nobody pulls, the appsink stands still with one frame's parts, and
 * the queue lets go of whole frames, oldest first.
 */
export function launchText(stream: StreamKind, pictures: PictureSpec[]): string {
  const branches = pictures.map(
    (spec, index) => `${pictureBranch(spec)} name=size${index} ! ${branchMark(index)} ! gdppay ! parts.`,
  );
  return [
    source(stream),
    `! ${plainVideo}`,
    `! ${thinned} ! capsfilter name=ratecaps caps="video/x-raw,framerate=5/1"`,
    `! ${newestOnly} ! tee name=frames`,
    `funnel name=parts ! appsink name=out sync=false async=false enable-last-sample=false max-buffers=${pictures.length + 1}`,
    ...branches,
    `${fullPictureBranch} ! ${branchMark(fullBranch)} ! gdppay ! parts.`,
  ].join(' ');
}

/** Branches of a child's pipeline that carry no pictures, but one small buffer for each frame decoded or let through. */
export const decodedBranch = 97;
export const passedBranch = 98;

/**
 * The words of a pipeline for a child process, which writes all parts to its standard output. Nothing can be set or
 * read once it runs: `uri` and the rate are part of it, and small marks on the way tell what the counters of
 * videorate would. `uri` must hold nothing but letters, digits and `%/:._-`; it is not quoted.
 *
 * Here one gdppay stands behind the funnel, which repeats the caps whenever it turns to another branch: so each
 * buffer on the pipe belongs to the caps before it.
 */
export function childLaunchWords(
  stream: StreamKind,
  pictures: PictureSpec[],
  { uri, framesPerSecond }: { uri: string; framesPerSecond: number },
): string[] {
  if (!/^[a-z0-9%/:._-]+$/i.test(uri)) throw new RangeError('the address must be percent-encoded');
  const rate = `video/x-raw,framerate=(fraction)${Math.max(1, Math.round(framesPerSecond * 1000))}/1000`;
  const branches = pictures.map((spec, index) => `${pictureBranch(spec)} ! ${branchMark(index)} ! parts.`);
  const text = [
    source(stream, uri),
    `! ${plainVideo} ! tee name=decoded`,
    `! ${thinned} ! capsfilter caps="${rate}" ! tee name=passed`,
    `! ${newestOnly} ! tee name=frames`,
    'funnel name=parts ! gdppay ! fdsink fd=1 sync=false async=false enable-last-sample=false',
    ...branches,
    `${fullPictureBranch} ! ${branchMark(fullBranch)} ! parts.`,
    `decoded. ! ${frameMark} ! ${branchMark(decodedBranch)} ! ${markQueue} ! parts.`,
    `passed. ! ${frameMark} ! ${branchMark(passedBranch)} ! ${markQueue} ! parts.`,
  ].join(' ');
  return text.split(' ');
}

// Pixels are taken as square and the frame rate as unknown but high: neither must change sizes or be relied on.
const plainVideo =
  'capssetter caps="video/x-raw,pixel-aspect-ratio=(fraction)1/1,framerate=(fraction)1000/1"' +
  ` ! capsfilter caps="${sizeLimit}"`;
const thinned = 'videorate name=rate drop-only=true skip-to-first=true';
const newestOnly = 'queue leaky=downstream max-size-buffers=1 max-size-bytes=0 max-size-time=0';
const fullPictureBranch = 'frames. ! videoconvert ! video/x-raw,format=I420';
const frameMark = 'videoscale method=nearest-neighbour add-borders=false ! video/x-raw,width=8,height=8';
/** Ten seconds of marks: whoever reads nothing for so long loses count, but holds no frame up. */
const markQueue = 'queue leaky=downstream max-size-buffers=256 max-size-bytes=0 max-size-time=0';

function pictureBranch(spec: PictureSpec): string {
  return `frames. ! videoscale add-borders=false ! videoconvert ! capsfilter caps="${pictureCaps(spec)}"`;
}

/** Without `uri` the address is set later, as a property of `src`. */
function source(stream: StreamKind, uri?: string): string {
  if (stream.kind === 'file') {
    // clocksync plays it at the pace of its own timestamps.
    return `${uri ?? 'filesrc name=src'} ! decodebin : capsfilter caps="video/x-raw" ! clocksync`;
  }
  return (
    `rtspsrc name=src ${uri ? `location=${uri} ` : ''}protocols=${stream.transport} latency=200 tcp-timeout=5000000 timeout=4000000 udp-reconnect=false teardown-timeout=40000000` +
    ` : ${decoders[stream.codec]}`
  );
}

/** The `file:` address of a path, with nothing in it that a shell or GStreamer's parser could take for its own. */
export function fileUri(path: string): string {
  const plain = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return `file://${path.split('/').map(plain).join('/')}`;
}

/** Caps before the stream's size is known; for most streams they already come to the exact size. */
function pictureCaps(spec: PictureSpec): string {
  return `video/x-raw,format=RGB,pixel-aspect-ratio=1/1,width=[1,${spec.width}],height=[1,${spec.height}]`;
}

/** Caps of a picture of an exact size. */
export function exactCaps(size: { width: number; height: number }): string {
  return `video/x-raw,format=RGB,pixel-aspect-ratio=(fraction)1/1,width=(int)${size.width},height=(int)${size.height}`;
}

/** A number in the caps tells the branches apart. It is added behind the caps filter, or the tee could not negotiate. */
function branchMark(branch: number): string {
  return `capssetter caps="video/x-raw,branch=(int)${branch}"`;
}
