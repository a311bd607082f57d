import { VideoError } from './fault.ts';

/** The encodings that a source can decode. */
export type VideoCodec = 'h264' | 'h265' | 'mjpeg';

/** What a camera says of its stream before it sends any of it. Any of it may be untrue. */
export interface StreamDescription {
  codec: VideoCodec;
  /** RTP payload type of the video. */
  payloadType: number;
  /** Frames per second, where the camera names them. */
  fps?: number;
  width?: number;
  height?: number;
  hasAudio: boolean;
}

const codecs: Record<string, VideoCodec> = { H264: 'h264', H265: 'h265', HEVC: 'h265', JPEG: 'mjpeg' };
const staticJpeg = 26;

interface Media {
  kind: string;
  payloadTypes: number[];
  attributes: Map<string, string[]>;
}

/** Reads a session description. Throws VideoError `unsupported-codec` where it offers no video we can decode. */
export function readSdp(text: string): StreamDescription {
  const medias = readMedias(text);
  const videos = medias.filter((media) => media.kind === 'video');
  if (videos.length === 0) throw new VideoError('unsupported-codec', 'the stream holds no video');
  for (const video of videos) {
    for (const payloadType of video.payloadTypes) {
      const codec = codecs[encodingName(video, payloadType)];
      if (!codec) continue;
      return {
        codec,
        payloadType,
        hasAudio: medias.some((media) => media.kind === 'audio'),
        ...readFps(video),
        ...readSize(video),
      };
    }
  }
  const offered = videos.flatMap((video) => video.payloadTypes.map((type) => encodingName(video, type)));
  throw new VideoError(
    'unsupported-codec',
    `the stream is ${offered.slice(0, 4).join(', ') || 'of an unknown kind'}; only H.264, H.265 and MJPEG can be read`,
  );
}

function readMedias(text: string): Media[] {
  const medias: Media[] = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    const media = /^m=([a-z]+) \S+ \S+((?: \d{1,3})*)/i.exec(line);
    if (media) {
      const payloadTypes = media[2]!.split(' ').filter(Boolean).map(Number);
      medias.push({ kind: media[1]!.toLowerCase(), payloadTypes, attributes: new Map() });
      continue;
    }
    const attribute = /^a=([a-z0-9-]+):(.*)$/i.exec(line);
    const current = medias.at(-1);
    if (!attribute || !current) continue;
    const name = attribute[1]!.toLowerCase();
    current.attributes.set(name, [...(current.attributes.get(name) ?? []), attribute[2]!.trim()]);
  }
  return medias;
}

/** Name of an encoding in capitals, such as `H264`; at most 16 characters. */
function encodingName(media: Media, payloadType: number): string {
  for (const value of media.attributes.get('rtpmap') ?? []) {
    const map = /^(\d{1,3}) ([A-Za-z0-9-]{1,16})\//.exec(value);
    if (map && Number(map[1]) === payloadType) return map[2]!.toUpperCase();
  }
  return payloadType === staticJpeg ? 'JPEG' : `type ${payloadType}`;
}

function readFps(media: Media): { fps?: number } {
  const text = media.attributes.get('framerate')?.[0] ?? media.attributes.get('x-framerate')?.[0];
  const fps = Number(text);
  return text && Number.isFinite(fps) && fps > 0 && fps <= 240 ? { fps } : {};
}

function readSize(media: Media): { width?: number; height?: number } {
  const dimensions = /^(\d{1,5}),(\d{1,5})$/.exec(media.attributes.get('x-dimensions')?.[0] ?? '');
  const size = dimensions ?? /^\d{1,3} (\d{1,5})-(\d{1,5})$/.exec(media.attributes.get('framesize')?.[0] ?? '');
  return size ? { width: Number(size[1]), height: Number(size[2]) } : {};
}
